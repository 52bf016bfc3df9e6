"""The form of an order: new, as a copy, and edited by one person while another edits it too."""

import json
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dispatch.access import BOARD, actor_of, require_station
from dispatch.models import Order, Route, Station, StopOrder
from dispatch.models.stop import Outcome
from dispatch.order_forms import (
    OrderForm,
    comes_twice,
    differences,
    initial_new,
    initial_of,
    reapplied,
)
from dispatch.selectors.order_page import order_at
from dispatch.services.cities import open_city
from dispatch.services.order_edit import EDITABLE, ON_THE_ROAD, Edited, edit_order, make_order
from dispatch.services.promises import calendar_of
from dispatch.services.station_days import is_closed
from dispatch.views.closed_days import warn_of_day
from dispatch.views.pages import frame, page
from lastmile.kernel.errors import LastmileError
from lastmile.refusals import said

NOT_COPIED = ("external_id", "barcodes", "note_dispatch")


@require_http_methods(["GET", "HEAD", "POST"])
@page
def new(request: HttpRequest, station_id: int) -> HttpResponse:
    """An empty form; `?from=` takes the words of another order."""
    station = require_station(request.user, station_id, BOARD)
    now = station.now()
    if request.method != "POST":
        first = _initial(request, station)
        form = OrderForm(station=station, now=now, initial=first | {"seen": _seen(first)})
        return _shown(request, station, form)
    form = OrderForm(request.POST, station=station, now=now)
    if form.is_valid():
        try:
            order = make_order(
                station=station,
                shop=form.cleaned_data["shop"],
                row=form.row(),
                actor=actor_of(request),
                now=now,
                geocoder=open_city(station).geocoder,
            )
        except LastmileError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Order %(number)s is taken in.") % {"number": order.number})
            warn_of_day(request, station, order.day)
            _say_place(request, order)
            _say_clock(request, order)
            return redirect("order-show", station.pk, order.pk)
    return _shown(request, station, form, status=422)


def _initial(request: HttpRequest, station: Station) -> dict[str, Any]:
    today = station.now().astimezone(station.zone).date()
    first: dict[str, Any] = initial_new(station, _first_day(station, today))
    given = request.GET.get("from", "")
    if not (given.isascii() and given.isdigit() and len(given) < 15):
        return first
    order = order_at(station, int(given))
    copied = {name: word for name, word in initial_of(order).items() if name not in NOT_COPIED}
    if order.day < today or is_closed(station, order.day):
        copied |= {"day": first["day"]}
    if order.located_by == "person" and order.lat is not None:
        copied |= {"lat": f"{order.lat:.6f}", "lng": f"{order.lng:.6f}"}
    return first | copied | {"shop": order.shop_id}


def _first_day(station: Station, today: date) -> date:
    try:
        return calendar_of(station, today).first_taking(today)
    except LastmileError:  # a station without opening days still takes orders for a day that is named
        return today


def _seen(words: dict[str, Any]) -> str:
    return json.dumps({name: str(word) for name, word in words.items()}, ensure_ascii=False)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def edit(request: HttpRequest, station_id: int, order_id: int) -> HttpResponse:
    """The order's words; the POST carries the version that the page was made of."""
    station = require_station(request.user, station_id, BOARD)
    order = order_at(station, order_id)
    if why := _fixed(order):
        messages.error(request, why)
        return redirect("order-show", station.pk, order.pk)
    now, day = station.now(), order.day
    if request.method != "POST":
        first = initial_of(order)
        hidden = {"version": order.version, "seen": _seen(first)}
        form = OrderForm(station=station, now=now, order=order, initial=first | hidden)
        return _shown(request, station, form, order)
    form = OrderForm(request.POST, station=station, now=now, order=order)
    if not form.is_valid():
        return _shown(request, station, form, order, status=422)
    try:
        edited = _edit(request, order, form)
    except LastmileError as error:
        if error.code in ("stale", "conflict"):
            return _meanwhile(request, station, order, form)
        form.refuse(error)
        return _shown(request, station, form, order, status=422)
    _say(request, edited)
    if edited.order.day != day:
        warn_of_day(request, station, edited.order.day)
    return redirect("order-show", station.pk, order.pk)


