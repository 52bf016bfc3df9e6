"""Everything the page of one order shows, in a fixed number of queries."""

from dataclasses import dataclass
from typing import Any

from dispatch.models import (
    Attempt,
    DeliveryException,
    Driver,
    Order,
    Parcel,
    RecipientMessage,
    Route,
    Shop,
    Station,
    StopOrder,
)
from dispatch.models.stop import Outcome
from dispatch.selectors.masking import mask_name, mask_order
from dispatch.selectors.order_history import order_history
from dispatch.services.station_days import is_closed
from lastmile.kernel.errors import not_found
from lastmile.kernel.geo import distance_m
from lastmile.models import Event, User


@dataclass(frozen=True, slots=True)
class Try:
    """An attempt with its proof, and how far from the order's place it was made, in metres."""

    attempt: Attempt
    proof: Any
    files: list[Any]
    metres: float | None


@dataclass(frozen=True, slots=True)
class OrderPage:
    """`visit` is the newest stop the order stands or stood at; `names` puts ids of events into words."""

    order: Order
    parcels: list[Parcel]
    visit: StopOrder | None
    tries: list[Try]
    messages: list[RecipientMessage]
    closed: bool
    history: list[Event]
    names: dict[str, dict[Any, str]]


def order_at(station: Station, order_id: int) -> Order:
    """An order of the station. Raises LastmileError ``not_found``."""
    rows = Order.objects.select_related("shop", "station", "service_level", "recurring")
    order = rows.filter(pk=order_id, station=station).first() if order_id < 2**63 else None
    if order is None:
        raise not_found("The order")
    order.station = station
    return order


def order_page(station: Station, order_id: int, *, masked: bool = False) -> OrderPage:
    """The page; `masked` for whoever may follow the order without knowing the recipient."""
    order = order_at(station, order_id)
    visits = StopOrder.objects.filter(order=order).exclude(outcome=Outcome.MISSED)
    history = order_history(order)
    messages = list(order.messages.order_by("-pk"))
    tries = _tries(order)
    if masked:
        _mask(order, tries, messages)
    return OrderPage(
        order=order,
        parcels=list(order.parcels.order_by("pk")),
        visit=visits.select_related("stop__route__driver").order_by("-pk").first(),
        tries=tries,
        messages=messages,
        closed=is_closed(station, order.day),
        history=history,
        names=_names(history, messages),
    )


def _mask(order: Order, tries: list[Try], messages: list[RecipientMessage]) -> None:
    """Rows as they are shown; they are never saved."""
    mask_order(order)
    for each in tries:
        each.attempt.note = ""
        if each.proof is not None:
            each.proof.received_by = mask_name(each.proof.received_by)
    for message in messages:
        message.to, message.error = mask_name(message.to), ""


def _tries(order: Order) -> list[Try]:
    """The newest first. Proofs are the higher app's rows: reached by their relation's name alone."""
    rows = Attempt.objects.filter(order=order).select_related("driver", "stop__route", "proof")
    return [_try(order, row) for row in rows.prefetch_related("proof__files").order_by("-at", "-pk")]


def _try(order: Order, row: Attempt) -> Try:
    proof = getattr(row, "proof", None)
    metres = proof.distance_m if proof is not None else None
    places = (order.lat, order.lng, row.lat, row.lng)
    if metres is None and order.erased_at is None and None not in places:
        metres = distance_m(*places)  # type: ignore[arg-type]
    return Try(row, proof, list(proof.files.all()) if proof is not None else [], metres)


def _names(history: list[Event], messages: list[RecipientMessage]) -> dict[str, dict[Any, str]]:
    """What ids in events stand for: routes, alerts, people and shops, a query each."""
    routes = {pk for event in history for pk in event.data.get("route_ids", ())}
    routes |= {event.data["route_id"] for event in history if "route_id" in event.data}
    alerts = {event.data["exception_id"] for event in history if "exception_id" in event.data}
    actors = {event.actor for event in history} | {message.actor for message in messages}
    people = [actor.removeprefix("user:") for actor in actors if actor.startswith("user:")]
    shops = [actor.removeprefix("shop:") for actor in actors if actor.startswith("shop:")]
    drivers = [int(actor[7:]) for actor in actors if actor.startswith("driver:") and actor[7:].isdigit()]
    named = User.objects.filter(username__in=people)
    return {
        "route": dict(Route.objects.filter(pk__in=routes).values_list("pk", "name")),
        "alert": dict(DeliveryException.objects.filter(pk__in=alerts).values_list("pk", "words")),
        "actor": {f"user:{user.username}": user.get_full_name() for user in named}
        | {
            f"driver:{pk}": name
            for pk, name in Driver.objects.filter(pk__in=drivers).values_list("pk", "name")
        }
        | {
            f"shop:{code}": name
            for code, name in Shop.objects.filter(code__in=shops).values_list("code", "name")
        },
        "message": {message.pk: message.channel for message in messages},
    }
