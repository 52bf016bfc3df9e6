"""Finding a recipient again, and letting go of who they were. Counts and what happened to the parcels stay."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q

from dispatch.lifecycle import OrderState
from dispatch.models import (
    Attempt,
    DeliveryException,
    DriverMessage,
    IdempotencyKey,
    Order,
    OrderImport,
    RecipientMessage,
    RecurringOrder,
    Stop,
)
from dispatch.models.order_import import ImportState

ENDED = (OrderState.DELIVERED, OrderState.RETURNED, OrderState.CANCELLED)
COARSE = 2  # decimals of a degree that are kept: about a kilometre, the town
GONE = "–"
SHORTEST = 4  # a shorter text is no sign of a person: it would be found inside other words
OPEN_IMPORT = (ImportState.PREVIEW, ImportState.RUNNING)


def same_recipient(order: Order) -> Q:
    """Orders to the same person: by phone, by e-mail, or by exactly this name at this address."""
    here = Q(pk=order.pk)
    if order.phone:
        here |= Q(phone=order.phone)
    if order.email:
        here |= Q(email__iexact=order.email)
    if order.recipient and order.address:
        here |= Q(recipient=order.recipient, address=order.address, postcode=order.postcode)
    return here


def traces(orders: Iterable[Order]) -> list[str]:
    """Texts that give a recipient away wherever else they stand, the longest first."""
    found = {
        text for order in orders for text in (order.phone, order.email, order.recipient, order.address)
        if len(text.strip()) >= SHORTEST
    }  # fmt: skip
    return sorted(found, key=lambda text: (-len(text), text))


def clean(text: str, marks: Sequence[str]) -> str:
    """The text without any of the marks, whatever their case."""
    for mark in marks:
        text = re.sub(re.escape(mark), GONE, text, flags=re.IGNORECASE)
    return text


def forget_orders(orders: Sequence[Order], now: datetime) -> Counter[str]:
    """Take name, ways to reach them, address and notes out of the orders; a town, and about where it is, stay."""
    for order in orders:
        Order.objects.filter(pk=order.pk, erased_at=None).update(
            recipient="", phone="", email="", address="", note="", note_dispatch="", location_note="",
            left_out=None, link_version=min(order.link_version + 1, 32_000), version=order.version + 1,
            erased_at=now, **_coarse(order),
        )  # fmt: skip
    ids = [order.pk for order in orders]
    counts = Counter(orders=len(ids))
    counts["messages"] = (
        RecipientMessage.objects.filter(order_id__in=ids).exclude(to="").update(to="", error="")
    )
    attempts = Attempt.objects.filter(order_id__in=ids)
    counts["attempts"] = attempts.exclude(note="", lat=None).count()
    for attempt in attempts:
        Attempt.objects.filter(pk=attempt.pk).update(note="", **_coarse(attempt))
    return counts


def _coarse(row: Any) -> dict[str, float]:
    if row.lat is None or row.lng is None:
        return {}
    return {"lat": round(row.lat, COARSE), "lng": round(row.lng, COARSE)}


def forget_stops(order_ids: Sequence[int]) -> Counter[str]:
    """Stops that only erased orders stood at lose their address; a neighbour's delivery there keeps it."""
    stops = Stop.objects.filter(orders__in=order_ids).exclude(orders__in=Order.objects.filter(erased_at=None))
    found = list(stops.distinct())
    for stop in found:
        Stop.objects.filter(pk=stop.pk).update(address="", **_coarse(stop))
    return Counter(stops=len(found))


def forget_words(station_id: int, order_ids: Sequence[int], marks: Sequence[str]) -> Counter[str]:
    """Take the marks out of what was written about the orders elsewhere: alerts, messages, imports, kept answers."""
    counts: Counter[str] = Counter()
    for alert in DeliveryException.objects.filter(orders__in=order_ids).distinct():
        words = clean(alert.words, marks)
        if words != alert.words:
            counts["alerts"] += DeliveryException.objects.filter(pk=alert.pk).update(words=words)
    if marks:
        named = Q()
        for mark in marks:
            named |= Q(words__icontains=mark)
        for message in DriverMessage.objects.filter(named, station_id=station_id):
            words = clean(message.words, marks)
            counts["driver_messages"] += DriverMessage.objects.filter(pk=message.pk).update(words=words)
    return counts + _forget_imports(station_id, marks) + _forget_answers(order_ids, marks)


def _forget_imports(station_id: int, marks: Sequence[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for row in OrderImport.objects.filter(station_id=station_id).only("pk", "errors", "diff"):
        errors, diff = _without(row.errors, marks), _without(row.diff, marks)
        if (errors, diff) != (row.errors, row.diff):
            counts["imports"] += OrderImport.objects.filter(pk=row.pk).update(errors=errors, diff=diff)
    return counts


def import_files(station_ids: Iterable[int]) -> list[Path]:
    """Uploaded files of finished imports: they name everybody in them, and nobody needs them any more."""
    done = OrderImport.objects.filter(station_id__in=station_ids).exclude(state__in=OPEN_IMPORT)
    paths = (Path(settings.MEDIA_ROOT) / path for path in done.values_list("path", flat=True) if path)
    return [path for path in paths if path.is_file()]


def _forget_answers(order_ids: Sequence[int], marks: Sequence[str]) -> Counter[str]:
    """Answers kept for repeated requests live a day; those that name the recipient end now."""
    numbers = list(Order.objects.filter(pk__in=order_ids).values_list("number", flat=True))
    signs = [text.casefold() for text in (*numbers, *marks)]
    gone = [
        key.pk for key in IdempotencyKey.objects.exclude(answer=None).iterator()
        if any(sign in json.dumps(key.answer, ensure_ascii=False).casefold() for sign in signs)
    ]  # fmt: skip
    return Counter(kept_answers=IdempotencyKey.objects.filter(pk__in=gone).delete()[0])


def _without(value: Any, marks: Sequence[str]) -> Any:
    """A JSON value with the marks cleaned out of all its texts."""
    if isinstance(value, str):
        return clean(value, marks)
    if isinstance(value, list):
        return [_without(each, marks) for each in value]
    if isinstance(value, dict):
        return {key: _without(each, marks) for key, each in value.items()}
    return value


def recurring_to(orders: Sequence[Order]) -> list[RecurringOrder]:
    """Recurring orders whose fields name the recipient, of the same stations."""
    marks = [mark.casefold() for order in orders for mark in (order.phone, order.email) if mark]
    pairs = {(order.recipient.casefold(), order.address.casefold()) for order in orders if order.recipient}
    stations = {order.station_id for order in orders}
    return [
        row for row in RecurringOrder.objects.filter(station_id__in=stations) if _names(row, marks, pairs)
    ]


def _names(row: RecurringOrder, marks: Sequence[str], pairs: set[tuple[str, str]]) -> bool:
    told = {key: str(value).casefold() for key, value in row.fields.items() if isinstance(value, str)}
    reached = any(told.get(key) in marks for key in ("phone", "email") if told.get(key))
    return reached or (told.get("recipient", ""), told.get("address", "")) in pairs


PERSONAL = ("recipient", "phone", "email", "address", "note", "note_dispatch", "lat", "lng")


def forget_recurring(rows: Sequence[RecurringOrder]) -> Counter[str]:
    for row in rows:
        kept = {key: value for key, value in row.fields.items() if key not in PERSONAL}
        RecurringOrder.objects.filter(pk=row.pk).update(fields=kept, active=False, name=f"{GONE} {row.pk}")
    return Counter(recurring_orders=len(rows))
