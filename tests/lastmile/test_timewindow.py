"""Windows that move to another day keep what the wall clock shows, in every zone, also when clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import example, given, settings
from hypothesis import strategies as st

from lastmile.kernel.timewindow import same_time, shift_window

ZONES = sorted(zone for zone in available_timezones() if "/" in zone)
HELSINKI = ZoneInfo("Europe/Helsinki")
moments = st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1)).map(lambda at: at.replace(microsecond=0))


def local(day, hour, minute=0, zone=HELSINKI):
    return datetime.combine(day, time(hour, minute), tzinfo=zone)


def test_a_window_keeps_its_hours_over_the_night_the_clocks_change():
    """Promised from 10 to 12, it is from 10 to 12 on the day after too, although that day is an hour shorter."""
    start, end = shift_window(local(date(2026, 3, 28), 10), local(date(2026, 3, 28), 12), 1, HELSINKI)
    assert start == local(date(2026, 3, 29), 10)
    assert end == local(date(2026, 3, 29), 12)
    assert start - local(date(2026, 3, 28), 10) == timedelta(hours=23)


def test_an_hour_that_the_clocks_skip_is_later_and_the_window_not_empty():
    """03:30 does not exist on 29 March in Helsinki; the window must still begin before it ends."""
    start, end = shift_window(local(date(2026, 3, 28), 3, 30), local(date(2026, 3, 28), 4), 1, HELSINKI)
    assert start == local(date(2026, 3, 29), 4, 30)
    assert end == start + timedelta(minutes=30)


def test_an_open_side_stays_open():
    """Orders may have only a latest or only an earliest time."""
    day = date(2026, 3, 10)
    assert shift_window(None, local(day, 12), 1, HELSINKI) == (None, local(date(2026, 3, 11), 12))
    assert shift_window(local(day, 9), None, 2, HELSINKI) == (local(date(2026, 3, 12), 9), None)
    assert shift_window(None, None, 3, HELSINKI) == (None, None)


@settings(max_examples=300, deadline=None)
@given(moments, st.integers(60, 86_400), st.integers(1, 30), st.sampled_from(ZONES))
@example(datetime(2026, 10, 24, 0, 45), 1800, 1, "Europe/Helsinki")
def test_windows_of_any_zone_are_never_empty_and_keep_their_wall_clock(at, length, days, name):
    """Whatever the zone does that night: not empty, and the same time on the clock unless the clock skips it."""
    zone = ZoneInfo(name)
    start = at.replace(tzinfo=UTC)
    end = start + timedelta(seconds=length)
    new_start, new_end = shift_window(start, end, days, zone)
    assert new_start < new_end
    wall = (start.astimezone(zone) + timedelta(days=days)).replace(fold=0)
    exists = wall.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None)
    shown = new_start.astimezone(zone)
    assert not exists or shown.replace(tzinfo=None) == wall.replace(tzinfo=None)
    assert same_time(start, 0, zone) == start or start.astimezone(zone).fold == 1
