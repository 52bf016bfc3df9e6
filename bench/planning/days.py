"""Station days: orders at addresses of a city, vans in two shifts."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

import numpy as np

from dispatch.planning.model import Break, Job, Problem, Vehicle, Window

from .case import Case
from .streets import Streets

HOUR = 3600
EARLY, LATE = Window(7 * HOUR, 15 * HOUR), Window(12 * HOUR, 20 * HOUR)
BREAKS = {
    EARLY: Break("lunch", 1800, (Window(10 * HOUR, 12 * HOUR),)),
    LATE: Break("tea", 1800, (Window(15 * HOUR, 17 * HOUR),)),
}
STOPS_PER_VAN = 30


def day(streets: Streets, orders: int, seed: int) -> Case:
    """The plain day: two-hour windows for two orders of three, one in ten chilled, one in twenty heavy."""
    ways, took = streets.matrix(streets.places(orders, seed))
    dice = np.random.default_rng(seed)
    jobs = tuple(order(dice, place) for place in range(1, orders + 1))
    vans = ceil(orders / STOPS_PER_VAN) + 2
    fleet = tuple(van(number) for number in range(vans))
    problem = Problem(jobs, fleet, {"van": ways}, ("crates",))
    return Case(f"{orders}-{seed}", problem, matrix_s=took)


def order(dice: np.random.Generator, place: int) -> Job:
    opens = int(dice.integers(7, 18)) * HOUR
    kind = dice.random()
    skills = {"chilled"} if kind < 0.10 else {"heavy"} if kind < 0.15 else set()
    return Job(
        str(place),
        place,
        windows=(Window(opens, opens + 2 * HOUR),) if dice.random() < 2 / 3 else (),
        service_s=int(dice.integers(2, 6)) * 60,
        setup_s=60,
        delivery=(int(dice.integers(1, 6)),),
        skills=frozenset(skills),
        leave_price=20_000,
    )


def van(number: int) -> Vehicle:
    skills = {"chilled"} if number % 4 < 2 else set()
    skills |= {"heavy"} if number % 3 == 0 else set()
    return Vehicle(
        f"van{number}",
        start=0,
        end=0,
        shift=LATE if number % 2 else EARLY,
        capacity=(120,),
        skills=frozenset(skills),
        fixed_cost=3000,
        cost_per_km=30,
        cost_per_hour=2400,
    )


def paid_by_driving(problem: Problem) -> Problem:
    """Only hours at the wheel cost anything: the one cost that every peer means in the same way."""
    fleet = tuple(
        replace(v, cost_per_hour=0, cost_per_driving_hour=v.cost_per_hour) for v in problem.vehicles
    )
    return replace(problem, vehicles=fleet)


def with_breaks(problem: Problem) -> Problem:
    """Half an hour for everybody, in the middle of the shift."""
    fleet = tuple(replace(van, breaks=(BREAKS[van.shift],)) for van in problem.vehicles)
    return replace(problem, vehicles=fleet)
