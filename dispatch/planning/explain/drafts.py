"""Changes that might fit a job: what each vehicle's best positions ask for. Nothing here is promised yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..evaluate import evaluate_route
from ..kernel.world import Ints
from ..looks import Looks
from ..model import Vehicle, Window
from ..rules.codes import CODES, NUMBER
from ..rules.statics import static_breaches
from ..sweep import AMOUNT, AT, CODE, COST, HARM, KINDS, OPTION, PLACE, SECOND, START
from .kinds import MINUTE, Draft
from .stations import with_stations

_LIMITS = {
    "shift_end": ("overtime", MINUTE, "min"),
    "too_long": ("duration", MINUTE, "min"),
    "drives_too_long": ("driving", MINUTE, "min"),
    "late_start": ("leave_later", MINUTE, "min"),
    "too_far": ("distance", 1000, "km"),
    "too_many_stops": ("stops", 1, "stops"),
}
"""Codes that one number of the vehicle lifts: kind, how much of the amount makes one, unit."""

_NAMES = {
    "skill": "skill", "outside_zone": "zone", "type_refused": "type", "vehicle_not_allowed": "allow",
    "vehicle_forbidden": "allow", "pinned_elsewhere": "unpin",
}  # fmt: skip
_OWN, _ANYTIME = 0, 1


def drafts(looks: Looks, job: str, expired: Callable[[], bool]) -> Iterator[Draft]:
    """Of each vehicle, by kind the smallest change; vehicles that are locked are not asked."""
    for k, vehicle in enumerate(looks.c.vehicles):
        if vehicle.locked or expired():
            continue
        rows = looks.rows(k, prune=False)
        own, anytime = rows[rows[:, OPTION] == _OWN], rows[rows[:, OPTION] == _ANYTIME]
        static = _static(looks, vehicle)
        if static:
            yield from _named(looks, k, job, own, static)
            continue
        for code in sorted(set(own[own[:, KINDS] == 1][:, CODE].tolist())):
            yield from _limit(looks, k, job, own[(own[:, KINDS] == 1) & (own[:, CODE] == code)])
        yield from _window(looks, k, job, looks.clean(k, anytime))
        yield from _worth(looks, k, job, looks.clean(k, own))
        yield from with_stations(looks, k, job, own)


def _static(looks: Looks, vehicle: Vehicle) -> list[str]:
    """Hard rules about who may serve it, that this vehicle breaks."""
    dials = looks.c.walker.world.dials
    found = {
        code
        for j in looks.request.jobs
        for code, _ in static_breaches(looks.c.jobs[j], vehicle)
        if dials[NUMBER[code], 0] == 2
    }
    return sorted(found)


def draft_of(looks: Looks, k: int, job: str, row: list[int], kind: str, amount: int, unit: str) -> Draft:
    """A draft at the position of this look."""
    plan = looks.plan_with(k, row[PLACE], row[SECOND])
    return Draft(kind, looks.c.vehicles[k].id, amount, unit, plan, row[COST], job)


def _least(rows: Ints, column: int) -> list[int]:
    """The look with the smallest number there, the cheapest of them."""
    chosen: list[int] = min(rows.tolist(), key=lambda row: (row[column], row[COST], row[PLACE]))
    return chosen


def _named(looks: Looks, k: int, job: str, own: Ints, static: list[str]) -> Iterator[Draft]:
    """One rule about who may serve it stands in the way, and nothing else."""
    fits = own[(own[:, KINDS] == 0) & (own[:, HARM] <= looks.harm(k))]
    if len(static) > 1 or static[0] not in _NAMES or len(looks.request.jobs) > 1 or not len(fits):
        return
    vehicle, wanted = looks.c.vehicles[k], looks.c.jobs[looks.request.job]
    lacking = sorted(wanted.skills - vehicle.skills)
    kind = _NAMES[static[0]]
    things = {"skill": lacking[0] if lacking else "", "type": vehicle.type, "unpin": wanted.pinned_to or ""}
    if kind == "skill" and len(lacking) > 1:
        return
    draft = draft_of(looks, k, job, _least(fits, COST), kind, 1, "")
    yield draft.about(things.get(kind, ""))


def _limit(looks: Looks, k: int, job: str, rows: Ints) -> Iterator[Draft]:
    """One limit would be broken."""
    row = _least(rows, AMOUNT)
    code = CODES[row[CODE]].name
    if code in _LIMITS:
        kind, size, unit = _LIMITS[code]
        draft = draft_of(looks, k, job, row, kind, -(-row[AMOUNT] // size), unit)
        paid = looks.c.vehicles[k].overtime_per_hour * row[AMOUNT] // 3600 if kind == "overtime" else 0
        yield draft.dearer(paid)
    elif code == "overload":
        yield from _capacity(looks, k, job, row)
    elif code == "late":
        for late in sorted(set(rows[:, AT].tolist())):
            if late >= 0 and late not in looks.request.jobs:
                yield from _other_window(looks, k, job, _least(rows[rows[:, AT] == late], AMOUNT))


def _other_window(looks: Looks, k: int, job: str, row: list[int]) -> Iterator[Draft]:
    other = looks.c.jobs[row[AT]]
    draft = draft_of(looks, k, job, row, "other_window", -(-row[AMOUNT] // MINUTE), "min")
    yield draft.about(other.id, window=len(other.windows) - 1)


def _capacity(looks: Looks, k: int, job: str, row: list[int]) -> Iterator[Draft]:
    """Only where one dimension is too small."""
    vehicle = looks.c.vehicles[k]
    draft = draft_of(looks, k, job, row, "capacity", 0, "")
    route = evaluate_route(looks.problem, vehicle.id, draft.plan[vehicle.id])
    over = [
        (d, most - limit)
        for d, limit in enumerate(vehicle.capacity[: looks.c.dimensions])
        if (most := max(step.load[d] for step in route.steps)) > limit
    ]
    if len(over) == 1:
        dimension, amount = over[0]
        yield draft.sized(amount, looks.problem.load_name(dimension), dimension)


def _window(looks: Looks, k: int, job: str, free: Ints) -> Iterator[Draft]:
    """When it could be served if it had no window, against the windows that it has."""
    number = looks.request.job
    windows = looks.c.jobs[number].windows
    nearest: dict[str, tuple[int, int, list[int], int]] = {}
    for row in free.tolist() if windows else []:
        for i, window in enumerate(windows):
            early, late = window.start - row[START], row[START] - window.end
            kind, gap = ("window_earlier", early) if early > 0 else ("window_later", late)
            found = (-(-gap // MINUTE), row[COST], row, i)
            if gap > 0 and (kind not in nearest or found[:2] < nearest[kind][:2]):
                nearest[kind] = found
    for kind, (minutes, _, row, i) in nearest.items():
        draft = draft_of(looks, k, looks.c.jobs[number].id, row, kind, minutes, "min")
        yield draft.about("", window=i)


def _worth(looks: Looks, k: int, job: str, clean: Ints) -> Iterator[Draft]:
    """It fits, and is only too dear."""
    if len(clean):
        row = _least(clean, COST)
        yield draft_of(looks, k, job, row, "worth", max(1, row[COST]), "cents")


def refined(looks: Looks, draft: Draft) -> Draft:
    """A window that begins earlier by no more than it must: the van may leave later than at once."""
    if draft.kind != "window_earlier":
        return draft
    k, number = looks.c.vehicle_number[draft.vehicle], looks.request.job
    window = looks.c.jobs[number].windows[draft.window]
    best, least, most = draft, 1, draft.amount - 1
    while least <= most:
        minutes = (least + most) // 2
        looks.offer(Window(max(0, window.start - minutes * MINUTE), window.end))
        rows = looks.rows(k, prune=False)
        rows = looks.clean(k, rows[rows[:, OPTION] == _ANYTIME])
        if len(rows):
            row = _least(rows, COST)
            best = draft_of(looks, k, draft.job, row, draft.kind, minutes, draft.unit).about("", draft.window)
            most = minutes - 1
        else:
            least = minutes + 1
    return best
