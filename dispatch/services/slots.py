"""Which windows to offer for an order: where it fits into the day as it is planned now, and at what price."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from dispatch.models import Order, Station
from dispatch.planning import model
from dispatch.planning import slots as planner
from dispatch.services import order_fields
from dispatch.services.cities import reach_of
from dispatch.services.day_sketch import sketch
from dispatch.services.order_draft import MAX_PIECES, OrderDraft
from dispatch.services.order_patch import invalid
from dispatch.services.order_reading import reader_of
from dispatch.services.placing import Geocoder, place_drafts
from dispatch.services.planning_jobs import order_key
from dispatch.services.station_days import require_open
from lastmile.kernel.errors import LastmileError

USUAL = timedelta(hours=2)
MOST_WINDOWS = 24
UNSTORED = 0
UNSAID: dict[str, Any] = {"external_id": "asked", "pieces": 1}
"""What a question about windows need not name."""


@dataclass(frozen=True)
class Slot:
    """A window in which the order fits: what the day costs more with it, and when it would be served."""

    start: datetime
    end: datetime
    cents: int
    served: datetime


def offer_slots(
    *,
    station: Station,
    row: Mapping[str, Any],
    windows: Sequence[str],
    order_id: int | None,
    now: datetime,
    geocoder: Geocoder | None,
) -> list[Slot]:
    """The windows in which an order fits, the cheapest first; those where it does not are not among them.

    ``row``: the order as in the API, without a window. ``windows``: ``HH:MM-HH:MM`` on its day; none: every two hours
    of the station's opening. ``order_id``: an order that stands in the plan already, held up to it as if it did not.
    Raises LastmileError: what is wrong with the row, ``bad_window``, ``not_found_address``, ``day_closed``.
    """
    draft = _draft(station, row, now)
    require_open(station, draft.day)
    order = _placed(station, draft, order_id, geocoder)
    offered = _windows(station, draft.day, windows)
    day = sketch(station=station, day=draft.day, order=order, now=now)
    spans = [model.Window(*map(day.frame.seconds, window)) for window in offered]
    found = planner.slots(day.problem, day.plan, order_key(order.pk), spans, limit=MOST_WINDOWS)
    moment = day.frame.moment
    return [Slot(moment(s.window.start), moment(s.window.end), s.cost, moment(s.start)) for s in found]


def _draft(station: Station, row: Mapping[str, Any], now: datetime) -> OrderDraft:
    today = now.astimezone(station.zone).date()
    said = {name: value for name, value in row.items() if not name.startswith("window")}
    read = reader_of(station, now=now, day=today, inside=True).read(UNSAID | said)
    if read.draft is None:
        raise invalid(read)
    return read.draft


def _placed(station: Station, draft: OrderDraft, order_id: int | None, geocoder: Geocoder | None) -> Order:
    """The order as a row that is not stored."""
    placement = place_drafts([draft], geocoder, reach_of(station))[0]
    if placement.lat is None:
        raise LastmileError(
            "not_found_address",
            placement.note or "The address was not found.",
            "Choose one that is found, or point at the map.",
            field="address",
        )
    return Order(
        pk=order_id or UNSTORED,
        station=station,
        day=draft.day,
        kind=draft.kind,
        lat=placement.lat,
        lng=placement.lng,
        priority=draft.priority,
        service_time_s=draft.service_time_s,
        skills=list(draft.skills),
        asks={name: value for name, value in draft.asks.items() if value is not None},
        weight_g=draft.weight_g,
        volume_cm3=draft.volume_cm3,
        pieces=min(draft.pieces, MAX_PIECES),
    )


def _windows(station: Station, day: date, written: Sequence[str]) -> list[tuple[datetime, datetime]]:
    if len(written) > MOST_WINDOWS:
        raise LastmileError(
            "bad_window",
            f"{len(written)} windows are more than {MOST_WINDOWS}.",
            "Ask for fewer.",
            field="windows",
        )
    return [_window(station, day, each) for each in written] or _usual(station, day)


def _window(station: Station, day: date, written: str) -> tuple[datetime, datetime]:
    parts = order_fields.clean(written).replace("–", "-").split("-")
    try:
        if len(parts) != 2:
            raise order_fields.Bad("bad_time", f"{order_fields.shown(written)} is no window.")
        start, end = (order_fields.moment(part.strip(), day, station.zone) for part in parts)
    except order_fields.Bad as bad:
        raise LastmileError("bad_window", bad.cause, "Write HH:MM-HH:MM.", field="windows") from bad
    if end <= start:
        cause = f"{order_fields.shown(written)} ends before it begins."
        raise LastmileError("bad_window", cause, "Write HH:MM-HH:MM.", field="windows")
    return start, end


def _usual(station: Station, day: date) -> list[tuple[datetime, datetime]]:
    """Two hours each from the station's opening on; the last one ends when it closes."""

    def at(clock: time) -> datetime:
        return datetime.combine(day, clock, tzinfo=station.zone)

    start, closes, found = at(station.opens_at), at(station.closes_at), []
    while start < closes:
        found.append((start, min(start + USUAL, closes)))
        start += USUAL
    return found
