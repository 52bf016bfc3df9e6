"""Is this a problem at all? Every mistake found, each with code, cause and action.

Only mistakes are refused. What merely cannot be done (a parcel heavier than any van, a window outside every
shift) is a valid problem whose plan leaves the job out, with that reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np

from .errors import InputError, InvalidProblemError
from .model import NEVER, Break, Job, Matrix, Problem, Vehicle, Window

MAX_CENTS = 10**9
_NO_DAY = "Give seconds from 0 on, counted from the start of the day; the end not before the start."


def check(problem: Problem) -> None:
    """Raise ``InvalidProblemError`` with all errors, if there is one."""
    errors = validate(problem)
    if errors:
        raise InvalidProblemError(errors)


def validate(problem: Problem) -> tuple[InputError, ...]:
    """All mistakes of a problem; an empty tuple for a good one."""
    errors = [*_ids(problem), *_matrices(problem)]
    if errors:
        return tuple(errors)
    for job in problem.jobs:
        errors += _job(problem, job)
    for vehicle in problem.vehicles:
        errors += _vehicle(problem, vehicle)
    errors += _fixed(problem)
    return tuple(errors)


def _ids(problem: Problem) -> Iterator[InputError]:
    for noun, ids in (("job", (j.id for j in problem.jobs)), ("vehicle", (v.id for v in problem.vehicles))):
        for name, count in Counter(ids).items():
            if count > 1:
                yield InputError(
                    "duplicate_id", f"{count} {noun}s have the id {name!r}.", "Give each its own id.", name
                )
            if not name:
                yield InputError("empty_id", f"A {noun} has an empty id.", "Give it an id.")


def _matrices(problem: Problem) -> Iterator[InputError]:
    sizes = set()
    for profile, matrix in problem.matrices.items():
        yield from _matrix(profile, matrix)
        sizes.add(matrix.durations.shape)
    if len(sizes) > 1:
        yield InputError(
            "matrix_sizes_differ",
            f"The profiles' matrices have different shapes: {sorted(map(str, sizes))}.",
            "Compute all profiles for the same list of places.",
        )
    for profile in sorted({v.profile for v in problem.vehicles} - set(problem.matrices)):
        yield InputError(
            "matrix_missing",
            f"There is no matrix for profile {profile!r}.",
            "Add it, or change the vehicles.",
            profile,
        )


def _matrix(profile: str, matrix: Matrix) -> Iterator[InputError]:
    for name, table in (("durations", matrix.durations), ("distances", matrix.distances)):
        where = f"{name} of profile {profile!r}"
        if table.ndim != 2 or table.shape[0] != table.shape[1]:
            yield InputError(
                "matrix_shape", f"The {where} are not square: {table.shape}.", "Give (n, n).", profile
            )
        elif table.dtype != np.int32:
            fractional = table.dtype.kind == "f" and not bool(np.isfinite(table).all())
            code = "matrix_not_finite" if fractional else "matrix_not_int32"
            yield InputError(
                code,
                f"The {where} are {table.dtype}, not int32.",
                "Round to whole seconds and metres.",
                profile,
            )
        elif table.size and int(table.min()) < 0:
            yield InputError(
                "matrix_negative", f"The {where} hold negative numbers.", "Give 0 or more.", profile
            )
    if matrix.durations.shape != matrix.distances.shape:
        yield InputError(
            "matrix_shape",
            f"Durations and distances of {profile!r} differ in shape.",
            "Give both (n, n).",
            profile,
        )


def _whole(subject: str, values: Iterable[tuple[str, object, int]]) -> Iterator[InputError]:
    """Every (name, value, most) must be a whole number from 0 to most."""
    for name, value, most in values:
        if isinstance(value, bool) or not isinstance(value, int):
            yield InputError(
                "not_a_whole_number", f"{name} of {subject!r} is {value!r}.", "Give a whole number.", subject
            )
        elif not 0 <= value <= most:
            yield InputError(
                "out_of_range",
                f"{name} of {subject!r} is {value}, not within 0 and {most}.",
                "Correct it.",
                subject,
            )


def _windows(subject: str, windows: tuple[Window, ...]) -> Iterator[InputError]:
    before = -1
    for start, end in windows:
        whole = isinstance(start, int) and isinstance(end, int)
        if not whole or start < 0 or end < start:
            yield InputError(
                "window_invalid", f"A window of {subject!r} is {start} to {end}.", _NO_DAY, subject
            )
        elif start <= before:
            yield InputError(
                "windows_overlap",
                f"The windows of {subject!r} overlap or are not in order.",
                "Sort and merge them.",
                subject,
            )
        else:
            before = end


def _place(problem: Problem, subject: str, place: object) -> Iterator[InputError]:
    size = next((m.durations.shape[0] for m in problem.matrices.values()), 0)
    if isinstance(place, bool) or not isinstance(place, int) or not 0 <= place < size:
        yield InputError(
            "place_unknown",
            f"{subject!r} is at place {place!r}, the matrices have {size} places.",
            "Give a row number of the matrices.",
            subject,
        )


def _loads(problem: Problem, subject: str, **loads: tuple[int, ...]) -> Iterator[InputError]:
    for name, load in loads.items():
        yield from _whole(subject, ((name, amount, NEVER) for amount in load))
        if load and len(load) != problem.dimensions:
            yield InputError(
                "load_dimensions",
                f"{name} of {subject!r} has {len(load)} numbers, the problem has {problem.dimensions} loads.",
                "Give one number per load, or none at all.",
                subject,
            )


def _job(problem: Problem, job: Job) -> Iterator[InputError]:
    yield from _place(problem, job.id, job.place)
    yield from _windows(job.id, job.windows)
    yield from _loads(problem, job.id, delivery=job.delivery, pickup=job.pickup)
    limits: list[tuple[str, object, int]] = [
        ("service_s", job.service_s, NEVER),
        ("setup_s", job.setup_s, NEVER),
        ("release_s", job.release_s, NEVER),
        ("priority", job.priority, 100),
    ]
    if job.leave_price is not None:
        limits.append(("leave_price", job.leave_price, MAX_CENTS))
    if job.late_price_per_min is not None:
        limits.append(("late_price_per_min", job.late_price_per_min, MAX_CENTS))
    yield from _whole(job.id, limits)
    yield from _pin(problem, job)


def _pin(problem: Problem, job: Job) -> Iterator[InputError]:
    known = {vehicle.id: vehicle for vehicle in problem.vehicles}
    if job.pinned_to is None:
        return
    if job.pinned_to not in known:
        yield InputError(
            "pinned_vehicle_unknown",
            f"Job {job.id!r} is pinned to {job.pinned_to!r}, which is no vehicle of this problem.",
            "Pin it to a vehicle that is there, or unpin it.",
            job.id,
        )
        return
    lacking = sorted(job.skills - known[job.pinned_to].skills)
    if lacking:
        yield InputError(
            "pinned_skill_missing",
            f"Job {job.id!r} is pinned to {job.pinned_to!r}, which lacks {', '.join(map(repr, lacking))}.",
            "Unpin it, or give the vehicle the skill.",
            job.id,
        )
    if job.vehicles is not None and job.pinned_to not in job.vehicles:
        yield InputError(
            "pinned_vehicle_not_allowed",
            f"Job {job.id!r} is pinned to {job.pinned_to!r}, which is not among its allowed vehicles.",
            "Unpin it, or allow the vehicle.",
            job.id,
        )


def _vehicle(problem: Problem, vehicle: Vehicle) -> Iterator[InputError]:
    for place in (vehicle.start, vehicle.end):
        if place is not None:
            yield from _place(problem, vehicle.id, place)
    yield from _windows(vehicle.id, (vehicle.shift,))
    yield from _loads(problem, vehicle.id, capacity=vehicle.capacity)
    limits: list[tuple[str, object, int]] = [
        ("travel_percent", vehicle.travel_percent, 1000),
        ("service_percent", vehicle.service_percent, 1000),
        ("fixed_cost", vehicle.fixed_cost, MAX_CENTS),
        ("cost_per_km", vehicle.cost_per_km, 10**6),
        ("cost_per_hour", vehicle.cost_per_hour, 10**6),
    ]
    for name in ("latest_start", "max_stops", "max_distance_m", "max_duration_s"):
        value = getattr(vehicle, name)
        if value is not None:
            limits.append((name, value, NEVER))
    yield from _whole(vehicle.id, limits)
    if vehicle.latest_start is not None and vehicle.latest_start < vehicle.shift.start:
        yield InputError(
            "latest_start_before_shift",
            f"The latest start of {vehicle.id!r} lies before its shift.",
            "Move one of the two.",
            vehicle.id,
        )
    for pause in vehicle.breaks:
        yield from _break(vehicle, pause)


def _break(vehicle: Vehicle, pause: Break) -> Iterator[InputError]:
    yield from _whole(vehicle.id, [("duration of a break", pause.duration_s, NEVER)])
    yield from _windows(vehicle.id, pause.windows)
    if not pause.windows:
        yield InputError(
            "break_without_window",
            f"Break {pause.id!r} of {vehicle.id!r} has no window.",
            "Say when it may start.",
            vehicle.id,
        )


def _fixed(problem: Problem) -> Iterator[InputError]:
    """Fixed heads name jobs that exist, once, and that are not pinned elsewhere."""
    jobs, holder = {job.id: job for job in problem.jobs}, dict[str, str]()
    for vehicle in problem.vehicles:
        for job_id in vehicle.first:
            if job_id not in jobs:
                cause = f"The fixed stops of {vehicle.id!r} name {job_id!r}, which is no job of this problem."
                yield InputError("fixed_job_unknown", cause, "Take it out, or add the job.", vehicle.id)
            elif job_id in holder:
                cause = f"Job {job_id!r} is fixed on {holder[job_id]!r} and on {vehicle.id!r}."
                yield InputError("fixed_twice", cause, "Keep it on one of them.", vehicle.id)
            elif jobs[job_id].pinned_to not in (None, vehicle.id):
                cause = f"Job {job_id!r} is fixed on {vehicle.id!r} and pinned to {jobs[job_id].pinned_to!r}."
                yield InputError("fixed_and_pinned_elsewhere", cause, "Keep one of the two.", vehicle.id)
            holder.setdefault(job_id, vehicle.id)
