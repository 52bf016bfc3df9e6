"""The steps of a route, sorted: stops, what interrupts the way to each of them, and whether they exist."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..model import Break, Charger, Depot, Job, Problem, Vehicle
from ..solution import Route, Step
from .findings import Findings

type Thing = Job | Depot | Charger | None


@dataclass(slots=True)
class Stop:
    """A job, a reload, a charge, or (``thing`` is ``None``) the end; ``pauses`` are taken on the way to it or at
    its door. The rest is what really happens there, filled in by ``times``.

    ``arrival``: the way is done. ``ready``: could start. ``trip``: number of reloads before it. ``metres``: of
    each driven leg to here, those to breaks at a place before the last one. ``charged``: watt-hours.
    """

    step: Step
    thing: Thing
    pauses: list[Step] = field(default_factory=list)
    trip: int = 0
    arrival: int = 0
    ready: int = 0
    metres: list[int] = field(default_factory=list)
    charged: int = 0


@dataclass(slots=True)
class Claims:
    """One route as it is claimed. ``stops``: all but the start; the last is the end."""

    problem: Problem
    vehicle: Vehicle
    route: Route
    start: Step
    stops: list[Stop]

    @property
    def jobs(self) -> list[tuple[Stop, Job]]:
        """The stops that are jobs."""
        return [(stop, stop.thing) for stop in self.stops if isinstance(stop.thing, Job)]

    @property
    def trips(self) -> list[list[tuple[Stop, Job]]]:
        """Jobs by trip."""
        trips: list[list[tuple[Stop, Job]]] = [[] for _ in range(self.stops[-1].trip + 1)]
        for stop, job in self.jobs:
            trips[stop.trip].append((stop, job))
        return trips

    @property
    def departures(self) -> list[int]:
        """When each trip leaves."""
        reloads = [stop.step.departure for stop in self.stops if isinstance(stop.thing, Depot)]
        return [self.route.departure, *reloads]

    @property
    def breaks(self) -> list[Step]:
        """Breaks and pauses in driving order."""
        return [pause for stop in self.stops for pause in stop.pauses]


def read(problem: Problem, vehicle: Vehicle, route: Route, out: Findings) -> Claims | None:
    """The route sorted; ``None``, with a finding, where that is no route at all."""
    things: dict[tuple[str, str], Thing] = {("end", ""): None}
    things |= {("job", job.id): job for job in problem.jobs}
    things |= {("reload", depot.id): depot for depot in problem.depots}
    things |= {("charge", charger.id): charger for charger in problem.chargers}
    breaks = {pause.id: pause for pause in vehicle.breaks}
    steps = route.steps
    kinds = [step.kind for step in steps]
    ends = (
        kinds[:1] == ["start"] and kinds[-1:] == ["end"] and kinds.count("start") == kinds.count("end") == 1
    )
    if not ends or "job" not in kinds:
        out.lie("wrong_place", "", 1, "The route is not a start, jobs and an end.")
        return None
    stops: list[Stop] = []
    pauses: list[Step] = []
    trip = 0
    for step in steps[1:]:
        if step.kind in ("break", "pause"):
            pauses.append(step)
            _known_break(step, breaks, out)
            continue
        if (step.kind, step.id) not in things:
            out.lie("wrong_place", step.id, 1, f"There is no {step.kind} {step.id!r}.")
            return None
        stops.append(Stop(step, things[step.kind, step.id], pauses, trip))
        pauses = []
        trip += step.kind == "reload"
    if out.false:
        return None
    claims = Claims(problem, vehicle, route, steps[0], stops)
    _places(claims, out)
    return None if out.false else claims


def _known_break(step: Step, breaks: dict[str, Break], out: Findings) -> None:
    if step.kind == "pause":
        if step.id or step.place is not None:
            out.lie("wrong_place", step.id, 1, "A pause has no id and no place.")
    elif step.id not in breaks:
        out.lie("wrong_time", step.id, 1, "The vehicle has no such break.")
    elif step.place != breaks[step.id].place:
        out.lie("wrong_place", step.id, 1, f"The break is not at place {step.place}.")


def _places(claims: Claims, out: Findings) -> None:
    rows: list[tuple[Step, int | None]] = [(claims.start, claims.vehicle.start)]
    for stop in claims.stops:
        rows.append((stop.step, claims.vehicle.end if stop.thing is None else stop.thing.place))
    for step, place in rows:
        if step.place != place:
            out.lie("wrong_place", step.id, 1, f"The step says place {step.place}, it is {place}.")
