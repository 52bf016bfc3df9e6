"""Plan mode: the given ``steps`` are walked exactly as they stand, and every broken rule is named at its step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

from ...evaluate import evaluate
from ...model import NEVER, Break, Job, Problem, Vehicle, Window
from ...solution import Route
from .read import shifted
from .request import TASK_KINDS, Driver, PlanStep, Request, Task
from .timeline import PAUSE_KEY, Answer, Line, Tour, Violation, tour

MAX_PLACINGS = 4
"""So many breaks of one route are tried at the stop before and at the one after; further ones at the one before."""


def judge(request: Request) -> Answer:
    """Times and violations of every vehicle's ``steps``; vehicles without any stay at home."""
    tours, done = [], set[str]()
    for driver in request.drivers:
        steps = [step for step in driver.steps or () if step.kind in (*TASK_KINDS, "break")]
        if any(step.kind in TASK_KINDS for step in steps):
            tours.append(_judged(request, driver, steps))
            done |= {step.key for step in steps if step.kind in TASK_KINDS}
    left = [(task, "") for key, task in request.tasks.items() if key not in done]
    return Answer(tours, left, judged=True)


def _judged(request: Request, driver: Driver, steps: Sequence[PlanStep]) -> Tour:
    route = _natural(request, driver, steps)
    if route is None:
        route = _forced(request, driver, steps)
    walked = tour(request, driver, route)
    _look_at_steps(request, walked)
    _look_at_route(driver, steps, walked)
    return walked


def _natural(request: Request, driver: Driver, steps: Sequence[PlanStep]) -> Route | None:
    """The walk that takes breaks where they fit best, if that is where they are asked for."""
    by_key = {step.key: step for step in steps if step.kind == "break"}
    breaks = [
        Break(
            str(pause.id),
            pause.service,
            _forced_windows(pause.windows, by_key[str(pause.id)], request.offset),
        )
        for pause in driver.breaks
        if str(pause.id) in by_key
    ]
    jobs = tuple(_job(request, step) for step in steps if step.kind in TASK_KINDS)
    route = _walk(request, driver, jobs, breaks)
    order = [step.id for step in route.steps if step.kind in ("job", "break")]
    return route if order == [step.key for step in steps] else None


def _forced(request: Request, driver: Driver, steps: Sequence[PlanStep]) -> Route:
    """Breaks as stops of their own, each at the stop before it or the one after: the least late of these."""
    pauses = [i for i, step in enumerate(steps) if step.kind == "break"]
    tries = product((False, True), repeat=min(len(pauses), MAX_PLACINGS))
    routes = []
    for ahead in tries:
        at_next = dict(zip(pauses, ahead, strict=False))
        jobs = tuple(
            _pause_stop(request, driver, steps, i, at_next.get(i, False))
            if step.kind == "break"
            else _job(request, step)
            for i, step in enumerate(steps)
        )
        routes.append(_walk(request, driver, jobs, ()))
    return min(routes, key=lambda route: (_lateness(route), route.end, route.waiting_s))


def _lateness(route: Route) -> int:
    return sum(violation.amount for violation in route.violations if violation.code in ("late", "shift_end"))


def _walk(request: Request, driver: Driver, jobs: tuple[Job, ...], breaks: Sequence[Break]) -> Route:
    """The planner's own walk of one route, in a world where only this route is."""
    stated = next(v for v in request.problem.vehicles if v.id == driver.key)
    vehicle: Vehicle = replace(stated, breaks=tuple(breaks))
    keys = {job.id for job in jobs}
    whole = [s for s in request.problem.shipments if s.pickup in keys and s.delivery in keys]
    alone = Problem(jobs, (vehicle,), request.problem.matrices, shipments=tuple(whole))
    first = next((step for step in driver.steps or () if step.kind == "start"), None)
    departures = {driver.key: first.at - request.offset} if first and first.at is not None else None
    return evaluate(alone, {driver.key: tuple(job.id for job in jobs)}, departures=departures).routes[0]


def _job(request: Request, step: PlanStep) -> Job:
    task = request.tasks[step.key]
    stated = next(job for job in request.problem.jobs if job.id == step.key)
    windows = _forced_windows(task.windows, step, request.offset)
    return replace(stated, windows=windows, setup_group=f"place {stated.place}")


