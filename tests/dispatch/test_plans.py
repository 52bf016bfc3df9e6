"""Planning runs end to end: from the pool through a real solver program to routes."""

import pytest
from django.db import transaction

from dispatch.lifecycle import OrderState, PlanState, RouteState
from dispatch.models import Order, Plan, Route, Shift, StopOrder
from dispatch.services import orders as order_services
from dispatch.services import plan_run, plans, proposals, routes
from dispatch.services.mapping import orders_of
from lastmile import jobs
from lastmile.kernel.errors import LastmileError
from lastmile.models import Event, Job, JobState
from tests.scenarios import DAY, at, make_fleet, make_orders, make_route, make_shop, make_station

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    station = make_station()
    fleet = make_fleet(station, DAY, 3)
    orders = make_orders(station, make_shop(station), 12)
    return station, fleet, orders


def start(station, **fields):
    defaults = {
        "scope": "all",
        "time_limit_s": 1,
        "seed": 1,
        "actor": "user:test",
        "now": at(station, DAY, 7),
    }
    return plans.start_plan(station=station, day=DAY, **(defaults | fields))


def run(plan: Plan) -> Plan:
    jobs.run(plan.job_id)
    plan.refresh_from_db()
    return plan


def test_a_run_proposes_every_order_and_accepting_makes_routes(world):
    """The main job: nothing is lost between the pool, the proposal and the routes."""
    station, _, orders = world
    plan = run(start(station))
    assert plan.state == PlanState.PROPOSED, plan.error
    assert plan.first_plan_ms is not None
    proposal = plan.proposal
    planned = [pk for card in proposal["routes"] for stop in card["stops"] for pk in stop["order_ids"]]
    left = [row["order_id"] for row in proposal["left_out"]]
    assert sorted(planned + left) == sorted(order.pk for order in orders)
    assert not left
    assert set(proposal["shifts"]) == {str(shift.pk) for shift in station.shifts.all()}, (
        "what it was made for"
    )
    assert not Route.objects.exists(), "a proposal changes nothing"

    assert proposals.accept_plan(plan=plan, actor="user:test", now=at(station, DAY, 7)) == {"dropped": 0}
    assert Order.objects.filter(state=OrderState.PLANNED).count() == 12
    assert StopOrder.objects.filter(outcome="planned").count() == 12
    for route in Route.objects.all():
        card = next(card for card in proposal["routes"] if card["shift_id"] == route.shift_id)
        assert route.cost_cents == card["cost_cents"], "the walk that is stored is the one that was shown"
        assert route.violations == []
        assert route.line
    names = list(Event.objects.order_by("id").values_list("name", flat=True))
    assert names == [
        "job.queued",
        "plan.started",
        "plan.completed",
        "job.finished",
        "plan.ended",
        "routes.changed",
    ]


def test_two_presses_are_one_run(world):
    """A double click on Optimize must not start two solvers."""
    station = world[0]
    assert start(station).pk == start(station).pk
    assert Job.objects.filter(kind="plan.run").count() == 1


def test_nothing_to_plan_says_so():
    """No orders and no shifts are refused with a code before any job is queued."""
    station = make_station()
    with pytest.raises(LastmileError) as caught:
        start(station)
    assert caught.value.code == "no_shifts"
    make_fleet(station, DAY, 1)
    with pytest.raises(LastmileError) as caught:
        start(station)
    assert caught.value.code == "nothing_to_plan"
    assert not Job.objects.exists()


def test_an_order_cancelled_during_the_run_is_dropped(world):
    """F22: what was cancelled while the solver ran never reaches a route."""
    station, _, orders = world
    plan = run(start(station))
    order_services.cancel_order(
        order=Order.objects.get(pk=orders[0].pk),
        version=None,
        actor="user:test",
        now=at(station, DAY, 7),
    )
    assert proposals.accept_plan(plan=plan, actor="user:test", now=at(station, DAY, 7)) == {"dropped": 1}
    assert not StopOrder.objects.filter(order=orders[0]).exists()


def test_a_draft_edited_since_makes_accepting_a_conflict(world):
    """The dispatcher's later hand edit is never overwritten by an older proposal."""
    station, fleet, orders = world
    route = make_route(station, DAY, orders[:2], fleet.shifts[0])
    plan = run(start(station))
    routes.lock_route(
        route=route, version=route.version, locked=False, actor="user:test", now=at(station, DAY, 7)
    )
    with pytest.raises(LastmileError) as caught:
        proposals.accept_plan(plan=plan, actor="user:test", now=at(station, DAY, 7))
    assert caught.value.code == "conflict"
    plan.refresh_from_db()
    assert plan.state == PlanState.PROPOSED
    assert Route.objects.filter(pk=route.pk).exists()


def test_released_and_locked_routes_are_left_alone(world):
    """The optimizer works with free shifts and unlocked drafts only."""
    station, fleet, orders = world
    released = make_route(station, DAY, orders[:2], fleet.shifts[0], RouteState.RELEASED)
    locked = make_route(station, DAY, orders[2:4], fleet.shifts[1], locked=True)
    plan = run(start(station))
    assert {card["shift_id"] for card in plan.proposal["routes"]} == {fleet.shifts[2].pk}
    proposals.accept_plan(plan=plan, actor="user:test", now=at(station, DAY, 7))
    for route in (released, locked):
        assert orders_of(route) in ([orders[0].pk, orders[1].pk], [orders[2].pk, orders[3].pk])


