"""Random small problems with everything in them, and random plans, broken ones included."""

from __future__ import annotations

import os

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from dispatch.planning.model import UNREACHABLE, Break, Job, Matrix, Problem, Vehicle, Window

seconds = st.integers(0, 3000)

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"


def tried(examples: int) -> settings:
    """So many examples in the profile ``ci``, which is the default, and forty times as many in ``long``.

    Not a registered profile: that would change the tests of every other package in the same process.
    """
    return settings(max_examples=40 * examples if LONG else examples, deadline=None)


@st.composite
def windows(draw: st.DrawFn, most: int = 3) -> tuple[Window, ...]:
    """Up to ``most`` windows in order, apart from each other."""
    edges = sorted(draw(st.sets(st.integers(0, 8000), min_size=0, max_size=2 * most)))
    return tuple(Window(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False))


@st.composite
def jobs(draw: st.DrawFn, name: str, places: int, fleet: list[str]) -> Job:
    load = st.tuples(st.integers(0, 5), st.integers(0, 5))
    return Job(
        id=name,
        place=draw(st.integers(0, places - 1)),
        windows=draw(windows()),
        service_s=draw(st.integers(0, 400)),
        setup_s=draw(st.sampled_from([0, 33, 120])),
        setup_group=draw(st.sampled_from(["", "", "mall"])),
        delivery=draw(st.just(()) | load),
        pickup=draw(st.just(()) | load),
        skills=draw(st.frozensets(st.sampled_from(["fridge", "lift"]), max_size=1)),
        vehicles=draw(st.none() | st.frozensets(st.sampled_from(fleet))) if fleet else None,
        priority=draw(st.integers(0, 100)),
        leave_price=draw(st.none() | st.integers(0, 5000)),
        release_s=draw(st.just(0) | st.integers(0, 4000)),
        late_price_per_min=draw(st.none() | st.integers(0, 100)),
    )


@st.composite
def vehicles(draw: st.DrawFn, name: str, places: int) -> Vehicle:
    place = st.none() | st.integers(0, places - 1)
    begins = draw(st.integers(0, 2000))
    pauses = [
        Break(f"b{i}", draw(st.integers(1, 900)), span)
        for i, span in enumerate(draw(st.lists(windows(2).filter(bool), max_size=2)))
    ]
    limit = st.none()
    return Vehicle(
        id=name,
        start=draw(place),
        end=draw(place),
        shift=Window(begins, begins + draw(st.integers(0, 9000))),
        latest_start=draw(limit | st.integers(begins, begins + 3000)),
        capacity=draw(st.just(()) | st.tuples(st.integers(0, 12), st.integers(0, 12))),
        skills=draw(st.frozensets(st.sampled_from(["fridge", "lift"]))),
        travel_percent=draw(st.sampled_from([100, 85, 133])),
        service_percent=draw(st.sampled_from([100, 70, 150])),
        fixed_cost=draw(st.integers(0, 3000)),
        cost_per_km=draw(st.integers(0, 99)),
        cost_per_hour=draw(st.integers(0, 4000)),
        max_stops=draw(limit | st.integers(0, 5)),
        max_distance_m=draw(limit | st.integers(0, 9000)),
        max_duration_s=draw(limit | st.integers(0, 9000)),
        breaks=tuple(pauses),
    )


@st.composite
def matrices(draw: st.DrawFn, places: int) -> Matrix:
    """Asymmetric, with zero and missing entries."""
    count = places * places
    entry = st.integers(0, 900) | st.just(0) | st.just(UNREACHABLE)
    way = np.array(draw(st.lists(entry, min_size=count, max_size=count)), dtype=np.int32).reshape(
        places, places
    )
    metres = np.array(draw(st.lists(seconds, min_size=count, max_size=count)), dtype=np.int32)
    return Matrix(way, metres.reshape(places, places))


@st.composite
def problems(draw: st.DrawFn, most_jobs: int = 6, most_vehicles: int = 3) -> Problem:
    places = draw(st.integers(1, 5))
    names = [f"v{k}" for k in range(draw(st.integers(0, most_vehicles)))]
    fleet = tuple(draw(vehicles(name, places)) for name in names)
    work = tuple(draw(jobs(f"j{i}", places, names)) for i in range(draw(st.integers(0, most_jobs))))
    return Problem(work, fleet, {"van": draw(matrices(places))})


@st.composite
def problems_with_plans(draw: st.DrawFn) -> tuple[Problem, dict[str, tuple[str, ...]]]:
    """A problem and any plan of it: some jobs in some order on some vehicles, the rest left out."""
    problem = draw(problems())
    plan: dict[str, tuple[str, ...]] = {}
    order = draw(st.permutations([job.id for job in problem.jobs]))
    for vehicle in problem.vehicles:
        take = draw(st.integers(0, len(order)))
        plan[vehicle.id], order = tuple(order[:take]), order[take:]
    return problem, plan
