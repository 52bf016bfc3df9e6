"""One order: its page, calling it off, putting it back, and the recipient's link."""

from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from dispatch.access import BOARD, MANAGE, READ, actor_of, require_station, roles_at
from dispatch.lifecycle import OrderState, may
from dispatch.models import Order, Station
from dispatch.order_forms import OrderForm
from dispatch.selectors.masking import is_masked
from dispatch.selectors.order_list import neighbours
from dispatch.selectors.order_page import OrderPage, order_at, order_page
from dispatch.services.cities import open_city
from dispatch.services.links import link_url
from dispatch.services.order_asks import ASKS
from dispatch.services.order_asks import words as asked
from dispatch.services.order_edit import EDITABLE
from dispatch.services.orders import LOCATABLE, reopen_order
from dispatch.services.recipient_messages import end_links, send_link
from dispatch.views import order_bulk, order_cancel, order_form
from dispatch.views.order_cancel import version_of
from dispatch.views.order_words import PARCELS, actor_name, history_lines, state_sentence
from dispatch.views.orders import asked_list
from dispatch.views.pages import frame, page
from lastmile.kernel.errors import LastmileError
from lastmile.refusals import in_words


def asked_lines(order: Order) -> list[tuple[Any, str]]:
    """What the order asks of the plan besides: label and words."""
    fields = OrderForm.base_fields
    return [(fields[name].label, asked(order.asks, name)) for name in ASKS if name in order.asks]


@require_safe
@never_cache
@page
def show(request: HttpRequest, station_id: int, order_id: int) -> HttpResponse:
    """Everything there is to say about one order."""
    station = require_station(request.user, station_id, READ)
    roles = roles_at(request.user, station.pk)
    found = order_page(station, order_id, masked=is_masked(roles))
    order = found.order
    may_edit = bool(roles & set(BOARD)) and not found.closed and order.erased_at is None
    before, after = neighbours(asked_list(request, station), order.pk) if request.GET else (None, None)
    context = frame(request, station, "orders") | {
        "shown": found,
        "order": order,
        "words": state_sentence(found),
        "kg": order.weight_g / 1000,
        "litres": order.volume_cm3 / 1000,
        "parcels": [(parcel, PARCELS.get(parcel.state, parcel.state)) for parcel in found.parcels],
        "asks": asked_lines(order),
        "lines": history_lines(found),
        "told": [(row, actor_name(row.actor, found.names)) for row in found.messages],
        "may": _may(order, may_edit, roles),
        "link": _link(order) if roles & set(BOARD) and order.erased_at is None else None,
        "query": request.GET.urlencode(),
        "before": before,
        "after": after,
        "map": _map(station, found),
    }
    return render(request, "dispatch/order_show.html", context)


def _may(order: Order, may_edit: bool, roles: set[str]) -> dict[str, bool]:
    """The buttons of the page."""
    return {
        "edit": may_edit and order.state in EDITABLE,
        "cancel": may_edit and may(OrderState, order.state, OrderState.CANCELLED),
        # Also of a closed day: what waits there for a decision goes on to the next one from here.
        "reopen": bool(roles & set(BOARD)) and order.erased_at is None and order.state == OrderState.FAILED,
        "locate": may_edit and order.state in LOCATABLE,
        "duplicate": bool(roles & set(BOARD)) and order.erased_at is None,
        "export": bool(roles & set(MANAGE)),
        "erase": bool(roles & set(MANAGE)) and order.erased_at is None,
    }


def _link(order: Order) -> dict[str, Any]:
    """The recipient's link, and the ways to send it by hand."""
    url = link_url(order)
    subject = _("Your delivery from %(shop)s") % {"shop": order.shop.name}
    return {
        "url": url,
        "mail": bool(settings.MAIL and order.email),
        "why_not": _("This installation sends no mail.")
        if not settings.MAIL
        else _("There is no e-mail address."),
        "mailto": f"mailto:{quote(order.email)}?subject={quote(subject)}&body={quote(url)}"
        if order.email
        else "",
        "sms": f"sms:{order.phone}?body={quote(url)}" if order.phone else "",
    }


def _map(station: Station, found: OrderPage) -> dict[str, Any] | None:
    order = found.order
    if order.lat is None or order.lng is None:
        return None
    about = {"lat": order.lat, "lng": order.lng, "online_url": settings.TILE_URL or None}
    return open_city(station).tiles() | about | {"pin": [order.lat, order.lng]}


@require_POST
@page
def reopen(request: HttpRequest, station_id: int, order_id: int) -> HttpResponse:
    station = require_station(request.user, station_id, BOARD)
    order = order_at(station, order_id)
    try:
        reopen_order(
            order=order,
            version=version_of(request.POST.get("version", "")),
            actor=actor_of(request),
            now=station.now(),
        )
        messages.success(request, _("Order %(number)s is in the pool again.") % {"number": order.number})
    except LastmileError as error:
        messages.error(request, in_words(error))
    return redirect("order-show", station.pk, order.pk)


@require_POST
@page
def link_send(request: HttpRequest, station_id: int, order_id: int) -> HttpResponse:
    station = require_station(request.user, station_id, BOARD)
    order = order_at(station, order_id)
    try:
        told = send_link(order=order, actor=actor_of(request), now=station.now())
        messages.success(request, _("The link is on its way to %(to)s.") % {"to": told.to})
    except LastmileError as error:
        messages.error(request, in_words(error))
    return redirect("order-show", station.pk, order.pk)


@require_POST
@page
def link_end(request: HttpRequest, station_id: int, order_id: int) -> HttpResponse:
    station = require_station(request.user, station_id, BOARD)
    order = order_at(station, order_id)
    try:
        end_links(
            order=order,
            link_version=version_of(request.POST.get("link_version", "")),
            actor=actor_of(request),
            now=station.now(),
        )
        messages.success(request, _("All links made so far are ended. The one shown now is new."))
    except LastmileError as error:
        messages.error(request, in_words(error))
    return redirect("order-show", station.pk, order.pk)


BASE = "stations/<int:station_id>/orders/"
ONE = f"{BASE}<int:order_id>/"
urlpatterns = [
    path(f"{BASE}bulk/", order_bulk.bulk, name="orders-bulk"),
    path(f"{BASE}new/", order_form.new, name="order-new"),
    path(ONE, show, name="order-show"),
    path(f"{ONE}edit/", order_form.edit, name="order-edit"),
    path(f"{ONE}cancel/", order_cancel.cancel, name="order-cancel"),
    path(f"{ONE}reopen/", reopen, name="order-reopen"),
    path(f"{ONE}link/send/", link_send, name="order-link-send"),
    path(f"{ONE}link/end/", link_end, name="order-link-end"),
]
