"""How fast roads are at which time of a station's days: its settings as speeds from second to second of a plan."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from dispatch.models import Station
from dispatch.roads.shares import FREE, Speeds

PERIODS = ("speed_night", "speed_morning", "speed_midday", "speed_evening")
WEEKEND = (5, 6)


def periods_of(station: Station) -> list[list[Any]]:
    """The periods in use: from, until, percent on main, through and local roads, on working days only."""
    return [period for name in PERIODS if (period := getattr(station, name))]


def changes_of_speed(station: Station, first: date, last: date) -> list[tuple[datetime, Speeds]]:
    """Each moment from which other speeds hold on these days, in order; before the first of them roads are free.

    A period that goes over midnight belongs to the day it begins on, so the evening before `first` is told too.
    """
    found: dict[datetime, Speeds] = {}
    for start, end, speeds in _spans(station, first - timedelta(days=1), last):
        found[start] = speeds
        found.setdefault(end, FREE)
    return sorted(found.items(), key=lambda change: change[0].timestamp())


def _spans(station: Station, first: date, last: date) -> Iterator[tuple[datetime, datetime, Speeds]]:
    for after in range((last - first).days + 1):
        day = first + timedelta(days=after)
        for start, end, main, through, local, workdays in periods_of(station):
            if workdays and day.weekday() in WEEKEND:
                continue
            until = day + timedelta(days=end <= start)
            yield _moment(station, day, start), _moment(station, until, end), Speeds(main, through, local)


def _moment(station: Station, day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=station.zone)


def overlap(periods: Sequence[tuple[str, list[Any] | None]]) -> tuple[str, str] | None:
    """(name, other name) of two periods that share a minute of some day, else None."""
    taken: dict[int, str] = {}
    for name, period in periods:
        for minute in _minutes(period) if period else ():
            if minute in taken:
                return name, taken[minute]
            taken[minute] = name
    return None


def _minutes(period: list[Any]) -> range | list[int]:
    start, end = (time.fromisoformat(clock) for clock in period[:2])
    first, last = 60 * start.hour + start.minute, 60 * end.hour + end.minute
    return range(first, last) if first < last else [*range(first, 1440), *range(last)]
