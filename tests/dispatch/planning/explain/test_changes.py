"""The changes that are told: each is tried, so each must hold what it says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from dispatch.planning.evaluate import evaluate
from dispatch.planning.explain import changes, explain
from dispatch.planning.looks import no_worse, served
from dispatch.planning.model import Battery, Charger, Depot, Job, Plan, Problem, Relation, Shipment, Window
from dispatch.planning.verify import verify
from dispatch.planning.wire import pack_solution, unpack_solution

from ..strategies import tried
from ..test_verify import keys
from ..worlds import HOUR, line, van, worlds

SLOW = settings(suppress_health_check=list(HealthCheck))
S = 8 * HOUR


def told(problem: Problem, plan: Plan, job: str = "new") -> list[tuple[str, str, int, str, int]]:
    """Kind, vehicle, amount, unit and cents; with each of them the plan is clean, says the checker."""
    found = changes(problem, plan, job)
    for fitting in found:
        after = evaluate(fitting.problem, fitting.plan)
        assert verify(fitting.problem, after) == []
        assert job not in {left.job for left in after.unassigned}
    return [(f.change.kind, f.change.vehicle, f.change.amount, f.change.unit, f.change.cents) for f in found]


def test_overtime() -> None:
    """18 minutes out and back in a shift of 10: 8 minutes more, at 36.00 an hour and 3.60 more for the overtime."""
    late = van(shift=Window(S, S + 600), overtime_per_hour=360)
    assert told(line([Job("new", 9)], [late]), {}) == [("overtime", "van", 8, "min", 1000 + 900 + 1080 + 48)]


def test_a_window_wider() -> None:
    """The van cannot be at km 9 before 8:09, the window ends at 8:04; or it ends at eight the day before."""
    problem = line([Job("new", 9, windows=(Window(S, S + 240),))])
    assert told(problem, {}) == [("window_later", "van", 5, "min", 1000 + 900 + 1080)]


def test_a_window_earlier() -> None:
    """It opens when the shift is over: the end of the shift, or the begin of the window, by the same time."""
    shift = van(shift=Window(S, S + 1200))
    problem = line([Job("new", 5, windows=(Window(S + 1800, S + 3600),))], [shift])
    found = {(kind, amount) for kind, _, amount, _, _ in told(problem, {})}
    assert found == {("window_earlier", 15), ("overtime", 15)}


def test_the_window_of_another_stop() -> None:
    """km 9 must be reached at once, so must km 1: the one is 2 minutes late if the other goes first."""
    at_once = (Window(S, S + 540),)
    problem = line(
        [Job("far", 9, windows=at_once), Job("new", 1, service_s=120, windows=(Window(S, S + 60),))]
    )
    assert ("other_window", "van", 2) in [entry[:3] for entry in told(problem, {"van": ("far",)})]


def test_more_room_in_the_words_of_its_load() -> None:
    """8 and 5 kg on a van for 10: 3 kg; what it costs is the way."""
    jobs = [Job("a", 2, delivery=(8,)), Job("new", 3, delivery=(5,))]
    assert told(line(jobs, [van(capacity=(10,))]), {"van": ("a",)}) == [("capacity", "van", 3, "kg", 220)]


@pytest.mark.parametrize(
    ("vehicle", "fields", "kind", "amount"),
    [
        ({"max_stops": 1}, {}, "stops", 1),
        ({"max_distance_m": 4000}, {}, "distance", 2),
        ({"max_duration_s": 240}, {}, "duration", 2),
        ({"max_driving_s": 250}, {}, "driving", 2),
        ({}, {"skills": frozenset({"cold"})}, "skill", 1),
        ({"zones": frozenset({"red"})}, {"zones": frozenset({"blue"})}, "zone", 1),
        ({"type": "truck"}, {"refused_types": frozenset({"truck"})}, "type", 1),
        ({}, {"vehicles": frozenset({"other"})}, "allow", 1),
    ],
)
def test_limits_and_who_may(vehicle: dict[str, Any], fields: dict[str, Any], kind: str, amount: int) -> None:
    """The route ends at km 2; one stop at km 3 more is 2 km and 2 minutes more."""
    a = Job("a", 2, zones=fields.get("zones", frozenset()) and frozenset({"red"}))
    problem = line([a, Job("new", 3, **fields)], [van(**vehicle)])
    assert [entry[:3] for entry in told(problem, {"van": ("a",)})] == [(kind, "van", amount)]


def test_one_trip_more() -> None:
    """Full, but the station lies on the way: load once more there."""
    jobs = [Job("a", 2, delivery=(8,)), Job("new", 2, delivery=(5,))]
    depot = Depot("station", 0)
    problem = line(jobs, [van(capacity=(10,), depot="station")])
    problem = Problem(problem.jobs, problem.vehicles, problem.matrices, ("kg",), depots=(depot,))
    assert {entry[0] for entry in told(problem, {"van": ("a",)})} == {"capacity", "reload"}


def test_a_stop_at_a_charger() -> None:
    """5 km there and back with a charge for 6 km; the charger is at km 3, the battery has room for 8."""
    electric = van(battery=Battery(8000, 6000, 0, 1000, 11_000))
    problem = line([Job("new", 5)], [electric])
    problem = Problem(
        problem.jobs, problem.vehicles, problem.matrices, ("kg",), chargers=(Charger("plug", 3, 11_000),)
    )
    assert [entry[0] for entry in told(problem, {})] == ["charge"]


def test_only_too_dear() -> None:
    """12.20 for what is worth 1.00: no rule is in the way."""
    problem = line([Job("new", 1, leave_price=100)])
    assert told(problem, {}) == [("worth", "van", 1120, "cents", 1220)]


def test_both_ends_of_a_shipment() -> None:
    """Too heavy by 2: pickup and delivery go in together."""
    jobs = [Job("from", 1), Job("to", 2)]
    problem = line(jobs, [van(capacity=(3,))])
    problem = Problem(
        problem.jobs, problem.vehicles, problem.matrices, ("kg",), shipments=(Shipment("from", "to", (5,)),)
    )
    (fitting,) = changes(problem, {}, "to")
    assert (fitting.change.kind, fitting.change.amount, fitting.plan) == (
        "capacity",
        2,
        {"van": ("from", "to")},
    )


def test_what_ties_routes_to_each_other_counts() -> None:
    """More room on the van would do, were it not that the two must never meet."""
    jobs = [Job("a", 2, delivery=(8,)), Job("new", 3, delivery=(5,))]
    problem = line(jobs, [van(capacity=(10,))])
    apart = (Relation("different_routes", ("a", "new")),)
    problem = Problem(problem.jobs, problem.vehicles, problem.matrices, ("kg",), relations=apart)
    assert told(problem, {"van": ("a",)}) == []


def test_explain_tells_them_and_they_pass_the_pipe() -> None:
    """Beside the reason, and the same after the solver program has sent them; with no time there are none."""
    jobs = [Job("a", 2, delivery=(8,)), Job("new", 3, delivery=(5,))]
    problem = line(jobs, [van(capacity=(10,))])
    solution = explain(problem, evaluate(problem, {"van": ("a",)}))
    (left,) = solution.unassigned
    assert (left.code, left.changes[0].words) == ("overload", "Let van take 3 kg more: it then costs 2.20.")
    assert unpack_solution(pack_solution(solution)) == solution
    assert explain(problem, evaluate(problem, {"van": ("a",)}), lambda: True).unassigned[0].changes == ()


@given(worlds())
@settings(SLOW, max_examples=tried(60).max_examples, deadline=None)
def test_every_change_that_is_told_holds(world: tuple[Problem, Plan]) -> None:
    """Whatever rules there are and whatever the plan breaks: with the change it breaks nothing more, the job is
    served, it costs as much more as was said, and the independent checker agrees.
    """
    problem, plan = world
    before = evaluate(problem, plan)
    for left in before.unassigned[:3]:
        for fitting in changes(problem, plan, left.job):
            after = evaluate(fitting.problem, fitting.plan)
            assert left.job in {job for route in after.routes for job in route.jobs}
            assert no_worse(before.violations, after.violations)
            assert keys(verify(fitting.problem, after)) == keys(after.violations)
            assert served(after) - served(before) == fitting.change.cents
            assert fitting.change.amount > 0
