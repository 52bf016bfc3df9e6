"""Pages of orders: the list with search and export, and those that need a place on the map."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from dispatch.access import BOARD, READ, actor_of, require_station
from dispatch.lifecycle import OrderState
from dispatch.models import Order, Role, Station
from dispatch.models.order import OrderKind
from dispatch.selectors.masking import is_masked, mask_order, masked_at
from dispatch.selectors.order_list import SORTS, AskedList, listed, page_of, state_counts
from dispatch.selectors.orders import needing_location
from dispatch.services import order_fields
from dispatch.services.cities import open_city
from dispatch.services.csv_writing import csv_lines
from dispatch.services.placing import written
from dispatch.services.station_days import is_closed
from dispatch.views.imports import csv_response
from dispatch.views.order_words import STATES
from dispatch.views.pages import frame, page
from lastmile import bus
from lastmile.kernel import events

PAGE = 50
LOCATE_PAGE = 25
MAY_EXPORT = (Role.MANAGER, Role.AUDITOR)
HEADINGS = (
    ("number", gettext_lazy("Number")),
    ("shop", gettext_lazy("Shop’s number")),
    ("day", gettext_lazy("Day")),
    ("window", gettext_lazy("Window")),
    ("recipient", gettext_lazy("Recipient")),
    ("address", gettext_lazy("Address")),
    ("pieces", gettext_lazy("Parcels")),
    ("state", gettext_lazy("State")),
)
COLUMNS = (
    "number",
    "external_id",
    "shop",
    "day",
    "state",
    "kind",
    "recipient",
    "phone",
    "email",
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
    "note_dispatch",
    "location_note",
)


def asked_list(request: HttpRequest, station: Station) -> AskedList:
    """The filters of the address line; what makes no sense filters nothing."""
    given = request.GET
    day: date | None = station.now().astimezone(station.zone).date()
    if "day" in given:
        try:
            day = order_fields.day(given["day"])
        except order_fields.Bad:
            day = None
    state, kind, shop, sort = (given.get(name, "") for name in ("state", "kind", "shop", "sort"))
    return AskedList(
        station=station,
        day=day,
        state=state if state in set(OrderState) else "",
        kind=kind if kind in OrderKind.values else "",
        shop_id=int(shop) if shop.isascii() and shop.isdigit() and len(shop) < 15 else None,
        text=order_fields.clean(given.get("q", ""))[:100],
        sort=sort if sort.removeprefix("-") in SORTS else "day",
        masked=masked_at(request.user, station.pk),
    )


def _columns(kept: QueryDict, asked: AskedList) -> list[dict[str, Any]]:
    """Headings with the way to sort by each: again by the same goes the other way round."""
    columns = []
    for name, label in HEADINGS:
        query = kept.copy()
        up, down = asked.sort == name, asked.sort == f"-{name}"
        query["sort"] = f"-{name}" if up else name
        order = "ascending" if up else "descending" if down else ""
        columns.append({"name": name, "label": label, "query": query.urlencode(), "sorted": order})
    return columns


def _states(kept: QueryDict, asked: AskedList, counts: dict[str, int]) -> list[dict[str, Any]]:
    """Each state that occurs with its count and the way to see it alone; first all of them."""
    states = []
    for value in ("", *[str(state) for state in OrderState]):
        count = counts.get(value, 0) if value else sum(counts.values())
        if value and not count and value != asked.state:
            continue
        query = kept.copy()
        query["state"] = value
        label = STATES[OrderState(value)] if value else _("all")
        states.append(
            {
                "value": value,
                "label": label,
                "count": count,
                "query": query.urlencode(),
                "on": value == asked.state,
            }
        )
    return states


@require_safe
@page
def orders(request: HttpRequest, station_id: int) -> HttpResponse:
    station = require_station(request.user, station_id, READ)
    asked = asked_list(request, station)
    counts = state_counts(asked)
    total = counts.get(asked.state, 0) if asked.state else sum(counts.values())
    shown = Paginator(range(total), PAGE).get_page(request.GET.get("page"))
    kept = request.GET.copy()
    kept.pop("page", None)
    found = page_of(asked, shown.start_index() - 1, PAGE) if total else []
    context = frame(request, station, "orders")
    roles = context["roles"]
    context |= {
        "orders": [mask_order(order) for order in found] if asked.masked else found,
        "pages": shown,
        "total": total,
        "asked": asked,
        "columns": _columns(kept, asked),
        "states": _states(kept, asked, counts),
        "shops": list(station.shops.filter(sandbox_of=None)),
        "kinds": OrderKind.choices,
        "query": kept.urlencode(),
        "narrowed": bool(asked.text or asked.state or asked.shop_id or asked.kind),
        "closed": bool(asked.day and is_closed(station, asked.day)),
        "may_edit": bool(roles & set(BOARD)),
        "may_export": bool(roles & set(MAY_EXPORT)),
    }
    return render(request, "dispatch/orders_list.html", context)


@require_safe
@page
def export(request: HttpRequest, station_id: int) -> HttpResponseBase:
    """The list as a spreadsheet file, streamed; its columns can be imported again. That it left is recorded."""
    station = require_station(request.user, station_id, MAY_EXPORT)
    asked = asked_list(request, station)
    found = listed(asked)
    with transaction.atomic():
        detail = f"{asked.day or 'all days'} {asked.state or 'all states'}"
        event = events.DataExported(station_id=station.pk, what="orders", rows=found.count(), detail=detail)
        bus.publish(event, actor=actor_of(request), at=station.now())
    name = f"orders-{station.code}.csv"
    rows = found.iterator(chunk_size=500)
    shown = map(mask_order, rows) if asked.masked else rows
    return csv_response(csv_lines(COLUMNS, _rows(shown, station)), name)


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
    context = frame(request, station, "needs-location")
    may_edit, masked = bool(context["roles"] & set(BOARD)), is_masked(context["roles"])
    rows = [
        {
            "order": mask_order(order) if masked else order,
            "suggestions": geocoder.search(_text(order), 3) if geocoder and may_edit else [],
        }
        for order in shown
    ]
    context |= {
        "orders": shown,
        "rows": rows,
        "map": city.tiles()
        | {"lat": station.lat, "lng": station.lng, "online_url": settings.TILE_URL or None},
        "may_edit": may_edit,
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
