"""What happens at the stops: how long it takes, and whether it lies in the hours it must lie in."""

from __future__ import annotations

from collections.abc import Sequence

from ..model import NEVER, Charger, Depot, Job, Window
from .claims import Claims, Stop
from .findings import Findings, up


def closing(windows: Sequence[Window], start: int) -> int:
    """The end of the first window that is not over at ``start``, or the last end; ``NEVER`` without windows."""
    if not windows:
        return NEVER
    return next((window.end for window in windows if start <= window.end), windows[-1].end)


def loading(depot: Depot) -> list[Window]:
    """When loading may begin, so that the whole of it lies in one window."""
    fits = [Window(w.start, w.end - depot.load_s) for w in depot.windows if w.end - w.start >= depot.load_s]
    return fits or [Window(w.start, w.end - depot.load_s) for w in depot.windows[-1:]]


class Services:
    """The services of one route."""

    def __init__(self, claims: Claims, out: Findings) -> None:
        self.claims, self.out, self.vehicle = claims, out, claims.vehicle

    def paced(self, seconds: int) -> int:
        """Service and setup at this driver's pace."""
        return (2 * seconds * self.vehicle.service_percent + 100) // 200

    def check(self, stop: Stop) -> int:
        """Length and hours of what is done at a stop; by how much it could start later."""
        step, thing = stop.step, stop.thing
        lasts = step.departure - step.start
        if isinstance(thing, Job):
            base = dict(thing.service_by_type).get(self.vehicle.type, thing.service_s)
            self.out.equal("wrong_time", step.id, "The service", lasts, self.paced(base))
            return self._job(stop, thing)
        if isinstance(thing, Depot):
            self.out.equal("wrong_time", step.id, "Loading", lasts, thing.load_s)
            if step.id not in self.vehicle.reloads:
                self.out.breach("reload_not_allowed", step.id, 1, "The vehicle may not load here.")
            return self._station(stop, loading(thing))
        if isinstance(thing, Charger):
            return self._station(stop, thing.windows)
        self.out.equal("wrong_time", "", "The end", step.departure, step.start)
        return self.vehicle.shift.end - step.start

    def _job(self, stop: Stop, job: Job) -> int:
        start = stop.step.start
        if job.windows and not any(window.start <= start <= window.end for window in job.windows):
            last = job.windows[-1].end
            if start > last:
                if job.late_price_per_min is None:
                    self.out.breach("late", job.id, start - last, "Starts after its last window.")
            elif start > job.windows[0].start or not may_be_early(job, self.vehicle.cost_per_hour):
                self.out.lie("wrong_time", job.id, 1, "Starts before its windows, or between them.")
        if job.max_wait_s is not None and not self.claims.problem.wait_before:
            over = stop.step.waiting_s - job.max_wait_s
            self.out.breach("waits_too_long", job.id, over, "The van waits here for too long.")
        leaves = self.claims.departures[stop.trip]
        self.out.breach("not_released", job.id, job.release_s - leaves, "Its trip leaves before its release.")
        return closing(job.windows, start) - start

    def _station(self, stop: Stop, windows: Sequence[Window]) -> int:
        start = stop.step.start
        if windows and not any(window.start <= start <= window.end for window in windows):
            never = windows[-1].end < windows[-1].start
            late = max(start - windows[-1].end, int(never))
            if late > 0:
                self.out.breach("depot_closed", stop.step.id, late, "Is closed by then.")
            else:
                self.out.lie("wrong_time", stop.step.id, 1, "Starts before it opens, or between its hours.")
        return closing(windows, start) - start

    def start(self) -> None:
        """Loading at the depot where the route begins."""
        depot = next((d for d in self.claims.problem.depots if d.id == self.vehicle.depot), None)
        if depot is None or not depot.windows:
            return
        begin, windows = self.claims.start.start, loading(depot)
        if any(window.start <= begin <= window.end for window in windows):
            return
        opens = [window.start - begin for window in windows if begin < window.start <= window.end]
        amount = max(1, min(opens) if opens else begin - windows[-1].end)
        self.out.breach("depot_closed", depot.id, amount, "The depot is closed for this loading.")


def may_be_early(job: Job, cost_per_hour: int) -> bool:
    """Whether the service may start before its first window, as waiting is not cheaper."""
    return job.early_price_per_min is not None and 60 * job.early_price_per_min <= cost_per_hour


def window_cents(claims: Claims) -> tuple[int, int, int]:
    """Cents of lateness, earliness and starts outside the preferred window."""
    late = early = outside = 0
    for stop, job in claims.jobs:
        start = stop.step.start
        if job.windows and job.late_price_per_min is not None:
            late += up(max(0, start - job.windows[-1].end) * job.late_price_per_min, 60)
        if job.windows and may_be_early(job, claims.vehicle.cost_per_hour):
            early += up(max(0, job.windows[0].start - start) * (job.early_price_per_min or 0), 60)
        if job.preferred is not None:
            off = max(0, job.preferred.start - start, start - job.preferred.end)
            outside += up(off * job.preferred_price_per_min, 60)
    return late, early, outside
