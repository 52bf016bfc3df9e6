"""Rule 11: capacity in any number of dimensions, at every point."""

from __future__ import annotations

from dispatch.planning.model import Job

from .day import best, drive, holds_as_dialled, van, world

NAMES = ("kg", "crates", "chilled")


def test_one_dimension_over() -> None:
    """60 and 60 kg on 100: 20 too many, at 0.07 a kilogram 1.40."""
    jobs = [Job("a", 1, delivery=(60,)), Job("b", 2, delivery=(60,))]
    breach = ("overload", "van", "", 20)
    holds_as_dialled(world(jobs, [van(capacity=(100,))]), {"van": ["a", "b"]}, breach, price=7, cents=140)


def test_each_dimension_counts_by_itself() -> None:
    """120 kg on 100, 6 crates on 6, 3 chilled on 1: two breaches, of 20 and of 2."""
    jobs = [Job("a", 1, delivery=(60, 3, 1)), Job("b", 2, delivery=(60, 3, 2))]
    problem = world(jobs, [van(capacity=(100, 6, 1))], load_names=NAMES)
    found = drive(problem, "a", "b").violations
    assert sorted((v.code, v.amount) for v in found) == [("overload", 2), ("overload", 20)]


def test_no_capacity_is_no_limit() -> None:
    """Off for one vehicle: an empty tuple."""
    assert drive(world([Job("a", 1, delivery=(10**6,))]), "a").violations == ()


def test_the_planner_sends_a_second_van() -> None:
    """Three times 60 kg and vans of 100: one each."""
    jobs = [Job(name, k + 1, delivery=(60,)) for k, name in enumerate("abc")]
    solution = best(world(jobs, [van(f"v{k}", capacity=(100,)) for k in range(3)]))
    assert (len(solution.routes), solution.unassigned) == (3, ())
