"""Undo and redo: exactly what was there comes back, unless somebody went on from the change."""

import pytest

from dispatch.lifecycle import OrderState, RouteState
from dispatch.models import BoardEdit, Order, Route
from dispatch.services import arrangements, moves, pins, proposals, routes, undo
from dispatch.services.mapping import orders_of
from dispatch.services.moves import Move
from lastmile.kernel.errors import LastmileError
from tests.scenarios import DAY, at, make_fleet, make_orders, make_route, make_shop, make_station

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def world():
    station = make_station()
    fleet = make_fleet(station, DAY, 3)
    return station, fleet, make_orders(station, make_shop(station), 8)


def common(station, actor="user:ann"):
    return {"station": station, "day": DAY, "actor": actor, "now": at(station, DAY, 9)}


def move(station, actor="user:ann", **fields):
    return moves.move_orders(move=Move(**fields), versions={}, **common(station, actor))


def arrange(station, sequences, what="arranged"):
    return arrangements.arrange(sequences=sequences, versions={}, what=what, **common(station))


def standing(station):
    open_routes = Route.objects.filter(station=station).exclude(state=RouteState.CLOSED)
    return {route.name: (route.shift_id, route.driver_id, orders_of(route)) for route in open_routes}


def refused(call) -> str:
    with pytest.raises(LastmileError) as caught:
        call()
    return caught.value.code


def test_every_kind_of_change_is_taken_back_and_done_again(world):
    """One after the other down to the beginning, and up again: each step is what was seen before."""
    station, fleet, made = world
    ids = [order.pk for order in made]
    make_route(station, DAY, made[:3], fleet.shifts[0], driver=fleet.drivers[0])
    make_route(station, DAY, made[3:6], fleet.shifts[1], driver=fleet.drivers[1])
    first, second = (fleet.shifts[at].pk for at in (0, 1))
    seen = [standing(station)]

    def now() -> Route:
        return Route.objects.get(station=station, shift=first)

    steps = [
        lambda: move(station, order_ids=[ids[6]], route_id=now().pk),
        lambda: move(station, order_ids=[ids[0]]),
        lambda: arrange(station, {first: list(reversed(orders_of(now())))}, "reversed"),
        lambda: arrange(station, {first: [*orders_of(now()), *ids[3:6]], second: []}, "merged"),
        lambda: routes.assign_driver(
            route=now(),
            version=now().version,
            driver=fleet.drivers[2],
            actor="user:ann",
            now=at(station, DAY, 9),
        ),
    ]
    for step in steps:
        step()
        seen.append(standing(station))
    for before in reversed(seen[:-1]):
        undo.undo(**common(station))
        assert standing(station) == before
    assert refused(lambda: undo.undo(**common(station))) == "nothing_to_undo"
    for after in seen[1:]:
        undo.redo(**common(station))
        assert standing(station) == after
    assert refused(lambda: undo.redo(**common(station))) == "nothing_to_redo"
    assert Order.objects.get(pk=ids[0]).state == OrderState.OPEN


def test_locks_of_routes_and_orders_are_undone(world):
    """A lock is a change like any other."""
    station, fleet, made = world
    route = make_route(station, DAY, made[:3], fleet.shifts[0])
    routes.lock_route(
        route=route, version=route.version, locked=True, actor="user:ann", now=at(station, DAY, 9)
    )
    pins.pin_orders(order_ids=[made[0].pk, made[1].pk], pinned="route", **common(station))
    undo.undo(**common(station))
    assert {order.pinned for order in Order.objects.all()} == {""}
    undo.undo(**common(station))
    assert not Route.objects.get(pk=route.pk).locked
    undo.redo(**common(station))
    undo.redo(**common(station))
    assert Route.objects.get(pk=route.pk).locked
    assert Order.objects.filter(pinned="route").count() == 2


