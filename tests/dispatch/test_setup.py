"""From an empty installation to a station with vans, by its pages: who may, what is guessed, what is refused."""

import socket
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dispatch.models import Driver, Invitation, Membership, Order, Shift, Station, Vehicle, VehicleType
from dispatch.services import city_jobs, downloads, first_run
from dispatch.services.demo import lay_demo
from lastmile import jobs, setup_link
from lastmile.kernel.errors import LastmileError
from lastmile.models import Event, Job, JobState, User
from tests import scenarios
from tests.dispatch.test_demo import DOORS, NOON

pytestmark = pytest.mark.django_db
ADMIN = {
    "full_name": "Ada Admin", "username": "ada", "email": "",
    "password": "quiet river lamp", "again": "quiet river lamp",
}  # fmt: skip
PLACE = {
    "name": "Helsinki Centre", "code": "hel", "address": "Mannerheimintie 10", "lat": "60.1675", "lng": "24.9409",
    "time_zone": "Europe/Helsinki", "currency": "eur", "language": "en", "units": "metric",
}  # fmt: skip
FLEET = {
    **{f"kind{at}-{name}": value for at in range(3) for name, value in
       {"count": 0, "weight": 800, "volume": "8", "pieces": 200, "fixed": "30.00", "km": "0.45", "hour": "28"}.items()},
    "kind0-count": 2, "drivers": "Aino Virtanen, 040 123 4567\n\nEero Korhonen", "invite": "on", "start": "08:00",
    "end": "16:00", "break_minutes": 30, "today": "on", "tomorrow": "on",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dispatch.views.setup.limits.take", lambda *a, **k: 0)


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(scenarios.make_person("boss", is_superuser=True, is_staff=True))
    return client


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A city that is there, without building one."""
    from types import SimpleNamespace

    from dispatch.places.geometry import Box
    from tests.dispatch.fake_city import FakeGeocoder

    info = SimpleNamespace(
        centre=(60.17, 24.94),
        bounds=Box(24.9, 60.1, 25.0, 60.2),
        tiles=False,
        attribution="©",
        addresses=1,
        streets=1,
    )
    city = SimpleNamespace(
        name="helsinki", info=info, geocoder=FakeGeocoder, addresses_path=Path("none"), build="b"
    )
    monkeypatch.setattr("dispatch.views.setup._city", lambda name: city)
    monkeypatch.setattr("dispatch.services.city.open_city", lambda home, name: city)
    monkeypatch.setattr("dispatch.services.first_run.doors", lambda path: DOORS)
    return city


def station(admin: Client) -> Station:
    answer = admin.post(reverse("setup-station", args=["helsinki"]), PLACE)
    assert answer.status_code == 302, answer.text
    return Station.objects.get(code="HEL")


def test_the_first_admin_comes_in_by_the_printed_address() -> None:
    """Once: afterwards the address is spent, and there is no way to a second admin."""
    path = setup_link.make(timezone.now())
    client = Client()
    assert client.get(path).status_code == 200
    assert client.post(path, ADMIN | {"again": "other"}).status_code == 422
    answer = client.post(path, ADMIN)
    assert (answer.status_code, answer["Location"]) == (302, "/setup/city/")
    person = User.objects.get()
    assert person.is_superuser
    assert person.check_password("quiet river lamp")
    assert client.get("/setup/city/").status_code == 200
    assert Event.objects.filter(name="person.changed", data__what="first_admin", actor="user:ada").exists()
    assert Client().get(path).status_code == 404
    assert Client().post(path, ADMIN | {"username": "eve"}).status_code == 404
    assert not setup_link.is_needed()


def test_an_address_is_good_for_a_quarter_of_an_hour_and_one_only() -> None:
    now = timezone.now()
    first, second = (setup_link.make(now).split("/")[-2] for _ in range(2))
    assert not setup_link.is_good(first, now)
    assert setup_link.is_good(second, now + timedelta(minutes=14))
    assert not setup_link.is_good(second, now + timedelta(minutes=16))
    assert not setup_link.is_good("x", now)
    note = setup_link._file()
    assert second not in note.read_text()
    assert note.stat().st_mode & 0o077 == 0
    setup_link.use_up()
    assert not setup_link.is_good(second, now)


@pytest.mark.parametrize(
    ("field", "value"),
    [("password", "short"), ("password", "1q2w3e4r5t6y"), ("username", ""), ("username", "a b"),
     ("username", "x" * 151), ("full_name", ""), ("email", "nonsense"), ("username", "a\x00b")],
)  # fmt: skip
def test_a_bad_account_is_explained_and_not_made(field: str, value: str) -> None:
    path = setup_link.make(timezone.now())
    given = ADMIN | {field: value} | ({"again": value} if field == "password" else {})
    answer = Client().post(path, given)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert not User.objects.exists()


def test_everything_else_is_for_admins(town: Any, admin: Client) -> None:
    """Nobody signed in goes to the door; a manager is told no."""
    row = station(admin)
    manager = Client()
    manager.force_login(scenarios.make_person("mia", "manager", row, is_staff=True))
    paths = ["/setup/", "/setup/city/", "/setup/station/helsinki/", "/setup/addresses/helsinki/?q=a"]
    paths += [f"/setup/{row.pk}/{page}/" for page in ("manager", "fleet", "done")]
    for path in paths:
        assert Client().get(path).status_code == 302, path
        assert manager.get(path).status_code == 403, path
        assert admin.get(path).status_code == 200, path
    for path in (f"/setup/{row.pk}/trial/", "/setup/demo/remove/"):
        assert manager.post(path).status_code == 403
        assert admin.get(path).status_code == 405
    assert admin.get("/setup/99/fleet/").status_code == 404
    assert admin.get("/setup/city/build/99/").status_code == 404


def test_from_a_city_to_a_day_that_can_be_planned(town: Any, admin: Client) -> None:
    """The whole of it: station, fleet, invitations, trial orders on tomorrow's shifts."""
    row = station(admin)
    assert (row.city, row.currency, row.time_zone) == ("helsinki", "EUR", "Europe/Helsinki")
    assert Membership.objects.filter(station=row).count() == 2
    assert abs((row.now() - timezone.now()).total_seconds()) < 60
    answer = admin.post(f"/setup/{row.pk}/manager/", {"who": "other", "full_name": "Mia", "email": ""})
    assert answer["Location"] == f"/setup/{row.pk}/fleet/"
    assert admin.post(f"/setup/{row.pk}/fleet/", FLEET)["Location"] == f"/setup/{row.pk}/done/"
    assert list(Vehicle.objects.values_list("name", flat=True)) == ["Van 1", "Van 2"]
    assert set(Driver.objects.values_list("name", "phone")) == {
        ("Aino Virtanen", "+358401234567"), ("Eero Korhonen", "")
    }  # fmt: skip
    shifts = Shift.objects.filter(station=row)
    assert shifts.count() == 4
    assert all(shift.driver is not None and shift.break_minutes == 30 for shift in shifts)
    done = admin.get(f"/setup/{row.pk}/done/")
    assert done.text.count("/join/") == Invitation.objects.count() == 3
    assert "/join/" not in admin.get(f"/setup/{row.pk}/done/").text, "shown once"
    tomorrow = first_run.today_of(row) + timedelta(days=1)
    answer = admin.post(f"/setup/{row.pk}/trial/")
    assert answer["Location"] == f"/stations/{row.pk}/?day={tomorrow}"
    assert Order.objects.filter(station=row, day=tomorrow).count() == 60
    assert Vehicle.objects.count() == 2, "the trial uses the fleet that is there"


def test_more_can_be_added_later(town: Any, admin: Client) -> None:
    """Names go on counting; a type with other numbers is the station's own, not another station's changed."""
    row = station(admin)
    VehicleType.objects.create(name="Van", capacity_weight_g=1)
    admin.post(f"/setup/{row.pk}/fleet/", FLEET)
    more = FLEET | {"kind0-count": 1, "drivers": "", "today": "", "tomorrow": ""}
    assert admin.post(f"/setup/{row.pk}/fleet/", more).status_code == 302
    assert set(Vehicle.objects.values_list("name", "type__name")) == {
        (f"Van {n}", "Van HEL") for n in (1, 2, 3)
    }
    assert VehicleType.objects.get(name="Van").capacity_weight_g == 1


def test_drivers_who_come_later_take_the_vehicles_nobody_drives(town: Any, admin: Client) -> None:
    """A first fleet without drivers is told so, and the same page mends it without a second set of vans."""
    row = station(admin)
    assert admin.post(f"/setup/{row.pk}/fleet/", FLEET | {"drivers": ""}).status_code == 302
    assert "No driver yet" in admin.get(f"/setup/{row.pk}/done/").text
    again = admin.get(f"/setup/{row.pk}/fleet/")
    assert [kind["form"]["count"].value() for kind in again.context["kinds"]] == [0, 0, 0]
    admin.post(f"/setup/{row.pk}/fleet/", FLEET | {"kind0-count": 0})
    shifts = Shift.objects.filter(station=row)
    assert (Vehicle.objects.count(), shifts.count()) == (2, 4)
    assert all(shift.driver is not None for shift in shifts)
    assert "No driver yet" not in admin.get(f"/setup/{row.pk}/done/").text


def test_a_fleet_form_sent_twice_adds_its_fleet_once(town: Any, admin: Client) -> None:
    """A double click, or a reload after a lost answer: where no driver is named nothing else tells the two apart."""
    row = station(admin)
    page = f"/setup/{row.pk}/fleet/"
    shown = admin.get(page)
    once = str(shown.context["form"]["once"].value())
    assert f'value="{once}"' in shown.text
    form = FLEET | {"drivers": "", "once": once}
    for _ in range(2):
        assert admin.post(page, form)["Location"] == f"/setup/{row.pk}/done/"
    assert (Vehicle.objects.count(), Shift.objects.count()) == (2, 4)
    assert "added once" in admin.get(f"/setup/{row.pk}/done/").text
    admin.post(page, form | {"once": str(admin.get(page).context["form"]["once"].value())})
    assert Vehicle.objects.count() == 4, "another showing of the page adds more"


def test_a_fleet_form_that_was_refused_may_be_sent_again(town: Any, admin: Client) -> None:
    """What made nothing uses nothing up; and a mark that is none is refused, not taken."""
    row = station(admin)
    page = f"/setup/{row.pk}/fleet/"
    form = FLEET | {"once": str(admin.get(page).context["form"]["once"].value())}
    wrong = admin.post(page, form | {"drivers": "Aino\nAino"})
    assert wrong.status_code == 422
    assert form["once"] in wrong.text
    assert admin.post(page, form | {"once": "\x00"}).status_code == 422
    assert Vehicle.objects.count() == 0
    assert admin.post(page, form).status_code == 302
    assert Vehicle.objects.count() == 2


def test_a_trial_asks_for_nothing_the_first_fleet_cannot_do(town: Any, admin: Client) -> None:
    """The first plan of a newcomer has room for all: no skill that nobody has, no window after the last shift."""
    row = station(admin)
    admin.post(f"/setup/{row.pk}/fleet/", FLEET)
    admin.post(f"/setup/{row.pk}/trial/")
    closes = max(shift.end for shift in Shift.objects.filter(station=row))
    orders = Order.objects.filter(station=row)
    assert not [order.number for order in orders if order.skills]
    assert not [o.number for o in orders if o.window_start and o.window_start >= closes]
    assert any(order.window_start for order in orders)


@pytest.mark.parametrize(
    ("field", "value"),
    [("code", "x y"), ("lat", "nan"), ("lat", "91"), ("lat", "52.5"), ("lng", "inf"), ("lng", ""),
     ("time_zone", "Mars"),
     ("currency", "XXY"), ("currency", "€"), ("language", "xx"), ("units", "ells"), ("name", ""), ("name", "a" * 81)],
)  # fmt: skip
def test_a_station_that_cannot_be_is_refused(town: Any, admin: Client, field: str, value: str) -> None:
    """Also a place outside of the city's map: no order could ever be routed there."""
    assert admin.post("/setup/station/helsinki/", PLACE | {field: value}).status_code == 422
    assert not Station.objects.exists()


def test_a_code_that_is_taken_is_refused_whatever_its_case(town: Any, admin: Client) -> None:
    station(admin)
    answer = admin.post("/setup/station/helsinki/", PLACE | {"code": "Hel"})
    assert answer.status_code == 422
    assert 'value="HE2"' not in answer.text
    assert 'value="HEL2"' in admin.get("/setup/station/helsinki/").text, "a free one is proposed"


@pytest.mark.parametrize(
    ("field", "value"),
    [("drivers", "Aino, 12ab"), ("drivers", "Aino\nAino"), ("drivers", "x" * 81), ("end", ""), ("start", "25:00"),
     ("kind0-count", "-1"), ("kind0-count", "9999"), ("kind1-weight", "0"), ("kind2-km", "nan"), ("kind0-fixed", "1e9"),
     ("break_minutes", "-3"), ("break_minutes", "999")],
)  # fmt: skip
def test_a_fleet_that_cannot_be_leaves_nothing_half_done(
    town: Any, admin: Client, field: str, value: str
) -> None:
    row = station(admin)
    answer = admin.post(f"/setup/{row.pk}/fleet/", FLEET | {field: value})
    assert answer.status_code == 422
    assert not Vehicle.objects.exists()
    assert not Driver.objects.exists()


def test_shifts_too_long_take_the_whole_fleet_back(town: Any, admin: Client) -> None:
    """Refused by the roster after vehicles and drivers were written: nothing of them stays."""
    row = station(admin)
    answer = admin.post(f"/setup/{row.pk}/fleet/", FLEET | {"start": "08:00", "end": "07:00"})
    assert 400 <= answer.status_code < 500
    assert not Vehicle.objects.exists()


def test_the_demo_goes_by_its_code_and_not_by_its_own_admin(town: Any, admin: Client) -> None:
    demo = lay_demo(doors=DOORS, wall=NOON).station
    own = Client()
    own.force_login(User.objects.get(username="admin"))
    own.post("/setup/demo/remove/", {"code": "HEL"})
    admin.post("/setup/demo/remove/", {"code": "hell"})
    assert Station.objects.filter(pk=demo.pk).exists()
    assert "Remove the demo" in admin.get("/setup/").text
    assert admin.post("/setup/demo/remove/", {"code": "hel"}).status_code == 302
    assert not Station.objects.exists()
    assert "Remove the demo" not in admin.get("/setup/").text


@pytest.mark.parametrize(
    ("place", "guess"),
    [
        ((60.17, 24.94), ("Europe/Helsinki", "EUR", "en", "metric")),
        ((52.52, 13.4), ("Europe/Berlin", "EUR", "de", "metric")),
        ((40.71, -74.0), ("America/New_York", "USD", "en", "imperial")),
        ((35.68, 139.7), ("Asia/Tokyo", "JPY", "en", "metric")),
        ((-33.87, 151.2), ("Australia/Sydney", "AUD", "en", "metric")),
    ],
)
def test_how_people_live_is_guessed_from_the_place(
    place: tuple[float, float], guess: tuple[str, ...]
) -> None:
    found = first_run.guess_of(*place, datetime(2026, 3, 10, tzinfo=UTC))
    assert (found.time_zone, found.currency, found.language, found.units) == guess


def test_near_a_border_the_browser_may_say_which_side() -> None:
    """Nuremberg lies nearer to Prague than to Berlin: both are offered, with the money of each."""
    near = {
        one.time_zone: one.currency
        for one in first_run.guesses_near(49.5, 11.3, datetime(2026, 3, 10, tzinfo=UTC))
    }
    assert (near["Europe/Berlin"], near["Europe/Prague"]) == ("EUR", "CZK")
    assert "Europe/Helsinki" not in near


def test_addresses_of_a_city_are_found_before_there_is_a_station(town: Any, admin: Client) -> None:
    assert admin.get("/setup/addresses/helsinki/", {"q": "Teststreet 5"}).json()[0]["label"] == "Teststreet 5"
    assert admin.get("/setup/addresses/helsinki/", {"lat": "60.17", "lng": "24.94"}).json()
    for bad in ({"q": ""}, {"lat": "nan", "lng": "1"}, {"lat": "999", "lng": "1"}, {"lat": "x", "lng": "1"}):
        assert admin.get("/setup/addresses/helsinki/", bad).json() == []


@pytest.mark.parametrize(
    "address",
    ["http://example.org/a.osm.pbf", "file:///etc/passwd", "ftp://example.org/x", "https://example.org:22/x",
     "https://u:p@example.org/x", "https://", "https://exa mple/x\r\nX: y", "https://example.org:x/"],
)  # fmt: skip
def test_addresses_that_are_no_public_https_ones_are_not_fetched(address: str) -> None:
    with pytest.raises(LastmileError, match="address_refused"):
        downloads.read_address(address)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "0x7f000001", "2130706433", "127.1", "10.0.0.1", "169.254.169.254", "192.168.1.1", "::1",
     "fd00::1", "::ffff:127.0.0.1", "0.0.0.0", "224.0.0.1", "100.64.0.1", "2002:7f00:1::"],  # noqa: S104
)  # fmt: skip
def test_a_host_inside_is_not_asked(host: str) -> None:
    """Whatever way its address is written."""
    with pytest.raises(LastmileError, match=r"address_refused|download_failed"):
        downloads.public_address(host, 443)


