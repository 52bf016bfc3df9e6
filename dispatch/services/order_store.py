"""Writing a chunk of drafts: a few bulk statements, whatever its size. The caller owns the transaction."""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from dispatch.lifecycle import OrderState, ParcelState
from dispatch.models import Order, Parcel, ServiceLevel, Shop, Station, StationDay
from dispatch.services import order_asks
from dispatch.services.order_draft import FieldError, OrderDraft, ParcelDraft
from dispatch.services.order_fields import shown
from dispatch.services.placing import Placement, place_drafts

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U to misread
UPDATABLE = {OrderState.NEEDS_LOCATION, OrderState.OPEN, OrderState.PLANNED}
ADDRESS = ("address", "postcode", "place")
PLAIN = (
    "kind",
    "recipient",
    "phone",
    "email",
    "note",
    "window_start",
    "window_end",
    "priority",
    "service_time_s",
    "weight_g",
    "volume_cm3",
    "pieces",
)
PLACE = ("lat", "lng", "located_by", "location_note", "state")
WRITTEN = (
    "day",
    *ADDRESS,
    *PLAIN,
    "skills",
    "asks",
    *PLACE,
    "service_level",
    "note_dispatch",
    "left_out",
    "version",
)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one draft: created, updated, unchanged or rejected (then `errors` says why)."""

    external_id: str
    status: str
    order_id: int | None = None
    number: str = ""
    errors: tuple[FieldError, ...] = ()


def store_drafts(
    *,
    station: Station,
    shop: Shop,
    drafts: Sequence[OrderDraft],
    placed: dict[str, Placement],
    seen: set[str],
    now: datetime,
) -> list[Taken]:
    """Create and update; refusals are rows, not exceptions. `seen`: external ids met in this request."""
    if station.sandbox_of_id:
        drafts = [trial_draft(draft) for draft in drafts]
    chunk = _Chunk(station, shop, drafts, placed, now)
    verdicts = [chunk.take(draft, seen) for draft in drafts]
    chunk.write()
    return [verdict if isinstance(verdict, Taken) else _taken(*verdict) for verdict in verdicts]


def compare_drafts(
    *,
    station: Station,
    shop: Shop,
    drafts: Sequence[OrderDraft],
    placed: dict[str, Placement],
    seen: set[str],
    now: datetime,
) -> list[tuple[Taken, Order | None]]:
    """What `store_drafts` would do now, each with the row as it would become: nothing is written or locked."""
    if station.sandbox_of_id:
        drafts = [trial_draft(draft) for draft in drafts]
    chunk = _Chunk(station, shop, drafts, placed, now, lock=False)
    verdicts = [chunk.take(draft, seen) for draft in drafts]
    return [
        (verdict, None) if isinstance(verdict, Taken) else (_taken(*verdict), verdict[1])
        for verdict in verdicts
    ]


def _taken(status: str, order: Order) -> Taken:
    return Taken(order.external_id, status, order.pk, order.number)


def _rejected(draft: OrderDraft, field: str, code: str, cause: str) -> Taken:
    return Taken(draft.external_id, "rejected", errors=(FieldError(field, code, cause),))


class _Chunk:
    """The rows a chunk finds and the rows it will write."""

    def __init__(
        self,
        station: Station,
        shop: Shop,
        drafts: Sequence[OrderDraft],
        placed: dict[str, Placement],
        now: datetime,
        *,
        lock: bool = True,
    ) -> None:
        self.station, self.shop, self.placed, self.now = station, shop, placed, now
        orders = Order.objects.select_for_update() if lock else Order.objects.all()
        found = orders.filter(shop=shop, external_id__in={draft.external_id for draft in drafts})
        self.known = {order.external_id: order for order in found}
        self.parcels = _parcels_of(self.known.values())
        self.barcodes = _owners(drafts)
        self.numbers = _free_numbers(len(drafts), "TEST-" if station.sandbox_of_id else "LM-")
        self.levels = _levels_of(station, drafts)
        self.closed = _closed_days(station, {d.day for d in drafts} | {o.day for o in self.known.values()})
        self.new: list[Order] = []
        self.changed: list[Order] = []
        self.new_parcels: list[tuple[Order, ParcelDraft]] = []
        self.gone_parcels: list[int] = []

    def take(self, draft: OrderDraft, seen: set[str]) -> Taken | tuple[str, Order]:
        if draft.external_id in seen:
            return _rejected(
                draft, "external_id", "duplicate", "The same external id stands twice in this list."
            )
        seen.add(draft.external_id)
        order = self.known.get(draft.external_id)
        draft = self.as_promised(draft, order)
        wrong = self.misfit(draft) or self.refusal(draft, order)
        if wrong:
            return wrong
        return ("created", self.create(draft)) if order is None else self.update(draft, order)

    def as_promised(self, draft: OrderDraft, order: Order | None) -> OrderDraft:
        """What was promised once stays promised: an order that is only sent again does not move with the clock."""
        level = self.levels.get(draft.service_level)
        if order is None or not draft.promised or level is None or order.service_level_id != level:
            return draft
        return replace(draft, day=order.day, window_start=order.window_start, window_end=order.window_end)

    def misfit(self, draft: OrderDraft) -> Taken | None:
        """Why the station takes no such order at all."""
        if draft.service_level and draft.service_level not in self.levels:
            cause = f"The station has no service level {shown(draft.service_level)}."
            return _rejected(draft, "service_level", "no_such_service_level", cause)
        order = self.known.get(draft.external_id)
        for day in (draft.day, order.day if order else draft.day):
            if day in self.closed:
                cause = f"The station has closed its day {day}: it takes no more orders or changes."
                return _rejected(draft, "day", "day_closed", cause)
        return None

    def refusal(self, draft: OrderDraft, order: Order | None) -> Taken | None:
        for parcel in draft.parcels:
            owner = self.barcodes.setdefault(parcel.barcode, (self.shop.pk, draft.external_id))
            if owner != (self.shop.pk, draft.external_id):
                cause = f"The barcode {parcel.barcode} belongs to another order."
                return _rejected(draft, "barcodes", "barcode_taken", cause)
        if order is None:
            return None
        if order.station_id != self.station.pk:
            return _rejected(draft, "station", "other_station", "The order was sent to another station.")
        if order.state not in UPDATABLE:
            words = order.state.replace("_", " ")
            return _rejected(draft, "external_id", f"order_{order.state}", f"The order is {words} already.")
        if order.state == OrderState.PLANNED and self.moves(draft, order):
            cause = "The order is on a route: its day and address are fixed until it is taken off."
            return _rejected(draft, "address", "order_planned", cause)
        return None

    def moves(self, draft: OrderDraft, order: Order) -> bool:
        return draft.day != order.day or self.place_of(draft, order) is not None

    def place_of(self, draft: OrderDraft, order: Order) -> Placement | None:
        """The new place, or None to keep the present one: a person's correction outlives the next upload."""
        same = all(getattr(draft, name) == getattr(order, name) for name in ADDRESS)
        if same and (order.located_by == "person" or (draft.lat is None and order.lat is not None)):
            return None
        if same and draft.lat is not None and (draft.lat, draft.lng) == (order.lat, order.lng):
            return None
        placement = self.placement(draft)
        before = (order.lat, order.lng, order.located_by, order.location_note)
        after = (placement.lat, placement.lng, placement.located_by, placement.note)
        return None if same and before == after else placement

    def placement(self, draft: OrderDraft) -> Placement:
        """As searched before the transaction; a row that changed since then has not been searched for."""
        return self.placed.get(draft.external_id) or place_drafts([draft], None)[0]

    def create(self, draft: OrderDraft) -> Order:
        order = Order(
            station=self.station,
            shop=self.shop,
            external_id=draft.external_id,
            number=self.numbers.pop(),
            created_at=self.now,
        )
        self.fill(order, draft, self.placement(draft))
        self.new.append(order)
        wanted = draft.parcels or _numbered(order.number, 0, draft.pieces)
        self.new_parcels += [(order, parcel) for parcel in wanted]
        return order

    def fill(self, order: Order, draft: OrderDraft, placement: Placement | None) -> bool:
        """Copy the draft into the row; whether anything changed."""
        values: dict[str, Any] = {name: getattr(draft, name) for name in ("day", *ADDRESS, *PLAIN)}
        values["skills"] = list(draft.skills)
        values["asks"] = order_asks.merged(order.asks, draft.asks)
        values["service_level_id"] = self.levels.get(draft.service_level)
        for name in ("note_dispatch", "recurring_id"):
            if getattr(draft, name) is not None:
                values[name] = getattr(draft, name)
        if placement is not None:
            known = placement.lat is not None
            values |= {
                "lat": placement.lat,
                "lng": placement.lng,
                "located_by": placement.located_by,
                "location_note": placement.note,
                "state": OrderState.OPEN if known else OrderState.NEEDS_LOCATION,
            }
        changed = [name for name, value in values.items() if getattr(order, name) != value]
        for name in changed:
            setattr(order, name, values[name])
        return bool(changed)

    def update(self, draft: OrderDraft, order: Order) -> Taken | tuple[str, Order]:
        if self.pieces_fixed(draft, order):
            cause = "Its parcels are already scanned: their number and barcodes are fixed."
            return _rejected(draft, "pieces", "parcels_scanned", cause)
        changed = self.fill(order, draft, self.place_of(draft, order))
        changed = self.match_parcels(draft, order) or changed
        if not changed:
            return "unchanged", order
        order.version += 1
        order.left_out = None
        self.changed.append(order)
        return "updated", order

    def surplus(self, draft: OrderDraft, order: Order) -> list[Parcel]:
        there = self.parcels.get(order.pk, [])
        if draft.parcels:
            wanted = {parcel.barcode for parcel in draft.parcels}
            return [parcel for parcel in there if parcel.barcode not in wanted]
        return there[draft.pieces :]

    def pieces_fixed(self, draft: OrderDraft, order: Order) -> bool:
        return any(parcel.state != ParcelState.ANNOUNCED for parcel in self.surplus(draft, order))

    def match_parcels(self, draft: OrderDraft, order: Order) -> bool:
        gone = self.surplus(draft, order)
        kept = [parcel for parcel in self.parcels.get(order.pk, []) if parcel not in gone]
        there = {parcel.barcode for parcel in kept}
        wanted: Iterable[ParcelDraft] = draft.parcels or _numbered(
            order.number, len(kept), draft.pieces - len(kept)
        )
        new = [parcel for parcel in wanted if parcel.barcode not in there]
        self.gone_parcels += [parcel.pk for parcel in gone]
        self.new_parcels += [(order, parcel) for parcel in new]
        return bool(gone or new)

    def write(self) -> None:
        Order.objects.bulk_create(self.new)
        if self.changed:
            Order.objects.bulk_update(self.changed, WRITTEN, batch_size=250)
        if self.gone_parcels:
            Parcel.objects.filter(pk__in=self.gone_parcels, state=ParcelState.ANNOUNCED).delete()
        Parcel.objects.bulk_create(
            [
                Parcel(order=order, barcode=p.barcode, weight_g=p.weight_g, volume_cm3=p.volume_cm3)
                for order, p in self.new_parcels
            ],
            batch_size=1000,
        )


