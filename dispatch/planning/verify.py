"""The independent checker: reads a solution line by line and believes none of it.

It shares no code with the walker or the engines, only the data classes. It checks what the timetable *claims*
against the problem: every leg, wait, window, load, limit and cent. A plan is shown to people only if this
finds nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from .model import UNREACHABLE, Job, Problem, Vehicle
from .solution import Cost, Route, Solution, Step, Violation


@dataclass(slots=True)
class _Findings:
    """What is wrong with one route so far."""

    route: str
    found: list[Violation] = field(default_factory=list)

    def add(self, code: str, job: str, amount: int, words: str) -> None:
        self.found.append(Violation(code, self.route, job, amount, words))

    def equal(self, code: str, job: str, what: str, says: int, is_: int) -> None:
        if says != is_:
            self.add(code, job, abs(says - is_), f"{what} says {says}, it is {is_}.")


def verify(problem: Problem, solution: Solution) -> list[Violation]:
    """Everything wrong with ``solution``: broken rules under the codes of ``rules``, and false claims under
    ``wrong_time``, ``wrong_load``, ``wrong_distance``, ``wrong_cost``, ``wrong_place``, ``wrong_sum``,
    ``job_missing``, ``job_twice``, ``unknown_job``, ``unknown_vehicle``, ``vehicle_twice``.
    """
    jobs = {job.id: job for job in problem.jobs}
    vehicles = {vehicle.id: vehicle for vehicle in problem.vehicles}
    found = _membership(jobs, vehicles, solution)
    if found:
        return found
    total = Cost()
    for route in solution.routes:
        checker = _RouteCheck(problem, jobs, vehicles[route.vehicle], route)
        found += checker.run()
        total += route.cost
    driven = {route.vehicle: route.jobs for route in solution.routes}
    for vehicle in problem.vehicles:
        found += _fixed(vehicle, driven.get(vehicle.id, ()))
    prices = _leave_prices(problem)
    total += Cost(unassigned=sum(prices[left.job] for left in solution.unassigned))
    if total != solution.cost:
        words = f"The plan says {solution.cost}, the sum is {total}."
        found.append(Violation("wrong_cost", "", "", abs(total.total - solution.cost.total), words))
    return found


def _membership(jobs: dict[str, Job], vehicles: dict[str, Vehicle], solution: Solution) -> list[Violation]:
    """Every job once, in a route or left out; nothing that the problem does not have."""
    found = []
    for route_id, count in Counter(route.vehicle for route in solution.routes).items():
        if route_id not in vehicles:
            found.append(Violation("unknown_vehicle", route_id, "", 1, "No such vehicle."))
        if count > 1:
            found.append(Violation("vehicle_twice", route_id, "", count, "Has more than one route."))
    seen = Counter(job for route in solution.routes for job in route.jobs)
    seen.update(left.job for left in solution.unassigned)
    found += [
        Violation("job_missing", "", job, 1, "Is nowhere in the plan.") for job in jobs if job not in seen
    ]
    for job, count in seen.items():
        if job not in jobs:
            found.append(Violation("unknown_job", "", job, 1, "No such job."))
        if count > 1:
            found.append(Violation("job_twice", "", job, count, "Is in the plan more than once."))
    return found


def _fixed(vehicle: Vehicle, driven: tuple[str, ...]) -> list[Violation]:
    found = []
    padded = driven + ("",) * len(vehicle.first)
    moved = sum(padded[i] != job for i, job in enumerate(vehicle.first))
    if moved:
        found.append(Violation("frozen_moved", vehicle.id, "", moved, "Fixed stops are not in their place."))
    more = len(driven) - len(vehicle.first)
    if vehicle.locked and more > 0:
        found.append(Violation("locked_changed", vehicle.id, "", more, "Stops were added to a locked route."))
    return found


class _RouteCheck:
    """Goes down the timetable of one route."""

    def __init__(self, problem: Problem, jobs: dict[str, Job], vehicle: Vehicle, route: Route) -> None:
        self.problem, self.jobs, self.vehicle, self.route = problem, jobs, vehicle, route
        self.out = _Findings(route.vehicle)
        self.visits = [step for step in route.steps if step.kind != "break"]
        self.pauses = [step for step in route.steps if step.kind == "break"]

    def run(self) -> list[Violation]:
        if not self._shape():
            return self.out.found
        for before, here in zip(self.visits, self.visits[1:], strict=False):
            self._leg(before, here)
        for step in self.visits[1:-1]:
            self._visit(step, self.jobs[step.id])
        self._breaks()
        self._loads()
        self._whole_route()
        self._sums()
        self._cost()
        return self.out.found

    def _shape(self) -> bool:
        kinds = [step.kind for step in self.visits]
        if len(kinds) < 3 or kinds[0] != "start" or kinds[-1] != "end" or set(kinds[1:-1]) != {"job"}:
            self.out.add("wrong_place", "", 1, "The route is not a start, jobs and an end.")
            return False
        places = [self.vehicle.start, *(self.jobs[s.id].place for s in self.visits[1:-1]), self.vehicle.end]
        for step, place in zip(self.visits, places, strict=True):
            if step.place != place:
                self.out.add("wrong_place", step.id, 1, f"The step says place {step.place}, it is {place}.")
        return True

    def _leg(self, before: Step, here: Step) -> None:
        """Travel, setup, breaks and waiting fill the time between two services, to the second."""
        seconds, metres = self._way(before.place, here.place, here.id)
        setup = self._setup(before, here)
        self.out.equal("wrong_time", here.id, "Travel", here.travel_s, seconds)
        self.out.equal("wrong_distance", here.id, "The leg", here.distance_m, metres)
        self.out.equal("wrong_time", here.id, "Setup", here.setup_s, setup)
        between = [p for p in self.pauses if before.departure <= p.start and p.departure <= here.start]
        paused = sum(p.departure - p.start for p in between)
        waited = here.start - before.departure - seconds - setup - paused
        self.out.equal("wrong_time", here.id, "Waiting", here.waiting_s, waited)
        if waited < 0:
            self.out.add("wrong_time", here.id, -waited, "Starts before the van can be there.")
        if here.kind == "job":
            on_road = sum(p.departure - p.start for p in between if p.start < here.arrival)
            self.out.equal(
                "wrong_time", here.id, "Arrival", here.arrival, before.departure + seconds + on_road
            )

    def _way(self, here: int | None, there: int | None, job: str) -> tuple[int, int]:
        if here is None or there is None:
            return 0, 0
        matrix = self.problem.matrices[self.vehicle.profile]
        seconds = int(matrix.durations[here, there])
        if seconds == UNREACHABLE:
            self.out.add("unreachable", job, 1, "There is no way to here.")
            return 0, 0
        # round half up, in whole numbers
        return (2 * seconds * self.vehicle.travel_percent + 100) // 200, int(matrix.distances[here, there])

    def _setup(self, before: Step, here: Step) -> int:
        if here.kind != "job":
            return 0
        job = self.jobs[here.id]
        if before.kind == "job":
            other = self.jobs[before.id]
            if (other.setup_group or other.place) == (job.setup_group or job.place):
                return 0
        return self._paced(job.setup_s)

    def _paced(self, seconds: int) -> int:
        return (2 * seconds * self.vehicle.service_percent + 100) // 200

    def _visit(self, step: Step, job: Job) -> None:
        name = self.vehicle.id
        self.out.equal(
            "wrong_time", job.id, "Departure", step.departure, step.start + self._paced(job.service_s)
        )
        if job.windows and not any(w.start <= step.start <= w.end for w in job.windows):
            last = max(w.end for w in job.windows)
            if step.start < last:
                self.out.add("wrong_time", job.id, 1, "Starts between its windows.")
            elif job.late_price_per_min is None:
                self.out.add("late", job.id, step.start - last, "Starts after its last window.")
        if step.slack_s is not None and step.slack_s < 0 and any(w.end >= step.start for w in job.windows):
            self.out.add("wrong_time", job.id, 1, "Claims to be late and is not.")
        lacking = job.skills.difference(self.vehicle.skills)
        if lacking:
            self.out.add("skill", job.id, len(lacking), f"{name} lacks {', '.join(sorted(lacking))}.")
        if job.pinned_to not in (None, name):
            self.out.add("pinned_elsewhere", job.id, 1, f"Is pinned to {job.pinned_to}.")
        if job.vehicles is not None and name not in job.vehicles:
            self.out.add("vehicle_not_allowed", job.id, 1, f"May not be done by {name}.")
        if self.route.departure < job.release_s:
            early = job.release_s - self.route.departure
            self.out.add("not_released", job.id, early, "The van leaves before it is released.")

    def _breaks(self) -> None:
        taken = {step.id: step for step in self.pauses}
        if len(taken) != len(self.pauses) or not taken.keys() <= {p.id for p in self.vehicle.breaks}:
            self.out.add("wrong_time", "", 1, "Takes a break twice, or one it does not have.")
        for pause in self.vehicle.breaks:
            step = taken.get(pause.id)
            if step is None:
                latest = max(window.end for window in pause.windows)
                if self.route.departure <= latest < self.route.end:
                    self.out.add("break_missed", pause.id, pause.duration_s, "The break is not taken.")
                continue
            self.out.equal("wrong_time", pause.id, "The break", step.departure - step.start, pause.duration_s)
            if not any(w.start <= step.start <= w.end for w in pause.windows):
                self.out.add("wrong_time", pause.id, 1, "The break starts outside its windows.")
            if any(v.start < step.departure and step.start < v.departure for v in self.visits):
                self.out.add("wrong_time", pause.id, 1, "The break falls into a service.")

    def _loads(self) -> None:
        size = self.problem.dimensions
        served = [self.jobs[step.id] for step in self.visits[1:-1]]
        peaks = [0] * size
        for dimension in range(size):
            amounts = [(_at(job.delivery, dimension), _at(job.pickup, dimension)) for job in served]
            board = sum(off for off, _ in amounts)
            peaks[dimension] = board
            claimed = [step.load[dimension] for step in self.visits]
            truth = [board]
            for off, on in amounts:
                board += on - off
                truth.append(board)
                peaks[dimension] = max(peaks[dimension], board)
            truth.append(board)
            if claimed != truth:
                self.out.add("wrong_load", "", 1, f"Load {dimension} says {claimed}, it is {truth}.")
        for dimension, limit in enumerate(self.vehicle.capacity):
            if peaks[dimension] > limit:
                self.out.add("overload", "", peaks[dimension] - limit, f"Load {dimension} is over capacity.")

    def _whole_route(self) -> None:
        v, route = self.vehicle, self.route
        lasts = self.visits[-1].arrival - self.visits[0].departure
        metres = sum(step.distance_m for step in self.visits)
        bounds: tuple[tuple[str, int, int | None], ...] = (
            ("shift_end", self.visits[-1].arrival, v.shift.end),
            ("shift_start", -self.visits[0].departure, -v.shift.start),
            ("late_start", self.visits[0].departure, v.latest_start),
            ("too_many_stops", len(route.jobs), v.max_stops),
            ("too_far", metres, v.max_distance_m),
            ("too_long", lasts, v.max_duration_s),
        )
        for code, value, limit in bounds:
            if limit is not None and value > limit:
                self.out.add(code, "", value - limit, f"{code}: {abs(value)} against {abs(limit)}.")

    def _sums(self) -> None:
        route, visits = self.route, self.visits
        services = [step.departure - step.start for step in visits[1:-1]]
        for what, says, is_ in (
            ("Departure", route.departure, visits[0].departure),
            ("End", route.end, visits[-1].arrival),
            ("Distance", route.distance_m, sum(step.distance_m for step in visits)),
            ("Driving", route.driving_s, sum(step.travel_s for step in visits)),
            ("Setup", route.setup_s, sum(step.setup_s for step in visits)),
            ("Service", route.service_s, sum(services)),
            ("Waiting", route.waiting_s, sum(step.waiting_s for step in visits)),
            ("Breaks", route.break_s, sum(step.departure - step.start for step in self.pauses)),
        ):
            self.out.equal("wrong_sum", "", what, says, is_)

    def _cost(self) -> None:
        v, cost = self.vehicle, self.route.cost
        metres = sum(step.distance_m for step in self.visits)
        lasts = self.visits[-1].arrival - self.visits[0].departure
        late = 0
        for step in self.visits[1:-1]:
            job = self.jobs[step.id]
            if job.late_price_per_min is not None and job.windows:
                over = max(0, step.start - max(w.end for w in job.windows))
                late += (over * job.late_price_per_min + 59) // 60
        # round half up, in whole numbers
        distance = (2 * metres * v.cost_per_km + 1000) // 2000
        time = (2 * lasts * v.cost_per_hour + 3600) // 7200
        truth = Cost(fixed=v.fixed_cost, distance=distance, time=time, lateness=late)
        if truth != cost:
            self.out.add("wrong_cost", "", abs(truth.total - cost.total), f"Says {cost}, it is {truth}.")


def _at(load: tuple[int, ...], dimension: int) -> int:
    return load[dimension] if dimension < len(load) else 0


def _leave_prices(problem: Problem) -> dict[str, int]:
    """The price of leaving each job out, from the definition in ``rules/priority.py``."""
    dearest, farthest = 0, dict[str, int]()
    for v in problem.vehicles:
        if v.profile not in farthest:
            table = problem.matrices[v.profile]
            ways = table.distances[table.durations != UNREACHABLE]
            farthest[v.profile] = int(ways.max()) if ways.size else 0
        far = farthest[v.profile]
        paid = min(v.shift.end - v.shift.start, 24 * 3600)
        alone = (
            v.fixed_cost + (2 * far * v.cost_per_km + 999) // 1000 + (paid * v.cost_per_hour + 3599) // 3600
        )
        dearest = max(dearest, alone)
    return {
        job.id: (dearest + 100) * (10 + job.priority) // 10 if job.leave_price is None else job.leave_price
        for job in problem.jobs
    }
