"""Rule 26: priority 0 to 100: who is left behind first."""

from __future__ import annotations

from dataclasses import replace

from dispatch.planning.model import Job
from dispatch.planning.rules.priority import leave_prices

from .day import best, judged, van, world


def test_the_price_that_follows_from_it() -> None:
    """The dearest day of the dearest van: 10.00 once, 18 km at 0.50 are 9.00, ten hours at 36.00; and 1.00 more:
    380.00. Priority 0 is that, 50 six times, 100 eleven times as much.
    """
    problem = world([Job("low", 1, priority=0), Job("mid", 2), Job("high", 3, priority=100)])
    assert leave_prices(problem) == [38_000, 228_000, 418_000]
    assert judged(problem, {}).cost.unassigned == 684_000


def test_a_price_of_its_own_comes_first() -> None:
    """Whatever the priority says."""
    problem = world([Job("a", 1, priority=100, leave_price=500)])
    assert judged(problem, {}).cost.unassigned == 500


def test_of_two_that_do_not_both_fit_the_lower_one_stays() -> None:
    """One van for one of them: whichever has the higher priority, however far it is."""
    near, far = Job("near", 1, delivery=(1,)), Job("far", 9, delivery=(1,))
    fleet = [van(capacity=(1,))]
    assert best(world([near, replace(far, priority=51)], fleet)).plan == {"van": ("far",)}
    assert best(world([near, replace(far, priority=49)], fleet)).plan == {"van": ("near",)}


def test_nobody_stays_behind_to_save_money() -> None:
    """A whole trip to the end of the road for the least important parcel."""
    assert best(world([Job("a", 9, priority=0)])).unassigned == ()
