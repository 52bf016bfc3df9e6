"""Planning runs end to end: from the pool through a real solver program to routes."""

import pytest
from django.db import transaction

from dispatch.lifecycle import OrderState, PlanState, RouteState
from dispatch.models import Order, Plan, Route, Shift, StopOrder
from dispatch.services import orders as order_services
from dispatch.services import plan_goals, plan_run, plans, proposals, routes
from dispatch.services.mapping import orders_of
from dispatch.services.plan_scopes import About, asked
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
        "time_limit_s": 1,
        "seed": 1,
        "actor": "user:test",
        "now": at(station, DAY, 7),
    }
    about = {name: fields.pop(name) for name in ("scope", "route_ids", "order_ids") if name in fields}
    return plans.start_plan(about=About(station, DAY, **about), **(defaults | fields))


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
    assert sum(proposal["costs"].values()) + sum(proposal["prices"].values()) == plan.cost_cents
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


def test_insert_scope_keeps_the_order_of_every_route_too(world):
    """New orders come between; nobody who was told "you are third" becomes fifth for another reason than that."""
    station, fleet, orders = world
    anytime = [order for order in orders if order.window_end is None]
    zigzag = [anytime[at] for at in (3, 0, 2, 1)]
    make_route(station, DAY, zigzag, fleet.shifts[0])
    before = [order.pk for order in zigzag]
    plan = run(start(station, scope="insert"))
    card = next(card for card in plan.proposal["routes"] if card["shift_id"] == fleet.shifts[0].pk)
    kept = [pk for stop in card["stops"] for pk in stop["order_ids"]]
    assert [pk for pk in kept if pk in before] == before
    assert sum(len(stop["order_ids"]) for each in plan.proposal["routes"] for stop in each["stops"]) > 4


def test_times_scope_moves_nothing(world):
    """Every draft stays as it is, however dear, also where it breaks a rule; the pool is not even spoken of."""
    station, fleet, orders = world
    zigzag = sorted(orders[:6], key=lambda order: str(order.window_end), reverse=True)
    make_route(station, DAY, zigzag, fleet.shifts[0])
    before = [order.pk for order in zigzag]
    plan = run(start(station, scope="times"))
    assert plan.state == PlanState.PROPOSED, plan.error
    assert [card["shift_id"] for card in plan.proposal["routes"]] == [fleet.shifts[0].pk]
    assert [pk for stop in plan.proposal["routes"][0]["stops"] for pk in stop["order_ids"]] == before
    assert plan.proposal["left_out"] == []
    assert "late" in {broken["code"] for broken in plan.proposal["routes"][0]["violations"]}


def test_chosen_routes_are_planned_among_themselves(world):
    """The third route and the pool are not even looked at."""
    station, fleet, orders = world
    made = [make_route(station, DAY, orders[n::4], fleet.shifts[n]) for n in range(3)]
    left = orders_of(made[2])
    plan = run(start(station, scope="routes", route_ids=(made[0].pk, made[1].pk)))
    assert plan.state == PlanState.PROPOSED, plan.error
    planned = {pk for card in plan.proposal["routes"] for stop in card["stops"] for pk in stop["order_ids"]}
    assert {card["shift_id"] for card in plan.proposal["routes"]} <= {shift.pk for shift in fleet.shifts[:2]}
    assert planned == {order.pk for order in (*orders[0::4], *orders[1::4])}
    proposals.accept_plan(plan=plan, actor="user:test", now=at(station, DAY, 7))
    assert orders_of(Route.objects.get(pk=made[2].pk)) == left
    assert {pk for route in Route.objects.all() for pk in orders_of(route)} == planned | set(left)


def test_a_selection_moves_and_the_rest_keeps_its_order(world):
    """Chosen orders go wherever they are cheapest, others neither change their van nor their order."""
    station, fleet, orders = world
    anytime = [order for order in orders if order.window_end is None]
    make_route(station, DAY, [anytime[n] for n in (3, 0, 2)], fleet.shifts[0])
    make_route(station, DAY, anytime[4:6], fleet.shifts[1])
    chosen = (anytime[0].pk, anytime[1].pk)
    plan = run(start(station, scope="selection", order_ids=chosen))
    routes = {
        card["shift_id"]: [pk for stop in card["stops"] for pk in stop["order_ids"]]
        for card in plan.proposal["routes"]
    }
    assert set(chosen) <= {pk for ids in routes.values() for pk in ids}
    assert [pk for pk in routes[fleet.shifts[0].pk] if pk not in chosen] == [anytime[3].pk, anytime[2].pk]
    assert [pk for pk in routes[fleet.shifts[1].pk] if pk not in chosen] == [anytime[4].pk, anytime[5].pk]
    assert sum(map(len, routes.values())) == 6, "the rest of the pool is not placed"


