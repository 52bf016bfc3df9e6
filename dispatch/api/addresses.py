"""Addresses of a station's city: search while typing, and what lies under a click."""

from typing import Any

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dispatch.access import READ, require_station
from dispatch.services import order_fields
from dispatch.services.cities import open_city
from lastmile.kernel.errors import LastmileError
from lastmile.kernel.geo import require_point

NEAR_M = 500.0


def _geocoder(request: Request, station_id: int) -> Any:
    station = require_station(request.user, station_id, READ)
    geocoder = open_city(station).geocoder
    if geocoder is None:
        raise LastmileError(
            "no_city",
            f"The city {station.city} of this station has no address index.",
            "Add it with `manage.py city add`, or point at the map.",
            status=409,
        )
    return geocoder


def suggestion(match: Any) -> dict[str, Any]:
    return {"label": match.label, "lat": match.lat, "lng": match.lng, "confidence": match.confidence}


class AddressSearch(APIView):
    """GET ?q=: the best five, best first."""

    def get(self, request: Request, station_id: int) -> Response:
        geocoder = _geocoder(request, station_id)
        try:
            text = order_fields.text(request.query_params.get("q", ""), 300)
        except order_fields.Bad as bad:
            raise LastmileError(bad.code, bad.cause, "Type a shorter address.", field="q") from bad
        found = geocoder.search(text, 5) or geocoder.suggest(text, 5)
        return Response([suggestion(match) for match in found])


class AddressNear(APIView):
    """GET ?lat=&lng=: the numbered address within 500 m, as a list of none or one."""

    def get(self, request: Request, station_id: int) -> Response:
        geocoder = _geocoder(request, station_id)
        lat, lng = (_degrees(request, name) for name in ("lat", "lng"))
        match = geocoder.reverse(*require_point(lat, lng), NEAR_M)
        return Response([suggestion(match) | {"metres": match.metres}] if match else [])


def _degrees(request: Request, name: str) -> float:
    try:
        return order_fields.number(request.query_params.get(name, ""))
    except order_fields.Bad as bad:
        raise LastmileError("bad_place", bad.cause, "Send decimal degrees.", field=name) from bad


urlpatterns = [
    path("api/v1/stations/<int:station_id>/addresses/", AddressSearch.as_view(), name="api-addresses"),
    path(
        "api/v1/stations/<int:station_id>/addresses/near/", AddressNear.as_view(), name="api-addresses-near"
    ),
]
