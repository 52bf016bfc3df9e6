"""What becomes of a plan's proposal: accepted, it is the day's routes; discarded, nothing happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from dispatch.lifecycle import OrderState, PlanState
from dispatch.models import Order, Plan, Route, Shift, Stop
from dispatch.services import edits
from dispatch.services.arrangements import draft_arrangement
from dispatch.services.day_drafts import Wishes, carry_out
from dispatch.services.mapping import Frame, frame_of, orders_of
from dispatch.services.plan_scopes import about_of
from dispatch.services.plans import planned_mark
from dispatch.services.roster import broken
from dispatch.services.route_times import RouteTimes
from dispatch.services.routes import new_route, set_order_states
from dispatch.services.station_days import require_open
from dispatch.services.timetables import store_times
from lastmile import bus
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError, conflict

Card = dict[str, Any]


def discard_plan(*, plan: Plan, actor: str, now: datetime) -> Plan:
    """Throw a proposal away; nothing else changes."""
    with transaction.atomic():
        _end(plan, PlanState.DISCARDED, actor, now)
    return plan


def _end(plan: Plan, state: PlanState, actor: str, now: datetime) -> None:
    if not Plan.objects.filter(pk=plan.pk, state=PlanState.PROPOSED).update(state=state):
        plan.refresh_from_db()
        raise LastmileError(
            "illegal_move", f"This plan is {plan.state}.", "Reload to see what became of it.", status=409
        )
    plan.refresh_from_db()
    event = events.PlanEnded(station_id=plan.station_id, plan_id=plan.pk, state=state)
    bus.publish(event, actor=actor, at=now)


def accept_routes(*, plan: Plan, shift_ids: Sequence[int], actor: str, now: datetime) -> dict[str, Any]:
    """Make only these shifts' routes of a proposal real; the rest of it is dropped.

    Orders that those routes lose by it and that no chosen one takes go back to the pool. Returns the number of dropped
    orders: cancelled or taken elsewhere meanwhile.
    """
    cards = {card["shift_id"]: card for card in plan.proposal.get("routes", [])}
    unknown = [shift for shift in shift_ids if shift not in cards]
    if unknown or not shift_ids:
        raise LastmileError(
            "unknown_shift", "The plan has no such route.", "Choose among its routes.", field="shift_ids"
        )
    chosen = {shift: cards[shift] for shift in shift_ids}
    _require_shifts(plan, set(chosen))
    wanted = [pk for card in chosen.values() for pk in _order_ids(card)]
    there = Order.objects.filter(pk__in=wanted, station=plan.station, day=plan.day)
    had = set(there.filter(state__in=(OrderState.OPEN, OrderState.PLANNED)).values_list("pk", flat=True))
    draft = draft_arrangement(
        station=plan.station,
        day=plan.day,
        sequences={shift: [pk for pk in _order_ids(card) if pk in had] for shift, card in chosen.items()},
        now=now,
    )
    wishes = Wishes(names={shift: card["name"] for shift, card in chosen.items()})
    with transaction.atomic():
        _end(plan, PlanState.ACCEPTED, actor, now)
        carry_out(draft, versions=_base(plan), what="planned", actor=actor, now=now, wishes=wishes)
    return {"dropped": len(wanted) - len(had)}


@dataclass(frozen=True)
class Walked:
    """A proposal walked afresh for the orders that can still be had, outside any transaction."""

    orders: frozenset[int]
    frame: Frame
    times: dict[int, RouteTimes]
    lines: dict[int, str]


def accept_plan(*, plan: Plan, actor: str, now: datetime) -> dict[str, Any]:
    """Make a proposal the day's routes.

    Draft routes it was made from must be unchanged, shifts still there. Orders cancelled or taken elsewhere meanwhile
    are dropped and every timetable is walked afresh, so nothing stale is stored. Returns the number of dropped orders.
    """
    require_open(plan.station, plan.day)
    cards = {card["shift_id"]: card for card in plan.proposal.get("routes", [])}
    walked = _walk(plan, cards)  # streets are asked before the write lock is taken
    with transaction.atomic():
        _end(plan, PlanState.ACCEPTED, actor, now)
        drafts = about_of(plan).drafts()
        before = {route.shift_id: orders_of(route) for route in drafts}
        drivers, released = _replace_drafts(plan, drafts)
        _hold(walked.orders)
        if _obtainable(plan, walked.orders) != walked.orders:
            raise conflict("Orders were changed at this moment.", "Accept once more.", plan_id=plan.pk)
        routes = [_make_route(plan, walked, cards[shift], drivers.get(shift)) for shift in walked.times]
        set_order_states(walked.orders, OrderState.PLANNED)
        left = _mark_left_out(plan)
        after = {shift: times.order_ids for shift, times in walked.times.items()}
        change = edits.of_sequences(before, after, were=drafts, are=routes)
        edits.record(station=plan.station, day=plan.day, what="planned", change=change, actor=actor, now=now)
        event = events.RoutesChanged(
            station_id=plan.station_id,
            what="planned",
            route_ids=sorted({*(route.pk for route in routes), *_base(plan)}),
            order_ids=sorted({*walked.orders, *released, *left}),
        )
        bus.publish(event, actor=actor, at=now)
    return {"dropped": sum(len(_order_ids(card)) for card in cards.values()) - len(walked.orders)}


def _base(plan: Plan) -> dict[int, int]:
    """Route id -> version of the drafts the proposal was made from."""
    return {int(pk): version for pk, version in plan.proposal.get("base", {}).items()}


def _order_ids(card: Card) -> list[int]:
    return [pk for stop in card["stops"] for pk in stop["order_ids"]]


def _walk(plan: Plan, cards: dict[int, Card]) -> Walked:
    _require_shifts(plan, set(cards))
    wanted = [pk for card in cards.values() for pk in _order_ids(card)]
    on_drafts = Order.objects.filter(visits__stop__route__in=_base(plan), visits__outcome="planned")
    pool = _obtainable(plan, wanted)
    kept_back = on_drafts.filter(pk__in=wanted, state=OrderState.PLANNED, day=plan.day).values_list(
        "pk", flat=True
    )
    orders = pool | frozenset(kept_back)
    sequences = {shift: [pk for pk in _order_ids(card) if pk in orders] for shift, card in cards.items()}
    sequences = {shift: ids for shift, ids in sequences.items() if ids}
    frame = frame_of(plan.station, plan.day, sequences)
    times = {shift: frame.times(shift, ids) for shift, ids in sequences.items()}
    lines = {
        shift: cards[shift]["line"] if ids == _order_ids(cards[shift]) else frame.line(shift, times[shift])
        for shift, ids in sequences.items()
    }
    return Walked(orders, frame, times, lines)


def _require_shifts(plan: Plan, wanted: set[int]) -> None:
    there = Shift.objects.filter(pk__in=wanted, station=plan.station, day=plan.day, active=True)
    usable = there.filter(vehicle__active=True).exclude(vehicle__in=broken(plan.day).values("vehicle"))
    if len(wanted) != usable.count():
        raise conflict(
            "A shift of this plan is gone, or its vehicle is out of service.",
            "Discard the plan and optimize again.",
            plan_id=plan.pk,
        )
    planned = plan.proposal.get("shifts", {})
    for shift in usable.select_related("vehicle"):
        if planned.get(str(shift.pk), planned_mark(shift)) != planned_mark(shift):
            raise conflict(
                f"The shift of {shift.vehicle} was changed since this plan was made.",
                "Discard the plan and optimize again.",
                plan_id=plan.pk,
            )


def _obtainable(plan: Plan, order_ids: Any) -> frozenset[int]:
    """Those of the orders that stand in the pool of the plan's day."""
    pool = Order.objects.filter(station=plan.station, day=plan.day, state=OrderState.OPEN, pk__in=order_ids)
    return frozenset(pool.values_list("pk", flat=True))