def _numbered(number: str, have: int, missing: int) -> list[ParcelDraft]:
    """Barcodes for parcels that came without: order number, letters that keep later ones apart, a count."""
    series = "" if not have else secrets.choice(ALPHABET) + secrets.choice(ALPHABET)
    return [ParcelDraft(f"{number}-{series}{have + index + 1}") for index in range(max(0, missing))]


def _parcels_of(orders: Iterable[Order]) -> dict[int, list[Parcel]]:
    found: dict[int, list[Parcel]] = {}
    for parcel in Parcel.objects.filter(order__in=[order.pk for order in orders]).order_by("id"):
        found.setdefault(parcel.order_id, []).append(parcel)
    return found


def _owners(drafts: Sequence[OrderDraft]) -> dict[str, tuple[int, str]]:
    """Whose the barcodes of this chunk already are."""
    barcodes = [parcel.barcode for draft in drafts for parcel in draft.parcels]
    owners: dict[str, tuple[int, str]] = {}
    for start in range(0, len(barcodes), 5000):
        rows = Parcel.objects.filter(barcode__in=barcodes[start : start + 5000])
        for barcode, shop_id, external_id in rows.values_list(
            "barcode", "order__shop_id", "order__external_id"
        ):
            owners[barcode] = (shop_id, external_id)
    return owners


