"""Rule 45: the least disturbance against the plan that people know."""

from __future__ import annotations

from dispatch.planning.model import Current, Job, Problem, Weights

from .day import S, best, judged, van, world

WEIGHTS = Weights(other_vehicle=700, other_place=300, moved_per_min=60)


def known(weights: Weights = WEIGHTS) -> Problem:
    """People know: van drives a, then b, who was promised 120 s after the start."""
    jobs = [
        Job("a", 1, current=Current("van")),
        Job("b", 2, current=Current("van", "a", S + 120)),
        Job("c", 3),
    ]
    return world(jobs, [van(), van("v2")], weights=weights)


def test_the_plan_as_it_is_costs_nothing() -> None:
    """New jobs behind do not disturb anybody."""
    assert judged(known(), {"van": ("a", "b", "c")}, S).cost.changed == 0


def test_another_vehicle() -> None:
    """Both on v2: twice 7.00, whatever stands before them there."""
    assert judged(known(), {"v2": ("a", "b")}, S).cost.changed == 1400


def test_another_place_and_another_time() -> None:
    """c before a: a has another before it (3.00), b has not, but comes 240 s later (2.40)."""
    assert judged(known(), {"van": ("c", "a", "b")}, S).cost.changed == 300 + 240


def test_a_minute_begun_counts_by_the_second() -> None:
    """30 s earlier than promised at 0.60 a minute: 0.30; one second 0.01."""
    assert judged(known(), {"van": ("a", "b")}, S - 30).cost.changed == 30
    assert judged(known(), {"van": ("a", "b")}, S + 1).cost.changed == 1


def test_the_planner_leaves_people_their_driver() -> None:
    """v2 starts beside a and b and is cheaper, by less than the 14.00 it would cost to tell them."""
    for weights, who in ((WEIGHTS, "van"), (Weights(), "v2")):
        problem = known(weights)
        near = van("v2", fixed_cost=0, start=1, end=1)
        fleet = [van(), near]
        jobs = [job for job in problem.jobs if job.id != "c"]
        assert best(world(jobs, fleet, weights=weights)).plan.keys() == {who}
