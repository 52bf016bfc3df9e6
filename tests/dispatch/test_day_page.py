"""The manager's day page: every number opens exactly its rows, for a day that is open and one that is closed."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from dispatch.models import Order, Role, StationDay
from dispatch.services.day_close import close_day
from dispatch.services.promises import next_open_day
from dispatch.services.visits import Report, complete_stop, fail_stop
from lastmile.models import Event
from tests.scenarios import DAY, at, make_fleet, make_orders, make_person, make_route, make_shop, make_station

pytestmark = pytest.mark.django_db


def visit(stop, event_id, reason=None, hour=10):
    station = stop.route.station
    report = Report(event_id=event_id, at=at(station, DAY, hour))
    who = {"order_ids": None, "driver": None, "actor": "driver:1", "now": at(station, DAY, 23)}
    if reason is None:
        return complete_stop(stop=stop, report=report, **who)
    return fail_stop(stop=stop, report=report, reason=reason, **who)


def make_world(size=6):
    station = make_station(cost_order_cents=50, cost_failed_cents=300, target_stops_per_route=2)
    shop = make_shop(station)
    fleet = make_fleet(station, DAY, 3)
    orders = make_orders(station, shop, size + 4)
    route = make_route(station, DAY, orders[:size], fleet.shifts[0], state="departed", cost_cents=4200)
    stops = list(route.stops.order_by("sequence"))
    visit(stops[0], "a", "no_one_home")
    visit(stops[1], "b", hour=10)
    visit(stops[2], "c", hour=18)
    visit(stops[3], "d", hour=12)
    Order.objects.filter(pk=orders[-1].pk).update(state="cancelled")
    make_route(station, DAY, orders[size : size + 2], fleet.shifts[1], state="draft")
    return station


def client_of(station, role=Role.MANAGER, name="mona"):
    client = Client()
    client.force_login(make_person(name, role, station))
    return client


def page(client, station, name="", **query):
    asked = {"day": DAY.isoformat()} | query
    return client.get(f"/stations/{station.pk}/day/{name}", asked)


def links(response):
    """(count, address) of every number that opens rows."""
    found = re.findall(r'<a class="[^"]+" data-count="(\d+)" href="([^"]+)"', response.content.decode())
    return [(int(count), unescape(address)) for count, address in found]


def walk(client, response):
    """Open every number; returns how many were opened."""
    found = links(response)
    for count, address in found:
        opened = client.get(address)
        assert opened.status_code == 200, address
        if "of=routes" in address:
            assert len(re.findall(r"<tr><th scope=\"row\">R", opened.content.decode())) == 1
            continue
        total = int(re.search(r'id="total">(\d+)<', opened.content.decode())[1])
        assert total == count, address
        body = opened.content.decode()
        listed = body.count("<tr>") - 1 if count else 0
        assert listed == min(count, 100), address
    return len(found)


def test_every_number_opens_its_rows(client):
    """A number nobody can look behind is a rumour: each link's list is as long as the number says."""
    station = make_world()
    manager = client_of(station)
    response = page(manager, station)
    assert response.status_code == 200
    assert walk(manager, response) >= 18


def test_a_closed_day_shows_what_it_was(client):
    """After the close the orders are tomorrow's, yet the day's numbers and their rows stay the same."""
    station = make_world()
    manager = client_of(station)
    before = {address: count for count, address in links(page(manager, station))}
    close_day(station=station, day=DAY, actor="user:mona", now=at(station, DAY, 23, 30), vans_out_too=True)
    station.late_after_min, station.target_on_time_pct = 600, 1
    station.save()
    response = page(manager, station)
    after = {address: count for count, address in links(response)}
    hours = {address for address in before if "of=routes" in address}
    assert {a: c for a, c in after.items() if a not in hours} == {
        a: c for a, c in before.items() if a not in hours
    }
    assert walk(manager, response) == len(links(response))
    assert "went on to" in response.content.decode()


def test_targets_are_judged_in_words(client):
    """Colour alone tells a part of the readers nothing."""
    station = make_world()
    manager = client_of(station)
    text = page(manager, station).content.decode()
    assert ">met<" in text
    assert ">not yet<" in text  # the day goes on
    assert ">missed<" not in text
    close_day(station=station, day=DAY, actor="x", now=at(station, DAY, 23, 30), vans_out_too=True)
    assert ">missed<" in page(manager, station).content.decode()


def test_rows_of_an_unknown_number_are_not_found(client):
    """An invented name opens nothing, and breaks nothing."""
    station = make_world()
    manager = client_of(station)
    for name in ("nonsense", "", "reason", "pk__in"):
        assert page(manager, station, "rows/", of=name).status_code == 404
    assert page(manager, station, "rows/", of="reason:nonsense").status_code == 200


@pytest.mark.parametrize("text", ["nonsense", "2026-02-30", "9999-12-31", "0001-01-01", ""])
def test_no_day_is_today(client, text):
    """Whatever stands in the address, the page shows a day."""
    station = make_world()
    assert page(client_of(station), station, day=text).status_code == 200


