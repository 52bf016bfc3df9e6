"""What service levels promise: opening days, cut-offs on the station's clock, also in the nights it changes."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.models import Holiday, StationDay
from dispatch.services.promises import Calendar, Terms, level_of, next_open_day, promise, window_on
from lastmile.kernel.errors import LastmileError
from tests.scenarios import DAY, make_station

ZONE = ZoneInfo("Europe/Helsinki")
WEEK = frozenset(range(6))  # Monday to Saturday
TUESDAY = DAY


def calendar(**fields: object) -> Calendar:
    given_ = {"zone": ZONE, "weekdays": WEEK, "opens_at": time(7), "closes_at": time(20)} | fields
    return Calendar(**given_)  # type: ignore[arg-type]


def local(day: date, hour: int, minute: int = 0, *, fold: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE, fold=fold)


@pytest.mark.parametrize(
    ("placed", "days_after", "day"),
    [
        (local(TUESDAY, 12), 0, TUESDAY),  # the cut-off itself is in time
        (local(TUESDAY, 12, 1), 0, TUESDAY + timedelta(days=1)),
        (local(TUESDAY, 9), 2, TUESDAY + timedelta(days=2)),
        (local(TUESDAY + timedelta(days=4), 13), 0, TUESDAY + timedelta(days=6)),  # Saturday late: Monday
        (
            local(TUESDAY + timedelta(days=5), 9),
            0,
            TUESDAY + timedelta(days=6),
        ),  # on Sunday nothing is in time
        (local(TUESDAY + timedelta(days=5), 9), 1, TUESDAY + timedelta(days=7)),
    ],
)
def test_days_are_opening_days(placed: datetime, days_after: int, day: date) -> None:
    assert promise(calendar(), Terms(time(12), days_after), placed).day == day


def test_holidays_count_as_closed_and_closed_days_take_nothing_more() -> None:
    """A day closed at noon still counts as a day; its late orders go to the next that takes some."""
    off = calendar(holidays=frozenset({TUESDAY + timedelta(days=1)}))
    assert promise(off, Terms(time(12), 1), local(TUESDAY, 9)).day == TUESDAY + timedelta(days=2)
    shut = calendar(closed=frozenset({TUESDAY}))
    assert promise(shut, Terms(time(12), 0), local(TUESDAY, 9)).day == TUESDAY + timedelta(days=1)
    assert promise(shut, Terms(time(12), 1), local(TUESDAY, 9)).day == TUESDAY + timedelta(days=1)


def test_a_cut_off_that_comes_twice_is_the_second() -> None:
    """25 October 2026, 03:00 to 04:00 comes twice: until the second 03:30 nobody is late."""
    night = date(2026, 10, 25)
    every = calendar(weekdays=frozenset(range(7)))
    terms = Terms(time(3, 30), 0)
    assert promise(every, terms, local(night, 3, 45)).day == night
    assert promise(every, terms, local(night, 3, 29, fold=1)).day == night
    assert promise(every, terms, local(night, 3, 31, fold=1)).day == night + timedelta(days=1)


def test_a_cut_off_that_is_skipped_comes_an_hour_later() -> None:
    """29 March 2026 knows no 03:30: 04:30 stands for it, an hour after 02:30 as always."""
    night = date(2026, 3, 29)
    every = calendar(weekdays=frozenset(range(7)))
    terms = Terms(time(3, 30), 0)
    assert promise(every, terms, local(night, 4, 30)).day == night
    assert promise(every, terms, local(night, 4, 31)).day == night + timedelta(days=1)


def test_windows_are_the_level_s_or_the_station_s() -> None:
    start, end = window_on(calendar(), Terms(time(12), 0, time(17), None), TUESDAY)
    assert (start, end) == (local(TUESDAY, 17), local(TUESDAY, 20))
    start, end = window_on(calendar(), Terms(time(12)), TUESDAY)
    assert (start, end) == (local(TUESDAY, 7), local(TUESDAY, 20))


@given(
    st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    st.times(),
    st.times(),
    st.integers(0, 30),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),
)
def test_every_promise_is_an_open_day_not_before_the_order_with_a_window(
    holiday: date, cutoff: time, begin: time, days_after: int, placed: datetime
) -> None:
    """For any level, moment and change of clocks: monotone enough to print on a receipt."""
    known = calendar(holidays=frozenset({holiday}))
    moment = placed.replace(tzinfo=UTC)
    found = promise(known, Terms(cutoff, days_after, begin, None), moment)
    assert known.opens(found.day)
    assert found.day >= moment.astimezone(ZONE).date() + timedelta(days=days_after)
    assert found.window_start < found.window_end
    later = promise(known, Terms(cutoff, days_after, begin, None), moment + timedelta(hours=1))
    assert later.day >= found.day


def test_a_station_that_never_opens_says_so() -> None:
    with pytest.raises(LastmileError, match="never_open"):
        promise(calendar(weekdays=frozenset()), Terms(time(12)), local(TUESDAY, 9))
    with pytest.raises(LastmileError, match="never_open"):
        calendar().first_open(date.max)


@pytest.mark.django_db
def test_next_open_day_reads_holidays_and_closed_days() -> None:
    """Day close moves orders there: a day that takes nothing would strand them."""
    station = make_station()
    assert next_open_day(station, DAY) == DAY + timedelta(days=1)
    Holiday.objects.create(station=station, day=DAY + timedelta(days=1), name="x")
    StationDay.objects.create(
        station=station, day=DAY + timedelta(days=2), closed_at=station.now(), actor="x"
    )
    assert next_open_day(station, DAY) == DAY + timedelta(days=3)
    assert next_open_day(station, DAY + timedelta(days=4)) == DAY + timedelta(days=6)  # over Sunday


@pytest.mark.django_db
def test_an_unknown_level_is_named_with_what_there_is() -> None:
    station = make_station()
    with pytest.raises(LastmileError) as refusal:
        level_of(station, "gold")
    assert (refusal.value.code, refusal.value.field) == ("no_such_service_level", "service_level")