def test_what_somebody_went_on_from_is_not_pulled_away(world):
    """Neither a move of another nor a driver's stop is lost; the refusal names the routes to look at."""
    station, fleet, made = world
    route = make_route(station, DAY, made[:3], fleet.shifts[0])
    move(station, order_ids=[made[4].pk], route_id=route.pk)
    move(station, "user:bob", order_ids=[made[0].pk])
    with pytest.raises(LastmileError) as caught:
        undo.undo(**common(station))
    assert (caught.value.code, caught.value.data) == ("edit_overtaken", {"route_ids": [route.pk]})
    undo.undo(**common(station, "user:bob"))
    undo.undo(**common(station))
    assert orders_of(route) == [order.pk for order in made[:3]]


def test_undo_is_ones_own_and_a_new_change_ends_redo(world):
    """Nobody takes back what another did; after a new change the old future is gone."""
    station, fleet, made = world
    route = make_route(station, DAY, made[:2], fleet.shifts[0])
    move(station, order_ids=[made[3].pk], route_id=route.pk)
    assert refused(lambda: undo.undo(**common(station, "user:bob"))) == "nothing_to_undo"
    undo.undo(**common(station))
    move(station, order_ids=[made[4].pk], route_id=route.pk)
    assert refused(lambda: undo.redo(**common(station))) == "nothing_to_redo"
    assert BoardEdit.objects.count() == 1


def test_a_plan_that_was_accepted_is_undone_with_names_and_drivers(world):
    """The routes that people know come back as they were called and given."""
    from dispatch.models import Plan

    station, fleet, made = world
    make_route(station, DAY, made[:3], fleet.shifts[0], name="R7", driver=fleet.drivers[2])
    before = standing(station)
    drafts = Route.objects.filter(station=station)
    proposal = {
        "routes": [
            {
                "shift_id": fleet.shifts[1].pk,
                "name": "R1",
                "line": "",
                "stops": [{"order_ids": [order.pk]} for order in made[:5]],
            }
        ],
        "base": {str(route.pk): route.version for route in drafts},
    }
    plan = Plan.objects.create(station=station, day=DAY, state="proposed", actor="x", proposal=proposal)
    proposals.accept_plan(plan=plan, actor="user:ann", now=at(station, DAY, 7))
    accepted = standing(station)
    assert list(accepted) == ["R1"]
    undo.undo(**common(station))
    assert standing(station) == before
    undo.redo(**common(station))
    assert standing(station) == accepted


def test_some_routes_of_a_proposal_can_be_accepted(world):
    """The chosen ones are made; what they lose goes to the pool, what others were to get stays where it is."""
    from dispatch.models import Plan

    station, fleet, made = world
    make_route(station, DAY, made[:2], fleet.shifts[0])
    proposal = {
        "routes": [
            {
                "shift_id": fleet.shifts[0].pk,
                "name": "R1",
                "line": "",
                "stops": [{"order_ids": [made[4].pk]}],
            },
            {
                "shift_id": fleet.shifts[1].pk,
                "name": "R2",
                "line": "",
                "stops": [{"order_ids": [made[0].pk]}, {"order_ids": [made[3].pk]}],
            },
        ],
        "base": {str(route.pk): route.version for route in Route.objects.all()},
    }
    plan = Plan.objects.create(station=station, day=DAY, state="proposed", actor="x", proposal=proposal)
    common_ = {"plan": plan, "actor": "user:ann", "now": at(station, DAY, 7)}
    assert (
        refused(lambda: proposals.accept_routes(shift_ids=[fleet.shifts[2].pk], **common_)) == "unknown_shift"
    )
    outcome = proposals.accept_routes(shift_ids=[fleet.shifts[1].pk], **common_)
    assert outcome == {"dropped": 0}
    assert {shift: ids for shift, _, ids in standing(station).values()} == {
        fleet.shifts[0].pk: [made[1].pk],
        fleet.shifts[1].pk: [made[0].pk, made[3].pk],
    }
    undo.undo(**common(station))
    assert {shift: ids for shift, _, ids in standing(station).values()} == {
        fleet.shifts[0].pk: [made[0].pk, made[1].pk]
    }
