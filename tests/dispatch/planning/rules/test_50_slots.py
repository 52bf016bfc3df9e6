"""Rule 50: the best slots for a new order, each with its marginal cost."""

from __future__ import annotations

from dispatch.planning.insertion import insert
from dispatch.planning.model import Job

from .day import judged, van, window, world

PLAN = {"van": ("a", "c")}
JOBS = [Job("a", 2, delivery=(5,)), Job("b", 4, delivery=(5,)), Job("c", 6, delivery=(5,))]


def test_every_position_with_its_marginal_cost() -> None:
    """b lies on the way from a to c, and on the way home: nothing more; before a it is 4 km and 240 s more: 4.40.
    The empty van costs a trip of its own: 10.00 + 4.00 + 4.80.
    """
    problem = world(JOBS, [van(), van("v2")])
    slots = {(slot.vehicle, slot.position): slot.cost for slot in insert(problem, PLAN, "b")}
    assert slots == {("van", 0): 440, ("van", 1): 0, ("van", 2): 0, ("v2", 0): 1880}


def test_the_cheapest_comes_first_and_what_breaks_nothing_before_all() -> None:
    """Full is full: the empty van, however dear, comes before the full one."""
    problem = world(JOBS, [van(capacity=(10,)), van("v2", capacity=(10,))])
    slots = insert(problem, PLAN, "b")
    assert (slots[0].vehicle, slots[0].violations) == ("v2", ())
    assert {v.code for v in slots[1].violations} == {"overload"}
    assert [slot.cost for slot in insert(world(JOBS), PLAN, "b")] == [0, 0, 440]


def test_the_cost_is_what_the_walker_says() -> None:
    """Each slot against the plan with it."""
    problem = world(JOBS, [van(), van("v2", cost_per_km=90)])
    before = judged(problem, PLAN).cost.total - judged(problem, PLAN).cost.unassigned
    for slot in insert(problem, PLAN, "b"):
        items = list(PLAN.get(slot.vehicle, ()))
        items.insert(slot.position, "b")
        assert judged(problem, {**PLAN, slot.vehicle: tuple(items)}).cost.total - before == slot.cost


def test_slots_tell_when_it_would_begin() -> None:
    """With a window in the afternoon: at its opening."""
    late = Job("b", 4, windows=(window(18_000, 20_000),))
    slots = insert(world([JOBS[0], late, JOBS[2]]), PLAN, "b", limit=1)
    assert slots[0].start >= window(18_000, 20_000).start


def test_only_some_vehicles_and_never_before_a_frozen_head() -> None:
    """Asked for one van only; its first stop is fixed."""
    problem = world(JOBS, [van(first=("a",)), van("v2")])
    assert [slot.position for slot in insert(problem, PLAN, "b", vehicles={"van"})] == [1, 2]