def test_unassigned_scope_keeps_orders_with_their_drivers(world):
    """Inserting the rest must not hand yesterday's decisions to somebody else."""
    station, fleet, orders = world
    make_route(station, DAY, orders[:4], fleet.shifts[0])
    plan = run(start(station, scope="unassigned"))
    card = next(card for card in plan.proposal["routes"] if card["shift_id"] == fleet.shifts[0].pk)
    kept = {pk for stop in card["stops"] for pk in stop["order_ids"]}
    assert {order.pk for order in orders[:4]} <= kept


def test_a_cancelled_run_ends_without_a_proposal(world):
    """Cancel before the worker begins: the plan says so, and a new run may start."""
    station = world[0]
    plan = plans.cancel_plan(plan=start(station))
    assert plan.state == PlanState.CANCELLED
    assert start(station).pk != plan.pk


def test_a_stale_worker_cannot_commit(world):
    """F3: the fencing token refuses a worker that slept past its lease."""
    station = world[0]
    plan = start(station)
    first = jobs.claim(plan.job_id)
    assert first is not None
    Job.objects.filter(pk=plan.job_id).update(lease_until=at(station, DAY, 0))
    assert jobs.claim(plan.job_id) is not None
    with pytest.raises(jobs.Lost), transaction.atomic():
        first.guard()


def test_an_order_nobody_may_carry_is_left_out_with_words(world):
    """Left-out orders carry a reason on the order itself once the plan is accepted."""
    station, _, orders = world
    Order.objects.filter(pk=orders[3].pk).update(skills=["crane"])
    plan = run(start(station))
    (left,) = plan.proposal["left_out"]
    assert left["order_id"] == orders[3].pk
    assert "crane" in left["words"]
    assert left["changes"][0].startswith("Give ")
    assert "the skill 'crane'" in left["changes"][0]
    assert "shift-" not in left["changes"][0], "people know vans by their names"
    proposals.accept_plan(plan=plan, actor="user:test", now=at(station, DAY, 7))
    order = Order.objects.get(pk=orders[3].pk)
    assert order.state == OrderState.OPEN
    assert order.left_out["words"] == left["words"]
    assert order.left_out["changes"] == left["changes"]


def test_the_job_ends_done(world):
    """The job row tells the truth about the work."""
    plan = run(start(world[0]))
    job = Job.objects.get(pk=plan.job_id)
    assert (job.state, job.percent) == (JobState.DONE, 100)


def test_a_draft_edited_while_the_search_runs_is_not_overwritten(world, monkeypatch):
    """The proposal rests on what was read at its beginning, not on what stands there at its end."""
    station, fleet, orders = world
    route = make_route(station, DAY, orders[:2], fleet.shifts[0])
    proposal = plan_run._proposal

    def edited_meanwhile(frame, solution):
        now = at(station, DAY, 7)
        routes.assign_driver(route=route, version=route.version, driver=None, actor="user:other", now=now)
        return proposal(frame, solution)

    monkeypatch.setattr(plan_run, "_proposal", edited_meanwhile)
    plan = run(start(station))
    with pytest.raises(LastmileError) as caught:
        proposals.accept_plan(plan=plan, actor="user:test", now=at(station, DAY, 7))
    assert caught.value.code == "conflict"


def test_a_run_begun_while_the_job_before_says_goodbye_has_a_job_of_its_own(world):
    """Between "proposed" and "done" of the old job, a new press must not be tied to the old job."""
    station = world[0]
    plan = run(start(station))
    Job.objects.filter(pk=plan.job_id).update(state=JobState.RUNNING, lease_until=at(station, DAY, 23))
    again = start(station)
    assert again.pk != plan.pk
    assert again.job_id != plan.job_id


def test_an_assignment_outlives_the_plan(world):
    """Optimizing again must not hand a route back to whoever the roster named."""
    station, fleet, orders = world
    route = make_route(station, DAY, orders[:2], fleet.shifts[0])
    Route.objects.filter(pk=route.pk).update(driver=fleet.drivers[2])
    fleet.shifts[2].delete()
    plan = run(start(station))
    proposals.accept_plan(plan=plan, actor="user:test", now=at(station, DAY, 7))
    made = Route.objects.filter(shift=fleet.shifts[0]).first()
    assert made is None or made.driver_id == fleet.drivers[2].pk


def test_a_shift_gone_meanwhile_is_a_conflict(world):
    """A roster edit between proposal and acceptance is told, not a fault."""
    station, fleet, _ = world
    plan = run(start(station))
    for shift in fleet.shifts:
        shift.active = False
        shift.save()
    with pytest.raises(LastmileError) as caught:
        proposals.accept_plan(plan=plan, actor="user:test", now=at(station, DAY, 7))
    assert caught.value.code == "conflict"


def test_a_proposal_kept_from_before_shifts_were_marked_is_accepted(world):
    """One made by an earlier version has no marks to hold its shifts against: it is walked afresh, as it was then."""
    station, fleet, _ = world
    plan = run(start(station))
    del plan.proposal["shifts"]
    plan.save(update_fields=["proposal"])
    plan.refresh_from_db()
    Shift.objects.filter(pk=fleet.shifts[0].pk).update(end=at(station, DAY, 18, 30))
    assert proposals.accept_plan(plan=plan, actor="user:test", now=at(station, DAY, 7)) == {"dropped": 0}
    assert Order.objects.filter(station=station, state=OrderState.PLANNED).count() == 12
