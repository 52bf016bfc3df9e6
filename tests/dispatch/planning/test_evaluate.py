"""The schedule walker on a straight road where a kilometre takes a minute: every number can be checked by
hand.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from dispatch.planning.errors import PlanningError
from dispatch.planning.evaluate import evaluate, evaluate_route, walk
from dispatch.planning.model import UNREACHABLE, Break, Job, Matrix, Plan, Problem, Window
from dispatch.planning.solution import Cost, Route, Step
from dispatch.planning.verify import verify

from .strategies import problems_with_plans, tried
from .worlds import DAY_SHIFT, HOUR, line, van


def drive(jobs: list[Job], *, departure: int | None = None, **changes: object) -> Route:
    """One van does all jobs in order; the checker agrees with what the walker says."""
    problem = line(jobs, [van(**changes)])
    departures = {"van": departure} if departure is not None else None
    solution = evaluate(problem, {"van": tuple(job.id for job in jobs)}, departures=departures)
    assert sorted(v.code for v in verify(problem, solution)) == sorted(v.code for v in solution.violations)
    return solution.routes[0]


def step(route: Route, name: str) -> Step:
    return next(s for s in route.steps if s.id == name)


def codes(route: Route) -> list[tuple[str, str, int]]:
    return [(v.code, v.job, v.amount) for v in route.violations]


def test_times_and_cost_of_a_plain_route() -> None:
    """Out to km 2, on to km 5, home: 10 km, 10 minutes, two services of 100 s."""
    route = drive([Job("a", 2, service_s=100), Job("b", 5, service_s=100)])
    assert route.departure == DAY_SHIFT.start
    assert [(s.id, s.arrival - route.departure, s.departure - route.departure) for s in route.steps] == [
        ("", 0, 0), ("a", 120, 220), ("b", 400, 500), ("", 800, 800),
    ]  # fmt: skip
    assert route.cost == Cost(fixed=1000, distance=500, time=800)
    assert (route.driving_s, route.service_s, route.distance_m, route.duration_s) == (600, 200, 10_000, 800)


def test_it_leaves_late_rather_than_waiting() -> None:
    """A first window at 10:00 one minute away is no reason to leave at 8:00 and pay for two hours at a
    kerb.
    """
    route = drive([Job("a", 1, windows=(Window(10 * HOUR, 11 * HOUR),))])
    assert route.departure == 10 * HOUR - 60
    assert route.waiting_s == 0


def test_a_later_stop_limits_how_late_it_leaves() -> None:
    """b closes at 8:30: leaving still later would spare more waiting at a, but make b late."""
    early = Job("b", 1, windows=(Window(8 * HOUR, 8 * HOUR + 1800),))
    route = drive([early, Job("a", 2, windows=(Window(9 * HOUR, 10 * HOUR),))])
    assert step(route, "b").start == 8 * HOUR + 1800
    assert step(route, "a").waiting_s == 1740
    assert step(route, "b").spare_s == 0
    assert route.violations == ()


def test_setup_is_spent_once_per_address() -> None:
    """The second parcel for one address costs only its own minutes; a group makes two doors one address."""
    same = drive([Job("a", 1, service_s=60, setup_s=120), Job("b", 1, service_s=60, setup_s=120)])
    assert same.setup_s == 120
    mall = [Job(n, place, setup_s=120, setup_group="mall") for n, place in (("a", 1), ("b", 2))]
    assert drive(mall).setup_s == 120
    assert drive([Job("a", 1, setup_s=120), Job("c", 3), Job("b", 1, setup_s=120)]).setup_s == 240


def test_setup_happens_before_the_window_opens() -> None:
    """The window holds the start of service: parking may be done before."""
    route = drive([Job("a", 1, setup_s=300, windows=(Window(9 * HOUR, 9 * HOUR),))])
    assert (step(route, "a").arrival, step(route, "a").start) == (9 * HOUR - 300, 9 * HOUR)


def test_pace_of_vehicle_and_driver() -> None:
    """A cargo bike drives at 150 % of the time and serves at 80 %; both round half up."""
    route = drive([Job("a", 1, service_s=101, setup_s=10)], travel_percent=150, service_percent=80)
    assert (step(route, "a").travel_s, step(route, "a").setup_s, route.service_s) == (90, 8, 81)


def test_deliveries_and_pickups_share_the_van() -> None:
    """60 kg out and 60 kg back fit 100 kg only in this order; the other way round 120 kg are on board."""
    out, back = Job("out", 1, delivery=(60,)), Job("back", 2, pickup=(60,))
    assert [s.load for s in drive([out, back], capacity=(100,)).steps] == [(60,), (0,), (60,), (60,)]
    assert codes(drive([back, out], capacity=(100,))) == [("overload", "", 20)]


def test_any_of_several_windows() -> None:
    """Arriving between two windows means the second; leaving waits for it."""
    windows = (Window(8 * HOUR, 8 * HOUR + 60), Window(12 * HOUR, 13 * HOUR))
    far = [Job("first", 9, service_s=600), Job("a", 1, windows=windows)]
    route = drive(far)
    assert step(route, "a").start == 12 * HOUR
    assert route.duration_s == 9 * 60 + 600 + 8 * 60 + 60


def test_a_later_window_may_be_the_better_one() -> None:
    """a can be done at 8:00 or at 15:00, b only at 15:10: going out once at 15:00 beats waiting all day."""
    a = Job("a", 1, windows=(Window(8 * HOUR, 9 * HOUR), Window(15 * HOUR, 16 * HOUR)))
    b = Job("b", 2, windows=(Window(15 * HOUR + 600, 16 * HOUR),))
    route = drive([a, b])
    assert step(route, "a").start >= 15 * HOUR
    assert route.waiting_s == 0


def test_hard_and_priced_lateness() -> None:
    """a is reached 60 s after its window: a violation, or 1.50 for the minute, rounded up to a cent."""
    windows = (Window(8 * HOUR, 8 * HOUR + 60),)
    assert codes(drive([Job("a", 2, windows=windows)])) == [("late", "a", 60)]
    route = drive([Job("a", 2, windows=windows, late_price_per_min=150)])
    assert (route.violations, route.cost.lateness) == ((), 150)
    assert step(route, "a").slack_s == -60
    assert drive([Job("a", 2, windows=(Window(0, 8 * HOUR + 119),), late_price_per_min=7)]).cost.lateness == 1


def test_priced_lateness_with_several_windows() -> None:
    """A trap elsewhere: a soft rule and several windows in one job. Late means after the last one."""
    windows = (Window(8 * HOUR, 8 * HOUR + 30), Window(8 * HOUR + 60, 8 * HOUR + 90))
    route = drive([Job("a", 2, windows=windows, late_price_per_min=60)])
    assert route.cost.lateness == 30


def test_service_longer_than_the_window() -> None:
    """The window is for the start alone."""
    assert drive([Job("a", 1, service_s=7200, windows=(Window(9 * HOUR, 9 * HOUR + 60),))]).violations == ()


def test_open_start_and_open_end() -> None:
    """A driver who starts at the first stop and ends at the last drives only between them."""
    route = drive([Job("a", 2), Job("b", 5)], start=None, end=None)
    assert (route.distance_m, route.duration_s) == (3000, 180)
    assert [s.place for s in route.steps] == [None, 2, 5, None]


def test_shift_end_latest_start_and_given_departure() -> None:
    """Ten minutes of driving in a nine-minute shift; departures outside what is allowed are named."""
    route = drive([Job("a", 5)], shift=Window(8 * HOUR, 8 * HOUR + 540))
    assert codes(route) == [("shift_end", "", 60)]
    assert codes(drive([Job("a", 1)], departure=8 * HOUR - 5)) == [("shift_start", "", 5)]
    assert codes(drive([Job("a", 1)], departure=9 * HOUR, latest_start=9 * HOUR - 7)) == [
        ("late_start", "", 7)
    ]


def test_overnight_shift() -> None:
    """A shift over midnight runs past 86,400; the words say the next day."""
    night = Window(22 * HOUR, 30 * HOUR)
    route = drive([Job("a", 1, windows=(Window(25 * HOUR, 26 * HOUR),))], shift=night)
    assert route.violations == ()
    late = drive([Job("a", 1, windows=(Window(23 * HOUR, 23 * HOUR),))], shift=night, departure=25 * HOUR)
    assert "01:01+1" in late.violations[0].words


def test_limits() -> None:
    """Three stops, 10 km and 600 s against two, 9 km and 590 s."""
    jobs = [Job("a", 2), Job("b", 5), Job("c", 5)]
    route = drive(jobs, max_stops=2, max_distance_m=9000, max_duration_s=590)
    assert codes(route) == [("too_many_stops", "", 1), ("too_far", "", 1000), ("too_long", "", 10)]


def test_skills_allowed_and_pinned() -> None:
    """Each names the job, so that the board can mark it."""
    jobs = [
        Job("cold", 1, skills=frozenset({"fridge", "lift"})),
        Job("other", 1, vehicles=frozenset({"bike"})),
        Job("pin", 1, pinned_to="bike"),
    ]
    found = codes(drive(jobs, skills=frozenset({"lift"})))
    assert found == [
        ("skill", "cold", 1),
        ("vehicle_not_allowed", "other", 1),
        ("pinned_elsewhere", "pin", 1),
    ]


def test_release_holds_the_departure() -> None:
    """The van waits at the dock for the last parcel; a departure fixed before that is named."""
    late = Job("a", 1, release_s=9 * HOUR)
    assert drive([Job("b", 1), late]).departure == 9 * HOUR
    assert codes(drive([late], departure=9 * HOUR - 3)) == [("not_released", "a", 3)]


LUNCH = Break("lunch", 1800, (Window(12 * HOUR, 13 * HOUR),))


def test_a_break_uses_time_that_would_be_waited() -> None:
    """a at 11:59, b at 12:45, five minutes apart: the half hour fits in between and delays nothing."""
    a = Job("a", 1, windows=(Window(12 * HOUR - 60, 12 * HOUR - 60),))
    b = Job("b", 6, windows=(Window(12 * HOUR + 2700, 13 * HOUR),))
    late = Job("c", 6, windows=(Window(14 * HOUR, 15 * HOUR),))
    route = drive([a, b, late], breaks=(LUNCH,))
    assert route.violations == ()
    assert step(route, "b").start == 12 * HOUR + 2700
    assert route.break_s == 1800


def test_a_break_on_the_road() -> None:
    """Nine minutes of road begin at 11:55: the break starts at noon, five minutes on, and arrival is 12:34."""
    a = Job("a", 9, windows=(Window(0, 12 * HOUR + 2400),))
    route = drive(
        [a, Job("b", 9, windows=(Window(14 * HOUR, 15 * HOUR),))], breaks=(LUNCH,), departure=11 * HOUR + 3300
    )
    assert step(route, "lunch").start in (12 * HOUR, step(route, "a").departure)
    assert route.violations == ()


def test_a_break_without_room_is_missed() -> None:
    """One service from 11:50 to 13:10 leaves no moment to begin a break between 12 and 13."""
    long = Job("a", 1, service_s=4800, windows=(Window(11 * HOUR + 3000, 11 * HOUR + 3000),))
    assert codes(drive([long], breaks=(LUNCH,))) == [("break_missed", "lunch", 1800)]


def test_no_break_is_owed_before_or_after() -> None:
    """A van that is home by 13:00, or leaves after it, needs no lunch on the road."""
    assert drive([Job("a", 1)], breaks=(LUNCH,)).break_s == 0
    route = drive([Job("a", 1, windows=(Window(15 * HOUR, 16 * HOUR),))], breaks=(LUNCH,))
    assert (route.break_s, route.violations) == (0, ())
    assert route.departure > 13 * HOUR


def test_two_breaks_on_one_leg() -> None:
    """Nothing says that a stop must lie between two breaks."""
    coffee = Break("coffee", 600, (Window(12 * HOUR, 14 * HOUR),))
    a = Job("a", 1, windows=(Window(9 * HOUR, 9 * HOUR),))
    b = Job("b", 2, windows=(Window(15 * HOUR, 15 * HOUR),))
    route = drive([a, b], breaks=(coffee, LUNCH))
    assert (route.break_s, route.violations) == (2400, ())


def test_unreachable_leg() -> None:
    """A missing way is named on the job it leads to and counts nothing."""
    table = line([]).matrices["van"]
    way = table.durations.copy()
    way[1, 2] = UNREACHABLE
    jobs = (Job("a", 1), Job("b", 2))
    problem = Problem(jobs, (van(),), {"van": Matrix(way, table.distances)})
    solution = evaluate(problem, {"van": ("a", "b")})
    assert [(v.code, v.job) for v in solution.violations] == [("unreachable", "b")]
    assert [v.code for v in verify(problem, solution)] == ["unreachable"]


def test_frozen_head_and_locked_route() -> None:
    """What the dispatcher has fixed is named when it is moved, removed or added to."""
    jobs = [Job("a", 1), Job("b", 2), Job("c", 3)]
    frozen = line(jobs, [van(first=("a", "b"))])
    assert evaluate(frozen, {"van": ("a", "b", "c")}).feasible
    assert [(v.code, v.amount) for v in evaluate(frozen, {"van": ("b", "a")}).violations] == [
        ("frozen_moved", 2)
    ]
    assert [(v.code, v.amount) for v in evaluate(frozen, {}).violations] == [("frozen_moved", 2)]
    locked = line(jobs, [van(first=("a",), locked=True)])
    assert [(v.code, v.amount) for v in evaluate(locked, {"van": ("a", "c")}).violations] == [
        ("locked_changed", 1)
    ]


def test_leaving_jobs_out_has_a_price_by_priority() -> None:
    """The price follows the definition: (dearest lone trip + 1.00) * (10 + priority) / 10."""
    problem = line([Job("low", 1, priority=0), Job("high", 1, priority=100), Job("own", 1, leave_price=77)])
    base = 1000 + 2 * 9 * 50 + 10 * 3600 + 100
    assert problem.compiled.out_price == [base, 11 * base, 77]
    assert evaluate(problem, {}).cost.unassigned == 12 * base + 77


@pytest.mark.parametrize(
    ("plan", "code"),
    [
        ({"van": ("x",)}, "unknown_job"),
        ({"bus": ("a",)}, "unknown_vehicle"),
        ({"van": ("a", "a")}, "job_twice"),
    ],
)
def test_plans_that_make_no_sense(plan: dict[str, tuple[str, ...]], code: str) -> None:
    """A plan that names what is not there is a fault of the caller, told with its code."""
    with pytest.raises(PlanningError) as caught:
        evaluate(line([Job("a", 1)]), plan)
    assert caught.value.code == code


@given(problems_with_plans())
@tried(25)
def test_one_route_alone_is_the_same(world: tuple[Problem, Plan]) -> None:
    """Drag-and-drop asks for one route; it must say what the whole plan says."""
    problem, plan = world
    for route in evaluate(problem, plan).routes:
        assert evaluate_route(problem, route.vehicle, route.jobs) == route


@given(problems_with_plans())
@tried(30)
def test_spare_time_is_exact(world: tuple[Problem, Plan]) -> None:
    """A delay of the first arrival by its spare time makes nothing late; one second more does (no breaks)."""
    problem, plan = world
    hard = {"late", "shift_end"}
    for route in evaluate(problem, plan).routes:
        vehicle = problem.compiled.vehicle(route.vehicle)
        windows = [
            w for job in route.jobs for w in problem.jobs[problem.compiled.job_number[job]].windows[1:]
        ]
        priced = any(
            problem.jobs[problem.compiled.job_number[job]].late_price_per_min is not None
            for job in route.jobs
        )
        if vehicle.breaks or windows or priced or {v.code for v in route.violations} & hard:
            continue
        spare = route.steps[1].spare_s
        later = evaluate_route(problem, route.vehicle, route.jobs, departure=route.departure + spare)
        assert not {v.code for v in later.violations} & hard
        too_late = evaluate_route(problem, route.vehicle, route.jobs, departure=route.departure + spare + 1)
        assert {v.code for v in too_late.violations} & hard


def test_rest_of_a_running_route() -> None:
    """The van has done a at km 1 and stands there at 9:00: b at km 3 in two minutes, home in three more."""
    problem = line([Job("a", 1, setup_s=60), Job("b", 3, service_s=30), Job("a2", 1, setup_s=60)])
    route = walk(problem, "van", ("b",), now=9 * HOUR, at=1)
    assert (route.departure, step(route, "b").start, route.end) == (9 * HOUR, 9 * HOUR + 120, 9 * HOUR + 330)
    assert route.cost == Cost(distance=250, time=330)
    assert walk(problem, "van", ("a2",), now=9 * HOUR, at=1, after="a").setup_s == 0
    assert walk(problem, "van", (), now=9 * HOUR, at=4).end == 9 * HOUR + 240


def test_rest_of_a_running_route_from_a_point_on_the_road() -> None:
    """A van between places brings its own seconds and metres to the first stop, and has had its break."""
    problem = line([Job("b", 3, windows=(Window(8 * HOUR, 9 * HOUR),))], [van(breaks=(LUNCH,))])
    route = walk(problem, "van", ("b",), now=13 * HOUR - 60, to_first=(45, 700), breaks_taken={"lunch"})
    assert step(route, "b").arrival == 13 * HOUR - 15
    assert (route.distance_m, route.break_s) == (3700, 0)
    assert codes(route) == [("late", "b", 4 * HOUR - 15)]
    assert walk(problem, "van", ("b",), now=13 * HOUR - 60, to_first=(45, 700)).break_s == 1800


def test_asymmetric_ways() -> None:
    """One-way streets: out 60 s, back 600 s."""
    table = Matrix(np.array([[0, 60], [600, 0]], dtype=np.int32), np.array([[0, 1], [9, 0]], dtype=np.int32))
    problem = Problem((Job("a", 1),), (van(),), {"van": table})
    route = evaluate_route(problem, "van", ("a",))
    assert (route.duration_s, route.distance_m) == (660, 10)
