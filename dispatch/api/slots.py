"""Which windows to offer for an order."""

from typing import Any

from django.urls import path
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch.access import BOARD, require_row, require_station
from dispatch.api.body import body_of, integer
from dispatch.models import Order
from dispatch.selectors.board import iso
from dispatch.services.cities import open_city
from dispatch.services.order_draft import INSIDE_NAMES, NAMES
from dispatch.services.slots import offer_slots
from lastmile.kernel.errors import LastmileError


@api_view(["POST"])
def offer(request: Request, station_id: int) -> Response:
    """The windows in which an order fits today's plan, the cheapest first."""
    station = require_station(request.user, station_id, BOARD)
    data = dict(body_of(request, {*NAMES, *INSIDE_NAMES, "windows", "order_id"}))
    windows: Any = data.pop("windows", None) or []
    if not isinstance(windows, list) or not all(isinstance(each, str) for each in windows):
        cause = "windows must be a list of texts."
        raise LastmileError("bad_window", cause, 'Send ["09:00-11:00"].', field="windows")
    order_id = integer(data, "order_id")
    data.pop("order_id", None)
    if order_id is not None:
        require_row(request.user, Order.objects.filter(station=station), order_id, "The order", BOARD)
    found = offer_slots(
        station=station,
        row=data,
        windows=windows,
        order_id=order_id,
        now=station.now(),
        geocoder=open_city(station).geocoder,
    )
    slots = [
        {"start": iso(each.start), "end": iso(each.end), "cents": each.cents, "served": iso(each.served)}
        for each in found
    ]
    return Response({"slots": slots})


urlpatterns = [path("api/v1/stations/<int:station_id>/slots/", offer, name="api-slots")]