def test_locked_orders_stay_with_their_van_and_at_their_place(world):
    """The whole day is planned anew around them."""
    station, fleet, orders = world
    anytime = [order for order in orders if order.window_end is None]
    zigzag = [anytime[n] for n in (3, 0, 2, 1)]
    make_route(station, DAY, zigzag, fleet.shifts[0])
    make_route(station, DAY, anytime[4:6], fleet.shifts[1])
    Order.objects.filter(pk=zigzag[1].pk).update(pinned="place")
    Order.objects.filter(pk=anytime[5].pk).update(pinned="route")
    plan = run(start(station))
    routes = {
        card["shift_id"]: [pk for stop in card["stops"] for pk in stop["order_ids"]]
        for card in plan.proposal["routes"]
    }
    assert routes[fleet.shifts[0].pk][:2] == [order.pk for order in zigzag[:2]]
    assert anytime[5].pk in routes[fleet.shifts[1].pk]


def test_a_run_can_be_told_what_to_make_most_of(world):
    """Fewest vans: what fits into one goes into one, though more would be home earlier; the settings stay."""
    station, fleet, orders = world
    station.weight_finish_cents = 100_000
    station.save()
    few = run(start(station, goals=plan_goals.checked_goals("cheapest", {"weight_vehicle_cents": 500_000})))
    many = run(start(station))
    assert len(few.proposal["routes"]) == 1 < len(many.proposal["routes"])
    assert few.cost_cents > many.cost_cents, "both are priced by what the station's settings say"
    assert few.proposal["costs"]["finish"] > many.proposal["costs"]["finish"]
    for preset, weights in (
        ("best", {}),
        ("even", {"weight_luck_cents": 1}),
        ("even", {"weight_stops_cents": -1}),
    ):
        with pytest.raises(LastmileError) as caught:
            plan_goals.checked_goals(preset, weights)
        assert caught.value.code in ("bad_choice", "bad_number")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"scope": "some"}, "bad_scope"),
        ({"scope": "routes"}, "missing"),
        ({"scope": "all", "order_ids": [1]}, "missing"),
        ({"scope": "routes", "route_ids": [999_999]}, "route_not_draft"),
    ],
)
def test_what_is_asked_for_is_checked(world, fields, code):
    """A scope and what belongs to it."""
    station, _, _ = world
    with pytest.raises(LastmileError) as caught:
        asked(station, DAY, fields["scope"], fields.get("route_ids", []), fields.get("order_ids", []))
    assert caught.value.code == code


def test_a_rule_at_a_price_stands_in_what_the_plan_costs(world):
    """Late at a price: the proposal says what coming late costs, beside kilometres and hours."""
    station, fleet, orders = world
    station.dials = {"late": ["soft", 20]}
    station.save()
    Order.objects.filter(pk=orders[0].pk).update(window_start=None, window_end=at(station, DAY, 8, 1))
    plan = run(start(station))
    assert set(plan.proposal["prices"]) == {"late"}
    assert sum(plan.proposal["costs"].values()) + plan.proposal["prices"]["late"] == plan.cost_cents
    assert not plan.proposal["left_out"]


def test_changes_of_what_people_know_have_their_price(world):
    """Drafts that are only a little dear stay, where every order that changes its driver costs a fortune."""
    station, fleet, orders = world
    anytime = [order for order in orders if order.window_end is None]
    for first, shift in ((0, fleet.shifts[0]), (1, fleet.shifts[1])):
        make_route(station, DAY, anytime[first::2], shift)  # every other one: each van goes everywhere
    station.weight_driver_cents = 3_000
    station.save()
    plan = run(start(station))
    on = {
        pk: card["shift_id"]
        for card in plan.proposal["routes"]
        for stop in card["stops"]
        for pk in stop["order_ids"]
    }
    assert [on[order.pk] for order in anytime] == [fleet.shifts[at % 2].pk for at in range(len(anytime))]


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
    first = left["changes"][0]
    assert first["words"].startswith("Give ")
    assert "the skill 'crane'" in first["words"]
    assert "shift-" not in first["words"], "people know vans by their names"
    assert (first["kind"], first["shift_id"] in set(station.shifts.values_list("pk", flat=True))) == (
        "skill",
        True,
    )
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
