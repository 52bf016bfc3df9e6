"""Rule 40: carrier rate cards; own fleet and carriers in one solve."""

from __future__ import annotations

from dispatch.planning.model import Job, Problem, RateCard, Shipment

from .day import best, drive, judged, van, world

FREE = {"fixed_cost": 0, "cost_per_km": 0, "cost_per_hour": 0}
ZONES = (("north", 200), ("south", 900))


def carried(card: RateCard, **terms: int) -> Problem:
    jobs = [Job("a", 1, delivery=(10,), zones=frozenset({"south", "north"})), Job("b", 2, pickup=(4,))]
    return world(jobs, [van(rate=card, **{**FREE, **terms})])


def test_by_weight_and_zone() -> None:
    """14 kg at 0.03, and a's zone by the first of the list, 2.00: 2.42."""
    assert drive(carried(RateCard((3,), ZONES)), "a", "b").cost.rate == 242


def test_the_minimum_counts_all_prices_of_the_vehicle() -> None:
    """At least 30.00: alone the card makes up 27.58 to it; beside 10.00 fixed and two orders at 1.00 it is 18.00.
    Where all of it is more, the minimum is nothing.
    """
    card = RateCard((3,), ZONES, minimum=3000)
    assert drive(carried(card), "a", "b").cost.total == 3000
    beside = drive(carried(card, fixed_cost=1000, cost_per_stop=100), "a", "b").cost
    assert (beside.fixed, beside.stops, beside.rate, beside.total) == (1000, 200, 1800, 3000)
    assert drive(carried(card, fixed_cost=5000), "a", "b").cost.rate == 242


def test_a_shipment_is_carried_once() -> None:
    """7 kg from door to door at 0.03: 0.21."""
    problem = world(
        [Job("p", 1), Job("d", 2)], [van(rate=RateCard((3,)), **FREE)], shipments=(Shipment("p", "d", (7,)),)
    )
    assert drive(problem, "p", "d").cost.rate == 21


def test_the_planner_decides_between_own_and_carrier() -> None:
    """Our van to 1 and back is 12.20; the carrier's is its minimum."""
    for minimum, who in ((1200, "carrier"), (1230, "own")):
        fleet = [van("own"), van("carrier", rate=RateCard(minimum=minimum), **FREE)]
        solution = best(world([Job("a", 1)], fleet))
        assert solution.plan == {who: ("a",)}
        assert judged(world([Job("a", 1)], fleet), solution.plan).cost == solution.cost
