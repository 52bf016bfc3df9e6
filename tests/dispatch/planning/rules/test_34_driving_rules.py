"""Rule 34: a pause after so many hours of driving, or of work."""

from __future__ import annotations

from dispatch.planning.model import Break, DrivingRule, Job

from .day import S, best, drive, holds_as_dialled, only, step, van, window, world

RULE = DrivingRule(300, 100)


def test_a_pause_falls_where_it_is_due() -> None:
    """1,080 s of driving: pauses after 300, 600 and 900 of them, so 300, 700 and 1,100 s into the day; 1,380 s in
    all, and 9 is reached after the first.
    """
    solution = drive(world([Job("a", 9)], [van(driving_rules=(RULE,))]), "a", leaves=S)
    route = only(solution)
    assert [s.start - S for s in route.steps if s.kind == "pause"] == [300, 700, 1100]
    assert (route.duration_s, route.break_s, step(solution, "a").arrival) == (1380, 300, S + 640)


def test_a_break_that_is_long_enough_counts() -> None:
    """A break of 100 s after 240: the next pause is due 300 s of driving later, not after 60."""
    rest = Break("rest", 100, (window(240, 240),))
    solution = drive(world([Job("a", 9)], [van(driving_rules=(RULE,), breaks=(rest,))]), "a", leaves=S)
    pauses = [s.start - S for s in only(solution).steps if s.kind in ("break", "pause")]
    assert pauses == [240, 640, 1040]


def test_a_service_that_is_too_long_for_the_rule_of_work() -> None:
    """Work of at most 600 s, a service of 1,000: 400 too many, whatever pause comes before; at 0.06 a minute."""
    worker = van(driving_rules=(DrivingRule(600, 100, work=True),))
    problem = world([Job("a", 1, service_s=1000)], [worker])
    holds_as_dialled(problem, {"van": ["a"]}, ("pause_overdue", "van", "", 400), price=6, cents=40)


def test_service_is_no_driving() -> None:
    """The same service under a rule of driving needs no pause."""
    problem = world([Job("a", 1, service_s=1000)], [van(driving_rules=(RULE,))])
    assert only(drive(problem, "a")).break_s == 0


def test_the_planner_keeps_it() -> None:
    """Three far stops: the pauses are in the plan and none is overdue."""
    jobs = [Job(f"j{k}", k) for k in (5, 7, 9)]
    assert only(best(world(jobs, [van(driving_rules=(RULE,))]))).break_s == 300
