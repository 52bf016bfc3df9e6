"""The days of recurring orders, and the orders made for them."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from dispatch.lifecycle import OrderState
from dispatch.models import Order, RecurringOrder, Station
from dispatch.services.cities import open_city
from dispatch.services.order_draft import INSIDE, FieldError, OrderDraft
from dispatch.services.order_reading import reader_of
from dispatch.services.orders import cancel_order, take_orders
from dispatch.services.promises import Calendar, calendar_of
from dispatch.services.recurring import KIND
from lastmile import jobs
from lastmile.kernel.errors import LastmileError

OPENING_DAYS = 7
OPEN = (OrderState.NEEDS_LOCATION, OrderState.OPEN)
ACTOR = "system:recurring"
COMPARED = (
    *("day", "address", "postcode", "place", "kind", "recipient", "phone", "email", "note", "note_dispatch"),
    *("window_start", "window_end", "priority", "service_time_s", "weight_g", "volume_cm3", "pieces"),
)


@dataclass(frozen=True, slots=True)
class SeriesDay:
    """A day the series falls on; `skipped` says in a word why there is no order: closed_weekday, holiday, closed."""

    day: date
    skipped: str = ""


@dataclass
class Made:
    """What a run did: orders by what became of them, days left out and days refused, each with its reason."""

    created: int = 0
    updated: int = 0
    cancelled: int = 0
    skipped: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)

    def card(self) -> dict[str, Any]:
        return {
            "created": self.created,
            "updated": self.updated,
            "cancelled": self.cancelled,
            "skipped": self.skipped[:100],
            "refused": self.refused[:100],
        }


def horizon(station: Station, now: datetime) -> date | None:
    """The seventh opening day from today on; None where the station never opens."""
    day = now.astimezone(station.zone).date()
    calendar = calendar_of(station, day)
    try:
        day = calendar.first_open(day)
        for _ in range(OPENING_DAYS - 1):
            day = calendar.first_open(day + timedelta(days=1))
    except LastmileError:
        return None
    return day


def days_of(series: RecurringOrder, calendar: Calendar, first: date, last: date) -> list[SeriesDay]:
    """The days of a series between two days, both included, with those on which the station delivers nothing."""
    begin, end = max(first, series.first_day), min(last, series.last_day or last)
    days = [begin + timedelta(days=n) for n in range((end - begin).days + 1)]
    return [SeriesDay(day, _why_not(calendar, day)) for day in days if day.weekday() in series.weekdays]


def _why_not(calendar: Calendar, day: date) -> str:
    if day.weekday() not in calendar.weekdays:
        return "closed_weekday"
    if day in calendar.holidays:
        return "holiday"
    return "closed" if day in calendar.closed else ""


def external_id(series: RecurringOrder, day: date) -> str:
    return f"recurring-{series.pk}-{day:%Y%m%d}"


def make_recurring_orders(*, station: Station, until_day: date, now: datetime, actor: str = ACTOR) -> Made:
    """Make the orders of all series of a station up to a day; those that are there already stay as they are."""
    made = Made()
    today = now.astimezone(station.zone).date()
    calendar = calendar_of(station, today)
    for series in RecurringOrder.objects.filter(station=station, active=True).select_related("shop"):
        _make(series, station, calendar, today, until_day, now, actor, made)
    return made


def _make(
    series: RecurringOrder,
    station: Station,
    calendar: Calendar,
    today: date,
    until: date,
    now: datetime,
    actor: str,
    made: Made,
) -> None:
    drafts = []
    there = _existing(series)
    for each in days_of(series, calendar, today, until):
        if each.skipped:
            made.skipped.append({"recurring_id": series.pk, "day": str(each.day), "why": each.skipped})
        elif external_id(series, each.day) not in there:
            drafts += _draft(series, series.fields, station, each.day, now, made)
    if drafts:
        _take(series, station, drafts, now, actor, made)
    RecurringOrder.objects.filter(pk=series.pk).update(made_until=until)


def _existing(series: RecurringOrder) -> set[str]:
    return set(Order.objects.filter(recurring=series).values_list("external_id", flat=True))


def _draft(
    series: RecurringOrder, fields: dict[str, Any], station: Station, day: date, now: datetime, made: Made
) -> list[OrderDraft]:
    """The order of one day, or the reasons why there is none: the night the clocks change may have no such window."""
    row = {INSIDE: ""} | fields | {"external_id": external_id(series, day), "day": day.isoformat()}
    read = reader_of(station, now=now, inside=True).read(row)
    for error in read.errors:
        made.refused.append(_refusal(series, day, error))
    return [replace(read.draft, recurring_id=series.pk)] if read.draft else []


def _refusal(series: RecurringOrder, day: date, error: FieldError) -> dict[str, Any]:
    return {"recurring_id": series.pk, "day": str(day), **error.card()}


def _take(
    series: RecurringOrder,
    station: Station,
    drafts: list[OrderDraft],
    now: datetime,
    actor: str,
    made: Made,
) -> None:
    geocoder = open_city(station).geocoder
    taken = take_orders(
        station=station, shop=series.shop, drafts=drafts, actor=actor, now=now, geocoder=geocoder
    )
    made.created += taken.created
    made.updated += taken.updated
    for draft, row in zip(drafts, taken.rows, strict=True):
        made.refused += [_refusal(series, draft.day, error) for error in row.errors]


def follow_series(
    *, series: RecurringOrder, before: dict[str, Any], now: datetime, actor: str, made: Made
) -> None:
    """Bring coming orders to what the series says now: those that still are what `before` made of them.

    One that somebody changed, planned or called off is theirs and stays. A day the series no longer has loses its
    order; its external id is set free, so that the day can be had again.
    """
    station = series.station
    today = now.astimezone(station.zone).date()
    coming = Order.objects.filter(recurring=series, day__gte=today, state__in=OPEN)
    last = max([order.day for order in coming], default=today)
    calendar = calendar_of(station, today)
    wanted = {each.day for each in days_of(series, calendar, today, last)} if series.active else set()
    drafts: list[OrderDraft] = []
    for order in coming.select_related("station", "shop", "service_level"):
        if order.day in calendar.closed or not _untouched(order, series, before, now):
            continue
        if order.day in wanted:
            drafts += _draft(series, series.fields, station, order.day, now, made)
        else:
            _drop(order, now, actor, made)
    if drafts:
        _take(series, station, drafts, now, actor, made)


def _untouched(order: Order, series: RecurringOrder, before: dict[str, Any], now: datetime) -> bool:
    if order.external_id != external_id(series, order.day):
        return False
    was = _draft(series, before, order.station, order.day, now, Made())
    if not was:
        return False
    same = all(getattr(order, name) == getattr(was[0], name) for name in COMPARED)
    level = order.service_level.code if order.service_level else ""
    return same and list(was[0].skills) == order.skills and was[0].service_level == level


def _drop(order: Order, now: datetime, actor: str, made: Made) -> None:
    with transaction.atomic():
        gone = cancel_order(order=order, version=order.version, actor=actor, now=now)
        Order.objects.filter(pk=gone.pk).update(external_id=f"{gone.external_id}-dropped-{gone.number}"[:80])
    made.cancelled += 1


@jobs.kind(KIND)
def run_recurring(claim: jobs.Claim) -> dict[str, Any]:
    """After an edit: follow it. Always: make what is missing up to the horizon."""
    payload = claim.job.payload
    station = Station.objects.get(pk=payload["station_id"])
    now = station.now()
    made = Made()
    if "recurring_id" in payload:
        series = RecurringOrder.objects.select_related("station", "shop").get(pk=payload["recurring_id"])
        follow_series(series=series, before=payload["before"], now=now, actor=claim.job.actor, made=made)
    until = horizon(station, now)
    if until is not None:
        claim.progress(50, "Making the orders of the coming days")
        fresh = make_recurring_orders(station=station, until_day=until, now=now)
        fresh.updated, fresh.cancelled = made.updated, made.cancelled
        fresh.refused = made.refused + fresh.refused
        made = fresh
    return made.card()


def queue_due(*, wall: datetime) -> int:
    """Queue the making of orders where a station's horizon has moved on; how many stations. `wall`: wall time."""
    active = RecurringOrder.objects.filter(active=True, station__active=True, station__sandbox_of=None)
    queued = 0
    for station in Station.objects.filter(pk__in=active.values("station")):
        now = station.clock.at(wall)
        until = horizon(station, now)
        if until is None or not active.filter(station=station).exclude(made_until__gte=until).exists():
            continue
        key = f"recurring:station:{station.pk}"
        payload = {"station_id": station.pk}
        jobs.enqueue(kind=KIND, payload=payload, actor=ACTOR, now=now, key=key, station_id=station.pk)
        queued += 1
    return queued
