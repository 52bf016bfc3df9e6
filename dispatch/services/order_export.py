"""Everything that is kept about one order, in one archive: for a claim, or for whoever asks what we know of them."""

import json
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.db.models import Model
from django.template.loader import render_to_string

from dispatch.models import DeliveryException, DriverMessage, Order, Stop
from dispatch.services.holders import holders
from lastmile import bus
from lastmile.kernel import events
from lastmile.models import Event

SPOOL = 8 * 2**20
ABOUT_ORDERS = ("orders.changed", "routes.changed", "stop.changed", "proof.captured", "recipient_message.changed",
                "data.erased", "exception.changed")  # fmt: skip
UNPACKED = (".jpg", ".jpeg", ".png", ".webp")


def export_order(*, order: Order, actor: str, now: datetime) -> IO[bytes]:
    """A zip with order.json, order.html and the pictures; the caller closes it. Recorded as data.exported."""
    content, files = gather(order)
    with transaction.atomic():
        event = events.DataExported(station_id=order.station_id, what="order", rows=1, detail=order.number)
        bus.publish(event, actor=actor, at=now)
    made = tempfile.SpooledTemporaryFile(max_size=SPOOL)  # noqa: SIM115 - the caller's to close
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        text = json.dumps(content, indent=1, ensure_ascii=False, default=_plain)
        archive.writestr("order.json", text)
        archive.writestr("order.html", _sheet(order, json.loads(text), actor, now))
        for name, path in files.items():
            if path.is_file():  # erased between the two looks
                kind = zipfile.ZIP_STORED if path.suffix.lower() in UNPACKED else zipfile.ZIP_DEFLATED
                archive.write(path, name, kind)
    made.seek(0)
    return made


def gather(order: Order) -> tuple[dict[str, Any], dict[str, Path]]:
    """All of it as JSON-ready parts, and the files by their name in the archive."""
    stops = list(order.stops.select_related("route__vehicle", "route__driver").order_by("pk"))
    outcomes = dict(order.visits.values_list("stop_id", "outcome"))
    content: dict[str, Any] = {
        "order": _row(order) | {"shop": order.shop.name, "station": order.station.name},
        "parcels": [_row(parcel) for parcel in order.parcels.order_by("pk")],
        "attempts": [
            _row(each) | {"driver": str(each.driver or "")} for each in order.attempts.order_by("pk")
        ],
        "stops": [_stop(stop) | {"outcome": outcomes.get(stop.pk)} for stop in stops],
        "messages": [_row(message) for message in order.messages.order_by("pk")],
        "alerts": [_row(alert) for alert in DeliveryException.objects.filter(orders=order).order_by("pk")],
        "driver_messages": [_row(message) for message in _words_on_the_way(stops)],
        "events": list(events_of(order, stops)),
    }
    files: dict[str, Path] = {}
    for holder in holders():
        held = holder.export(order)
        content |= held.parts
        files |= held.files
    return content, files


def _row(row: Model) -> dict[str, Any]:
    """Every column, also those no form shows; many-to-many rows are other people's orders and stay out."""
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def _stop(stop: Stop) -> dict[str, Any]:
    route = stop.route
    words = ("id", "name", "day", "state", "released_at", "departed_at", "closed_at", "overrides")
    told = {name: getattr(route, name) for name in words}
    people = {"vehicle": route.vehicle.name, "driver": str(route.driver or "")}
    return _row(stop) | {"route": told | people}


def _words_on_the_way(stops: list[Stop]) -> Any:
    routes = [stop.route_id for stop in stops]
    return DriverMessage.objects.filter(route_id__in=routes).order_by("pk")


def events_of(order: Order, stops: list[Stop]) -> Iterator[dict[str, Any]]:
    """What happened to it, in the ledger's order: by whom and when."""
    about = {stop.pk for stop in stops}
    rows = Event.objects.filter(station_id=order.station_id, name__in=ABOUT_ORDERS)
    for row in rows.order_by("pk").iterator():
        if order.pk in row.data.get("order_ids", ()) or row.data.get("stop_id") in about:
            yield {
                "name": row.name, "what": row.data.get("what", ""), "actor": row.actor, "at": row.at,
                "recorded_at": row.recorded_at, "position": row.position,
            }  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _sheet(order: Order, content: dict[str, Any], actor: str, now: datetime) -> str:
    """The same to read and to print, without anything from elsewhere."""
    context = {"order": order, "content": content, "actor": actor, "now": now, "zone": order.station.zone,
               "attempts": order.attempts.select_related("driver"), "events": _timed(content["events"])}  # fmt: skip
    return render_to_string("dispatch/order_export.html", context)


def _timed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row | {"at": datetime.fromisoformat(row["at"])} for row in rows]
