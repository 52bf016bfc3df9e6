"""Streets closed by a dispatcher, and speeds by time of day, as they reach the planner and the pages."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from dispatch.models import RoadEvent, Station, VehicleType
from dispatch.planning import model
from dispatch.roads.base import UNREACHABLE, Profile
from dispatch.roads.base import Matrix as Found
from dispatch.roads.closures import Slow
from dispatch.roads.shares import FREE, Shares, Speeds
from dispatch.services import road_events, station_settings
from dispatch.services.cities import closures_folder, current_closures
from dispatch.services.speeds import changes_of_speed, overlap
from dispatch.services.travel import day_speeds, travel_key, travel_matrix, way_from
from lastmile.kernel.errors import LastmileError
from lastmile.models import Event, Job
from tests.scenarios import at, make_person, make_station

SATURDAY = date(2026, 11, 21)
MONDAY = date(2026, 11, 23)
STREET = [[60.17, 24.94], [60.171, 24.95]]


def station_with(**fields: Any) -> Station:
    """A station that no row stands for."""
    none = dict.fromkeys(("speed_night", "speed_morning", "speed_midday", "speed_evening"))
    return Station(code="X", name="X", lat=60, lng=25, time_zone="Europe/Helsinki", **(none | fields))


def test_a_period_over_midnight_holds_before_the_day_begins() -> None:
    """The night of the day before is still on at second 0; peaks stay away on weekends."""
    station = station_with(
        speed_night=["22:00", "06:00", 110, 110, 110, False],
        speed_morning=["07:00", "09:00", 70, 80, 90, True],
    )
    for day, peaks in ((MONDAY, 1), (SATURDAY, 0)):
        begin = changes_of_speed(station, day, day)[0][0]
        assert begin.day == day.day - 1
        midnight = at(station, day, 0)
        held = day_speeds(station, day, midnight, midnight + timedelta(days=1))
        assert held[0] == (0, Speeds(110, 110, 110))
        assert held[1] == (6 * 3600, FREE)
        assert sum(speeds == Speeds(70, 80, 90) for _start, speeds in held) == peaks


def test_a_night_with_an_hour_less_counts_real_seconds() -> None:
    """When the clocks go forward at three, six o'clock is five hours after midnight."""
    station = station_with(speed_night=["22:00", "06:00", 110, 110, 110, False])
    day = date(2026, 3, 29)
    midnight = at(station, day, 0)
    assert day_speeds(station, day, midnight, midnight + timedelta(hours=12))[1] == (5 * 3600, FREE)


def test_periods_that_touch_change_once() -> None:
    """Where one ends as the next begins, roads are not free for a moment."""
    station = station_with(
        speed_morning=["07:00", "09:00", 70, 80, 90, False],
        speed_midday=["09:00", "15:00", 90, 90, 90, False],
    )
    midnight = at(station, MONDAY, 0)
    starts = [
        start // 3600
        for start, _speeds in day_speeds(station, MONDAY, midnight, midnight + timedelta(days=1))
    ]
    assert starts == [7, 9, 15]


def test_overlaps_are_found_over_midnight() -> None:
    """Each minute has one speed."""
    night = ["22:00", "06:00", 1, 1, 1, False]
    assert overlap([("night", night), ("morning", ["05:30", "09:00", 1, 1, 1, False])]) == (
        "morning",
        "night",
    )
    assert (
        overlap([("night", night), ("morning", ["06:00", "09:00", 1, 1, 1, False]), ("midday", None)]) is None
    )


class FakeRoads:
    """Two places a hundred seconds apart, all of it on main roads; the third cannot be reached."""

    def matrix(
        self, points: Any, profile: Profile, *, manners: Any, shares: bool, sources: Any, destinations: Any
    ) -> Found:
        far = UNREACHABLE
        durations = np.array([[0, 100, far], [100, 0, far], [far, far, 0]], np.int32)
        main = np.where(durations < far, durations, 0).astype(np.float32)
        told = Shares(main, np.zeros_like(main)) if shares else None
        return Found(durations, durations.copy(), np.zeros(3), np.zeros(3), False, told)


