"""Rule 23: the same route, or never the same route."""

from __future__ import annotations

from dispatch.planning.model import Job, Relation

from .day import best, holds_as_dialled, judged, van, world

FLEET = [van("v1"), van("v2"), van("v3")]
JOBS = [Job("a", 1), Job("b", 2), Job("c", 3)]
TOGETHER = (Relation("same_route", ("a", "b", "c")),)
APART = (Relation("different_routes", ("a", "b", "c")),)


def test_torn_apart() -> None:
    """On two routes instead of one: one too many, told of the first job elsewhere; 2.50. On three: two."""
    problem = world(JOBS, FLEET, relations=TOGETHER)
    breach = ("not_same_route", "", "b", 1)
    holds_as_dialled(problem, {"v1": ["a", "c"], "v2": ["b"]}, breach, price=250, cents=250)
    three = judged(problem, {"v1": ("a",), "v2": ("b",), "v3": ("c",)})
    assert [v.amount for v in three.violations] == [2]


def test_brought_together() -> None:
    """Two of three on one route: one too few routes, told of the second of them; on one route all: two."""
    problem = world(JOBS, FLEET, relations=APART)
    breach = ("not_apart", "", "c", 1)
    holds_as_dialled(problem, {"v1": ["a", "c"], "v2": ["b"]}, breach, price=250, cents=250)
    assert [(v.job, v.amount) for v in judged(problem, {"v1": ("a", "b", "c")}).violations] == [("b", 2)]


def test_who_is_left_out_does_not_count() -> None:
    """Only those that are served stand in a relation."""
    for relations in (TOGETHER, APART):
        assert judged(world(JOBS, FLEET, relations=relations), {"v1": ("b",)}).violations == ()


def test_the_planner_keeps_both() -> None:
    """Apart: three routes though one would do. Together: one route, though two vans are each nearer to some."""
    assert len(best(world(JOBS, FLEET, relations=APART)).routes) == 3
    fleet = [van("near", start=1, end=1, fixed_cost=0), van("far", start=9, end=9, fixed_cost=0)]
    jobs = [Job("a", 1), Job("b", 9)]
    assert len(best(world(jobs, fleet)).routes) == 2
    tied = best(world(jobs, fleet, relations=(Relation("same_route", ("a", "b")),)))
    assert (len(tied.routes), tied.unassigned) == (1, ())
