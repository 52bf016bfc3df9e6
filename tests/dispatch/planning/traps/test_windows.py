"""Traps of windows: several of them and a price, a preferred one among them, a break between them."""

from __future__ import annotations

from dispatch.planning.model import Break, Job, Window, soft

from ..rules.day import S, dialled, only, step, van, window, world
from .day import best_of_all, reasons

LONG = Job("long", 9, windows=(window(540, 540),), service_s=3600)
"""There at 540, an hour of work, home at 4,680: 10.00 + 18 km + 4,680 s = 65.80 with one van."""


def late_after_two(price: int) -> Job:
    """The first window closes before anybody can be there; the second from an hour on."""
    spans = (window(0, 30), window(3600, 3660))
    return Job("late", 1, windows=spans, late_price_per_min=price)


def test_a_price_for_lateness_counts_from_the_last_of_several_windows() -> None:
    """After the long job the van passes at 4,620, 960 s after the second window: 16 minutes at 0.10. Between the
    windows it would have to wait, and another van costs 12.20.
    """
    solution = best_of_all(world([LONG, late_after_two(10)], [van(), van("spare")]), 6580 + 160)
    assert (only(solution).jobs, solution.cost.lateness) == (("long", "late"), 160)


def test_where_lateness_is_dearer_than_a_van_the_second_window_is_kept() -> None:
    """16 minutes at 1.00 against 10.00 + 2 km + 120 s."""
    solution = best_of_all(world([LONG, late_after_two(100)], [van(), van("spare")]), 6580 + 1220)
    assert (len(solution.routes), solution.cost.lateness) == (2, 0)
    assert window(3600, 3660).start <= step(solution, "late").start <= window(3600, 3660).end


def test_a_soft_dial_of_several_windows_is_the_same_price() -> None:
    """``late`` at 0.10 a minute instead of the job's own price: the same plan, told as a soft rule."""
    problem = dialled(world([LONG, late_after_two(0)], [van(), van("spare")]), "late", soft(10))
    solution = best_of_all(problem, 6580)
    assert (solution.cost.lateness, solution.cost.rules) == (0, 0), "the job's own price goes before the dial"
    spans = (window(0, 30), window(3600, 3660))
    problem = dialled(world([LONG, Job("late", 1, windows=spans)], [van(), van("spare")]), "late", soft(10))
    assert best_of_all(problem, 6580 + 160).cost.rules == 160


def test_preferred_inside_one_of_several_windows() -> None:
    """Preferred from 2,400 on at 0.05 a minute: the van leaves for it, no minute is paid. 12 km and 720 s."""
    spans = (window(0, 600), window(1800, 3600))
    asked = Job("asked", 3, windows=spans, preferred=window(2400, 3000), preferred_price_per_min=5)
    solution = best_of_all(world([asked, Job("other", 6)]), 1000 + 600 + 720)
    assert step(solution, "asked").start >= S + 2400
    assert solution.cost.preferred == 0


def test_an_hour_before_the_preferred_window_is_paid_where_waiting_is_dearer() -> None:
    """Bound by a job at 60: waiting until 2,400 would cost 23.40, the first window's end is 30 minutes and the
    second's start 10 minutes before the preferred one. At once (at 180) it is 2,220 s off: 37 minutes at 0.05.
    """
    spans = (window(0, 600), window(1800, 3600))
    asked = Job("asked", 3, windows=spans, preferred=window(2400, 3000), preferred_price_per_min=5)
    bound = Job("bound", 1, windows=(window(60, 60),))
    solution = best_of_all(world([asked, bound]), 1000 + 300 + 360 + 37 * 5)
    assert step(solution, "asked").start == S + 180
    assert solution.cost.preferred == 185


def test_soft_and_several_windows_and_a_break() -> None:
    """Bound to leave at 0; between the two windows of ``far`` lies the break of 30 minutes, 300 to 900. Before the
    break at 540 is after its first window [0, 400], so it is the second one, from 2,400, or late for 0.01 a minute.
    Rested on the way it is there at 2,340 and waits 60 s: 18 km, 60 + 480 + 1,800 + 60 + 540 s.
    """
    lunch = Break("lunch", 1800, (window(300, 900),))
    bound = Job("bound", 1, windows=(window(60, 60),))
    far = Job("far", 9, windows=(window(0, 400), window(2400, 2460)), late_price_per_min=1)
    solution = best_of_all(world([bound, far], [van(breaks=(lunch,))]), 1000 + 900 + 2940)
    assert (step(solution, "far").start, only(solution).break_s) == (S + 2400, 1800)


def test_early_and_late_prices_of_several_windows() -> None:
    """Early before the first window for 0.60 a minute, as dear as the van's minute: it begins at once. 540 s is 60 s
    before the first: 60 cents, and not a second of waiting.
    """
    far = Job("far", 9, windows=(window(600, 660), window(6000, 6060)), early_price_per_min=60)
    bound = Job("bound", 1, windows=(window(60, 60),))
    solution = best_of_all(world([bound, far]), 1000 + 900 + 1080 + 60)
    assert (solution.cost.earliness, only(solution).waiting_s) == (60, 0)


def test_service_longer_than_its_window() -> None:
    """A window holds the start: an hour of work begins in a minute's window, and ends long after it."""
    solution = best_of_all(
        world([Job("a", 1, windows=(window(60, 120),), service_s=3600)]), 1000 + 100 + 3720
    )
    assert step(solution, "a").departure == step(solution, "a").start + 3600


def test_service_longer_than_what_is_left_of_the_shift() -> None:
    """Its window is inside the shift, its end is not: left out, and the shift is the reason."""
    shift = Window(S, S + 3000)
    problem = world([Job("a", 1, windows=(window(60, 120),), service_s=3600)], [van(shift=shift)])
    solution = best_of_all(problem, problem.compiled.out_price[0])
    assert reasons(solution) == {"a": "shift_end"}
