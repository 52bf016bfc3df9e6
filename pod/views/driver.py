"""The driver's pages: the route with the next stop on top, one stop with what happens there, and messages.

Each has one part that is fetched again when the page is nudged (`.../now/`); what the driver is writing stands outside
of it and stays.
"""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from dispatch.lifecycle import RouteState
from dispatch.models import Driver
from dispatch.models.attempt import FailureReason
from dispatch.selectors.driver_messages import history, unconfirmed
from lastmile.kernel.errors import LastmileError
from pod.selectors.driver import Call, call_at, later_of, round_of
from pod.views import driver_acts, seen
from pod.views.caller import HIDDEN, drivers_page, own_stop
from pod.views.driver_acts import gone_page


def common(request: HttpRequest, driver: Driver) -> dict[str, Any]:
    """What stands on top of every page of a driver."""
    now = driver.station.now()
    shown = round_of(driver, now)
    return {
        "driver": driver,
        "depot": driver.station,
        "zone": driver.station.zone,
        "now": now,
        "round": shown,
        "news": seen.news(request, driver, shown),
        "waiting": unconfirmed(driver, now),
    }


@require_safe
@drivers_page
def route_page(request: HttpRequest, driver: Driver, part: bool = False) -> HttpResponse:
    context = common(request, driver)
    context["later"] = later_of(driver, context["round"], context["now"])
    shown = context["round"]
    if shown is not None and shown.next is not None:
        context |= at_door(request, shown.next)
    return render(request, "pod/_route.html" if part else "pod/driver.html", context)


@require_safe
@drivers_page
def stop_page(request: HttpRequest, driver: Driver, pk: int, part: bool = False) -> HttpResponse:
    """One stop, in or out of turn."""
    try:
        stop = own_stop(request, driver, pk)
    except LastmileError as error:
        if error.status in HIDDEN:
            return gone_page(request, driver, [])
        raise
    context = common(request, driver) | {"route": stop.route, "call": call_at(stop)}
    context |= at_door(request, context["call"])
    context |= {
        "reasons": FailureReason.choices,
        "event_id": uuid.uuid4().hex,
        "outcome": request.GET.get("outcome", ""),
        "may_report": stop.route.state == RouteState.DEPARTED and context["call"].waiting,
    }
    return render(request, "pod/_stop.html" if part else "pod/stop.html", context)


@require_safe
@drivers_page
def messages_page(request: HttpRequest, driver: Driver, part: bool = False) -> HttpResponse:
    context = common(request, driver) | {"history": history(driver), "event_id": uuid.uuid4().hex}
    return render(request, "pod/_messages.html" if part else "pod/messages.html", context)


def at_door(request: HttpRequest, call: Call) -> dict[str, Any]:
    agent = request.headers.get("User-Agent", "")
    return {"call": call, "navigate": navigation(agent, call.stop.lat, call.stop.lng)}


def navigation(agent: str, lat: float, lng: float) -> str:
    """An address that opens the phone's own map. Nothing foreign is asked before it is tapped."""
    place = f"{lat:.6f},{lng:.6f}"
    if "Android" in agent:
        return f"geo:{place}?q={place}"
    if any(apple in agent for apple in ("iPhone", "iPad", "Macintosh")):
        return f"https://maps.apple.com/?daddr={place}"
    return f"https://www.openstreetmap.org/?mlat={lat:.6f}&mlon={lng:.6f}#map=18/{lat:.6f}/{lng:.6f}"


urlpatterns = [
    path("driver/", route_page, name="driver"),
    path("driver/now/", route_page, {"part": True}, name="driver-now"),
    path("driver/stops/<int:pk>/", stop_page, name="driver-stop"),
    path("driver/stops/<int:pk>/now/", stop_page, {"part": True}, name="driver-stop-now"),
    path("driver/messages/", messages_page, name="driver-messages"),
    path("driver/messages/now/", messages_page, {"part": True}, name="driver-messages-now"),
    *driver_acts.urlpatterns,
]
