"""The board's API: snapshots, patches that end at a fresh snapshot, and who may see them."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from dispatch.models import LivePosition, Order, Role, Route, Station
from dispatch.selectors import board
from dispatch.services import moves, routes
from dispatch.services.clocks import set_clock
from dispatch.services.moves import Move
from lastmile import bus, live
from lastmile.models import Job
from tests.scenarios import DAY, at, make_fleet, make_orders, make_person, make_route, make_shop, make_station

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    station = make_station()
    fleet = make_fleet(station, DAY, 3)
    orders = make_orders(station, make_shop(station), 8)
    route = make_route(station, DAY, orders[:3], fleet.shifts[0])
    client = Client()
    client.force_login(make_person("dora", Role.DISPATCHER, station))
    return station, fleet, orders, route, client


def post(client, path, body=None):
    return client.post(path, json.dumps({} if body is None else body), content_type="application/json")


def upsert(rows, changed):
    found = {row["id"]: row for row in rows} | {row["id"]: row for row in changed}
    return sorted(found.values(), key=lambda row: row["id"])


def apply(state, frame):
    """What the page's reducer does, in its simplest form."""
    for kind in ("orders", "routes", "plans", "exceptions", "vehicles", "shifts"):
        shown = [c for c in frame["patch"].get(kind, []) if c.get("day", state["day"]) == state["day"]]
        state[kind] = upsert(state[kind], shown)
    gone = frame["patch"].get("removed_routes", [])
    state["routes"] = [card for card in state["routes"] if card["id"] not in gone]
    state["seq"] = frame["seq"]


def test_old_snapshot_and_patches_are_a_fresh_snapshot(world, monkeypatch):
    """The rule every screen rests on: nothing an edit changes may be missing from its frames."""
    station, fleet, orders, route, _ = world
    frames = []
    monkeypatch.setattr(
        live, "push", lambda place, frame: frames.append(frame) if isinstance(place, int) else None
    )
    state = board.snapshot(station, DAY)
    common = {"actor": "user:test", "now": at(station, DAY, 7)}
    move = {"station": station, "day": DAY, "versions": {}, **common}
    moves.move_orders(move=Move([orders[5].pk], shift_id=fleet.shifts[1].pk), **move)
    moves.move_orders(move=Move([orders[0].pk], route_id=Route.objects.exclude(pk=route.pk).get().pk), **move)
    bus.drain()
    moves.move_orders(move=Move([orders[1].pk, orders[2].pk]), **move)
    other = Route.objects.get()
    routes.release_route(route=other, version=other.version, overrides={}, **common)
    routes.depart_route(route=other, **common)
    bus.drain()
    for frame in frames:
        apply(state, json.loads(json.dumps(frame)))
    fresh = json.loads(json.dumps(board.snapshot(station, DAY)))
    for kind in ("orders", "routes", "vehicles", "exceptions", "plans", "seq"):
        assert state[kind] == fresh[kind], kind


def test_a_clock_set_back_is_told_with_the_vans_it_made_forget(world, monkeypatch):
    """Open pages refuse fixes older than the pin they hold: a pin of the clock's future must go there too."""
    station, fleet, *_ = world
    frames = []
    monkeypatch.setattr(
        live, "push", lambda place, frame: frames.append(frame) if isinstance(place, int) else None
    )
    eight = at(station, DAY, 8)
    for vehicle, minutes in zip(fleet.vehicles, (-5, 0, 5), strict=True):
        fix_at = eight + timedelta(minutes=minutes)
        LivePosition.objects.create(vehicle=vehicle, lat=60, lng=24, fix_at=fix_at)
    set_clock(station=station, business=eight, speed=2, wall=eight, actor="user:test")
    bus.drain()
    patch = frames[-1]["patch"]
    fresh = board.snapshot(Station.objects.get(), DAY)
    assert (patch["station"], patch["vehicles"]) == (fresh["station"], fresh["vehicles"])
    assert patch["station"]["clock"]["speed"] == 2
    assert [card["position"] is None for card in patch["vehicles"]] == [False, False, True]


def test_a_job_is_shown_alike_by_board_and_api(world):
    """Pages take it from either; a field that only one has would come and go."""
    station, _, _, _, client = world
    job = Job.objects.create(kind="plan.run", station_id=station.pk, actor="user:test")
    shown = client.get(f"/api/v1/jobs/{job.pk}/").json()
    assert board.snapshot(station, DAY)["jobs"] == [shown]


