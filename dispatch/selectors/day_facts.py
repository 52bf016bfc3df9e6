"""The numbers of a station's day, and the rows behind each of them. `docs/day.md` says what each one means.

A day that is open is counted afresh, in a few statements however many orders it has. A closed day shows what was
frozen when it was closed: numbers, the ids behind them, the costs and targets they were judged by.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from dispatch.lifecycle import OrderState, RouteState, StopState
from dispatch.models import Attempt, Order, Route, Station, StationDay, Stop
from dispatch.models.attempt import AttemptOutcome

Facts = dict[str, Any]

VISITED = (StopState.COMPLETED, StopState.FAILED)
DELIVERED = Q(last_outcome=AttemptOutcome.DELIVERED)
FAILED = Q(last_outcome=AttemptOutcome.FAILED)
TRIED = Q(last_outcome__isnull=False)
FIRST = TRIED & Q(tried_before=False)
COUNTED = ~Q(state=OrderState.CANCELLED) | TRIED
WINDOWED = DELIVERED & (Q(window_start__isnull=False) | Q(window_end__isnull=False))
POLICY = (
    *("late_after_min", "cost_order_cents", "cost_failed_cents", "currency", "target_on_time_pct"),
    *("target_first_attempt_pct", "target_delivered_pct", "target_stops_per_route"),
)


def order_facts(late_after_min: int) -> dict[str, Q]:
    """Each number that counts orders, as the condition on `day_orders` its rows meet."""
    late = timedelta(minutes=late_after_min)
    in_time = (Q(window_start__isnull=True) | Q(last_at__gte=F("window_start"))) & (
        Q(window_end__isnull=True) | Q(last_at__lte=F("window_end") + late)
    )
    returned = Q(state=OrderState.RETURNED) & ~TRIED
    return {
        "orders": COUNTED,
        "delivered": DELIVERED,
        "failed": FAILED,
        "returned": returned,
        "open": COUNTED & ~TRIED & ~Q(state=OrderState.RETURNED),
        "cancelled": Q(state=OrderState.CANCELLED) & ~TRIED,
        "tried": TRIED,
        "first_tried": FIRST,
        "first_delivered": FIRST & Q(first_outcome=AttemptOutcome.DELIVERED),
        "windowed": WINDOWED,
        "on_time": WINDOWED & in_time,
        "off_time": WINDOWED & ~in_time,
    }


def day_orders(station: Station, day: date) -> QuerySet[Any]:
    """Orders of the day, and those that a van of the day tried though they are another day's now."""
    attempts = Attempt.objects.filter(stop__route__day=day, stop__route__station=station)
    mine = attempts.filter(order=OuterRef("pk"))
    last, first = mine.order_by("-pk"), mine.order_by("pk")
    before = Attempt.objects.filter(order=OuterRef("pk"), stop__route__day__lt=day)
    return Order.objects.filter(Q(day=day) | Q(pk__in=attempts.values("order_id")), station=station).annotate(
        last_outcome=Subquery(last.values("outcome")[:1]),
        last_reason=Subquery(last.values("reason")[:1]),
        last_at=Subquery(last.values("at")[:1]),
        first_outcome=Subquery(first.values("outcome")[:1]),
        tried_before=Exists(before),
    )


def facts_of(station: Station, day: date, now: datetime) -> Facts:
    """The facts of a day: frozen ones where it is closed, else as they stand at `now`."""
    row = StationDay.objects.filter(station=station, day=day).first()
    if row is not None and row.facts:
        return row.facts
    return live_facts(station, day, now)


def live_facts(station: Station, day: date, now: datetime) -> Facts:
    """Count the day afresh: four statements."""
    orders = day_orders(station, day)
    conditions = order_facts(station.late_after_min)
    counts = orders.aggregate(**{name: Count("pk", filter=where) for name, where in conditions.items()})
    reasons = dict(
        orders.filter(FAILED).values_list("last_reason").annotate(n=Count("pk")).order_by("last_reason")
    )
    routes = route_rows(station, day, now)
    failed = failed_attempts(station, day).count()
    policy = {name: getattr(station, name) for name in POLICY}
    return {
        "day": day.isoformat(),
        "policy": policy,
        "counts": counts | {"failed_attempts": failed} | totals_of(routes),
        "reasons": reasons,
        "routes": routes,
        "cost_cents": cost_of(policy, routes, counts["tried"], failed),
    }


def freeze_facts(station: Station, day: date, now: datetime) -> Facts:
    """What a closed day keeps: its facts and the ids behind every number."""
    orders = day_orders(station, day).order_by("pk")
    conditions = order_facts(station.late_after_min)
    rows = {name: _ids(orders.filter(where)) for name, where in conditions.items()}
    rows |= {
        f"reason:{reason}": _ids(orders.filter(FAILED, last_reason=reason))
        for reason in set(orders.filter(FAILED).values_list("last_reason", flat=True))
    }
    rows |= {
        "stops": _ids(visited_stops(station, day)),
        "failed_attempts": _ids(failed_attempts(station, day)),
    }
    return live_facts(station, day, now) | {"rows": rows}


def _ids(rows: QuerySet[Any]) -> list[int]:
    return list(rows.values_list("pk", flat=True))


