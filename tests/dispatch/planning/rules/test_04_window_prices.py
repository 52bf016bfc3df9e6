"""Rule 4: late at a price per minute, early at a price, as the job itself names it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dispatch.planning.model import HARD, OFF, Dial, Job, soft

from .day import S, best, dialled, drive, step, window, world


@pytest.mark.parametrize("dial", [OFF, HARD, soft(9)])
def test_the_price_of_the_job_comes_before_the_dial(dial: Dial) -> None:
    """61 s late at 1.50 a minute: 1.53, whatever the dial of ``late`` says."""
    job = Job("a", 2, windows=(window(0, 59),), late_price_per_min=150)
    solution = drive(dialled(world([job]), "late", dial), "a")
    assert (solution.violations, solution.penalties, solution.cost.lateness) == ((), (), 153)


def test_it_is_late_only_after_the_last_of_several_windows() -> None:
    """There after 120 s: between two windows it waits; after both 60 s are 1.50."""
    job = Job("a", 2, windows=(window(0, 20), window(40, 60)), late_price_per_min=150)
    assert drive(world([job]), "a").cost.lateness == 150
    waits = replace(job, windows=(window(0, 60), window(180, 240)))
    assert drive(world([waits]), "a", leaves=S).cost.lateness == 0


def test_early_where_that_is_not_dearer_than_waiting() -> None:
    """540 s too early: at 0.60 a minute it costs the same as the van's hour (36.00), so it starts at once for
    5.40; at 0.61 it waits.
    """
    job = Job("a", 1, windows=(window(600, 900),), early_price_per_min=60)
    at_once = drive(world([job]), "a", leaves=S)
    assert (step(at_once, "a").start, at_once.cost.earliness, at_once.cost.time) == (S + 60, 540, 120)
    waits = drive(world([replace(job, early_price_per_min=61)]), "a", leaves=S)
    assert (step(waits, "a").start, waits.cost.earliness, waits.cost.time) == (S + 600, 0, 660)


def test_early_only_before_the_first_window() -> None:
    """Between two windows there is no early: it waits for the second."""
    job = Job("a", 2, windows=(window(0, 60), window(600, 900)), early_price_per_min=1)
    there = drive(world([job]), "a", leaves=S)
    assert (step(there, "a").start, there.cost.earliness) == (S + 600, 0)


def test_the_planner_is_late_where_that_is_cheapest() -> None:
    """Two doors close at once, a minute apart: one van is late at the cheap one (0.10 a minute), and no second
    van leaves for 10.00.
    """
    dear = Job("dear", 2, windows=(window(0, 120),), late_price_per_min=1000)
    cheap = Job("cheap", 1, windows=(window(0, 60),), late_price_per_min=10, service_s=600)
    solution = best(world([cheap, dear]))
    assert solution.plan == {"van": ("dear", "cheap")}
    assert solution.cost.lateness == 20  # there after 180 s, 120 s late
