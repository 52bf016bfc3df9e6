"""Traps of who may do what: skills, zones, locks, pins and priorities in one problem."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dispatch.planning.engines.portfolio import solve
from dispatch.planning.errors import InvalidProblemError
from dispatch.planning.evaluate import evaluate
from dispatch.planning.model import OFF, Job, Problem, Relation, soft
from dispatch.planning.validate import check, validate

from ..rules.day import dialled, van, window, world
from .day import best_of_all, reason, reasons, served

COLD, LIFT = frozenset({"fridge"}), frozenset({"lift"})
NORTH, SOUTH = frozenset({"north"}), frozenset({"south"})


def crew() -> Problem:
    """Ann has a fridge and the north, bob a lift and everything; the route of cem is locked as it is."""
    fleet = [
        van("ann", skills=COLD, zones=NORTH),
        van("bob", skills=LIFT, forbidden_zones=frozenset({"yard"})),
        van("cem", skills=COLD | LIFT, first=("done",), locked=True),
    ]
    jobs = [
        Job("milk", 1, skills=COLD, zones=NORTH),
        Job("safe", 2, skills=LIFT, zones=NORTH),
        Job("done", 3, zones=SOUTH),
        Job("fish", 4, skills=COLD, zones=SOUTH),
        Job("crate", 5, skills=LIFT, zones=SOUTH | {"yard"}),
    ]
    return world(jobs, fleet)


def test_skills_zones_and_locks() -> None:
    """Milk is ann's (1 km out), the safe bob's (2), the locked route stays (3). Fish lies outside ann's zones, bob may
    not enter the yard, and cem, who could do both, takes nothing more: two jobs are left, each with its reasons.
    """
    problem = crew()
    left = problem.compiled.out_price
    solution = best_of_all(problem, 3000 + 12 * 50 + 12 * 60 + left[3] + left[4])
    assert solution.plan == {"ann": ("milk",), "bob": ("safe",), "cem": ("done",)}
    why = {
        job: {v.vehicle: v.code for v in reason(solution, job).by_vehicle}
        or {"all": reason(solution, job).code}
        for job in ("fish", "crate")
    }
    assert why == {
        "fish": {"ann": "outside_zone", "bob": "skill", "cem": "locked_changed"},
        "crate": {"ann": "skill", "bob": "outside_zone", "cem": "locked_changed"},
    }


def test_a_soft_zone_beside_hard_skills_and_a_lock() -> None:
    """Outside one's zone for 7.00 each: fish goes with ann, 6 km and 360 s more; the crate with bob the same."""
    problem = dialled(crew(), "outside_zone", soft(700))
    cents = 3000 + (8 + 10 + 6) * 50 + (8 + 10 + 6) * 60 + 2 * 700
    solution = best_of_all(problem, cents)
    assert set(solution.plan["ann"]) == {"milk", "fish"}
    assert solution.cost.rules == 1400


def test_a_pinned_order_whose_driver_lacks_its_skill_is_an_error_with_both_names() -> None:
    """Not a silent drop: nothing is planned until somebody decides, and the error says between what."""
    problem = world(
        [Job("insulin", 1, pinned_to="bob", skills=COLD), Job("b", 2)], [van("ann", skills=COLD), van("bob")]
    )
    with pytest.raises(InvalidProblemError) as refused:
        solve(problem, iterations=1)
    assert refused.value.code == "pinned_skill_missing"
    assert all(name in refused.value.cause for name in ("'insulin'", "'bob'", "'fridge'"))
    assert refused.value.action


def test_a_pin_and_a_soft_skill_find_the_cheaper_way() -> None:
    """Bob with the missing skill for 3.00; with the pin soft at 2.00 it is ann, as far away."""
    problem = world([Job("insulin", 1, pinned_to="bob", skills=COLD)], [van("ann", skills=COLD), van("bob")])
    paid = best_of_all(dialled(problem, "skill", soft(300)), 1220 + 300)
    assert paid.plan == {"bob": ("insulin",)}
    both = dialled(dialled(problem, "skill", soft(300)), "pinned_elsewhere", soft(200))
    assert best_of_all(both, 1220 + 200).plan == {"ann": ("insulin",)}
    assert best_of_all(dialled(problem, "skill", OFF), 1220).plan == {"bob": ("insulin",)}