def _edit(request: HttpRequest, order: Order, form: OrderForm) -> Edited:
    written = form.cleaned_data["version"]
    version = int(written) if written.isascii() and written.isdigit() and len(written) < 10 else 0
    if version != order.version:
        raise LastmileError("stale", "", "", status=412)
    return edit_order(
        order=order,
        patch=form.patch(),
        version=version,
        actor=actor_of(request),
        now=order.station.now(),
        geocoder=open_city(order.station).geocoder,
    )


def _fixed(order: Order) -> str:
    """Why the order cannot be edited, in words; nothing where it can."""
    if order.erased_at is not None:
        return _("The recipient of this order was erased: nothing of it can be edited.")
    if is_closed(order.station, order.day):
        return _("%(day)s is closed: its orders can be read, not changed.") % {"day": order.day}
    if order.state not in EDITABLE:
        return _("This order has ended or failed: it is not edited any more.")
    return ""


def _meanwhile(request: HttpRequest, station: Station, order: Order, form: OrderForm) -> HttpResponse:
    """What somebody else changed, both values side by side; saving again writes ours over the newest."""
    newest = order_at(station, order.pk)
    if why := _fixed(newest):
        messages.error(request, why)
        return redirect("order-show", station.pk, order.pk)
    theirs, mine = initial_of(newest), form.words()
    again = OrderForm(
        station=station,
        now=station.now(),
        order=newest,
        initial=reapplied(form, theirs, mine) | {"version": newest.version, "seen": _seen(theirs)},
    )
    return _shown(request, station, again, newest, status=412, meanwhile=differences(form, theirs, mine))


def _say(request: HttpRequest, edited: Edited) -> None:
    number = {"number": edited.order.number, "route": edited.left_route}
    if not edited.changed:
        messages.info(request, _("Nothing was changed."))
        return
    messages.success(request, _("Order %(number)s is changed.") % number)
    if edited.left_route:
        words = _("It came off route %(route)s, for its day or door is another: plan it again.")
        messages.warning(request, words % number)
    _say_place(request, edited.order)
    _say_clock(request, edited.order)


def _say_place(request: HttpRequest, order: Order) -> None:
    if order.lat is None:
        words = _("It needs a place on the map: %(why)s")
        messages.warning(request, words % {"why": said(order.location_note)})


def _say_clock(request: HttpRequest, order: Order) -> None:
    zone = order.station.zone
    for at in (order.window_start, order.window_end):
        if at is not None and comes_twice(at, zone):
            there = at.astimezone(zone)
            words = _("%(clock)s comes twice on %(day)s: it is taken as %(whole)s.")
            told = {"clock": f"{there:%H:%M}", "day": there.date(), "whole": f"{there:%H:%M %Z (UTC%z)}"}
            messages.info(request, words % told)


def _shown(
    request: HttpRequest,
    station: Station,
    form: OrderForm,
    order: Order | None = None,
    status: int = 200,
    meanwhile: Any = None,
) -> HttpResponse:
    city = open_city(station)
    route = _route_of(order)
    if order is not None and order.state == "out":
        for name, field in form.fields.items():
            if name not in (*ON_THE_ROAD, "version", "seen"):
                field.widget.attrs["readonly"] = True
    context = frame(request, station, "orders") | {
        "form": form,
        "order": order,
        "route": route,
        "no_shops": order is None and not station.shops.filter(sandbox_of=None).exists(),
        "meanwhile": meanwhile,
        "stale": status == 412,
        "map": city.tiles()
        | {"lat": station.lat, "lng": station.lng, "online_url": settings.TILE_URL or None}
        | {"time_zone": station.time_zone, "currency": station.currency, "units": station.units}
        | {"pin": [order.lat, order.lng] if order is not None and order.lat is not None else None},
        "may_search": city.geocoder is not None,
        "status": status,
    }
    return render(request, "dispatch/order_form.html", context, status=status)


def _route_of(order: Order | None) -> Route | None:
    if order is None or order.state not in ("planned", "out"):
        return None
    ahead = StopOrder.objects.filter(order=order, outcome=Outcome.PLANNED).select_related("stop__route")
    visit = ahead.first()
    return visit.stop.route if visit else None
