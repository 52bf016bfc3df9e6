"""Rule 44: early in the tour what matters."""

from __future__ import annotations

from dispatch.planning.model import Job

from .day import S, best, drive, window, world

DRUGS = Job("drugs", 1, prompt_price_per_hour=6000)


def test_hours_from_the_start_of_the_shift() -> None:
    """Served after 60 s at 60.00 an hour: 1.00; leaving an hour later 61.00; a fraction of a cent rounds up."""
    problem = world([DRUGS])
    assert drive(problem, "drugs", leaves=S).cost.prompt == 100
    assert drive(problem, "drugs", leaves=S + 3600).cost.prompt == 6100
    assert drive(problem, "drugs", leaves=S + 1).cost.prompt == 102  # 61 s: 101.67


def test_before_the_shift_it_is_nothing() -> None:
    """Served before the shift begins (a breach of its own): no price."""
    assert drive(world([DRUGS]), "drugs", leaves=S - 100).cost.prompt == 0


def test_without_a_price_it_is_nothing() -> None:
    """Off."""
    assert drive(world([Job("a", 1)]), "a").cost.prompt == 0


def test_the_planner_serves_it_first() -> None:
    """At the same door and behind a long service it would cost 10.00 more."""
    long = Job("long", 1, service_s=600, windows=(window(0, 36_000),))
    assert best(world([long, DRUGS])).plan == {"van": ("drugs", "long")}