def test_a_name_with_any_inner_address_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """One public and one private answer: the connection might go to either."""
    both = [(2, 1, 6, "", ("93.184.216.34", 443)), (2, 1, 6, "", ("10.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: both)
    with pytest.raises(LastmileError, match="address_refused"):
        downloads.public_address("two.example", 443)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: both[:1])
    assert downloads.public_address("one.example", 443) == "93.184.216.34"


@pytest.mark.parametrize(
    "source", ["/nowhere/x.osm.pbf", "/etc/passwd", "http://example.org/x.osm.pbf", "https://10.0.0.1:22/x"]
)
def test_a_city_from_nowhere_is_refused_on_the_page(admin: Client, source: str) -> None:
    answer = admin.post("/setup/city/", {"name": "here", "source": source})
    assert answer.status_code == 422
    assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_city_is_built_by_a_job(admin: Client, tmp_path: Path) -> None:
    """A file that is no extract: the builder's own words come back as the job's refusal, not as a crash."""
    path = tmp_path / "bad.osm.pbf"
    path.write_bytes(b"nonsense")
    answer = admin.post("/setup/city/", {"name": "bad-town", "source": str(path)})
    job = Job.objects.get()
    assert answer["Location"] == f"/setup/city/build/{job.pk}/"
    assert "progress" in admin.get(answer["Location"]).text
    assert (
        admin.post("/setup/city/", {"name": "bad-town", "source": str(path)})["Location"]
        == answer["Location"]
    )
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert job.error["cause"] in unescape(admin.get(answer["Location"]).text)
    assert jobs.limits(job.pk)["soft_time_limit"] == city_jobs.LIMIT_S


def test_the_builders_lines_become_progress_and_refusals() -> None:
    assert city_jobs.read_progress("checking: 100 % 0.1 s\nmap: 40 % about 3 s left\n") == ("map", 0.4)
    assert city_jobs.read_progress("") == ("checking", 0.0)
    refused = city_jobs.said_why("map: 3 %\nCommandError: It is full. Free some. [no_space]\n")
    assert (refused.code, refused.cause) == ("no_space", "It is full. Free some.")
    with pytest.raises(RuntimeError):
        city_jobs.said_why("Traceback ...\nMemoryError")