def test_a_matrix_has_the_periods_of_the_day() -> None:
    """The planner gets a table a period; equal speeds share one; unreachable stays unreachable."""
    half = Speeds(main=50)
    speeds = [(100, half), (200, FREE), (300, half)]
    found = travel_matrix(VehicleType(profile="van"), FakeRoads(), np.zeros((3, 2)), speeds)  # type: ignore[arg-type]
    assert [period.start for period in found.periods] == [100, 200, 300]
    assert found.periods[0].durations is found.periods[2].durations
    assert found.periods[1].durations is found.durations
    assert found.periods[0].durations.tolist()[0] == [0, 200, model.UNREACHABLE]
    assert found.durations.tolist()[0] == [0, 100, model.UNREACHABLE]
    assert travel_matrix(VehicleType(profile="van"), FakeRoads(), np.zeros((3, 2)), []).periods == ()  # type: ignore[arg-type]


def test_the_leg_of_a_van_on_the_road_takes_the_hour_it_is() -> None:
    """Half of it before the change, half of it after."""
    durations = np.array([[100]], np.int32)
    leg = Found(
        durations, durations, np.zeros(1), np.zeros(1), False, Shares(durations * 1.0, durations * 0.0)
    )  # type: ignore[arg-type]
    assert way_from(leg, 50, [(100, Speeds(main=50))]) == (150, 100)
    assert way_from(leg, 0, []) == (100, 100)


def test_vehicle_types_with_other_manners_have_matrices_of_their_own() -> None:
    """A van that stops at the curb does not share the seconds of one that need not."""
    keys = {travel_key(VehicleType(profile="van", curb_side=c, free_roads=f)) for c in (0, 1) for f in (0, 1)}
    assert keys == {"van", "van+curb", "van+free", "van+curb+free"}


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A city on disk whose streets are long enough for anything; making roads writes a file that says of what."""
    build = tmp_path / "town" / "builds" / "20261123T000000-aaaaaaaa"
    (build / "roads" / "van").mkdir(parents=True)
    (build / "roads" / "van" / "city.osrm.hsgr").touch()
    made = SimpleNamespace(path=build, build=build.name, name="town", roads_path=build / "roads", slows=[])

    def fake_close(roads: Path, target: Path, slows: list[Slow], **kwargs: Any) -> dict[Profile, int]:
        target.mkdir(parents=True)
        made.slows.append([slow.percent for slow in slows])
        return {}

    monkeypatch.setattr(road_events, "open_city", lambda station: SimpleNamespace(city=made))
    monkeypatch.setattr(road_events, "length_of", lambda dataset, points: 600.0)
    monkeypatch.setattr(road_events, "close_streets", fake_close)
    return made


def add(station: Any, **fields: Any) -> RoadEvent:
    now = station.now()
    given = {"name": "Quay", "points": STREET, "percent": 0, "start": now, "end": None} | fields
    return road_events.add_road_event(station=station, actor="user:dora", now=now, **given)


def run(station: Any) -> dict[str, Any]:
    """The newest job's work, as a worker would do it."""
    job = Job.objects.filter(kind=road_events.KIND).latest("pk")
    claim: Any = SimpleNamespace(job=job, cancelled=SimpleNamespace(is_set=lambda: False))
    return road_events.refresh(claim)


@pytest.mark.django_db
def test_a_closed_street_is_told_made_and_put_in_place(city: Any) -> None:
    """One job makes the roads; until then the old ones serve; opening it again gives the city's own back."""
    station = make_station()
    event = add(station, start=station.now() - timedelta(hours=1))
    told = Event.objects.filter(name="settings.changed", data__noun="road_event")
    assert told.get().data["what"] == "added"
    assert current_closures(city, station.pk) is None
    assert run(station)["streets"] == 1
    assert current_closures(city, station.pk) is not None
    assert city.slows == [[0]]
    road_events.remove_road_event(event=event, actor="user:dora", now=station.now())
    run(station)
    assert current_closures(city, station.pk) is None
    with pytest.raises(LastmileError, match="open again already"):
        road_events.remove_road_event(event=event, actor="user:dora", now=station.now())


