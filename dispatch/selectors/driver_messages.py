"""Messages between station and drivers, as both sides show them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q

from dispatch.models import Driver, DriverMessage, Station

SHOWN = 100
KEPT_UNREAD = timedelta(days=2)  # what nobody confirmed on its day and the next is past being urgent


def message_card(message: DriverMessage) -> dict[str, Any]:
    return {
        "id": message.pk,
        "driver_id": message.driver_id,
        "route_id": message.route_id,
        "from_driver": message.from_driver,
        "words": message.words,
        "actor": message.actor,
        "at": message.at.isoformat(),
        "confirmed_at": message.confirmed_at.isoformat() if message.confirmed_at else None,
        "event_id": message.client_event_id,
    }


def message_cards(messages: Iterable[DriverMessage]) -> list[dict[str, Any]]:
    return [message_card(message) for message in messages]


def history(driver: Driver) -> list[DriverMessage]:
    """The newest hundred, oldest first."""
    return list(DriverMessage.objects.filter(driver=driver).order_by("-id")[:SHOWN])[::-1]


def unconfirmed(driver: Driver, now: datetime) -> list[DriverMessage]:
    """What the driver has still to say `understood` to, oldest first."""
    waiting = DriverMessage.objects.filter(driver=driver, from_driver=False, confirmed_at=None)
    return list(waiting.filter(at__gt=now - KEPT_UNREAD).order_by("id")[:SHOWN])


def open_counts(station: Station, now: datetime) -> list[dict[str, Any]]:
    """For each driver with any: how many messages the station has not read, and the driver not confirmed."""
    waiting = Q(confirmed_at=None)
    rows = (
        DriverMessage.objects.filter(station=station, at__gt=now - KEPT_UNREAD)
        .values("driver_id")
        .annotate(
            unread=Count("pk", filter=waiting & Q(from_driver=True)),
            unconfirmed=Count("pk", filter=waiting & Q(from_driver=False)),
            newest=Max("pk"),
        )
        .order_by("driver_id")
    )
    return [dict(row) for row in rows]
