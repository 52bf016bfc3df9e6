"""What is asked of a route as a whole: shift, limits, trips, sums."""

from __future__ import annotations

from .claims import Claims
from .findings import Findings
from .times import Timetable


def limits(claims: Claims, table: Timetable, out: Findings) -> None:
    """Every limit of the vehicle."""
    v, route, jobs = claims.vehicle, claims.route, len(claims.jobs)
    begin, leaves, ends = claims.start.start, claims.start.departure, claims.stops[-1].step.departure
    out.breach(
        "shift_start", "", v.shift.start - begin, f"Begins {v.shift.start - begin} s before the shift."
    )
    bounds: tuple[tuple[str, int, int | None], ...] = (
        ("late_start", leaves, v.latest_start),
        ("shift_end", ends, v.shift.end + v.max_overtime_s),
        ("too_long", ends - begin, v.max_duration_s),
        ("drives_too_long", table.drove, v.max_driving_s),
        ("too_far", table.metres, v.max_distance_m),
        ("too_many_stops", jobs, v.max_stops),
        ("too_few_stops", -jobs, -v.min_stops),
        ("too_many_trips", len(claims.departures), v.max_trips),
    )
    for code, value, limit in bounds:
        if limit is not None:
            out.breach(code, "", value - limit, f"{code}: {abs(value)} against {abs(limit)}.")
    moved = sum(
        item != there for item, there in zip(v.first, _padded(route.items, len(v.first)), strict=True)
    )
    out.breach("frozen_moved", "", moved, "Fixed stops are not in their place.")
    if v.locked:
        added = len(route.items) - len(v.first)
        out.breach("locked_changed", "", added, "Stops were added to a locked route.")


def _padded(items: tuple[str, ...], size: int) -> tuple[str, ...]:
    return (items + ("",) * size)[:size]


def sums(claims: Claims, table: Timetable, out: Findings) -> None:
    """The totals of the route against its own steps."""
    route, steps = claims.route, claims.route.steps
    stops = [stop.step for stop in claims.stops if stop.thing is not None]
    for what, says, is_ in (
        ("Begin", route.begin, claims.start.start),
        ("Departure", route.departure, claims.start.departure),
        ("End", route.end, claims.stops[-1].step.departure),
        ("Distance", route.distance_m, table.metres),
        ("Driving", route.driving_s, table.drove + table.walked),
        ("Setup", route.setup_s, sum(step.setup_s for step in steps)),
        ("Service", route.service_s, sum(step.departure - step.start for step in stops)),
        ("Waiting", route.waiting_s, sum(step.waiting_s for step in steps)),
        ("Breaks", route.break_s, sum(step.departure - step.start for step in claims.breaks)),
    ):
        out.equal("wrong_sum", "", what, says, is_)
