"""Changing some fields of an order: the rest is what it was, and all of it is checked as if it were sent whole."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from dispatch.models import Order
from dispatch.services import order_fields
from dispatch.services.cities import reach_of
from dispatch.services.order_draft import INSIDE_NAMES, NAMES, SIMPLE, OrderDraft, Read
from dispatch.services.order_reading import reader_of
from dispatch.services.order_store import Taken, store_drafts
from dispatch.services.placing import Geocoder, Placement, place_drafts
from dispatch.services.station_days import require_open
from lastmile import bus
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError

TRIES = 3
PATCHABLE = NAMES - {"external_id", "barcodes"}
SIZES = ("weight_g", "volume_cm3")
KEPT = (
    *("postcode", "place", "recipient", "phone", "email", "note", "kind", "priority"),
    *("service_time_s", *SIZES),
)


def change_order(
    *,
    order: Order,
    patch: Mapping[str, Any],
    version: int | None,
    actor: str,
    now: datetime,
    geocoder: Geocoder | None,
    inside: bool = False,
) -> tuple[Order, bool]:
    """The order with the fields of `patch` (names as in the API) changed, and whether anything changed.

    `version`: the one the caller has seen; refused with ``stale`` (412) where it is not the newest. None: whatever
    it is now; a change that comes in between is read again, not lost. `inside`: the station's own people.
    """
    for attempt in range(1, TRIES + 1):
        seen = _fresh(order)
        if version not in (None, seen.version):
            raise stale(seen, version)
        _require_changeable(seen)
        draft = _merged(seen, patch, now, inside)
        placed = _placed(seen, draft, geocoder)
        try:
            with transaction.atomic():
                if Order.objects.select_for_update().filter(pk=seen.pk, version=seen.version).exists():
                    taken = _store(seen, draft, placed, actor, now)
                    return _fresh(order), taken.status == "updated"
        except IntegrityError:  # a barcode of it was taken at this moment: the next look refuses it by name
            if attempt == TRIES:
                raise
        if version is not None:
            break
    raise stale(_fresh(order), version or seen.version)


def _require_changeable(order: Order) -> None:
    require_open(order.station.sandbox_of or order.station, order.day)
    if order.erased_at is not None:
        raise LastmileError(
            "order_erased",
            f"The recipient of order {order.number} was erased.",
            "Send a new order.",
            status=409,
        )


def _placed(order: Order, draft: OrderDraft, geocoder: Geocoder | None) -> dict[str, Placement]:
    """Searched for before the transaction, and only where the place may be another."""
    moved = any(getattr(draft, name) != getattr(order, name) for name in ("address", "postcode", "place"))
    if not moved and draft.lat is None and order.lat is not None:
        return {}
    return {draft.external_id: place_drafts([draft], geocoder, reach_of(order.station))[0]}


def stale(newest: Order, version: int | None) -> LastmileError:
    """Somebody was faster; the edge adds the newest card, for it knows who asks."""
    return LastmileError(
        "stale",
        f"Order {newest.number} was changed meanwhile: it is version {newest.version}, not {version}.",
        "Look at the newest version and send your change again, if it is still needed.",
        field="If-Match",
        status=412,
        data={"version": newest.version},
    )


def _fresh(order: Order) -> Order:
    related = ("shop", "station__sandbox_of", "service_level")
    return Order.objects.select_related(*related).get(pk=order.pk)


def _merged(order: Order, patch: Mapping[str, Any], now: datetime, inside: bool) -> OrderDraft:
    """The whole order as it is to be. Raises LastmileError with every wrong field."""
    reader = reader_of(order.station, now=now, day=order.day, inside=inside)
    unknown = sorted(str(name) for name in set(patch) - PATCHABLE - (INSIDE_NAMES if inside else set()))
    if unknown:
        raise LastmileError(
            "unknown_field",
            f"{order_fields.shown(unknown[0])} is no field that can be changed.",
            f"Known fields: {', '.join(sorted(PATCHABLE))}.",
            field=unknown[0][:60],
        )
    if "house_number" in patch and not patch.get("address"):
        raise LastmileError(
            "missing",
            "A house number alone does not say which street.",
            "Send address too.",
            field="address",
        )
    read = reader.read(_row(order, patch))
    if read.draft is None:
        raise invalid(read)
    return replace(read.draft, **_kept(order, patch))


def _kept(order: Order, patch: Mapping[str, Any]) -> dict[str, Any]:
    """What the patch does not speak of stays, also where it would be read otherwise today."""
    said = {SIMPLE[name][0] for name in patch if name in SIMPLE} | {s for s in SIZES if _weighed(patch, s)}
    kept: dict[str, Any] = {name: getattr(order, name) for name in KEPT if name not in said}
    if "skills" not in said:
        kept["skills"] = tuple(order.skills)
    if "service_level" not in said and order.service_level:
        kept["service_level"] = order.service_level.code
    return kept


def invalid(read: Read) -> LastmileError:
    """The refusal of a row with every reason."""
    first = read.errors[0]
    errors = [error.card() for error in read.errors]
    action = "Correct the named fields and send the order again."
    return LastmileError(first.code, first.cause, action, field=first.field, data={"errors": errors})


def _row(order: Order, patch: Mapping[str, Any]) -> dict[str, Any]:
    """The row to read: the patch, and of the order what its fields are read together with."""
    row: dict[str, Any] = {"external_id": order.external_id, "address": order.address}
    if not patch.get("parcels"):
        row["pieces"] = order.pieces
    if not patch.get("service_level") or "day" in patch:
        row |= {"day": order.day.isoformat()} | _window(order, patch)
    return row | dict(patch)


def _weighed(patch: Mapping[str, Any], size: str) -> bool:
    """Whether the patch names parcels with their own sizes, whose sum then counts."""
    parcels = patch.get("parcels")
    whole = isinstance(parcels, list) and bool(parcels)
    return whole and all(isinstance(parcel, dict) and parcel.get(size) for parcel in parcels or [])


def _window(order: Order, patch: Mapping[str, Any]) -> dict[str, Any]:
    """The window the order has, at the same time of day where its day moves."""
    if "window" in patch:
        return {}
    days = (_day_of(patch, order.day) - order.day) if "day" in patch else None
    found: dict[str, Any] = {}
    for name in ("window_start", "window_end"):
        at = getattr(order, name)
        if at is not None and name not in patch:
            there = at.astimezone(order.station.zone)
            found[name] = (there.replace(tzinfo=None) + days if days else there).isoformat()
    return found


def _day_of(patch: Mapping[str, Any], present: date) -> date:
    try:
        return order_fields.day(patch["day"]) if patch["day"] is not None else present
    except order_fields.Bad:  # read again, and refused by name, with all the rest
        return present


def _store(order: Order, draft: OrderDraft, placed: dict[str, Placement], actor: str, now: datetime) -> Taken:
    stored = {"station": order.station, "shop": order.shop, "drafts": [draft], "placed": placed}
    taken = store_drafts(**stored, seen=set(), now=now)[0]  # type: ignore[arg-type]
    if taken.status == "rejected":
        error = taken.errors[0]
        action = "Ask the station to change it." if error.code.startswith("order_") else "Correct the order."
        status = 400 if error.code == "no_such_service_level" else 409
        raise LastmileError(error.code, error.cause, action, field=error.field, status=status)
    if taken.status == "updated":
        event = events.OrdersChanged(station_id=order.station_id, what="updated", order_ids=[order.pk])
        bus.publish(event, actor=actor, at=now)
    return taken
