"""From a timed walk to the route that people see: steps, sums and spare time."""

from __future__ import annotations

from .compiled import Compiled
from .model import NEVER
from .solution import Cost, Route, Step, Violation
from .timing import TakenBreak, Walk, spare


def lay_out(c: Compiled, walk: Walk, cost: Cost, violations: tuple[Violation, ...]) -> Route:
    """The route with its timetable."""
    service = c.service_and_setup(walk.vehicle)[0]
    return Route(
        vehicle=walk.vehicle.id,
        steps=_steps(c, walk),
        departure=walk.departure,
        end=walk.end,
        distance_m=sum(walk.legs.metres),
        driving_s=sum(walk.legs.travel),
        setup_s=sum(walk.legs.setup),
        service_s=sum(service[j] for j in walk.jobs),
        waiting_s=sum(walk.waiting) + walk.end_waiting,
        break_s=sum(taken.pause.duration_s for taken in walk.taken),
        cost=cost,
        violations=violations,
    )


def _steps(c: Compiled, walk: Walk) -> tuple[Step, ...]:
    spares, loads = spare(walk), walk.loads
    steps = [_edge(walk, "start", loads[0], spares)]
    breaks = list(walk.taken)
    for i, j in enumerate(walk.jobs):
        breaks = _add_breaks(steps, breaks, i, loads[i])
        steps.append(
            Step(
                kind="job",
                id=c.jobs[j].id,
                place=c.place[j],
                arrival=walk.arrival[i],
                setup_s=walk.legs.setup[i],
                waiting_s=walk.waiting[i],
                start=walk.start[i],
                departure=walk.leave[i],
                travel_s=walk.legs.travel[i],
                distance_m=walk.legs.metres[i],
                load=loads[i + 1],
                slack_s=walk.slack[i] if c.jobs[j].windows else None,
                spare_s=min(spares[i], NEVER),
            )
        )
    _add_breaks(steps, breaks, len(walk.jobs), loads[-1])
    steps.append(_edge(walk, "end", loads[-1], spares))
    return tuple(steps)


def _edge(walk: Walk, kind: str, load: tuple[int, ...], spares: list[int]) -> Step:
    vehicle, end = walk.vehicle, kind == "end"
    time = walk.end if end else walk.departure
    return Step(
        kind="end" if end else "start",
        id="",
        place=vehicle.end if end else (None if walk.running else vehicle.start),
        arrival=time,
        setup_s=0,
        waiting_s=walk.end_waiting if end else 0,
        start=time,
        departure=time,
        travel_s=walk.legs.travel[-1] if end else 0,
        distance_m=walk.legs.metres[-1] if end else 0,
        load=load,
        spare_s=spares[-1] if end else 0,
    )


def _add_breaks(
    steps: list[Step], breaks: list[TakenBreak], leg: int, load: tuple[int, ...]
) -> list[TakenBreak]:
    """Append the breaks of this leg; what is left for later legs comes back."""
    while breaks and breaks[0].leg == leg:
        taken = breaks.pop(0)
        end = taken.start + taken.pause.duration_s
        steps.append(Step("break", taken.pause.id, None, taken.start, 0, 0, taken.start, end, 0, 0, load))
    return breaks
