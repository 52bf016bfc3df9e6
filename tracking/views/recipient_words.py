"""The sentences of the recipient's page, from the picture of an order."""

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from dispatch.models import Order
from dispatch.models.order import OrderKind
from tracking.selectors import recipient as seen
from tracking.selectors.recipient import Picture

WITH_YEAR = re.compile(r"[\s,]*y+")
STEPS = {
    seen.ORDERED: 1,
    seen.AGAIN: 1,
    seen.PREPARED: 2,
    seen.ON_ITS_WAY: 3,
    seen.NEXT: 3,
    seen.ARRIVING: 3,
    seen.DELIVERED: 4,
}


def card_of(order: Order, picture: Picture) -> dict[str, Any]:
    """What page and script show: words, the step of four, and the van or None. JSON-ready."""
    zone = order.station.zone
    return {
        "state": picture.state,
        "step": STEPS.get(picture.state, 0),
        "title": _title(order, picture, zone),
        "more": _more(order, picture, zone),
        "window": _window(order, zone),
        "expected": _expected(order, picture, zone),
        "van": list(picture.van) if picture.van else None,
        "may_note": picture.notes,
        "done": picture.state in (seen.DELIVERED, seen.CANCELLED, seen.RETURNED),
    }


def _title(order: Order, picture: Picture, zone: ZoneInfo) -> str:
    collected = order.kind == OrderKind.COLLECTION
    at = _moment(picture.at, zone)
    words = {
        seen.ORDERED: _("Ordered"),
        seen.PREPARED: _("Being prepared"),
        seen.ARRIVING: _("The driver is arriving"),
        seen.NEXT: _("You are next"),
        seen.DELIVERED: _("Collected %s") % at if collected else _("Delivered %s") % at,
        seen.FAILED: _("Not collected") if collected else _("Not delivered"),
        seen.AGAIN: _("We will try again"),
        seen.CANCELLED: _("Cancelled"),
        seen.RETURNED: _("Returned to the sender"),
    }
    if picture.state == seen.ON_ITS_WAY:
        n = picture.stops_before or 0
        return ngettext("On its way: %d stop before you", "On its way: %d stops before you", n) % n
    return words[picture.state]


def _more(order: Order, picture: Picture, zone: ZoneInfo) -> str:
    collected = order.kind == OrderKind.COLLECTION
    at, day = _moment(picture.at, zone), _day(order.day)
    words = {
        seen.ORDERED: _("Planned for %s.") % day,
        seen.PREPARED: _("Planned for %s; the van has not left yet.") % day,
        seen.ON_ITS_WAY: _("The van is on the road."),
        seen.NEXT: _("The van is on its way to you."),
        seen.ARRIVING: _("The van is at the address."),
        seen.FAILED: f"{_there(collected) % at} {_next()}",
        seen.AGAIN: _("The driver was there %(at)s in vain. The next try is planned for %(day)s.")
        % {"at": at, "day": day},
        seen.CANCELLED: _("This order was called off. If you did not expect that, ask the sender."),
        seen.RETURNED: _("This order went back to the sender. Ask them what happens next."),
    }
    return words.get(picture.state, "")


def _there(collected: bool) -> str:
    if collected:
        return _("The driver was there %s and could not collect it.")
    return _("The driver was there %s and could not hand it over.")


def _next() -> str:
    return _("The station decides what happens next; call if you are in a hurry.")


def _window(order: Order, zone: ZoneInfo) -> str:
    start, end = order.window_start, order.window_end
    words = ""
    if start and end:
        words = f"{_clock(start, zone)}–{_clock(end, zone)}"
    elif end:
        words = _("until %s") % _clock(end, zone)
    elif start:
        words = _("from %s") % _clock(start, zone)
    day = _day(order.day)
    return _("%(day)s, %(time)s") % {"day": day, "time": words} if words else day


def _expected(order: Order, picture: Picture, zone: ZoneInfo) -> str:
    if picture.expected is None:
        return ""
    start, end = picture.expected
    words = _("%(from)s to %(until)s") % {"from": _clock(start, zone), "until": _clock(end, zone)}
    if order.window_end and start > order.window_end:
        return _("%s (later than promised; we are sorry)") % words
    return words


def _clock(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%H:%M")


def _moment(moment: datetime | None, zone: ZoneInfo) -> str:
    if moment is None:
        return ""
    local = moment.astimezone(zone)
    return _("on %(day)s at %(time)s") % {"day": _day(local.date()), "time": _clock(moment, zone)}


def _day(day: Any) -> str:
    """A date as the reader's language writes it, without the year."""
    locale = Locale.parse(get_language() or "en", sep="-")
    pattern = WITH_YEAR.sub("", locale.date_formats["full"].pattern)
    return format_date(day, format=pattern, locale=locale)