def test_query_count_does_not_grow_with_the_day(world, django_assert_max_num_queries):
    """P3: no N+1 on the page that everybody reloads."""
    station, _, _, _, client = world
    address = f"/api/v1/stations/{station.pk}/board/?day={DAY}"
    client.get(address)
    with django_assert_max_num_queries(21) as few:
        client.get(address)
    make_orders(station, make_shop(station, "more"), 40)
    for _ in range(4):
        make_route(
            station, DAY, Order.objects.filter(state="open")[:5], make_fleet(station, DAY, 1).shifts[0]
        )
    with django_assert_max_num_queries(len(few)):
        body = client.get(address).json()
    assert len(body["routes"]) == 5


def test_strangers_see_nothing(world):
    """Another station's dispatcher gets the same 404 as for an absent station; a driver a 403; nobody a 403/401."""
    station, *_, route, _ = world
    foreign = make_station("OUL")
    client = Client()
    address = f"/api/v1/stations/{station.pk}/board/"
    assert client.get(address).status_code in (401, 403)
    client.force_login(make_person("olli", Role.DISPATCHER, foreign))
    assert client.get(address).status_code == 404
    assert client.get(f"/api/v1/routes/{route.pk}/").status_code == 404
    assert post(client, f"/api/v1/stations/{station.pk}/optimize/").status_code == 404
    client.force_login(make_person("dan", Role.DRIVER, station))
    assert client.get(address).status_code == 403


def test_an_auditor_reads_and_does_not_write(world):
    """The auditor's role is read-only, also for the optimizer."""
    station, *_ = world
    client = Client()
    client.force_login(make_person("aud", Role.AUDITOR, station))
    assert client.get(f"/api/v1/stations/{station.pk}/board/").status_code == 200
    assert post(client, f"/api/v1/stations/{station.pk}/optimize/").status_code == 403


def test_move_preview_and_conflict_by_api(world):
    """A preview stores nothing; a stale version is told with the newest card."""
    station, _, orders, route, client = world
    body = {
        "day": str(DAY),
        "order_ids": [orders[6].pk],
        "route_id": route.pk,
        "versions": {str(route.pk): 1},
    }
    seen = post(client, f"/api/v1/stations/{station.pk}/moves/preview/", body)
    assert seen.status_code == 200, seen.content
    assert len(seen.json()["routes"][0]["stops"]) == 4
    assert Route.objects.get().version == 1
    done = post(client, f"/api/v1/stations/{station.pk}/moves/", body)
    assert done.status_code == 200, done.content
    assert done.json()["orders"][0]["route_id"] == route.pk
    again = post(client, f"/api/v1/stations/{station.pk}/moves/", body | {"order_ids": [orders[7].pk]})
    assert again.status_code == 412
    assert again["Content-Type"].startswith("application/problem+json")
    assert again.json()["data"]["routes"][0]["version"] == 2


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("optimize/", {"day": "tomorrow"}, "bad_day"),
        ("optimize/", {"time_limit_s": 0}, "bad_number"),
        ("optimize/", {"time_limit_s": True}, "bad_number"),
        ("optimize/", {"scope": "galaxy"}, "bad_scope"),
        ("optimize/", {"colour": "red"}, "unknown_field"),
        ("optimize/", [], "not_an_object"),
        ("moves/", {"order_ids": []}, "bad_list"),
        ("moves/", {"order_ids": [True]}, "bad_list"),
        ("moves/", {"order_ids": [99999999]}, "unknown_order"),
        ("moves/", {"order_ids": [1], "versions": {"x": 1}}, "bad_object"),
        ("moves/", {"order_ids": [10**30]}, "bad_list"),
    ],
)
def test_bad_bodies_are_refused_with_a_code(world, path, body, code):
    """Every wrong input names its field and what to do; none is a 500."""
    station, *_, client = world
    answer = post(client, f"/api/v1/stations/{station.pk}/{path}", body)
    assert answer.status_code in (400, 404)
    problem = answer.json()
    assert problem["code"] == code
    assert problem["cause"]
    assert problem["action"]


def test_csrf_is_required_with_a_session(world):
    """C1: a foreign page must not be able to press Optimize with the dispatcher's cookie."""
    station, *_ = world
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_person("carl", Role.DISPATCHER, station))
    assert post(client, f"/api/v1/stations/{station.pk}/optimize/").status_code == 403