@pytest.mark.django_db
def test_a_closing_of_tomorrow_waits_for_its_time(city: Any) -> None:
    """Roads are made for the streets closed at the moment: nothing is queued before, one look queues it then."""
    station = make_station()
    add(station, start=station.now() + timedelta(hours=1))
    assert not Job.objects.filter(kind=road_events.KIND).exists()
    RoadEvent.objects.update(start=station.now() - timedelta(minutes=1))
    road_events.queue_due()
    road_events.queue_due()
    assert Job.objects.filter(kind=road_events.KIND).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": "  "}, "missing"),
        ({"points": STREET[:1]}, "bad_points"),
        ({"percent": 100}, "out_of_range"),
        ({"points": [[60.17, 24.94], [60.1701, 24.94]]}, "street_unclear"),
        ({"end": datetime(2020, 1, 1, tzinfo=UTC)}, "bad_times"),
    ],
)
def test_what_is_no_street_is_refused(city: Any, fields: dict[str, Any], code: str) -> None:
    """Six hundred metres of way between points a few metres apart are a detour, not the street."""
    with pytest.raises(LastmileError) as refused:
        add(make_station(), **fields)
    assert refused.value.code == code
    assert not RoadEvent.objects.exists()


@pytest.mark.django_db
def test_roads_of_an_older_build_are_not_used(city: Any) -> None:
    """A city built anew may have other streets: what was made from the old build waits for the next look."""
    station = make_station()
    folder = closures_folder(city, station.pk)
    (folder / "20250101T000000-bbbbbbbb-123").mkdir(parents=True)
    road_events.put_in_place(folder, "20250101T000000-bbbbbbbb-123")
    assert current_closures(city, station.pk) is None


@pytest.mark.django_db
def test_the_page_closes_and_opens_a_street(city: Any) -> None:
    """A dispatcher clicks two points; a foreign dispatcher finds no such page; times are on the station's clock."""
    station = make_station()
    client, stranger = Client(), Client()
    client.force_login(make_person("dora", "dispatcher", station))
    stranger.force_login(make_person("eve", "dispatcher", make_station("OUT")))
    url = reverse("streets", args=[station.pk])
    later = (station.now() + timedelta(days=2)).astimezone(station.zone).strftime("%Y-%m-%dT%H:%M")
    sent = {"name": "Quay <b>", "percent": "0", "points": json.dumps(STREET), "end": later}
    assert stranger.post(url, sent).status_code == 404
    assert client.post(url, sent).status_code == 302
    event = RoadEvent.objects.get()
    assert event.end is not None
    assert event.end.astimezone(station.zone).strftime("%Y-%m-%dT%H:%M") == later
    page = client.get(url).content.decode()
    assert "Quay &lt;b&gt;" in page
    assert client.post(url, sent | {"points": "nonsense"}).status_code == 422
    assert client.post(reverse("street-remove", args=[station.pk, event.pk])).status_code == 302
    assert not RoadEvent.objects.exists()


@pytest.mark.django_db
def test_speeds_are_settings_with_history() -> None:
    """Kept as they were entered, refused where they overlap or are no speeds, restored like any other setting."""
    station = make_station()

    def change(**values: Any) -> Any:
        return station_settings.change_settings(
            station=station, values=values, seen={}, actor="user:boss", now=station.now()
        )

    before = station.speed_morning
    assert change(speed_morning=["06:30", "09:00", 60, 70, 80, True])["speed_morning"][0] == before
    for bad in (
        ["08:00", "10:00", 60, 70, 80, True],
        ["06:30", "09:00", 5, 70, 80, True],
        ["06:30", 1],
        ["x"] * 6,
    ):
        with pytest.raises(LastmileError) as refused:
            change(speed_morning=bad)
        assert refused.value.code == "bad_setting"
    event = Event.objects.filter(name="settings.changed").latest("pk")
    station_settings.restore_setting(
        station=station, event_id=event.pk, field="speed_morning", seen=station.speed_morning,
        actor="user:boss", now=station.now(),
    )  # fmt: skip
    station.refresh_from_db()
    assert station.speed_morning == before
    change(speed_morning=None)
    assert station.speed_morning is None
