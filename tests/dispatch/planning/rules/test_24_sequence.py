"""Rule 24: in this order; one directly after another; first; last."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest

from dispatch.planning.model import Job, Problem, Relation

from .day import best, drive, holds_as_dialled, judged, van, world

JOBS = [Job("a", 1), Job("b", 2), Job("c", 3)]


def related(kind: Literal["sequence", "direct"], *jobs: str) -> Problem:
    return world(JOBS, relations=(Relation(kind, jobs),))


def test_out_of_order() -> None:
    """b before a: told of b, the later one in the list, at 1.20. Others may come between."""
    problem = related("sequence", "a", "b")
    holds_as_dialled(problem, {"van": ["b", "a"]}, ("out_of_sequence", "van", "b", 1), price=120, cents=120)
    assert drive(problem, "a", "c", "b").violations == ()


def test_not_directly_after() -> None:
    """c comes between: told of b, at 0.80. The wrong order is not direct either."""
    problem = related("direct", "a", "b")
    breach = ("not_direct", "van", "b", 1)
    holds_as_dialled(problem, {"van": ["a", "c", "b"]}, breach, price=80, cents=80)
    assert [v.code for v in drive(problem, "b", "a").violations] == ["not_direct"]
    assert drive(problem, "c", "a", "b").violations == ()


def test_a_member_that_is_left_out_is_no_gap() -> None:
    """Of a, b, c in this order b is left out: c is held against a."""
    problem = related("direct", "a", "b", "c")
    assert drive(problem, "a", "c").violations == ()


def test_on_two_routes_it_is_no_sequence() -> None:
    """An order on one route: the route is part of it."""
    problem = replace(related("sequence", "a", "b"), vehicles=(van(), van("v2")))
    assert [v.code for v in judged(problem, {"van": ("a",), "v2": ("b",)}).violations] == ["not_same_route"]


@pytest.mark.parametrize(
    ("position", "code", "items"), [("first", "not_first", "ba"), ("last", "not_last", "ab")]
)
def test_first_and_last(position: Literal["first", "last"], code: str, items: str) -> None:
    """a at the wrong end of its route: at 0.60."""
    problem = world([Job("a", 1, position=position), Job("b", 2)])
    holds_as_dialled(problem, {"van": list(items)}, (code, "van", "a", 1), price=60, cents=60)
    assert drive(problem, *reversed(items)).violations == ()


def test_the_planner_keeps_them() -> None:
    """Each order costs more road than the one without it, and is driven all the same."""
    assert best(related("sequence", "c", "a", "b")).plan == {"van": ("c", "a", "b")}
    directly = best(related("direct", "a", "c")).plan["van"]
    assert directly.index("c") == directly.index("a") + 1
    ends = [Job("a", 1, position="last"), Job("b", 5), Job("c", 9, position="first")]
    assert best(world(ends)).plan == {"van": ("c", "b", "a")}
