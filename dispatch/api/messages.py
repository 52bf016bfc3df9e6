"""Messages between station and drivers, from the station's side."""

from typing import Any

from django.urls import path
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch.access import BOARD, READ, actor_of, require_station
from dispatch.api.body import body_of, required_integer
from dispatch.models import Driver, Role, Station
from dispatch.selectors.driver_messages import history, message_card, message_cards, open_counts
from dispatch.services.driver_messages import confirm_all_from, send_to_driver
from lastmile.kernel.errors import LastmileError, not_found


@api_view(["GET"])
def counts(request: Request, station_id: int) -> Response:
    """What waits to be read or confirmed, by driver."""
    station = require_station(request.user, station_id, READ)
    return Response({"drivers": open_counts(station, station.now())})


@api_view(["GET", "POST"])
def messages(request: Request, station_id: int, driver_id: int) -> Response:
    """The history with a driver; POST `{"event_id", "words"}` sends one more."""
    driver = _driver(request, station_id, driver_id, READ if request.method == "GET" else BOARD)
    if request.method == "GET":
        return Response({"messages": message_cards(history(driver))})
    data = body_of(request, {"event_id", "words"})
    sent = send_to_driver(
        driver=driver,
        words=text(data, "words"),
        event_id=text(data, "event_id"),
        actor=actor_of(request),
        now=driver.station.now(),
    )
    return Response(message_card(sent))


@api_view(["POST"])
def seen(request: Request, station_id: int, driver_id: int) -> Response:
    """`{"upto": id}`: the driver's messages up to this one have been read."""
    driver = _driver(request, station_id, driver_id, BOARD)
    upto = required_integer(body_of(request, {"upto"}), "upto")
    count = confirm_all_from(driver=driver, upto=upto, actor=actor_of(request), now=driver.station.now())
    return Response({"confirmed": count})


def _driver(request: Request, station_id: int, driver_id: int, roles: tuple[Role, ...]) -> Driver:
    station: Station = require_station(request.user, station_id, roles)
    driver = Driver.objects.select_related("station").filter(pk=driver_id, station=station).first()
    if driver is None:
        raise not_found("The driver")
    return driver


def text(data: Any, name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str):
        raise LastmileError("bad_text", f"{name} must be a text.", "Correct it.", field=name)
    return value


urlpatterns = [
    path("api/v1/stations/<int:station_id>/messages/", counts, name="message-counts"),
    path("api/v1/stations/<int:station_id>/drivers/<int:driver_id>/messages/", messages, name="messages"),
    path(
        "api/v1/stations/<int:station_id>/drivers/<int:driver_id>/messages/seen/", seen, name="messages-seen"
    ),
]
