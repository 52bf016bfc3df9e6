"""Rule 3: a preferred window inside the allowed ones."""

from __future__ import annotations

from dataclasses import replace

from dispatch.planning.model import Job

from .day import S, best, drive, window, world

LIKED = Job(
    "a", 1, windows=(window(0, 3600),), preferred=window(300, 600), preferred_price_per_min=60, service_s=60
)


def test_each_minute_outside_costs_on_either_side() -> None:
    """60 s after the start of the day is 240 s too early; leaving after 601 s it is 61 s too late."""
    problem = world([LIKED])
    assert drive(problem, "a", leaves=S).cost.preferred == 240
    assert drive(problem, "a", leaves=S + 601).cost.preferred == 61
    assert drive(problem, "a", leaves=S + 240).cost.preferred == 0
    assert drive(problem, "a", leaves=S + 540).cost.preferred == 0


def test_a_fraction_of_a_cent_is_rounded_up() -> None:
    """One second outside at 0.01 a minute is a cent."""
    job = replace(LIKED, preferred_price_per_min=1)
    assert drive(world([job]), "a", leaves=S + 239).cost.preferred == 1


def test_without_a_price_it_is_nothing() -> None:
    """Off: the window alone asks for nothing."""
    job = replace(LIKED, preferred_price_per_min=0)
    assert drive(world([job]), "a", leaves=S).cost.preferred == 0


def test_the_planner_serves_first_who_likes_it_early() -> None:
    """Two orders at one door, ten minutes each: the other way round costs 5.40 more and no road less."""
    early = Job("b", 1, service_s=600, preferred=window(0, 120), preferred_price_per_min=60)
    solution = best(world([Job("a", 1, service_s=600), early]))
    assert solution.plan == {"van": ("b", "a")}
    assert solution.cost.preferred == 0
