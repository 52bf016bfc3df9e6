"""What a service level promises: from the moment an order is placed to its day and window. Pure but for two readers.

Days are counted in opening days of the station; the cut-off is a time on the station's wall clock. Where the clocks
show a time twice it means the later one, so that nobody is late who was in time; a time they skip means as much
later as they skip.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dispatch.models import Holiday, ServiceLevel, Station, StationDay
from lastmile.kernel.errors import LastmileError

LOOK_DAYS = 400  # a station that opens on no day within them never opens
LAST_DAY = date.max - timedelta(days=LOOK_DAYS + 1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a station delivers: weekdays (0 is Monday) but for holidays, hours of its wall clock."""

    zone: ZoneInfo
    weekdays: frozenset[int]
    opens_at: time
    closes_at: time
    holidays: frozenset[date] = field(default_factory=frozenset)
    closed: frozenset[date] = field(default_factory=frozenset)  # days that were closed and take nothing more

    def opens(self, day: date) -> bool:
        """Whether it is an opening day by weekday and holidays."""
        return day.weekday() in self.weekdays and day not in self.holidays

    def takes(self, day: date) -> bool:
        """Whether it is an opening day that still takes orders."""
        return self.opens(day) and day not in self.closed

    def first_open(self, day: date) -> date:
        """`day`, or the first opening day after it. Raises LastmileError ``never_open``."""
        return self._first(day, self.opens)

    def first_taking(self, day: date) -> date:
        """Likewise, but a day that was closed already is passed over."""
        return self._first(day, self.takes)

    def _first(self, day: date, good: Callable[[date], bool]) -> date:
        if day <= LAST_DAY:
            for ahead in range(LOOK_DAYS):
                if good(day + timedelta(days=ahead)):
                    return day + timedelta(days=ahead)
        raise LastmileError(
            "never_open",
            f"The station has no opening day in the {LOOK_DAYS} days from {day}.",
            "Set its opening days and holidays in the station's settings.",
            status=409,
        )


@dataclass(frozen=True, slots=True)
class Promise:
    """The day of delivery and its window, in UTC."""

    day: date
    window_start: datetime
    window_end: datetime


@dataclass(frozen=True, slots=True)
class Terms:
    """What a service level says; times of the station's wall clock, None: as the station opens or closes."""

    cutoff: time
    days_after: int = 0
    window_from: time | None = None
    window_to: time | None = None


def promise(calendar: Calendar, terms: Terms, placed: datetime) -> Promise:
    """What an order placed at `placed` is promised. Raises LastmileError ``never_open``."""
    today = placed.astimezone(calendar.zone).date()
    in_time = calendar.opens(today) and placed <= _moment(calendar.zone, today, terms.cutoff, last=True)
    day = calendar.first_open(today if in_time else today + timedelta(days=1))
    for _ in range(terms.days_after):
        day = calendar.first_open(day + timedelta(days=1))
    day = calendar.first_taking(day)
    return Promise(day, *window_on(calendar, terms, day))


def window_on(calendar: Calendar, terms: Terms, day: date) -> tuple[datetime, datetime]:
    """The promised window of a day, in UTC; never empty, also in the night the clocks change."""
    begin, end = terms.window_from or calendar.opens_at, terms.window_to or calendar.closes_at
    length = datetime.combine(day, end) - datetime.combine(day, begin)
    if length <= timedelta(0):
        length = timedelta(
            hours=1
        )  # half the window is the station's: hours that do not fit keep the level's own
    start = _moment(calendar.zone, day, begin, last=False)
    until = _moment(calendar.zone, day, end, last=True)
    return start, until if until > start else start + length


def _moment(zone: ZoneInfo, day: date, at: time, *, last: bool) -> datetime:
    first, second = (
        datetime.combine(day, at, tzinfo=zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1)
    )
    return max(first, second) if last else first


def calendar_of(station: Station, day: date) -> Calendar:
    """The station's calendar for questions about `day` and the days after it: two queries."""
    return Calendar(
        zone=station.zone,
        weekdays=frozenset(station.open_days),
        opens_at=station.opens_at,
        closes_at=station.closes_at,
        holidays=frozenset(
            Holiday.objects.filter(station=station, day__gte=day).values_list("day", flat=True)
        ),
        closed=frozenset(
            StationDay.objects.filter(station=station, day__gte=day).values_list("day", flat=True)
        ),
    )


def next_open_day(station: Station, day: date) -> date:
    """The first opening day after `day` that was not closed yet. Raises LastmileError ``never_open``."""
    return calendar_of(station, day).first_taking(day + timedelta(days=1))


def level_of(station: Station, code: str) -> ServiceLevel:
    """The service level shops mean by its code. Raises LastmileError ``no_such_service_level``."""
    level = ServiceLevel.objects.filter(station=station, code=code, active=True).first()
    if level is None:
        known = ServiceLevel.objects.filter(station=station, active=True).values_list("code", flat=True)
        raise LastmileError(
            "no_such_service_level",
            f"The station {station.code} has no service level of this code.",
            f"Use one of {', '.join(known)}." if known else "Leave service_level out and name the day.",
            field="service_level",
        )
    return level


def terms_of(level: ServiceLevel) -> Terms:
    return Terms(level.cutoff, level.days_after, level.window_from, level.window_to)
