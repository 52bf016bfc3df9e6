"""When an alert is raised, kept and over."""

from datetime import UTC, datetime, timedelta

from tracking.engine.alarms import KEEP, Late, Visit, late, late_words, rounded_minutes, silent, stopped_long

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
ZERO = timedelta(0)


def minutes(number):
    return timedelta(minutes=number)


def visit(stop_id, expected, window_end, orders=(1,)):
    end = None if window_end is None else NOON + minutes(window_end)
    return Visit(stop_id, f"Street {stop_id}", NOON + minutes(expected), end, orders)


def test_late_names_the_worst_stop_and_every_order_at_risk():
    """The words must let a dispatcher decide without opening the route."""
    visits = [visit(1, 10, 5, (1,)), visit(2, 60, 35, (2, 3)), visit(3, 70, None), visit(4, 80, 200)]
    found = late(visits, now=NOON, grace=ZERO)
    assert isinstance(found, Late)
    assert (found.worst.stop_id, found.minutes, found.order_ids) == (2, 25, [1, 2, 3])
    assert (
        late_words("R3", found)
        == "Route R3 will be 25 min late at Street 2 and 1 more stop; 3 orders at risk"
    )


def test_late_is_over_only_with_two_minutes_to_spare():
    """An expected time that dances around the window must not raise and resolve in turn."""
    table = [(31, 30), (30, 30), (28.5, 30), (28, 30)]
    found = [late([visit(1, *row)], now=NOON, grace=ZERO) for row in table]
    assert isinstance(found[0], Late)
    assert found[1:] == [KEEP, KEEP, None]


def test_a_stop_cannot_be_reached_before_now():
    """Without new fixes the expectation stands still while the window passes."""
    found = late([visit(1, 0, 10)], now=NOON + minutes(16), grace=minutes(5))
    assert isinstance(found, Late)
    assert found.minutes == 6


def test_grace_is_the_stations_policy():
    """Six minutes late are nothing where ten still count as on time."""
    assert late([visit(1, 36, 30)], now=NOON, grace=minutes(10)) is None


def test_minutes_are_rounded_so_that_words_stay():
    """61 seconds are two minutes, and from ten on it goes by fives."""
    assert [rounded_minutes(s) for s in (1, 60, 61, 540, 601, 901)] == [1, 1, 2, 9, 15, 20]


def test_silence_counts_from_the_last_word():
    """Eight minutes are allowed; the ninth is told."""
    assert silent(last_heard=NOON, now=NOON + minutes(8), after=minutes(8)) is None
    assert silent(last_heard=NOON, now=NOON + minutes(9), after=minutes(8)) == 9


def test_standing_is_told_away_from_stops_and_longer_than_a_break():
    """At a stop, at the station or on a break a van may stand."""
    here, stop = (60.0, 25.0), (60.01, 25.0)
    ask = {"place": here, "radius_m": 80, "after": minutes(15), "now": NOON + minutes(20)}
    assert stopped_long(still_since=NOON, allowed=[stop], **ask) == 20
    assert stopped_long(still_since=NOON, allowed=[stop, here], **ask) is None
    assert stopped_long(still_since=None, allowed=[], **ask) is None
    pause = (NOON - minutes(30), NOON + minutes(30), minutes(30))
    assert stopped_long(still_since=NOON, allowed=[], pause=pause, **ask) is None
    ask["now"] = NOON + minutes(46)
    assert stopped_long(still_since=NOON, allowed=[], pause=pause, **ask) == 50