def _pause_stop(
    request: Request, driver: Driver, steps: Sequence[PlanStep], number: int, at_next: bool
) -> Job:
    """A break as a stop that does not touch the setups around it."""
    pause = next(p for p in driver.breaks if str(p.id) == steps[number].key)
    before = [request.tasks[s.key].spot.place for s in steps[:number] if s.kind in TASK_KINDS]
    after = [request.tasks[s.key].spot.place for s in steps[number:] if s.kind in TASK_KINDS]
    at_start = driver.start.place if driver.start else after[0] if after else 0
    at_end = driver.end.place if driver.end else before[-1] if before else at_start
    here = before[-1] if before else at_start
    there = after[0] if after else at_end
    return Job(
        id=f"{PAUSE_KEY}{pause.id}",
        place=there if at_next else here,
        windows=_forced_windows(pause.windows, steps[number], request.offset),
        service_s=pause.service,
        setup_group=f"place {before[-1]}" if before else "at the start",
    )


def _forced_windows(windows: tuple[Window, ...], step: PlanStep, offset: int) -> tuple[Window, ...]:
    """When it may begin, given what ``service_at``, ``service_after`` and ``service_before`` say."""
    open_, shut = (step.after or 0) - offset, NEVER
    if step.before is not None:
        shut = step.before - offset
    if step.at is not None:
        open_ = shut = step.at - offset
    windows = shifted(windows, offset)
    if step.at is None and step.after is None and step.before is None:
        return windows
    open_, shut = max(0, open_), min(NEVER, max(0, shut))
    fitting = [Window(max(w.start, open_), min(w.end, shut)) for w in windows]
    fitting = [w for w in fitting if w.start <= w.end]
    if fitting:
        return tuple(fitting)
    if windows and shut < windows[0].start:
        open_ = shut  # as little too early as may be
    return (Window(min(open_, shut), shut),)


def _look_at_steps(request: Request, walked: Tour) -> None:
    driver, aboard, over = walked.driver, set[str](), set[str]()
    for line in walked.lines:
        if any(load > room for load, room in zip(line.load, driver.capacity, strict=False)):
            line.violations.append({"cause": "load"})
        windows = _windows(line, driver)
        line.violations += _timing(line.start, shifted(windows, request.offset))
        if line.task is not None and not line.task.skills <= driver.skills:
            line.violations.append({"cause": "skills"})
        most = line.pause.max_load if line.pause is not None else None
        if most is not None and any(load > limit for load, limit in zip(line.load, most, strict=False)):
            line.violations.append({"cause": "max_load"})
        if line.task is not None and line.task.kind == "pickup":
            aboard.add(_mate(request, line.task))
        elif line.task is not None and line.task.kind == "delivery":
            over.add(line.task.key)
            if line.task.key not in aboard:
                line.violations.append({"cause": "precedence"})
    for line in walked.lines:
        if line.task is not None and line.task.kind == "pickup" and _mate(request, line.task) not in over:
            line.violations.append({"cause": "precedence"})


def _mate(request: Request, pickup: Task) -> str:
    return next(s.delivery for s in request.problem.shipments if s.pickup == pickup.key)


def _windows(line: Line, driver: Driver) -> tuple[Window, ...]:
    if line.task is not None:
        return line.task.windows
    if line.pause is not None:
        return line.pause.windows
    return (driver.window,) if driver.window is not None else ()


def _timing(start: int, windows: tuple[Window, ...]) -> list[Violation]:
    """How far a start lies outside the nearest window, and on which side."""
    if not windows or any(w.start <= start <= w.end for w in windows):
        return []
    near = min(windows, key=lambda w: max(w.start - start, start - w.end))
    if start < near.start:
        return [{"cause": "lead_time", "duration": near.start - start}]
    return [{"cause": "delay", "duration": start - near.end}]


def _look_at_route(driver: Driver, steps: Sequence[PlanStep], walked: Tour) -> None:
    """Sums of the steps' violations, and the limits of the whole route."""
    sums: dict[str, int | None] = {}
    for violation in (v for line in walked.lines for v in line.violations):
        seconds = violation.get("duration")
        cause = violation["cause"]
        sums[cause] = None if seconds is None else (sums.get(cause) or 0) + seconds
    if (
        driver.max_tasks is not None
        and sum(line.task is not None for line in walked.lines) > driver.max_tasks
    ):
        sums["max_tasks"] = None
    if driver.max_travel_time is not None and walked.travel > driver.max_travel_time:
        sums["max_travel_time"] = walked.travel - driver.max_travel_time
    if driver.max_distance is not None and walked.metres > driver.max_distance:
        sums["max_distance"] = None
    if len(driver.breaks) > sum(step.kind == "break" for step in steps):
        sums["missing_break"] = None
    walked.violations = [
        {"cause": cause} if seconds is None else {"cause": cause, "duration": seconds}
        for cause, seconds in sums.items()
    ]
