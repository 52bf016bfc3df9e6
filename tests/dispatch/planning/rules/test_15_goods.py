"""Rule 15: goods that never travel together: on one route, or at one time."""

from __future__ import annotations

from typing import Literal

from dispatch.planning.model import Incompatible, Job, Problem, Shipment

from .day import best, drive, holds_as_dialled, judged, van, world

FOOD = Job("food", 1, delivery=(1,), goods=frozenset({"food"}))
PAINT = Job("paint", 2, pickup=(1,), goods=frozenset({"paint"}))
BREACH = ("goods_together", "van", "", 1)


def apart(scope: Literal["route", "aboard"], vans: int = 1) -> Problem:
    fleet = [van("van" if k == 0 else f"v{k}") for k in range(vans)]
    return world([FOOD, PAINT], fleet, incompatible=(Incompatible("food", "paint", scope),))


def test_at_one_time() -> None:
    """The paint comes on board before the food leaves it: one breach, at 5.00. The other way they never meet."""
    holds_as_dialled(apart("aboard"), {"van": ["paint", "food"]}, BREACH, price=500, cents=500)
    assert drive(apart("aboard"), "food", "paint").violations == ()


def test_on_one_route() -> None:
    """On one route in any order is one breach; on two routes none."""
    holds_as_dialled(apart("route"), {"van": ["food", "paint"]}, BREACH, price=500, cents=500)
    two = judged(apart("route", vans=2), {"van": ("food",), "v1": ("paint",)})
    assert two.violations == ()


def test_goods_of_a_shipment_are_aboard_from_door_to_door() -> None:
    """Paint from 2 to 4 and food for 3: they meet; food delivered before or after it does not."""
    jobs = [Job("p", 2, goods=frozenset({"paint"})), Job("d", 4), FOOD]
    problem = world(
        jobs, shipments=(Shipment("p", "d", (1,)),), incompatible=(Incompatible("food", "paint"),)
    )
    assert [v.code for v in drive(problem, "p", "food", "d").violations] == ["goods_together"]
    assert drive(problem, "food", "p", "d").violations == ()


def test_the_planner_keeps_both_scopes() -> None:
    """At one time: the food first. On one route: two vans."""
    assert best(apart("aboard")).plan == {"van": ("food", "paint")}
    assert len(best(apart("route", vans=2)).routes) == 2
