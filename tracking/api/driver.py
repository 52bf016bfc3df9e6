"""What a driver's phone asks: today's route, leave, come back."""

from datetime import date, datetime
from typing import Any

from django.urls import path
from rest_framework import permissions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dispatch.access import actor_of
from dispatch.lifecycle import RouteState
from dispatch.models import Driver, Order, Route
from dispatch.selectors.board import route_cards, today
from dispatch.selectors.orders import order_cards
from dispatch.services.routes import close_route, depart_route
from lastmile.kernel.errors import LastmileError
from pod.access import driver_of, require_route

SHOWN = (RouteState.RELEASED, RouteState.DEPARTED, RouteState.CLOSED)


class DriverView(APIView):
    """The caller is known by token or session; each view asks what they may see."""

    permission_classes = [permissions.AllowAny]


class DriverRouteView(DriverView):
    def get(self, request: Request) -> Response:
        """The driver's route of the day with its orders: the one on the road, the next, or the last one done."""
        driver = driver_of(request)
        if driver is None:
            raise LastmileError(
                "no_driver",
                "No driver is signed in.",
                "Connect this phone or sign in as a driver.",
                status=401,
            )
        route = _route_of(driver, _day(request.query_params.get("day"), driver))
        if route is None:
            raise LastmileError(
                "no_route", "There is no route for you yet.", "Ask your dispatcher to release it.", status=404
            )
        return Response(route_with_orders(route))


def route_with_orders(route: Route) -> dict[str, Any]:
    orders = Order.objects.filter(stops__route=route).distinct()
    card: dict[str, Any] = route_cards(Route.objects.filter(pk=route.pk))[0]
    return card | {"orders": order_cards(orders)}


def _day(text: str | None, driver: Driver) -> date:
    try:
        return date.fromisoformat(text) if text else today(driver.station)
    except ValueError as error:
        raise LastmileError(
            "bad_day", f"{text!r} is no day.", "Write it as 2026-03-10.", field="day"
        ) from error


def _route_of(driver: Driver, day: date) -> Route | None:
    routes = list(Route.objects.filter(driver=driver, day=day, state__in=SHOWN).order_by("start_at", "id"))
    for state in (RouteState.DEPARTED, RouteState.RELEASED):
        for route in routes:
            if route.state == state:
                return route
    return routes[-1] if routes else None


class StartView(DriverView):
    def post(self, request: Request, route_id: int) -> Response:
        """The van leaves. Saying so twice is one departure."""
        route, now = _route_and_now(request, route_id)
        moved = depart_route(route=route, actor=actor_of(request), now=now)
        return Response(route_with_orders(moved))


class FinishView(DriverView):
    def post(self, request: Request, route_id: int) -> Response:
        """The van is back at the station. What was never tried returns to the pool."""
        route, now = _route_and_now(request, route_id)
        if route.state == RouteState.RELEASED:
            raise LastmileError(
                "route_not_departed",
                f"Route {route.name} has not departed.",
                "Start the route first.",
                status=409,
            )
        moved = close_route(route=route, actor=actor_of(request), now=now)
        return Response(route_with_orders(moved))


def _route_and_now(request: Request, route_id: int) -> tuple[Route, datetime]:
    route = require_route(request, route_id)
    return route, route.station.now()


urlpatterns = [
    path("api/v1/driver/route/", DriverRouteView.as_view(), name="driver-route"),
    path("api/v1/routes/<int:route_id>/start/", StartView.as_view(), name="route-start"),
    path("api/v1/routes/<int:route_id>/finish/", FinishView.as_view(), name="route-finish"),
]
