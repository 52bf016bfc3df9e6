"""Rule 27: optional orders with a price for leaving them: tomorrow, or a carrier's offer."""

from __future__ import annotations

from dispatch.planning.model import Carrier, Job, Offer, Problem

from .day import best, judged, world


def offered(price: int, minimum: int = 0, leave: int = 500) -> Problem:
    job = Job("a", 1, leave_price=leave, offers=(Offer("slow", 9999), Offer("swift", price)))
    return world([job], carriers=(Carrier("swift", minimum), Carrier("slow")))


def test_leaving_costs_its_price() -> None:
    """Tomorrow: 5.00."""
    solution = judged(world([Job("a", 1, leave_price=500)]), {})
    assert (solution.cost.unassigned, solution.unassigned[0].code) == (500, "left_out")


def test_a_carrier_takes_it_for_less() -> None:
    """The cheapest offer, 3.00, is below the 5.00 of leaving it; at the same price the carrier has it too."""
    for price in (300, 500):
        solution = judged(offered(price), {})
        assert (solution.cost.offers, solution.cost.unassigned) == (price, 0)
        assert (solution.unassigned[0].carrier, solution.unassigned[0].code) == ("swift", "given_to_carrier")


def test_a_dearer_offer_is_not_taken() -> None:
    """5.01 against 5.00: it is left."""
    solution = judged(offered(501), {})
    assert (solution.cost.offers, solution.cost.unassigned) == (0, 500)


def test_a_carrier_charges_its_minimum_once() -> None:
    """Two jobs for 3.00 each and a minimum of 10.00: 10.00; of 4.00: 6.00."""
    jobs = [Job(n, 1, leave_price=900, offers=(Offer("swift", 300),)) for n in "ab"]
    for minimum, cents in ((1000, 1000), (400, 600)):
        solution = judged(world(jobs, carriers=(Carrier("swift", minimum),)), {})
        assert solution.cost.offers == cents


def test_the_planner_weighs_it_against_the_trip() -> None:
    """A trip to place 1 costs 10.00 + 1.00 + 1.20 = 12.20: for 12.00 a carrier has it, for 12.30 the van goes."""
    assert best(offered(1200, leave=9000)).plan == {}
    assert best(offered(1230, leave=9000)).plan == {"van": ("a",)}