def _levels_of(station: Station, drafts: Sequence[OrderDraft]) -> dict[str, int]:
    """Ids of the service levels that the drafts name; a trial is promised what the station sells."""
    codes = {draft.service_level for draft in drafts} - {""}
    if not codes:
        return {}
    sold = ServiceLevel.objects.filter(station_id=station.sandbox_of_id or station.pk, code__in=codes)
    return dict(sold.values_list("code", "id"))


def _closed_days(station: Station, days: set[date]) -> set[date]:
    closed = StationDay.objects.filter(station_id=station.sandbox_of_id or station.pk, day__in=days)
    return set(closed.values_list("day", flat=True))


def trial_draft(draft: OrderDraft) -> OrderDraft:
    """Barcodes are unique over everything; those of trials get a mark, so that they never stand in a parcel's way."""
    parcels = tuple(replace(parcel, barcode=trial_barcode(parcel.barcode)) for parcel in draft.parcels)
    return replace(draft, parcels=parcels)


def trial_barcode(barcode: str) -> str:
    marked = f"test-{barcode}"
    return marked if len(marked) <= 60 else f"test-{hashlib.sha256(barcode.encode()).hexdigest()[:40]}"


def _free_numbers(count: int, prefix: str) -> list[str]:
    """Order numbers nobody has. The column is unique too: of two workers with the same, one draws again."""
    drawn = {prefix + "".join(secrets.choice(ALPHABET) for _ in range(8)) for _ in range(count + 8)}
    taken = set(Order.objects.filter(number__in=drawn).values_list("number", flat=True))
    return list(drawn - taken)
