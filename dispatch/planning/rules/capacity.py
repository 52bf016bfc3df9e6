"""Capacity in any number of dimensions: deliveries are on board from the start, pickups stay to the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..solution import Violation
from .rule import Rule

if TYPE_CHECKING:
    from ..timing import Walk

RULE = Rule(
    name="capacity",
    meaning="On every leg, what is on board fits, in each dimension.",
    codes=("overload",),
    pyvrp="delivery and pickup amounts against the vehicle type's capacity",
    ortools="one dimension per load; with pickups a second ties the end to the pickups",
)


def check(walk: Walk) -> Iterator[Violation]:
    """``overload`` per dimension: the largest excess anywhere on the route."""
    capacity = walk.vehicle.capacity
    if not capacity:
        return
    for dimension, (limit, peak) in enumerate(zip(capacity, walk.peak, strict=False)):
        if peak > limit:
            name = walk.compiled.problem.load_name(dimension)
            yield Violation(
                code="overload",
                route=walk.vehicle.id,
                job="",
                amount=peak - limit,
                words=f"Carries {peak} {name} against a capacity of {limit}.",
            )
