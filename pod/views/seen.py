"""What this phone has shown of the route, kept in its session by ids only: so a change is news until understood."""

from typing import Any

from django.http import HttpRequest

from dispatch.lifecycle import RouteState
from dispatch.models import Driver, Order, Route
from dispatch.models.stop import Outcome
from pod.changes import Changes, Standing, compare
from pod.selectors.driver import Call, Round

SEEN, LOST = "driver_route_seen", "driver_orders_lost"
LOST_KEPT = 60


def news(request: HttpRequest, driver: Driver, shown: Round | None) -> dict[str, Any] | None:
    """What changed since `understood`, for the template; the first look at a route is no news."""
    held = request.session.get(SEEN)
    if held is not None and (shown is None or held["route"] != shown.route.pk):
        if _taken_back(held["route"], driver):
            return {"taken_back": held["name"], "route": held["route"]}
        held = None
    if shown is None or shown.route.state == RouteState.CLOSED:
        if held is not None:
            request.session.pop(SEEN, None)
        return None
    if held is None:
        remember(request, shown)
        return None
    changes = compare(_read(held["orders"]), standing(shown.calls), _done(shown.calls))
    return _told(request, changes, shown) if changes else None


def _taken_back(route_id: int, driver: Driver) -> bool:
    route = Route.objects.filter(pk=route_id).only("state", "driver_id").first()
    return route is None or route.state == RouteState.DRAFT or route.driver_id != driver.pk


def _told(request: HttpRequest, changes: Changes, shown: Round) -> dict[str, Any]:
    keep_lost(request, changes.gone)
    rows = Order.objects.in_bulk([*changes.gone, *changes.new, *changes.window])
    stops = {order.pk: call.stop for call in shown.calls for order in call.orders}
    return {
        "route": shown.route.pk,
        "gone": [rows[pk] for pk in changes.gone if pk in rows],
        "new": [(rows[pk], stops[pk]) for pk in changes.new if pk in rows and pk in stops],
        "window": [(rows[pk], stops[pk]) for pk in changes.window if pk in rows and pk in stops],
        "shuffled": changes.shuffled,
    }


def remember(request: HttpRequest, shown: Round) -> None:
    """From now on this is what the driver knows."""
    orders = {str(pk): list(where) for pk, where in standing(shown.calls).items()}
    request.session[SEEN] = {"route": shown.route.pk, "name": shown.route.name, "orders": orders}


def forget(request: HttpRequest) -> None:
    request.session.pop(SEEN, None)


def keep_lost(request: HttpRequest, order_ids: tuple[int, ...]) -> None:
    """Orders this phone showed and lost: the driver may still have to say what became of them."""
    lost: list[int] = request.session.get(LOST, [])
    added = [pk for pk in order_ids if pk not in lost]
    if added:
        request.session[LOST] = [*lost, *added][-LOST_KEPT:]


def known_orders(request: HttpRequest, order_ids: list[int]) -> list[Order]:
    """Those of the orders that this phone has shown, now or before."""
    held = request.session.get(SEEN) or {"orders": {}}
    known = {int(pk) for pk in held["orders"]} | set(request.session.get(LOST, []))
    return list(Order.objects.filter(pk__in=known & set(order_ids)).order_by("pk"))


def standing(calls: list[Call]) -> Standing:
    return {
        visit.order_id: (call.stop.sequence, _window(visit.order)) for call in calls for visit in call.visits
    }


def _window(order: Order) -> str:
    ends = (order.window_start, order.window_end)
    return "/".join(f"{end:%Y-%m-%dT%H:%MZ}" if end else "" for end in ends)


def _done(calls: list[Call]) -> set[int]:
    return {visit.order_id for call in calls for visit in call.visits if visit.outcome != Outcome.PLANNED}


def _read(orders: dict[str, list[Any]]) -> Standing:
    return {int(pk): (int(where[0]), str(where[1])) for pk, where in orders.items()}
