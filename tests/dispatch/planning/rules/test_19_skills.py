"""Rule 19: skills, allowed vehicles, forbidden drivers, refused vehicle types."""

from __future__ import annotations

from typing import Any

import pytest

from dispatch.planning.model import Job

from .day import best, drive, holds_as_dialled, van, world

CASES: list[tuple[str, dict[str, Any], int]] = [
    ("skill", {"skills": frozenset({"cold", "lift", "key"})}, 2),
    ("vehicle_not_allowed", {"vehicles": frozenset({"other"})}, 1),
    ("vehicle_forbidden", {"forbidden": frozenset({"van"})}, 1),
    ("type_refused", {"refused_types": frozenset({"truck"})}, 1),
]
FLEET = [
    van("van", skills=frozenset({"key"}), type="truck"),
    van("other", skills=frozenset({"key", "cold", "lift"}), type="bike"),
]


@pytest.mark.parametrize(("code", "fields", "amount"), CASES)
def test_each_by_its_dial(code: str, fields: dict[str, Any], amount: int) -> None:
    """The van lacks two of three skills, is not allowed, forbidden, a truck: each at 4.00 a piece."""
    problem = world([Job("a", 1, **fields)], FLEET)
    breach = (code, "van", "a", amount)
    holds_as_dialled(problem, {"van": ["a"]}, breach, price=400, cents=400 * amount)


def test_all_skills_are_needed_and_more_do_not_hurt() -> None:
    """One of two is not enough; three of two is."""
    able = world([Job("a", 1, skills=frozenset({"key"}))], [FLEET[0]])
    assert drive(able, "a").violations == ()


def test_a_vehicle_without_a_type_is_refused_nowhere() -> None:
    """No type, no refusal."""
    assert drive(world([Job("a", 1, refused_types=frozenset({"truck", "car"}))]), "a").violations == ()


@pytest.mark.parametrize(("code", "fields", "amount"), CASES)
def test_the_planner_sends_the_other(code: str, fields: dict[str, Any], amount: int) -> None:
    """Both stand ready, one may."""
    assert best(world([Job("a", 1, **fields)], FLEET)).plan == {"other": ("a",)}, (code, amount)