def _hold(order_ids: frozenset[int]) -> None:
    """Nobody cancels these until we are done: PostgreSQL locks the rows, SQLite's transaction holds the write lock."""
    rows = Order.objects.select_for_update().filter(pk__in=order_ids).order_by("pk")
    list(rows.values_list("pk", flat=True))


def _replace_drafts(plan: Plan, drafts: list[Route]) -> tuple[dict[int, int | None], list[int]]:
    """Take the drafts the proposal replaces away and put their orders back into the pool.

    Returns who was assigned to which shift (an assignment outlives the draft) and the orders.
    """
    if {route.pk: route.version for route in drafts} != _base(plan):
        raise conflict(
            "Routes were edited since this plan was made.", "Discard it and optimize again.", plan_id=plan.pk
        )
    released = [pk for route in drafts for pk in orders_of(route)]
    Stop.objects.filter(route__in=drafts).delete()
    Route.objects.filter(pk__in=[route.pk for route in drafts]).delete()
    set_order_states(released, OrderState.OPEN)
    return {route.shift_id: route.driver_id for route in drafts}, released


def _make_route(plan: Plan, walked: Walked, card: Card, driver_id: int | None) -> Route:
    shift_id = card["shift_id"]
    route = new_route(
        station=plan.station,
        day=plan.day,
        shift=walked.frame.shift_by_id[shift_id],
        plan=plan,
        wish=card["name"],
        driver_id=driver_id,
    )
    store_times(route, walked.times[shift_id], walked.lines[shift_id])
    return route


def _mark_left_out(plan: Plan) -> list[int]:
    """Write each left-out order's reason on it, where the board and the order page find it."""
    reasons = {left["order_id"]: left for left in plan.proposal.get("left_out", [])}
    orders = list(Order.objects.filter(pk__in=reasons, state=OrderState.OPEN))
    for order in orders:
        reason = reasons[order.pk]
        order.left_out = {name: reason[name] for name in ("code", "words", "changes") if name in reason}
    Order.objects.bulk_update(orders, ["left_out"])
    return [order.pk for order in orders]
