"""The event bus: `publish` writes a ledger row in the caller's transaction; one publisher fans rows out.

After commit the publisher numbers new rows, pushes each to the screens of its station with the changed cards
(`Patch`), and hands it to every subscriber at least once, in order. Live-only events are pushed at once and
never stored.
"""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import redis
from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import F

from lastmile import live
from lastmile.kernel import events as vocabulary
from lastmile.models import DeadLetter, Event, Stream, Subscription

log = logging.getLogger(__name__)

DOORBELL = "lastmile.ledger"
ALL = 0  # the stream that counts positions over all stations
TRIES = 3

Handler = Callable[[Event], None]
Patch = Callable[[list[Event]], dict[int, dict[str, Any]]]


@dataclass(frozen=True)
class Subscriber:
    name: str
    events: frozenset[str]
    handle: Handler


_kinds = vocabulary.vocabulary()
_subscribers: dict[str, Subscriber] = {}
_patches: list[Patch] = []


def subscribe(name: str, events: set[type[vocabulary.Event]], handle: Handler) -> None:
    """Call `handle` once (or more, after a crash) for each committed event of these kinds, in order."""
    _subscribers[name] = Subscriber(name, frozenset(event.name for event in events), handle)


def add_patch(build: Patch) -> None:
    """Let `build` turn numbered events into {event id: changed cards}, sent to screens along with the event."""
    if build not in _patches:
        _patches.append(build)


def publish(event: vocabulary.Event, *, actor: str, at: datetime) -> None:
    """Record a durable event in the current transaction, or push a live-only one at once.

    Raises TransactionManagementError outside a transaction: a row that is not part of the change it tells
    would be told although the change was lost.
    """
    if not event.durable:
        live.push(event.station_id or 0, {"type": "live", "name": event.name, "data": event.data()})
        return
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError(f"{event.name} must be published inside its transaction")
    Event.objects.create(
        station_id=event.station_id or 0, name=event.name, data=event.data(), actor=actor, at=at
    )
    if not any(call is ring for _, call, _ in transaction.get_connection().run_on_commit):
        transaction.on_commit(ring, robust=True)  # once a transaction, however much it tells


def ring() -> None:
    """Wake the publisher. Lost rings cost at most its polling interval, so a missing server is no error here."""
    try:
        client().publish(DOORBELL, "1")
    except redis.RedisError as error:
        log.warning("live updates delayed: %s", type(error).__name__)


_client: redis.Redis | None = None


def client() -> redis.Redis:
    global _client
    if _client is None:
        _client = redis.Redis.from_url(
            settings.LEDGER_DOORBELL_URL, socket_timeout=2, socket_connect_timeout=2
        )
    return _client


def number(limit: int = 500) -> list[Event]:
    """Give unnumbered committed rows their position and their station's seq; returns them in order."""
    if not Event.objects.filter(position__isnull=True).exists():
        return []
    with transaction.atomic():
        stream(ALL)
        # The update takes the row lock (or SQLite's write lock), so two publishers cannot number the same rows.
        Stream.objects.filter(station_id=ALL).update(last=F("last"))
        rows = list(Event.objects.filter(position__isnull=True).order_by("id")[:limit])
        position = Stream.objects.get(station_id=ALL).last
        seqs: dict[int, int] = {}
        for row in rows:
            position += 1
            row.position = position
            if row.station_id != ALL:
                last = seqs.get(row.station_id)
                row.seq = (stream(row.station_id).last if last is None else last) + 1
                seqs[row.station_id] = row.seq
        Event.objects.bulk_update(rows, ["position", "seq"])
        Stream.objects.filter(station_id=ALL).update(last=position)
        for station_id, last in seqs.items():
            Stream.objects.filter(station_id=station_id).update(last=last)
    return rows


def stream(station_id: int) -> Stream:
    return Stream.objects.get_or_create(station_id=station_id, defaults={"epoch": secrets.token_hex(8)})[0]


def screen(rows: list[Event]) -> None:
    """Push numbered rows to their stations' screens with the cards that changed."""
    told = [row for row in rows if row.station_id != ALL]
    cards: dict[int, dict[str, Any]] = {}
    try:
        for build in _patches:
            for event_id, patch in build(told).items():
                cards.setdefault(event_id, {}).update(patch)
    except OperationalError:
        raise
    except Exception:
        # A fault in one card must not end the publisher. Pages see the gap in the numbers and take a snapshot.
        log.exception("cards of events %s to %s could not be built", told[0].position, told[-1].position)
        return
    for row in told:
        live.push(row.station_id, _frame(row, cards.get(row.pk, {})))


def _frame(row: Event, patch: dict[str, Any]) -> dict[str, Any]:
    """What screens get of an event. Of a guarded one only its number, without which they would see a gap."""
    kind = _kinds.get(row.name)
    guarded = kind is not None and kind.guarded
    return {
        "type": "event",
        "seq": row.seq,
        "name": row.name,
        "at": row.at.isoformat(),
        "actor": "" if guarded else row.actor,
        "data": {} if guarded else row.data,
        "patch": patch,
    }


def deliver(limit: int = 500) -> int:
    """Hand numbered events to each subscriber from where it stopped; returns how many rows were looked at."""
    looked = 0
    for subscriber in list(_subscribers.values()):
        cursor, _ = Subscription.objects.get_or_create(name=subscriber.name)
        rows = Event.objects.filter(position__gt=cursor.position).order_by("position")[:limit]
        reached = cursor.position
        for row in rows:
            if row.name in subscriber.events:
                _hand_over(subscriber, row)
            reached = row.position or reached
            looked += 1
        if reached != cursor.position:
            Subscription.objects.filter(name=subscriber.name, position__lt=reached).update(position=reached)
    return looked


def _hand_over(subscriber: Subscriber, row: Event) -> None:
    for attempt in range(1, TRIES + 1):
        try:
            subscriber.handle(row)
            return
        except Exception as error:
            log.exception("%s failed on %s #%s (try %s)", subscriber.name, row.name, row.position, attempt)
            reason = f"{type(error).__name__}: {error}"
    DeadLetter.objects.get_or_create(subscriber=subscriber.name, event=row, defaults={"error": reason})


def drain() -> int:
    """Number, show and deliver all that is committed, and what subscribers commit meanwhile.

    Returns the count of newly numbered rows.
    """
    count = 0
    while True:
        while rows := number():
            screen(rows)
            count += len(rows)
        if not deliver():
            return count
