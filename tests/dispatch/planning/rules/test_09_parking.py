"""Rule 9: stops close by share one parking: walked legs, one setup."""

from __future__ import annotations

from dataclasses import replace

from dispatch.planning.model import Job, Problem

from .day import drive, judged, line_matrix, only, step, van, world
from .day import points as row

JOBS = [Job(n, k, service_s=60, setup_s=120, parking="yard") for n, k in (("a", 1), ("b", 2))]


def yard(**van_fields: int) -> Problem:
    """Doors 50 m apart, though the van would drive a kilometre and a minute."""
    return world(JOBS, [van(**van_fields)], points=row(50))


def test_one_parking_two_doors() -> None:
    """60 s there, 120 to park, 60 at a, 52 on foot (50 m x 1.04), 60 at b, 52 back to the van, 60 home: 464 s and
    2 km. Each with its own parking it is 600 s and 4 km.
    """
    solution = drive(yard(), "a", "b")
    route = only(solution)
    assert (route.duration_s, route.distance_m, route.setup_s) == (464, 2000, 120)
    assert (step(solution, "b").walked_s, step(solution, "b").distance_m) == (52, 0)
    assert (route.steps[-1].walked_s, route.steps[-1].travel_s, route.steps[-1].distance_m) == (52, 112, 1000)
    apart = world([replace(job, parking="") for job in JOBS])
    assert (only(drive(apart, "a", "b")).duration_s, only(drive(apart, "a", "b")).distance_m) == (600, 4000)


def test_walking_is_no_driving() -> None:
    """120 s at the wheel at 36.00 an hour, 104 s on foot: 1.20; the route's ``driving_s`` has both."""
    solution = drive(yard(cost_per_driving_hour=3600), "a", "b")
    assert (solution.cost.driving, only(solution).driving_s) == (120, 224)


def test_legs_of_the_walking_matrix() -> None:
    """With a matrix for walking its seconds count: 60 for one place, whatever the van's factor says."""
    problem = yard(travel_percent=200)
    foot = replace(problem, matrices={**problem.matrices, "foot": line_matrix(10)})
    assert step(drive(foot, "a", "b"), "b").walked_s == 60


def test_only_one_directly_after_another() -> None:
    """A stop elsewhere in between: the van drives, and parks twice."""
    problem = world([*JOBS, Job("x", 4)], points=row(50))
    solution = judged(problem, {"van": ("a", "x", "b")})
    assert (only(solution).setup_s, step(solution, "b").walked_s) == (240, 0)
