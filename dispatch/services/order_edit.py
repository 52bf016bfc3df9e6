"""Orders as the station's own people write them: made by hand, edited where they stand, moved to another day.

Words are read by the same rules as the API's and the files': a form is only another way of sending them.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from dispatch.lifecycle import OrderState
from dispatch.models import Order, Route, Shop, Station
from dispatch.models.stop import Outcome
from dispatch.services import moves, order_fields
from dispatch.services.cities import reach_of
from dispatch.services.order_draft import OrderDraft, Read
from dispatch.services.order_patch import change_order, invalid, stale
from dispatch.services.order_reading import reader_of
from dispatch.services.order_store import ALPHABET
from dispatch.services.orders import Intake, locate_order, take_orders
from dispatch.services.placing import Geocoder
from dispatch.services.station_days import is_closed, require_open
from lastmile import bus
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError

EDITABLE = (OrderState.NEEDS_LOCATION, OrderState.OPEN, OrderState.PLANNED, OrderState.OUT)
ON_THE_ROAD = ("recipient", "phone", "email", "note", "note_dispatch")
PIN = ("lat", "lng")


@dataclass(frozen=True, slots=True)
class Edited:
    """The order now, whether anything changed, and the route it came off because its door or day is another."""

    order: Order
    changed: bool
    left_route: str = ""


def make_order(
    *,
    station: Station,
    shop: Shop,
    row: Mapping[str, Any],
    actor: str,
    now: datetime,
    geocoder: Geocoder | None,
) -> Order:
    """An order written by hand; without the shop's number it gets one. A number that is taken is refused.

    lat and lng in `row` are where a person put the pin. Raises LastmileError with every wrong field.
    """
    whole = dict(row)
    if not order_fields.clean(str(whole.get("external_id") or "")):
        whole["external_id"] = _offered(shop)
    read = reader_of(station, now=now, inside=True).read(whole)
    if read.draft is None:
        raise invalid(read)
    if is_closed(station, read.draft.day):
        raise LastmileError(
            "day_closed",
            f"{read.draft.day} is closed at {station.name}.",
            "Choose a day that is open.",
            field="day",
            status=409,
        )
    draft = read.draft
    if draft.lat is not None and draft.lng is not None:
        _require_near(station, draft.lat, draft.lng)
    made: list[int] = []

    def settle(intake: Intake) -> None:
        made.append(_made(intake, draft, pinned=draft.lat is not None))

    take_orders(
        station=station, shop=shop, drafts=[draft], actor=actor, now=now, geocoder=geocoder, within=settle
    )
    return Order.objects.select_related("shop", "station").get(pk=made[-1])


def _made(intake: Intake, draft: OrderDraft, *, pinned: bool) -> int:
    """The id of the one order made; raised inside the transaction, a refusal undoes what was written."""
    taken = intake.rows[0]
    if taken.errors:
        raise invalid(Read(None, taken.errors))
    if taken.status != "created" or taken.order_id is None:
        raise LastmileError(
            "number_taken",
            f"The shop already has an order of the number {draft.external_id}: {taken.number}.",
            "Write another number, or none to have one offered.",
            field="external_id",
            status=409,
        )
    if pinned:
        Order.objects.filter(pk=taken.order_id).update(located_by="person")
    return taken.order_id


def _offered(shop: Shop) -> str:
    """A number that the shop has not used: M for made by hand."""
    drawn = ["M-" + "".join(secrets.choice(ALPHABET) for _ in range(7)) for _ in range(8)]
    taken = set(Order.objects.filter(shop=shop, external_id__in=drawn).values_list("external_id", flat=True))
    return next(number for number in drawn if number not in taken)


def edit_order(
    *,
    order: Order,
    patch: Mapping[str, Any],
    version: int,
    actor: str,
    now: datetime,
    geocoder: Geocoder | None,
) -> Edited:
    """Change the fields of `patch` (names of the API; lat and lng: a person moved the pin) on the version seen.

    An order on a route whose door or day becomes another comes off that route; one that is out keeps all but whom to
    reach and what to tell. Raises LastmileError ``stale`` (412) where somebody was faster.
    """
    given = dict(patch)
    pin = {name: given.pop(name) for name in PIN if name in given}
    with transaction.atomic():
        seen = _locked(order, version)
        if seen.state == OrderState.OUT:
            return _edit_on_the_road(seen, given | pin, actor, now)
        left = ""
        if given or pin:
            seen, left = _patched(seen, given, pin, actor, now, geocoder)
        return Edited(seen, seen.version != version, left)


def move_to_day(*, order: Order, day: date, version: int, actor: str, now: datetime) -> Edited:
    """Another day, at the same time of day; off its route, if it was on one."""
    if day == order.day:
        raise LastmileError("same_day", f"It is on {day} already.", "Choose another day.", status=409)
    return edit_order(
        order=order, patch={"day": day.isoformat()}, version=version, actor=actor, now=now, geocoder=None
    )


def _locked(order: Order, version: int) -> Order:
    """The row as it is, held; refused unless it is the version seen and one that can be edited."""
    rows = Order.objects.select_for_update(of=("self",)).select_related("shop", "station")
    seen = rows.get(pk=order.pk)
    if seen.version != version:
        raise stale(seen, version)
    require_open(seen.station, seen.day)
    if seen.state not in EDITABLE:
        raise LastmileError(
            f"order_{seen.state}",
            f"Order {seen.number} is {seen.state.replace('_', ' ')}: it is not edited any more.",
            "Put it back into the pool first." if seen.state == OrderState.FAILED else "Duplicate it.",
            status=409,
        )
    return seen


def _patched(
    seen: Order,
    patch: dict[str, Any],
    pin: dict[str, Any],
    actor: str,
    now: datetime,
    geocoder: Geocoder | None,
) -> tuple[Order, str]:
    left = ""
    if pin and seen.state == OrderState.PLANNED:
        seen, left = _off_route(seen, actor, now)

    def change() -> Order:
        return change_order(
            order=seen,
            patch=patch,
            version=seen.version,
            actor=actor,
            now=now,
            geocoder=geocoder,
            inside=True,
        )[0]

    if patch:
        try:
            seen = change()
        except LastmileError as error:
            if error.code != "order_planned":
                raise
            seen, left = _off_route(seen, actor, now)
            seen = change()
    if pin:
        seen = _pinned(seen, pin, actor, now)
    return seen, left


def _off_route(order: Order, actor: str, now: datetime) -> tuple[Order, str]:
    route = Route.objects.filter(
        stops__visits__order=order, stops__visits__outcome=Outcome.PLANNED
    ).values_list("name", flat=True)
    name = route.first() or ""
    off = moves.Move(order_ids=[order.pk])
    moves.move_orders(station=order.station, day=order.day, move=off, versions={}, actor=actor, now=now)
    return _fresh(order), name


def _pinned(order: Order, pin: Mapping[str, Any], actor: str, now: datetime) -> Order:
    try:
        lat = order_fields.coordinate(pin.get("lat"), 90)
        lng = order_fields.coordinate(pin.get("lng"), 180)
    except order_fields.Bad as bad:
        raise LastmileError(bad.code, bad.cause, "Point at the map again.", field="lat") from bad
    _require_near(order.station, lat, lng)
    return locate_order(order=order, lat=lat, lng=lng, version=order.version, actor=actor, now=now)


def _require_near(station: Station, lat: float, lng: float) -> None:
    reach = reach_of(station)
    if not reach.holds(lat, lng):
        raise LastmileError(
            "out_of_reach",
            f"The place {lat:.4f}, {lng:.4f} lies outside {reach.words}.",
            "Move the pin, or empty it to have the address searched for.",
            field="address",
        )


def _edit_on_the_road(order: Order, patch: dict[str, Any], actor: str, now: datetime) -> Edited:
    """The van has it: whom to reach and what to tell may change, not where, when and how much."""
    fixed = [name for name in patch if name not in ON_THE_ROAD]
    if fixed:
        raise LastmileError(
            "order_out",
            f"Order {order.number} is on its way: this is fixed while a van has it.",
            "Take it off its route on the board, edit it, and put it back.",
            field="address" if fixed[0] in PIN else fixed[0],
            status=409,
        )
    row = {"external_id": order.external_id, "address": order.address or "-", "day": order.day.isoformat()}
    read = reader_of(order.station, now=now, inside=True).read(row | patch)
    if read.draft is None:
        raise invalid(read)
    values = {name: getattr(read.draft, name) for name in patch}
    changed = {name: value for name, value in values.items() if getattr(order, name) != value}
    if not changed:
        return Edited(order, changed=False)
    same = Order.objects.filter(pk=order.pk, version=order.version, state=OrderState.OUT)
    if not same.update(**changed, version=F("version") + 1):
        raise stale(_fresh(order), order.version)
    event = events.OrdersChanged(station_id=order.station_id, what="updated", order_ids=[order.pk])
    bus.publish(event, actor=actor, at=now)
    return Edited(_fresh(order), changed=True)


def _fresh(order: Order) -> Order:
    return Order.objects.select_related("shop", "station").get(pk=order.pk)
