"""The fleet's pages and its API: who may do what, one step for what is urgent, no query per row."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dispatch.lifecycle import RouteState
from dispatch.models import Absence, Driver, Outage, Shift, StationDay, Vehicle
from dispatch.services import absences, outages
from lastmile.models import Event
from tests.scenarios import DAY, at, make_fleet, make_orders, make_person, make_route, make_shop, make_station

pytestmark = pytest.mark.django_db
NEXT = DAY + timedelta(days=1)
JSON = "application/json"


@pytest.fixture
def world() -> Any:
    station = make_station()
    return station, make_fleet(station, DAY, 3), make_orders(station, make_shop(station), 6)


def client_of(station: Any, role: str | None) -> Client:
    client = Client()
    client.force_login(make_person(f"{role}-{station.code}", role, station if role else None))
    return client


def page(name: str, station: Any, *args: Any, day: Any = DAY) -> str:
    return f"{reverse(name, args=[station.pk, *args])}?day={day}"


PAGES = (
    "fleet",
    "fleet-stock",
    "fleet-shift-new",
    "fleet-away",
    "fleet-out",
    "fleet-driver-new",
    "fleet-vehicle-new",
)
MAY = {"manager": 7, "dispatcher": 5, "auditor": 2, "floor": 0, "driver": 0}


@pytest.mark.parametrize("role", MAY)
def test_pages_open_for_whom_they_are_meant(world, role):
    """Managers everything; dispatchers what happens at night; auditors look; others nothing."""
    client = client_of(world[0], role)
    answers = [client.get(page(name, world[0])).status_code for name in PAGES]
    assert answers == [200] * MAY[role] + [403] * (len(PAGES) - MAY[role])
    assert client_of(make_station("TKU"), "auditor").get(page("fleet", world[0])).status_code == 404


@pytest.mark.parametrize("role", ["auditor", "floor", "driver"])
def test_who_only_reads_changes_nothing(world, role):
    """Every form and every address of the API, deny first."""
    station, made, _ = world
    client = client_of(station, role)
    shift = made.shifts[0]
    for name, args in (("fleet-copy", ()), ("fleet-shift-new", ()), ("fleet-shift", (shift.pk,)), ("fleet-away", ()),
                       ("fleet-out", ()), ("fleet-back", (1,)), ("fleet-in", (1,)), ("fleet-driver-new", ()),
                       ("fleet-vehicle-new", ())):  # fmt: skip
        assert client.post(page(name, station, *args), {"action": "remove"}).status_code == 403, name
    base = f"/api/v1/stations/{station.pk}/fleet/"
    for path in (
        "shifts/",
        "copy/",
        f"shifts/{shift.pk}/remove/",
        "absences/",
        "outages/",
        "absences/1/end/",
        "outages/1/end/",
    ):
        assert client.post(base + path, {}, content_type=JSON).status_code == 403, path
    assert Shift.objects.filter(active=True).count() == 3


def test_the_sick_driver_of_the_morning_in_two_forms(world):
    """Away, then give the route that is out to somebody free: nothing else to find or to click."""
    station, made, orders = world
    spare = Driver.objects.create(station=station, name="Spare")
    route = make_route(station, DAY, orders[:2], made.shifts[0], RouteState.RELEASED)
    client = client_of(station, "dispatcher")
    data = {"driver": made.drivers[0].pk, "first_day": DAY, "last_day": DAY, "reason": "fever"}
    shown = client.post(page("fleet-away", station), data, follow=True).content.decode()
    assert "needs another driver at once" in shown
    assert "fever" in shown
    row = client.get(page("fleet", station)).context["needs"][0]["row"]
    data = {"action": "driver", "next": "fleet", "mark": row.mark, "driver": spare.pk}
    client.post(page("fleet-shift", station, row.shift.pk), data)
    route.refresh_from_db()
    assert (route.driver, route.shift.driver) == (spare, spare)
    assert client.get(page("fleet", station)).context["needs"] == []
    back = Absence.objects.get()
    client.post(page("fleet-back", station, back.pk), {"back_on": DAY})
    assert not Absence.objects.exists()
    twice = client.post(page("fleet-back", station, back.pk), {"back_on": DAY}, follow=True)
    assert "ended already" in twice.content.decode()


def test_a_broken_van_is_swapped_from_the_page(world):
    """What the other van cannot carry is said on the next page."""
    station, made, orders = world
    make_route(station, DAY, orders[:3], made.shifts[0])
    kind = made.vehicles[2].type
    kind.capacity_weight_g = 1
    kind.save()
    other = Vehicle.objects.create(station=station, name="Small", type=kind)
    client = client_of(station, "dispatcher")
    client.post(
        page("fleet-out", station), {"vehicle": made.vehicles[0].pk, "first_day": DAY, "last_day": DAY}
    )
    [need] = client.get(page("fleet", station)).context["needs"]
    data = {"action": "vehicle", "next": "fleet", "mark": need["row"].mark, "vehicle": other.pk}
    text = client.post(page("fleet-shift", station, need["row"].shift.pk), data, follow=True).content.decode()
    assert "against a capacity of 1" in text
    assert Shift.objects.get(pk=made.shifts[0].pk).vehicle == other
    client.post(page("fleet-in", station, Outage.objects.get().pk), {"back_on": DAY})
    assert not Outage.objects.exists()


def test_a_shift_is_added_changed_exchanged_and_taken_out(world):
    """The plain path through the shift's page."""
    station, made, _ = world
    client = client_of(station, "dispatcher")
    van = Vehicle.objects.create(station=station, name="Extra", type=made.vehicles[0].type)
    hours = {
        "start": "18:00",
        "end": "02:00",
        "break_minutes": "30",
        "break_from": "22:00",
        "break_to": "00:30",
    }
    assert client.post(page("fleet-shift-new", station), hours | {"vehicle": van.pk}).status_code == 302
    shift = Shift.objects.get(vehicle=van)
    assert (shift.end, shift.break_to) == (at(station, NEXT, 2), at(station, NEXT, 0, 30))
    url = page("fleet-shift", station, shift.pk)

    def act(action: str, **data: Any) -> Any:
        mark = client.get(url).context["row"].mark
        return client.post(url, {"action": action, "mark": mark, **data})

    assert act("hours", **(hours | {"end": "01:00"})).status_code == 302
    assert act("driver", driver=made.drivers[0].pk).status_code == 302, "his day shift is over by then"
    assert act("exchange", other=made.shifts[1].pk).status_code == 302
    shift.refresh_from_db()
    assert (shift.end, shift.driver, shift.vehicle) == (
        at(station, NEXT, 1),
        made.drivers[0],
        made.vehicles[1],
    )
    assert act("remove").status_code == 302
    assert not Shift.objects.get(pk=shift.pk).active
    assert client.get(url).status_code == 404


