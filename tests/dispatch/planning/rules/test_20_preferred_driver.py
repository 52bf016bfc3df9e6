"""Rule 20: preferred drivers and familiar areas."""

from __future__ import annotations

from dispatch.planning.model import Job, soft

from .day import best, drive, holds_as_dialled, van, world

LIKES = Job("a", 1, preferred_vehicles=frozenset({"ann"}), zones=frozenset({"north"}))
AT_HOME = van(home_zones=frozenset({"south"}))


def test_another_than_the_preferred_driver() -> None:
    """The van is none of them: at 3.00."""
    breach = ("not_preferred", "van", "a", 1)
    holds_as_dialled(world([LIKES], [van(), van("ann")]), {"van": ["a"]}, breach, price=300, cents=300)


def test_a_stop_outside_the_home_zones() -> None:
    """It lies in the north, the driver knows the south: at 2.00. Without home zones any is as good."""
    breach = ("away_from_home", "van", "a", 1)
    holds_as_dialled(world([LIKES], [AT_HOME, van("ann")]), {"van": ["a"]}, breach, price=200, cents=200)


def test_off_until_said_otherwise() -> None:
    """Without any dial neither counts."""
    solution = drive(world([LIKES], [AT_HOME, van("ann")]), "a")
    assert (solution.violations, solution.penalties) == ((), ())


def test_the_planner_weighs_the_wish() -> None:
    """Ann starts 3 km further away, twice 150 for the way and 360 for the time: 6.60 in all. She goes for a wish of
    7.00 and not for one of 6.00.
    """
    fleet = [van(start=1, end=1), van("ann", start=4, end=4)]
    for wish, who in ((700, "ann"), (600, "van")):
        problem = world([LIKES], fleet, dials={"not_preferred": soft(wish)})
        assert best(problem).plan == {who: ("a",)}
