"""Windows offered for a new order: each is the cheapest place there is, at the price that the plan then has."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.planning.construct import construct
from dispatch.planning.errors import PlanningError
from dispatch.planning.evaluate import evaluate
from dispatch.planning.looks import no_worse, served
from dispatch.planning.model import Job, Plan, Problem, Window
from dispatch.planning.slots import WindowSlot, slots
from dispatch.planning.verify import verify

from .strategies import tried
from .worlds import HOUR, line, town, van, worlds

SLOW = settings(suppress_health_check=list(HealthCheck))


def in_window(problem: Problem, job: str, window: Window) -> Problem:
    jobs = tuple(replace(j, windows=(window,)) if j.id == job else j for j in problem.jobs)
    return replace(problem, jobs=jobs)


def without(problem: Problem, plan: Plan, job: str) -> dict[str, tuple[str, ...]]:
    """A route of stations only is none."""
    jobs = {j.id for j in problem.jobs} - {job}
    return {van: tuple(i for i in items if i != job) for van, items in plan.items() if jobs & set(items)}


def served_by(plan: Plan, slot: WindowSlot, job: str) -> dict[str, tuple[str, ...]]:
    items = plan.get(slot.vehicle, ())
    return {**plan, slot.vehicle: (*items[: slot.position], job, *items[slot.position :])}


def test_each_window_has_its_cheapest_place() -> None:
    """The van passes km 4 at about eight: then it costs nothing; at noon it must wait for hours, a cent a second,
    and the van at home is cheaper: 10.00, 8 km and 8 minutes.
    """
    problem = line([Job("a", 2), Job("b", 6), Job("new", 4)], [van("v1"), van("v2")])
    early, noon = Window(8 * HOUR, 9 * HOUR), Window(12 * HOUR, 13 * HOUR)
    first, second = slots(problem, {"v1": ("a", "b")}, "new", [noon, early])
    assert (first.window, first.vehicle, first.cost) == (early, "v1", 0)
    assert (second.window, second.vehicle) == (noon, "v1")
    assert second.start >= noon.start


def test_a_window_in_which_nobody_comes_is_not_offered() -> None:
    """Before the shift, and after it; nor are there slots without windows or vans."""
    problem = line([Job("a", 2), Job("new", 4)])
    assert slots(problem, {"van": ("a",)}, "new", [Window(0, HOUR), Window(20 * HOUR, 21 * HOUR)]) == ()
    assert slots(problem, {}, "new", []) == ()
    with pytest.raises(PlanningError, match="unknown_job"):
        slots(problem, {}, "nobody", [Window(0, HOUR)])
    with pytest.raises(PlanningError, match="unknown_vehicle"):
        slots(problem, {"nobody": ()}, "new", [Window(0, HOUR)])


def test_twelve_windows_on_a_thousand_stops_while_the_customer_waits() -> None:
    """Less than 200 ms; on one slow core it was a seventh of that."""
    problem = town(1000, 18, capacity=(2000,))
    plan = construct(problem)
    windows = [Window(h * HOUR, (h + 1) * HOUR) for h in range(7, 19)]
    took = []
    for _ in range(4):
        began = time.process_time()
        offered = slots(problem, plan, "j5", windows)
        took.append(time.process_time() - began)
    assert len(offered) == 10
    assert min(took) < 0.2


@given(worlds(), st.lists(st.integers(0, 9000), min_size=2, max_size=4, unique=True))
@settings(SLOW, max_examples=tried(60).max_examples, deadline=None)
def test_its_price_is_the_difference_of_two_plans(world: tuple[Problem, Plan], edges: list[int]) -> None:
    """Whatever rules there are: with the order in its slot the plan breaks nothing more, costs that much more, and
    the independent checker agrees.
    """
    problem, plan = world
    shipped = {job for s in problem.shipments for job in (s.pickup, s.delivery)}
    job = next((j.id for j in problem.jobs if j.id not in shipped), None)
    if job is None:
        return
    rest = without(problem, plan, job)
    before = evaluate(problem, rest)
    if before.violations:
        return
    windows = [Window(a, b) for a, b in zip(sorted(edges)[::2], sorted(edges)[1::2], strict=False)]
    for slot in slots(problem, plan, job, windows):
        offered = in_window(problem, job, slot.window)
        after = evaluate(offered, served_by(rest, slot, job))
        assert no_worse(before.violations, after.violations)
        assert served(after) - served(before) == slot.cost
        assert next(s.start for r in after.routes for s in r.steps if s.id == job) == slot.start
        assert len(verify(offered, after)) == len(after.violations)
