"""Words between the station and a driver: sent once, confirmed by whoever they were for."""

import unicodedata
from datetime import datetime

from django.db import IntegrityError, transaction

from dispatch.lifecycle import RouteState
from dispatch.models import Driver, DriverMessage, Route
from lastmile import bus
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError

LIMIT = 500
ID_LENGTH = 64


def send_to_driver(
    *, driver: Driver, words: str, event_id: str, actor: str, now: datetime, route: Route | None = None
) -> DriverMessage:
    """A dispatcher writes; it stands on top of the driver's page until confirmed."""
    return _send(driver, words, event_id, actor, now, route, from_driver=False)


def send_to_station(
    *, driver: Driver, words: str, event_id: str, actor: str, now: datetime, route: Route | None = None
) -> DriverMessage:
    """A driver writes; every board of the station shows it at once."""
    return _send(driver, words, event_id, actor, now, route, from_driver=True)


def _send(
    driver: Driver,
    words: str,
    event_id: str,
    actor: str,
    now: datetime,
    route: Route | None,
    *,
    from_driver: bool,
) -> DriverMessage:
    words = read_words(words)
    if not event_id.isprintable() or not 0 < len(event_id) <= ID_LENGTH:
        raise LastmileError(
            "bad_event_id",
            "The message has no usable event_id.",
            f"Give each message an id of its own, up to {ID_LENGTH} characters.",
            field="event_id",
        )
    try:
        with transaction.atomic():
            message = DriverMessage.objects.create(
                station_id=driver.station_id,
                driver=driver,
                route=route or _route_now(driver),
                from_driver=from_driver,
                words=words,
                actor=actor[:80],
                at=now,
                client_event_id=event_id,
            )
            _tell(message, "sent", actor, now)
    except IntegrityError:
        return _sent_before(driver, event_id, words, from_driver=from_driver)
    return message


def _sent_before(driver: Driver, event_id: str, words: str, *, from_driver: bool) -> DriverMessage:
    """The same message again is the message; another one under the same id is a mistake worth hearing of."""
    known = DriverMessage.objects.get(driver=driver, client_event_id=event_id)
    if (known.words, known.from_driver) != (words, from_driver):
        raise LastmileError(
            "event_id_taken",
            "Another message was sent under this event_id.",
            "Send it again under a new event_id.",
            field="event_id",
            status=409,
        )
    return known


def read_words(words: str) -> str:
    """The words without space around; refused when empty, too long, or not writable."""
    words = words.strip()
    if not words:
        raise _bad("The message is empty.", "Write something.")
    if len(words) > LIMIT:
        raise _bad(f"The message has {len(words)} characters.", f"Use at most {LIMIT}.")
    if any(unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\n\r\t" for sign in words):
        raise _bad("The message has signs in it that cannot be written.", "Write it again by hand.")
    return words


def _bad(cause: str, action: str) -> LastmileError:
    return LastmileError("bad_words", cause, action, field="words")


def _route_now(driver: Driver) -> Route | None:
    """What it is about, unless somebody says: the route on the road, else the one released last."""
    open_routes = Route.objects.filter(
        driver=driver, state__in=(RouteState.DEPARTED, RouteState.RELEASED)
    ).order_by("state", "-day")
    return open_routes.first()


def confirm_message(*, message: DriverMessage, actor: str, now: datetime) -> DriverMessage:
    """Read and understood, by the driver or (for a driver's message) by the station. Twice is once."""
    with transaction.atomic():
        fresh = DriverMessage.objects.filter(pk=message.pk, confirmed_at=None)
        if fresh.update(confirmed_at=max(now, message.at)):
            _tell(message, "confirmed", actor, now)
    message.refresh_from_db()
    return message


def confirm_all_from(*, driver: Driver, upto: int, actor: str, now: datetime) -> int:
    """A dispatcher has the driver's messages up to this one before the eyes; returns how many were new."""
    with transaction.atomic():
        unread = DriverMessage.objects.filter(
            driver=driver, from_driver=True, confirmed_at=None, pk__lte=upto
        )
        newest = unread.order_by("-id").first()
        count = unread.update(confirmed_at=now)
        if newest is not None and count:
            _tell(newest, "confirmed", actor, now)
    return count


def _tell(message: DriverMessage, what: str, actor: str, now: datetime) -> None:
    event = events.DriverMessageChanged(
        station_id=message.station_id, what=what, message_id=message.pk, driver_id=message.driver_id
    )
    bus.publish(event, actor=actor, at=now)