def test_forms_answer_bad_input_where_it_stands(world):
    """No 500 and no lost typing: the form comes back with the cause at its field."""
    station, made, _ = world
    client = client_of(station, "manager")
    url = page("fleet-shift-new", station)
    busy = {"driver": made.drivers[0].pk, "vehicle": made.vehicles[1].pk, "start": "09:00", "end": "12:00"}
    answer = client.post(url, busy)
    assert "driver" in answer.context["form"].errors
    assert client.post(url, busy | {"start": "25:00"}).context["form"].errors["start"]
    assert client.post(url, busy | {"vehicle": "x"}).context["form"].errors["vehicle"]
    late = client.post(
        page("fleet-shift", station, made.shifts[0].pk),
        {"action": "hours", "mark": "old", "start": "09:00", "end": "12:00"},
    )
    assert "changed meanwhile" in late.content.decode()
    for text in ("abc", "2026-02-30", "", "9999-99-99"):
        assert client.get(page("fleet", station, day=text)).status_code == 200
    assert client.post(page("fleet-copy", station), {"source": "never"}).status_code == 302
    assert (
        client.post(page("fleet-shift", station, made.shifts[0].pk), {"action": "nonsense"}).status_code
        == 200
    )
    StationDay.objects.create(station=station, day=DAY, closed_at=at(station, DAY, 20), actor="user:x")
    closed = client.get(page("fleet", station)).content.decode()
    assert "closed" in closed
    assert "Add a shift<" not in closed


def test_drivers_and_vehicles_are_added_and_changed(world):
    """Phones become E.164 by the station's country; the ledger says that, not which number."""
    station, made, _ = world
    client = client_of(station, "manager")
    new = {"name": " Aino  Virtanen ", "phone": "040 123 4567", "skills": "Lift, age", "active": "on"}
    assert client.post(page("fleet-driver-new", station), new).status_code == 302
    driver = Driver.objects.get(name="Aino Virtanen")
    assert (driver.phone, driver.skills) == ("+358401234567", ["age", "lift"])
    assert "401234567" not in str(list(Event.objects.values_list("data", flat=True)))
    again = client.post(page("fleet-driver-new", station), new)
    assert "name" in again.context["form"].errors
    assert (
        client.post(page("fleet-driver-new", station), new | {"name": "B", "phone": "12AB"})
        .context["form"]
        .errors["phone"]
    )
    url = page("fleet-driver", station, made.drivers[0].pk)
    keep = {"name": made.drivers[0].name, "mark": client.get(url).context["form"]["mark"].value()}
    busy = client.post(url, keep)
    assert "shifts ahead" in str(busy.context["form"].errors["active"])
    assert client.post(url, keep | {"active": "on", "email": "a@b.fi"}).status_code == 302
    assert "meanwhile" in client.post(url, keep | {"active": "on"}).content.decode()
    van = {"name": "Van 9", "type": made.vehicles[0].type_id, "plate": "ABC-1", "active": "on"}
    assert client.post(page("fleet-vehicle-new", station), van).status_code == 302
    assert Vehicle.objects.filter(station=station, name="Van 9", plate="ABC-1").exists()
    other = make_fleet(make_station("TKU"), DAY, 1)
    assert client.get(page("fleet-vehicle", station, other.vehicles[0].pk)).status_code == 404


