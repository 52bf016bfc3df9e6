"""The driver's page: the next stop on top, and a button for each thing that happens there."""

import functools
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from dispatch.access import actor_of
from dispatch.lifecycle import RouteState
from dispatch.models import Driver, Route, Stop
from dispatch.models.attempt import FailureReason
from dispatch.services.routes import close_route, depart_route
from dispatch.services.visits import arrive_stop, fail_stop
from lastmile.kernel.errors import LastmileError, not_found
from pod.access import driver_of, require_route, require_stop
from pod.api.stops import DeliverReport, FailReport, StopReport, read_report
from pod.rules import Capture
from pod.selectors.driver import round_of
from pod.services.deliveries import deliver

HIDDEN = (403, 404)  # on this page, what is not the driver's does not exist


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in browser, as the permission functions shared with the API expect to find it."""

    user: Any
    auth: None = None


Act = Callable[[HttpRequest, Caller, Driver, int], None]


@require_safe
@never_cache
@login_required
def driver_page(request: HttpRequest) -> HttpResponse:
    driver = driver_of(Caller(request.user))
    if driver is None:
        return render(request, "pod/no_driver.html", status=403)
    now = driver.station.now()
    shown = round_of(driver, now)
    context = {
        "driver": driver,
        "depot": driver.station,
        "zone": driver.station.zone,
        "round": shown,
        "reasons": FailureReason.choices,
        "event_id": uuid.uuid4().hex,
    }
    if shown is not None and shown.next is not None:
        stop = shown.next.stop
        context["navigate"] = navigation(request.headers.get("User-Agent", ""), stop.lat, stop.lng)
    return render(request, "pod/driver.html", context)


def navigation(agent: str, lat: float, lng: float) -> str:
    """An address that opens the phone's own map. Nothing foreign is asked before it is tapped."""
    place = f"{lat:.6f},{lng:.6f}"
    if "Android" in agent:
        return f"geo:{place}?q={place}"
    if any(apple in agent for apple in ("iPhone", "iPad", "Macintosh")):
        return f"https://maps.apple.com/?daddr={place}"
    return f"https://www.openstreetmap.org/?mlat={lat:.6f}&mlon={lng:.6f}#map=18/{lat:.6f}/{lng:.6f}"


def told(act: Act) -> Callable[[HttpRequest, int], HttpResponse]:
    """A form's target: does it, then shows the page again, with the reason where it was refused."""

    @require_POST
    @login_required
    @functools.wraps(act)
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        caller = Caller(request.user)
        driver = driver_of(caller)
        if driver is None:
            return render(request, "pod/no_driver.html", status=403)
        try:
            act(request, caller, driver, pk)
        except LastmileError as error:
            if error.status in HIDDEN:
                return render(request, "404.html", status=404)
            messages.error(request, f"{error.cause} {error.action}")
        return redirect("driver")

    return view


@told
def start(request: HttpRequest, caller: Caller, driver: Driver, pk: int) -> None:
    _move(depart_route, _route(caller, driver, pk), RouteState.DEPARTED, actor_of(caller))


@told
def finish(request: HttpRequest, caller: Caller, driver: Driver, pk: int) -> None:
    route = _route(caller, driver, pk)
    if route.state == RouteState.RELEASED:
        raise LastmileError(
            "route_not_departed",
            f"Route {route.name} has not departed.",
            "Start the route first.",
            status=409,
        )
    _move(close_route, route, RouteState.CLOSED, actor_of(caller))


def _move(move: Callable[..., Route], route: Route, goal: RouteState, actor: str) -> None:
    try:
        move(route=route, actor=actor, now=route.station.now())
    except LastmileError:
        # The other of two quick taps was first: it is where it should be.
        route.refresh_from_db()
        if route.state != goal:
            raise


@told
def arrive(request: HttpRequest, caller: Caller, driver: Driver, pk: int) -> None:
    stop = _stop(caller, driver, pk)
    now = stop.route.station.now()
    report = read_report(_read(StopReport, request), now)
    arrive_stop(stop=stop, at=report.at, actor=actor_of(caller), now=now)


@told
def hand_over(request: HttpRequest, caller: Caller, driver: Driver, pk: int) -> None:
    stop, body = _stop(caller, driver, pk), _read(DeliverReport, request)
    now = stop.route.station.now()
    deliver(
        stop=stop,
        report=read_report(body, now),
        capture=Capture(body["received_by"], body["relation"]),
        order_ids=None,
        accuracy_m=body.get("accuracy"),
        driver=driver,
        actor=actor_of(caller),
        now=now,
    )


@told
def fail(request: HttpRequest, caller: Caller, driver: Driver, pk: int) -> None:
    stop, body = _stop(caller, driver, pk), _read(FailReport, request)
    now = stop.route.station.now()
    fail_stop(
        stop=stop,
        report=read_report(body, now),
        reason=body["reason"],
        order_ids=None,
        driver=driver,
        actor=actor_of(caller),
        now=now,
    )


def _route(caller: Caller, driver: Driver, pk: int) -> Route:
    """A route of this driver; whoever works the board as well uses the board for the others."""
    route = require_route(caller, pk)
    if route.driver_id != driver.pk or route.state == RouteState.DRAFT:
        raise not_found("The route")
    return route


def _stop(caller: Caller, driver: Driver, pk: int) -> Stop:
    stop = require_stop(caller, pk)
    _route(caller, driver, stop.route_id)
    return stop


def _read(shape: type[StopReport], request: HttpRequest) -> dict[str, Any]:
    """The form under the API's own rules. Its moment is now: the page is sent as it is tapped."""
    read = shape(data=request.POST)
    if not read.is_valid():
        field, words = next(iter(read.errors.items()))
        raise LastmileError("bad_form", f"{field}: {words[0]}", "Correct it and send it again.", field=field)
    return {name: value for name, value in read.validated_data.items() if name not in ("at", "sent_at")}


urlpatterns = [
    path("driver/", driver_page, name="driver"),
    path("driver/routes/<int:pk>/start/", start, name="driver-start"),
    path("driver/routes/<int:pk>/finish/", finish, name="driver-finish"),
    path("driver/stops/<int:pk>/arrive/", arrive, name="driver-arrive"),
    path("driver/stops/<int:pk>/deliver/", hand_over, name="driver-deliver"),
    path("driver/stops/<int:pk>/fail/", fail, name="driver-fail"),
]
