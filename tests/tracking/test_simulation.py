"""The pure parts of the simulated day: ways, habits, reading the card, when the clock shows what."""

from datetime import UTC, date, datetime, timedelta

import pytest

from lastmile.kernel.geo import distance_m, encode_polyline
from tracking.simulation.card import calls, way_home
from tracking.simulation.habits import Habits
from tracking.simulation.path import Path, cut, drive, stand
from tracking.simulation.timing import begin_at, leave_at, pick_day

EIGHT = datetime(2026, 3, 10, 8, tzinfo=UTC)
DEGREE_M = 111_195.0


def north(metres):
    return (60 + metres / DEGREE_M, 25.0)


def test_driving_takes_the_planned_time_and_ends_at_the_end():
    """Spots come every ten seconds and the last one is the arrival, wherever it falls."""
    spots = drive(Path([north(0), north(500), north(1000)]), EIGHT, 95, 10)
    assert len(spots) == 10
    assert spots[-1].at == EIGHT + timedelta(seconds=95)
    assert distance_m(spots[-1].lat, spots[-1].lng, *north(1000)) < 0.1
    assert spots[0].speed_mps == pytest.approx(1000 / 95, rel=0.01)
    assert {round(spot.heading) for spot in spots} == {0}


def test_standing_and_no_way_at_all_stay_where_they_are():
    """Two orders at one door are a drive of nought metres."""
    assert [s.lat for s in stand(north(0), EIGHT, 130, 60)] == [60.0, 60.0]
    assert [(s.lat, s.at) for s in drive(Path([north(0)]), EIGHT, 0, 10)] == [(60.0, EIGHT)]


def test_a_round_that_passes_a_later_stop_early_is_cut_by_planned_distance():
    """Out 1 km and back on the same street: the stop at 200 m is the one on the way back."""
    line = [north(m) for m in [*range(0, 1001, 100), *range(900, -1, -100)]]
    first, second, home = cut(line, [(north(1000), 1000), (north(200), 800)])
    assert first.length == pytest.approx(1000, abs=1)
    assert second.length == pytest.approx(800, abs=1)
    assert home.length == pytest.approx(200, abs=1)


def test_the_same_seed_meets_the_same_luck_and_another_does_not():
    """A day can be lived again, whatever the order of visits was."""
    orders = [f"X{n}" for n in range(50)]
    one = [Habits(1, "Anna").outcome(key, age_check=False) for key in orders]
    assert one == list(
        reversed([Habits(1, "Anna").outcome(key, age_check=False) for key in reversed(orders)])
    )
    assert one != [Habits(2, "Anna").outcome(key, age_check=False) for key in orders]
    assert Habits(1, "Anna").traffic(EIGHT) != Habits(1, "Ben").traffic(EIGHT)


def test_luck_has_the_stated_shares():
    """About one in a hundred refuses and six are not at home."""
    habits = Habits(5, "Anna")
    reasons = [habits.outcome(f"X{n}", age_check=False).reason for n in range(5000)]
    assert 0.005 < reasons.count("refused") / 5000 < 0.017
    assert 0.045 < reasons.count("no_one_home") / 5000 < 0.075


def test_an_age_check_is_never_left_in_a_safe_place():
    """What the rules would refuse, a simulated driver does not try."""
    habits = Habits(5, "Anna")
    taken = [habits.outcome(f"X{n}", age_check=True) for n in range(500)]
    assert all(each.reason or (each.received_by and each.relation == "recipient") for each in taken)


def stop(number, metres, state="planned", gap_s=0):
    arrival = EIGHT + timedelta(seconds=number * 300 + gap_s)
    return {
        "id": number,
        "lat": north(metres)[0],
        "lng": 25.0,
        "state": state,
        "window_start": None,
        "planned_arrival": arrival.isoformat(),
        "planned_start": (arrival + timedelta(seconds=60)).isoformat(),
        "planned_departure": (arrival + timedelta(seconds=180)).isoformat(),
        "travel_s": 120,
        "travel_m": 1000,
        "order_ids": [number],
    }


def card(*stops):
    line = encode_polyline([north(m) for m in (0, 1000, 2000, 3000, 2000, 1000, 0)])
    orders = [{"id": n, "external_id": f"X{n}", "skills": []} for n in range(1, 9)]
    return {"stops": list(stops), "orders": orders, "line": line, "drive_s": 720}


def test_only_stops_to_come_are_calls_and_the_timetables_gap_is_the_break():
    """The planner leaves the break as time between two stops; the driver takes it there."""
    found = calls(card(stop(1, 1000, "completed"), stop(2, 2000, gap_s=1800), stop(3, 3000, gap_s=1800)))
    assert [(call.stop_id, call.key) for call in found] == [(2, "X2"), (3, "X3")]
    assert [call.pause for call in found] == [timedelta(minutes=30), timedelta(0)]
    assert found[0].service_s == 120
    assert found[0].path.length == pytest.approx(1000, abs=2)


def test_the_way_home_is_what_the_route_drives_beyond_its_stops():
    """Its time is the route's driving less the legs to the stops."""
    path, seconds = way_home(card(stop(1, 1000), stop(2, 2000), stop(3, 3000)), north(3000))
    assert path.length == pytest.approx(3000, abs=2)
    assert seconds == 360


def test_a_route_without_a_line_is_driven_by_the_crow():
    """Crow-fly roads give no streets; the day goes on all the same."""
    bare = card(stop(1, 1000), stop(2, 2000)) | {"line": ""}
    assert [round(call.path.length) for call in calls(bare)] == [0, 1000]


def test_which_day_is_lived():
    """Today if there is work, else the next, else the last."""
    days = [date(2026, 3, 9), date(2026, 3, 11)]
    assert pick_day(days, date(2026, 3, 9)) == days[0]
    assert pick_day(days, date(2026, 3, 10)) == days[1]
    assert pick_day(days, date(2026, 3, 20)) == days[1]
    assert pick_day([], date(2026, 3, 20)) is None


@pytest.mark.parametrize(
    ("now", "last_event", "expected"),
    [
        (timedelta(hours=-1), None, timedelta(hours=-1)),
        (timedelta(hours=3), None, timedelta(minutes=-45)),
        (timedelta(days=-2), None, timedelta(minutes=-45)),
        (timedelta(hours=3), timedelta(hours=2), timedelta(hours=3)),
        (timedelta(days=2), timedelta(hours=2), timedelta(hours=2)),
        (timedelta(hours=1), timedelta(hours=2), timedelta(hours=2)),
    ],
)
def test_when_the_clock_begins(now, last_event, expected):
    """A clock that ran on while the program was off must not make the whole day late."""
    known = None if last_event is None else EIGHT + last_event
    last = EIGHT + timedelta(hours=9)
    begin = begin_at(now=EIGHT + now, first_shift=EIGHT, last_shift=last, last_event=known)
    assert begin == EIGHT + expected


def test_after_the_release_the_clock_skips_to_the_first_departure():
    """Nobody wants to watch parked vans."""
    starts = [EIGHT + timedelta(hours=1), EIGHT + timedelta(hours=2)]
    assert leave_at(now=EIGHT, starts=starts) == EIGHT + timedelta(minutes=58)
    assert leave_at(now=EIGHT + timedelta(hours=3), starts=starts) == EIGHT + timedelta(hours=3)