def test_another_type_is_walked_into_the_vans_routes(world):
    """A van that became a bike keeps no timetable of a van."""
    station, made, orders = world
    route = make_route(station, DAY, orders[:3], made.shifts[0])
    url = page("fleet-vehicle", station, made.vehicles[0].pk)
    client = client_of(station, "manager")
    form = client.get(url).context["form"]
    data = {"name": "HEL 1", "type": made.vehicles[2].type_id, "active": "on", "mark": form["mark"].value()}
    assert client.post(url, data).status_code == 302
    before = route.cost_cents
    route.refresh_from_db()
    assert (route.version > 1, route.cost_cents != before) == (True, True)
    assert {e.data["what"] for e in Event.objects.filter(name="routes.changed")} == {"capacity", "rewalked"}


def test_the_page_asks_no_more_for_more_shifts(world):
    """Fifty vans on a Monday morning must be as cheap as one."""
    station, made, orders = world
    client = client_of(station, "dispatcher")
    make_route(station, DAY, orders[:2], made.shifts[0])

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get(page("fleet", station)).status_code == 200
        return len(caught)

    absences.report_absence(
        driver=made.drivers[2],
        first_day=DAY,
        last_day=DAY,
        reason="",
        actor="user:x",
        now=at(station, DAY, 8),
    )
    few = queries()
    for _ in range(4):
        more = make_fleet(station, DAY, 12)
        make_route(station, DAY, make_orders(station, station.shops.get(), 2), more.shifts[0])
        for fault in (more.drivers[1], more.drivers[2]):
            absences.report_absence(
                driver=fault, first_day=DAY, last_day=DAY, reason="", actor="user:x", now=at(station, DAY, 8)
            )
        outages.report_outage(
            vehicle=more.vehicles[3],
            first_day=DAY,
            last_day=DAY,
            reason="",
            actor="user:x",
            now=at(station, DAY, 8),
        )
    assert Shift.objects.count() == 51
    assert queries() == few
    assert few <= 26


def test_the_api_does_the_same(world):
    """For the board: every step of the page, with marks, errors and cards."""
    station, made, orders = world
    client = client_of(station, "dispatcher")
    base = f"/api/v1/stations/{station.pk}/fleet/"

    def post(path: str, status: int, **data: Any) -> Any:
        answer = client.post(base + path, data, content_type=JSON)
        assert answer.status_code == status, answer.content
        return answer.json() if answer.content else None

    card = client.get(base, {"day": str(DAY)}).json()
    assert [len(card[k]) for k in ("shifts", "free_drivers", "free_vehicles", "absences", "outages")] == [
        3,
        0,
        0,
        0,
        0,
    ]
    first = card["shifts"][0]
    gone = post("absences/", 201, driver_id=made.drivers[0].pk, first_day=str(DAY))
    assert gone["shift_ids"] == [first["id"]]
    assert (
        post(f"shifts/{first['id']}/driver/", 412, mark=first["mark"], driver_id=None)["code"] == "conflict"
    )
    post(f"absences/{gone['id']}/end/", 204, back_on=str(DAY))
    given = post(f"shifts/{first['id']}/driver/", 200, driver_id=made.drivers[0].pk)
    assert given["driver_id"] == made.drivers[0].pk
    assert post(f"shifts/{first['id']}/hours/", 200, start="09:00", end="12:00", mark=given["mark"])["start"]
    assert post(f"shifts/{first['id']}/hours/", 400, start="9 o", end="12:00")["field"] == "start"
    out = post("outages/", 201, vehicle_id=made.vehicles[0].pk, first_day=str(DAY))
    assert out["shift_ids"] == [first["id"]]
    post(f"outages/{out['id']}/end/", 204)
    both = post(f"shifts/{first['id']}/exchange/", 200, other_id=made.shifts[1].pk)
    assert [each["vehicle_id"] for each in both] == [made.vehicles[1].pk, made.vehicles[0].pk]
    assert post("copy/", 200, source=str(DAY), day=str(NEXT))["skipped"] == []
    added = {"day": str(DAY), "vehicle_id": made.vehicles[0].pk, "start": "20:00", "end": "22:00"}
    made_id = post("shifts/", 201, **added)["id"]
    assert post("shifts/", 409, **added)["code"] == "vehicle_double"
    assert post(f"shifts/{made_id}/remove/", 200) == {"returned_order_ids": []}
    assert post("shifts/", 404, **(added | {"vehicle_id": 99_999}))["code"] == "not_found"
    assert post("shifts/", 400, **(added | {"day": "tomorrow"}))["code"] == "bad_day"
