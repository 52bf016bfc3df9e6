"""Pages of orders: the list with search and export, and those that need a place on the map."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from dispatch.access import BOARD, READ, require_station, roles_at
from dispatch.lifecycle import OrderState
from dispatch.models import Order, Station
from dispatch.selectors.orders import find_orders, needing_location
from dispatch.services import order_fields
from dispatch.services.cities import open_city
from dispatch.services.csv_writing import csv_lines
from dispatch.services.placing import written
from dispatch.views.imports import csv_response
from dispatch.views.pages import frame, page

PAGE = 50
LOCATE_PAGE = 25
COLUMNS = (
    "number",
    "external_id",
    "shop",
    "day",
    "state",
    "kind",
    "recipient",
    "phone",
    "address",
    "postcode",
    "place",
    "lat",
    "lng",
    "window_start",
    "window_end",
    "priority",
    "skills",
    "weight_g",
    "volume_cm3",
    "pieces",
    "note",
    "location_note",
)


def _asked(request: HttpRequest, station: Station) -> dict[str, Any]:
    """The filters of the address line; what makes no sense filters nothing."""
    given = request.GET
    day: date | None = station.now().astimezone(station.zone).date()
    if "day" in given:
        try:
            day = order_fields.day(given["day"])
        except order_fields.Bad:
            day = None
    state = given.get("state", "")
    return {
        "day": day,
        "state": state if state in set(OrderState) else "",
        "text": order_fields.clean(given.get("q", ""))[:100],
    }


@require_safe
@page
def orders(request: HttpRequest, station_id: int) -> HttpResponse:
    station = require_station(request.user, station_id, READ)
    asked = _asked(request, station)
    found = find_orders(Order.objects.filter(station=station), **asked)
    shown = Paginator(found, PAGE).get_page(request.GET.get("page"))
    kept = request.GET.copy()
    kept.pop("page", None)
    context = frame(request, station, "orders") | {
        "orders": shown,
        "asked": asked,
        "states": [(state.value, state.value.replace("_", " ")) for state in OrderState],
        "query": kept.urlencode(),
        "zone": station.zone,
        "may_edit": bool(roles_at(request.user, station.pk) & set(BOARD)),
    }
    return render(request, "dispatch/orders_list.html", context)


@require_safe
@page
def export(request: HttpRequest, station_id: int) -> HttpResponseBase:
    """The list as a spreadsheet file, streamed; its columns can be imported again."""
    station = require_station(request.user, station_id, READ)
    found = find_orders(Order.objects.filter(station=station), **_asked(request, station))
    name = f"orders-{station.code}.csv"
    return csv_response(csv_lines(COLUMNS, _rows(found.iterator(chunk_size=500), station)), name)


def _rows(found: Iterator[Order], station: Station) -> Iterator[list[object]]:
    for order in found:
        cells: dict[str, object] = {name: getattr(order, name) for name in COLUMNS if name != "shop"}
        cells |= {"shop": order.shop.name, "skills": " ".join(order.skills)}
        for name in ("window_start", "window_end"):
            at = getattr(order, name)
            cells[name] = at.astimezone(station.zone).isoformat(timespec="minutes") if at else ""
        yield [cells[name] for name in COLUMNS]


@require_safe
@page
def needs_location(request: HttpRequest, station_id: int) -> HttpResponse:
    """Orders whose address was not found, with a map to point at."""
    station = require_station(request.user, station_id, READ)
    shown = Paginator(needing_location(station.pk), LOCATE_PAGE).get_page(request.GET.get("page"))
    city = open_city(station)
    geocoder = city.geocoder
    rows = [
        {"order": order, "suggestions": geocoder.search(_text(order), 3) if geocoder else []}
        for order in shown
    ]
    context = frame(request, station, "needs-location") | {
        "orders": shown,
        "rows": rows,
        "map": city.tiles()
        | {"lat": station.lat, "lng": station.lng, "online_url": settings.TILE_URL or None},
        "may_edit": bool(roles_at(request.user, station.pk) & set(BOARD)),
    }
    return render(request, "dispatch/orders_needs_location.html", context)


def _text(order: Order) -> str:
    return written(order.address, order.postcode, order.place)


BASE = "stations/<int:station_id>/orders/"
urlpatterns = [
    path(BASE, orders, name="orders"),
    path(f"{BASE}export.csv", export, name="orders-export"),
    path(f"{BASE}needs-location/", needs_location, name="needs-location"),
]
