"""Rule 41: a price of CO2 per kilogram."""

from __future__ import annotations

from dispatch.planning.model import Job

from .day import best, drive, van, world


def test_grams_of_the_route() -> None:
    """10 km at 180 g: 1.8 kg at 1.00 are 1.80; at 0.33 they are 59.4 cents, so 0.59."""
    for price, cents in ((100, 180), (33, 59)):
        problem = world([Job("a", 5)], [van(co2_g_per_km=180)], co2_price_per_kg=price)
        assert drive(problem, "a").cost.co2 == cents


def test_without_a_price_it_is_nothing() -> None:
    """Off."""
    assert drive(world([Job("a", 5)], [van(co2_g_per_km=180)]), "a").cost.co2 == 0


def test_the_planner_takes_the_cleaner_van_when_it_is_worth_it() -> None:
    """Diesel is 3.00 cheaper; 10 km at 1 kg make it dearer from 0.30 a kilogram on."""
    fleet = [van("diesel", co2_g_per_km=1000), van("electric", fixed_cost=1300)]
    for price, who in ((29, "diesel"), (31, "electric")):
        assert best(world([Job("a", 5)], fleet, co2_price_per_kg=price)).plan == {who: ("a",)}