def test_a_locked_route_keeps_a_job_that_its_driver_could_not_get() -> None:
    """Released by a dispatcher although the skill is missing: it stays, it is told, and the rest is planned."""
    fleet = [van("ann", first=("insulin",), locked=True), van("bob")]
    problem = world([Job("insulin", 1, skills=COLD), Job("b", 2)], fleet)
    solution = solve(problem, iterations=60, seed=1)
    assert solution.plan == {"ann": ("insulin",), "bob": ("b",)}
    assert [(v.code, v.route, v.job) for v in solution.violations] == [("skill", "ann", "insulin")]


def test_pinned_and_fixed_elsewhere_is_an_error_with_the_names() -> None:
    """Pinned to bob, but first on the route of ann."""
    problem = world([Job("a", 1, pinned_to="bob")], [van("ann", first=("a",)), van("bob")])
    (error,) = validate(problem)
    assert all(name in error.cause for name in ("'a'", "'bob'", "'ann'"))


def test_a_lock_and_a_relation_with_a_job_outside_it() -> None:
    """b must be with a, whose route is locked: b is left out with a reason, not put on a van of its own."""
    fleet = [van("ann", first=("a",), locked=True), van("bob")]
    problem = world([Job("a", 1), Job("b", 2)], fleet, relations=(Relation("same_route", ("a", "b")),))
    solution = best_of_all(problem, 1220 + problem.compiled.out_price[1])
    assert solution.plan == {"ann": ("a",)}
    assert reason(solution, "b").words


def test_priority_goes_before_cost() -> None:
    """Room for one: the far one of priority 90 costs 9.00 + 10.80 - 1.00 - 1.20 more than the near one of 10."""
    jobs = [Job("near", 1, delivery=(5,), priority=10), Job("far", 9, delivery=(5,), priority=90)]
    problem = world(jobs, [van(capacity=(5,))])
    solution = best_of_all(problem, 1000 + 900 + 1080 + problem.compiled.out_price[0])
    assert served(solution) == {"far"}
    assert set(reasons(solution)) == {"near"}


def test_priority_goes_before_every_soft_price_of_others() -> None:
    """The one of 100 is served although the two of 0 that fit with each other leave more room and cost less."""
    jobs = [Job("x", 9, delivery=(10,), priority=100)]
    jobs += [Job(name, 1, delivery=(5,), priority=0) for name in ("y", "z")]
    problem = world(jobs, [van(capacity=(10,))])
    left = problem.compiled.out_price
    assert served(best_of_all(problem, 1000 + 900 + 1080 + left[1] + left[2])) == {"x"}


def test_priority_among_jobs_of_one_window() -> None:
    """Two doors 8 km apart at one moment and one van: the window decides that one stays, the priority which."""
    jobs = [
        Job("low", 1, windows=(window(600, 600),), priority=20),
        Job("high", 9, windows=(window(600, 600),), priority=21),
    ]
    problem = world(jobs, [van()])
    solution = best_of_all(problem, 1000 + 900 + 1080 + problem.compiled.out_price[0])
    assert reasons(solution) == {"low": "late"}


def test_locked_means_no_insertion_for_any_price() -> None:
    """A job on the doorstep of a locked route, of priority 100: another van drives for it."""
    fleet = [van("shut", first=("a",), locked=True), van("far", start=9, end=9)]
    problem = world([Job("a", 1), Job("b", 1, priority=100)], fleet)
    check(problem)
    solution = best_of_all(problem, 1220 + 1000 + 16 * 50 + 16 * 60)
    assert solution.plan == {"shut": ("a",), "far": ("b",)}
    empty = replace(problem, vehicles=(van("shut", locked=True), fleet[1]))
    assert "shut" not in evaluate(empty, best_of_all(empty, 1000 + 800 + 960).plan).plan
