"""Rule 30: overtime up to a cap at a price."""

from __future__ import annotations

from dispatch.planning.model import Job, Problem

from .day import best, drive, holds_as_dialled, van, window, world


def overtime(most: int) -> Problem:
    """A shift of 600 s for a trip of 1,080."""
    return world([Job("a", 9)], [van(shift=window(0, 600), max_overtime_s=most, overtime_per_hour=7200)])


def test_it_costs_by_the_hour_on_top_of_the_paid_hour() -> None:
    """480 s at 72.00 an hour: 9.60, and the hour itself 10.80."""
    solution = drive(overtime(600), "a")
    assert (solution.violations, solution.cost.overtime, solution.cost.time) == ((), 960, 1080)


def test_past_the_cap_the_shift_is_over() -> None:
    """300 s are paid (6.00), 180 s break the shift's end: three minutes at 0.10."""
    problem = overtime(300)
    assert drive(problem, "a").cost.overtime == 600
    holds_as_dialled(problem, {"van": ["a"]}, ("shift_end", "van", "", 180), price=10, cents=30)


def test_none_allowed_none_paid() -> None:
    """Off: the cap is 0, all 480 s are a breach and nothing is paid for them."""
    solution = drive(overtime(0), "a")
    assert ([v.amount for v in solution.violations], solution.cost.overtime) == ([480], 0)


def test_the_planner_pays_for_it_where_nothing_else_will_do() -> None:
    """One van, one job: served with overtime, never past the cap."""
    assert best(overtime(480)).plan == {"van": ("a",)}
    assert best(overtime(479)).plan == {}
