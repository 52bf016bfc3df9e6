"""Taking orders in, placing them on the map, cancelling them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from dispatch.lifecycle import OrderState, ParcelState, sources
from dispatch.models import Order, Parcel, Shop, Station
from dispatch.selectors.orders import order_card
from dispatch.services import moves
from dispatch.services.cities import reach_of
from dispatch.services.order_draft import OrderDraft
from dispatch.services.order_store import Taken, store_drafts
from dispatch.services.placing import Geocoder, Placement, Reach, place_drafts
from dispatch.services.rollover import Carried, carry_over, next_day
from dispatch.services.station_days import is_closed, require_open
from lastmile import bus
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError, conflict
from lastmile.kernel.geo import require_point

CHUNK = 500
TRIES = 3
LOCATABLE = (OrderState.NEEDS_LOCATION, OrderState.OPEN)
WAITING = (OrderState.NEEDS_LOCATION, OrderState.OPEN, OrderState.PLANNED)


@dataclass(frozen=True)
class Intake:
    """What became of a list of drafts: one `Taken` for each, in order."""

    rows: list[Taken] = field(default_factory=list)

    def count(self, status: str) -> int:
        return sum(row.status == status for row in self.rows)

    @property
    def created(self) -> int:
        return self.count("created")

    @property
    def updated(self) -> int:
        return self.count("updated")

    @property
    def unchanged(self) -> int:
        return self.count("unchanged")

    @property
    def rejected(self) -> int:
        return self.count("rejected")


def take_orders(
    *,
    station: Station,
    shop: Shop,
    drafts: Sequence[OrderDraft],
    actor: str,
    now: datetime,
    geocoder: Geocoder | None,
    within: Callable[[Intake], None] | None = None,
) -> Intake:
    """Create or update the shop's orders; sending the same again changes nothing.

    Chunks of 500 are a transaction each. `within` is called inside each of them with that chunk's intake, so
    that a caller's own record of progress is stored with the orders or not at all.
    """
    rows: list[Taken] = []
    seen: set[str] = set()
    for start in range(0, len(drafts), CHUNK):
        chunk = list(drafts[start : start + CHUNK])
        placed = _place(shop, chunk, geocoder, reach_of(station))
        rows += _take_chunk(station, shop, chunk, placed, seen, actor, now, within)
        seen.update(draft.external_id for draft in chunk)
    return Intake(rows)


def _place(
    shop: Shop, drafts: list[OrderDraft], geocoder: Geocoder | None, reach: Reach
) -> dict[str, Placement]:
    """Search before the transaction, which holds the database, and only for new or moved addresses."""
    known = {
        row[0]: row[1:]
        for row in Order.objects.filter(shop=shop, external_id__in=[d.external_id for d in drafts])
        .exclude(lat=None)
        .values_list("external_id", "address", "postcode", "place")
    }
    moved = [
        d for d in drafts if d.lat is not None or known.get(d.external_id) != (d.address, d.postcode, d.place)
    ]
    asked = list({draft.external_id: draft for draft in reversed(moved)}.values())
    placements = place_drafts(asked, geocoder, reach)
    return {draft.external_id: placement for draft, placement in zip(asked, placements, strict=True)}


def _take_chunk(
    station: Station,
    shop: Shop,
    drafts: list[OrderDraft],
    placed: dict[str, Placement],
    seen: set[str],
    actor: str,
    now: datetime,
    within: Callable[[Intake], None] | None,
) -> list[Taken]:
    for attempt in range(1, TRIES + 1):
        try:
            with transaction.atomic():
                rows = store_drafts(
                    station=station, shop=shop, drafts=drafts, placed=placed, seen=set(seen), now=now
                )
                _tell(station, rows, actor, now)
                if within:
                    within(Intake(rows))
            return rows
        except IntegrityError:
            # Another request took the same external id, number or barcode at this moment: its row is there to
            # be found now, and the second look updates or refuses instead of creating.
            if attempt == TRIES:
                raise
    raise AssertionError("the loop above returns or raises")


def _tell(station: Station, rows: list[Taken], actor: str, now: datetime) -> None:
    for what in ("created", "updated"):
        ids = [row.order_id for row in rows if row.status == what and row.order_id]
        if ids:
            event = events.OrdersChanged(station_id=station.pk, what=what, order_ids=ids)
            bus.publish(event, actor=actor, at=now)


def locate_order(*, order: Order, lat: object, lng: object, version: int, actor: str, now: datetime) -> Order:
    """Set the place a person pointed at; the order is open for planning then."""
    lat, lng = require_point(lat, lng)
    with transaction.atomic():
        require_open(order.station, order.day)
        free = Order.objects.filter(pk=order.pk, version=version, state__in=LOCATABLE)
        changed = free.update(
            lat=lat,
            lng=lng,
            located_by="person",
            location_note="",
            left_out=None,
            state=OrderState.OPEN,
            version=F("version") + 1,
        )
        if not changed:
            raise _refused(order, version, LOCATABLE, "moved on the map")
        _changed(order, "located", actor, now)
    return _fresh(order)


def cancel_order(
    *,
    order: Order,
    actor: str,
    now: datetime,
    version: int | None = None,
    by_shop: bool = False,
    reason: str = "",
) -> Order:
    """Call an order off; cancelling twice is once. Its route, if any, is re-timed without it.

    A shop may cancel until the van has left; after that only the station can reach the driver. The reason is kept
    with the dispatcher's note: the ledger is for ever, and a reason may name people.
    """
    allowed = WAITING if by_shop else tuple(sources(OrderState, OrderState.CANCELLED))
    with transaction.atomic():
        order = _fresh(order)
        if order.state == OrderState.CANCELLED:
            return order
        if order.state not in allowed or version not in (None, order.version):
            raise _refused(order, version or order.version, allowed, "cancelled")
        require_open(order.station, order.day)
        seen = order.version
        if order.state in (OrderState.PLANNED, OrderState.OUT):
            off = moves.Move(order_ids=[order.pk])
            moves.move_orders(
                station=order.station, day=order.day, move=off, versions={}, actor=actor, now=now
            )
            seen = _fresh(order).version
        free = Order.objects.filter(pk=order.pk, version=seen, state__in=sources(OrderState, "cancelled"))
        values = {"note_dispatch": _with_reason(order.note_dispatch, reason)} if reason else {}
        if not free.update(state=OrderState.CANCELLED, left_out=None, version=F("version") + 1, **values):
            raise _refused(order, seen, allowed, "cancelled")
        Parcel.objects.filter(order=order, state__in=sources(ParcelState, "cancelled")).update(
            state=ParcelState.CANCELLED
        )
        _changed(order, "cancelled", actor, now)
    return _fresh(order)


def _with_reason(note: str, reason: str) -> str:
    longest = Order._meta.get_field("note_dispatch").max_length or 0
    whole = f"{note} · {reason}" if note else reason
    if len(whole) > longest:
        raise LastmileError(
            "reason_too_long",
            f"With the note that is there, the reason has {len(whole)} characters; {longest} is the limit.",
            "Write a shorter reason.",
            field="reason",
        )
    return whole


def reopen_order(*, order: Order, version: int, actor: str, now: datetime) -> Order:
    """After a failed attempt the order goes back to the pool: somebody has taken care, it is to be planned again."""
    with transaction.atomic():
        failed = Order.objects.filter(pk=order.pk, version=version, state=OrderState.FAILED)
        if not failed.update(state=OrderState.OPEN, version=F("version") + 1):
            raise _refused(order, version, (OrderState.FAILED,), "put back into the pool")
        _changed(order, "reopened", actor, now)
        _carry_from_closed(order, actor, now)
    return _fresh(order)


def _carry_from_closed(order: Order, actor: str, now: datetime) -> None:
    """In the pool of a day that is over nobody would see it: it goes on at once, as the others did at the close."""
    if is_closed(order.station, order.day):
        going = [Carried(order.pk, order.number, "attempt_failed")]
        target = next_day(order.station, order.day, now)
        carry_over(station=order.station, day=order.day, target=target, carried=going, actor=actor, now=now)


def _fresh(order: Order) -> Order:
    return Order.objects.select_related("shop", "station").get(pk=order.pk)


def _changed(order: Order, what: str, actor: str, now: datetime) -> None:
    event = events.OrdersChanged(station_id=order.station_id, what=what, order_ids=[order.pk])
    bus.publish(event, actor=actor, at=now)


def _refused(order: Order, version: int, allowed: Iterable[str], verb: str) -> LastmileError:
    newest = _fresh(order)
    if newest.state not in allowed:
        return LastmileError(
            "illegal_move",
            f"Order {newest.number} is {newest.state.replace('_', ' ')}; it cannot be {verb} now.",
            "Take it off its route first." if newest.state == OrderState.PLANNED else "Ask the station.",
            status=409,
            data={"order": order_card(newest)},
        )
    return conflict(
        f"Order {newest.number} was changed meanwhile (version {newest.version}, not {version}).",
        "Look at the newest version and try again.",
        order=order_card(newest),
    )