def test_who_may_see_and_do(client):
    """Dispatchers read and close, auditors read, floor staff and strangers see nothing."""
    station = make_world()
    other = make_station("TKU")
    expected = {Role.DISPATCHER: 200, Role.MANAGER: 200, Role.AUDITOR: 200, Role.FLOOR: 403, Role.DRIVER: 403}
    for role, status in expected.items():
        assert page(client_of(station, role, f"p-{role}"), station).status_code == status
    assert page(client_of(other, Role.MANAGER, "stranger"), station).status_code == 404
    auditor = client_of(station, Role.AUDITOR, "aud")
    assert auditor.post(f"/stations/{station.pk}/day/close/", {"day": str(DAY)}).status_code == 403
    assert auditor.post(f"/stations/{station.pk}/day/copy/", {"day": str(DAY)}).status_code == 403
    dispatcher = client_of(station, Role.DISPATCHER, "dis")
    assert page(dispatcher, station, "export/").status_code == 403


def test_closing_from_the_page(client):
    """Preview, confirm, result: the vans that are out must be confirmed, and the result names them."""
    station = make_world()
    station.clock_business = at(station, DAY, 22)
    station.save()
    manager = client_of(station)
    address = f"/stations/{station.pk}/day/close/"
    assert "still on the road" in manager.get(address, {"day": str(DAY)}).content.decode()
    refused = manager.post(address, {"day": str(DAY)}, follow=True)
    assert "Still on the road" in refused.content.decode()
    assert not StationDay.objects.exists()
    done = manager.post(address, {"day": str(DAY), "vans_out": "on"}, follow=True)
    text = done.content.decode()
    assert "What was closed, and why" in text
    assert "its van did not get there" in text
    again = manager.post(address, {"day": str(DAY), "vans_out": "on"}, follow=True)
    assert again.status_code == 200
    assert StationDay.objects.count() == 1


def test_the_file_is_recorded(client):
    """Numbers that leave the system leave a trace of who took them."""
    station = make_world()
    text = b"".join(page(client_of(station), station, "export/").streaming_content).decode("utf-8-sig")
    assert text.splitlines()[0].startswith("Number,Value,Target")
    assert Event.objects.get(name="data.exported").data["what"] == "day"


def test_copying_a_day(client):
    """A round that comes every week: new orders with new numbers and the same hours; twice is once."""
    station = make_world()
    manager = client_of(station)
    target = DAY + timedelta(days=7)
    ask = {"day": str(DAY), "to": str(target)}
    manager.post(f"/stations/{station.pk}/day/copy/", ask)
    copies = Order.objects.filter(day=target)
    assert copies.count() == 9
    assert set(copies.values_list("state", flat=True)) == {"open"}
    assert all(order.parcels.count() == 1 for order in copies)
    windows = {(o.window_start - timedelta(days=7)) for o in copies if o.window_start}
    assert windows <= set(Order.objects.filter(day=DAY).values_list("window_start", flat=True))
    manager.post(f"/stations/{station.pk}/day/copy/", ask)
    assert copies.count() == 9
    for wrong in ("", "x", str(DAY), "2020-01-01"):
        manager.post(f"/stations/{station.pk}/day/copy/", ask | {"to": wrong})
    assert Order.objects.count() == 19


@pytest.mark.parametrize("size", [4, 40])
def test_statements_do_not_grow_with_the_day(client, size, django_assert_max_num_queries):
    """The page costs the same for four stops and for forty."""
    station = make_world(size)
    manager = client_of(station)
    with django_assert_max_num_queries(26):
        page(manager, station)


def test_the_api_says_the_same(client):
    """Other programs read the numbers and close days by the same rules as the page."""
    station = make_world()
    station.clock_business = at(station, DAY, 22)
    station.save()
    manager = client_of(station)
    address = f"/api/v1/stations/{station.pk}/day/"
    shown = manager.get(address, {"day": str(DAY)}).json()
    assert shown["counts"]["orders"] == 9
    assert (shown["closed"], "rows" in shown) == (None, False)
    ask = {"content_type": "application/json"}
    assert manager.post(f"{address}close/", {"day": str(DAY)}, **ask).json()["code"] == "vans_out"
    assert manager.post(f"{address}close/", {"vans_out": "yes"}, **ask).status_code == 400
    done = manager.post(f"{address}close/", {"day": str(DAY), "vans_out": True}, **ask)
    assert (done.status_code, done.json()["repeated"]) == (200, False)
    assert manager.get(address, {"day": str(DAY)}).json()["closed"]["actor"] == "user:mona"
    assert manager.get(f"/api/v1/stations/{station.pk}/board/", {"day": str(DAY)}).json()["closed"] is True
    assert client_of(station, Role.AUDITOR, "aud").post(f"{address}close/", {}, **ask).status_code == 403


def test_a_day_that_is_over_asks_to_be_closed(client):
    """An open day in the past is a mistake somebody should see; today leads on to tomorrow's plan instead."""
    station = make_world()
    manager = client_of(station)
    said = "This day is over and not closed yet."
    today = station.now().date()
    yesterday = today - timedelta(days=1)
    Order.objects.filter(station=station, state="open").update(day=yesterday)
    over = page(manager, station, day=yesterday).content.decode()
    assert said in over
    assert over.count(f'day/close/?day={yesterday}"') == 1, "one button to close it, not two"
    nothing = page(manager, station, day="2001-01-02").content.decode()
    assert said not in nothing, "a day with no work needs no closing"
    here = manager.get(f"/stations/{station.pk}/day/").content.decode()
    ahead = next_open_day(station, today)
    assert said not in here
    assert f'?day={ahead}">Plan ' in here
