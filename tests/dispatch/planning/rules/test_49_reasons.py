"""Rule 49: why each order was left out."""

from __future__ import annotations

from typing import Any

import pytest

from dispatch.planning.model import Job, Vehicle
from dispatch.planning.solution import Unassigned

from .day import best, van, window, world

SMALL, LARGE = van("small", capacity=(10,)), van("large", capacity=(20,))


def reason(job: Job, *vehicles: Vehicle, others: tuple[Job, ...] = ()) -> Unassigned:
    """Of the job that the best plan leaves out."""
    return next(left for left in best(world([job, *others], vehicles)).unassigned if left.job == job.id)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"delivery": (30,)}, "overload"),
        ({"skills": frozenset({"crane"})}, "skill"),
        ({"windows": (window(-9000, -8000),)}, "late"),
        ({"service_s": 40_000}, "shift_end"),
        ({"vehicles": frozenset()}, "vehicle_not_allowed"),
    ],
)
def test_the_binding_rule_of_what_nobody_can_do(fields: dict[str, Any], code: str) -> None:
    """Heavier than any van, a skill that nobody has, before every shift, longer than a shift, for nobody."""
    left = reason(Job("a", 1, **fields), SMALL, LARGE)
    assert (left.code, left.words[-1]) == (code, ".")
    assert [why.vehicle for why in left.by_vehicle] == ["small", "large"]


def test_each_vehicle_its_own_reason() -> None:
    """Too heavy for the one, forbidden to the other."""
    left = reason(Job("a", 1, delivery=(15,), forbidden=frozenset({"large"})), SMALL, LARGE)
    assert {why.vehicle: why.code for why in left.by_vehicle} == {
        "small": "overload", "large": "vehicle_forbidden",
    }  # fmt: skip


def test_a_van_that_is_full() -> None:
    """It would fit alone, but what matters more is on board."""
    left = reason(Job("a", 1, delivery=(8,), priority=1), SMALL, others=(Job("b", 2, delivery=(8,)),))
    assert (left.code, left.by_vehicle[0].code) == ("overload", "overload")


def test_leaving_it_was_cheaper() -> None:
    """Its price is below the trip: 12.20 against 1.00."""
    left = reason(Job("a", 1, leave_price=100), van())
    assert left.code == "dearer_than_leaving"
    assert "12.20" in left.words


def test_nobody_drives() -> None:
    """No vehicles at all."""
    solution = best(
        world([Job("a", 1)], [van()]).__class__((Job("a", 1),), (), world([Job("a", 1)]).matrices)
    )
    assert solution.unassigned[0].code == "no_vehicles"