def route_rows(station: Station, day: date, now: datetime) -> list[dict[str, Any]]:
    """The routes that left the station, with their stops counted and the hours they were out."""
    stops = Count("stops", filter=~Q(stops__state=StopState.CANCELLED))
    done = Count("stops", filter=Q(stops__state__in=VISITED))
    rows = Route.objects.filter(station=station, day=day, departed_at__isnull=False)
    rows = rows.annotate(n_stops=stops, n_done=done).select_related("driver", "vehicle")
    return [_route_row(route, now) for route in rows.order_by("pk")]


def _route_row(route: Any, now: datetime) -> dict[str, Any]:
    end = route.closed_at if route.state == RouteState.CLOSED else now
    return {
        "id": route.pk,
        "name": route.name,
        "driver": route.driver.name if route.driver else "",
        "vehicle": route.vehicle.name,
        "state": route.state,
        "stops": route.n_stops,
        "visited": route.n_done,
        "distance_m": route.distance_m,
        "out_s": max(0, round((end - route.departed_at).total_seconds())),
        "cost_cents": route.cost_cents,
    }


def totals_of(routes: list[dict[str, Any]]) -> dict[str, int]:
    return {"routes": len(routes)} | {
        total: sum(route[name] for route in routes)
        for total, name in (("stops", "visited"), ("distance_m", "distance_m"), ("out_s", "out_s"))
    }


def cost_of(policy: dict[str, Any], routes: list[dict[str, Any]], tried: int, failed: int) -> dict[str, int]:
    """What the day cost, in cents: the routes, handling each order that was tried, each failed attempt."""
    parts = {
        "routes": sum(route["cost_cents"] for route in routes),
        "orders": policy["cost_order_cents"] * tried,
        "failed": policy["cost_failed_cents"] * failed,
    }
    return parts | {"total": sum(parts.values())}


def visited_stops(station: Station, day: date) -> QuerySet[Stop]:
    """Stops a van of the day was at and finished."""
    rows = Stop.objects.filter(route__station=station, route__day=day, route__departed_at__isnull=False)
    return rows.filter(state__in=VISITED).select_related("route").order_by("route_id", "sequence", "pk")


def failed_attempts(station: Station, day: date) -> QuerySet[Attempt]:
    """Attempts in vain of the day: one order may have several."""
    rows = Attempt.objects.filter(stop__route__station=station, stop__route__day=day)
    return rows.filter(outcome=AttemptOutcome.FAILED).select_related("order", "stop__route").order_by("pk")


def rates(facts: Facts) -> dict[str, float | None]:
    """Ratios of the counts; None where there is nothing to divide by."""
    counts = facts["counts"]
    return {
        "delivered": _share(counts["delivered"], counts["orders"]),
        "first_attempt": _share(counts["first_delivered"], counts["first_tried"]),
        "on_time": _share(counts["on_time"], counts["windowed"]),
        "stops_per_route": counts["stops"] / counts["routes"] if counts["routes"] else None,
        "cost_each": facts["cost_cents"]["total"] / counts["delivered"] if counts["delivered"] else None,
    }


def _share(part: int, whole: int) -> float | None:
    return 100 * part / whole if whole else None


def compared(station: Station, day: date, now: datetime) -> dict[str, Facts]:
    """The facts of the day, of the day before it and of the same weekday a week earlier."""
    return {
        "day": facts_of(station, day, now),
        "day_before": facts_of(station, day - timedelta(days=1), now),
        "week_before": facts_of(station, day - timedelta(days=7), now),
    }


# --- the rows behind a number --------------------------------------------------------------------------------------


def order_ids(station: Station, facts: Facts, day: date, name: str) -> list[int]:
    """Ids of the orders behind a number (a name of `order_facts`, or ``reason:…``); [] for an unknown name."""
    if "rows" in facts:
        return list(facts["rows"].get(name, []))
    conditions = order_facts(station.late_after_min)
    reason = name.removeprefix("reason:")
    where = FAILED & Q(last_reason=reason) if reason != name else conditions.get(name)
    return [] if where is None else _ids(day_orders(station, day).filter(where).order_by("pk"))


def kept_ids(facts: Facts, name: str, rows: QuerySet[Any]) -> list[int]:
    """Ids of stops or attempts behind a number: frozen ones, or those of the live query."""
    return list(facts["rows"].get(name, [])) if "rows" in facts else _ids(rows)


def orders_on(station: Station, day: date, ids: Iterable[int]) -> list[Order]:
    """Orders to list, with what happened to them on the day, in the order asked for."""
    wanted = list(ids)
    attempts = Attempt.objects.filter(
        order=OuterRef("pk"), stop__route__day=day, stop__route__station=station
    ).order_by("-pk")
    rows = Order.objects.filter(pk__in=wanted, station=station).annotate(
        last_outcome=Subquery(attempts.values("outcome")[:1]),
        last_reason=Subquery(attempts.values("reason")[:1]),
        last_at=Subquery(attempts.values("at")[:1]),
        route_name=Subquery(attempts.values("stop__route__name")[:1]),
    )
    place = {pk: index for index, pk in enumerate(wanted)}
    return sorted(rows, key=lambda order: place[order.pk])
