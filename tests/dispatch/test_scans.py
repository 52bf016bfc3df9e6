"""The floor's ledger: every scan is answered and kept, and every parcel is in exactly one place."""

from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from dispatch.floor import ABOARD, Activity, Piece, Way, judge
from dispatch.lifecycle import OrderState, ParcelState, may
from dispatch.models import Order, Parcel, ParcelMove, Role, Route, Zone
from dispatch.selectors.floor import floor_counts, gaps
from dispatch.services.orders import cancel_order
from dispatch.services.routes import depart_route
from dispatch.services.scans import Scan, record_scans
from dispatch.services.visits import Report, complete_stop, fail_stop
from lastmile.kernel.errors import LastmileError
from tests.scenarios import DAY, at, make_orders, make_person, make_route, make_shop, make_station

R1, R2 = Way(1, "R1", "released"), Way(2, "R2", "released")
_events = count(1)


@pytest.mark.parametrize("activity", Activity)
@pytest.mark.parametrize("state", ParcelState)
@pytest.mark.parametrize("order_state", [OrderState.OPEN, OrderState.OUT, OrderState.CANCELLED])
@pytest.mark.parametrize("planned", [None, R1, R2])
def test_a_verdict_moves_only_as_the_table_allows(
    activity: Activity, state: ParcelState, order_state: str, planned: Way | None
) -> None:
    aboard = R1 if state in ABOARD else None
    verdict = judge(activity, Piece(state, order_state, planned, aboard), route=R1, zone="North")
    if verdict.moves is not None:
        assert verdict.ok
        assert may(ParcelState, state, verdict.moves)
        assert (verdict.aboard is not None) == (verdict.moves == ParcelState.LOADED)
    if activity == Activity.LOAD and verdict.moves:
        assert planned == R1
        assert order_state != OrderState.CANCELLED


@pytest.mark.parametrize(
    ("activity", "piece", "code", "lane"),
    [
        ("receive", Piece("announced", "open"), "received", ""),
        ("receive", Piece("missing", "open"), "received", ""),
        ("receive", Piece("received", "open"), "already_received", ""),
        ("receive", Piece("loaded", "out", R1, R1), "on_a_van", "R1"),
        ("receive", Piece("delivered", "delivered"), "already_delivered", ""),
        ("sort", Piece("announced", "open"), "not_received", ""),
        ("sort", Piece("received", "open"), "sorted", "North"),
        ("sort", Piece("received", "planned", R2), "sorted", "R2"),
        ("sort", Piece("sorted", "planned", R2, lane="R2"), "already_sorted", "R2"),
        ("sort", Piece("sorted", "planned", R2, lane="North"), "sorted_anew", "R2"),
        ("sort", Piece("received", "cancelled"), "order_cancelled", ""),
        ("load", Piece("announced", "planned", R1), "not_received", ""),
        ("load", Piece("sorted", "planned", R2), "wrong_route", "R2"),
        ("load", Piece("sorted", "open"), "not_planned", ""),
        ("load", Piece("received", "planned", R1), "loaded", "R1"),
        ("load", Piece("loaded", "planned", R1, R1), "already_loaded", "R1"),
        ("load", Piece("loaded", "planned", R1, R2), "on_a_van", "R2"),
        ("back", Piece("undelivered", "failed", None, R1), "back", ""),
        ("back", Piece("loaded", "out", R1, R1), "back_not_tried", ""),
        ("back", Piece("announced", "open"), "never_received", ""),
        ("damage", Piece("sorted", "open"), "damaged_now", ""),
        ("damage", Piece("damaged", "open"), "already_damaged", ""),
    ],
)
def test_the_answer_to_each_case(activity: str, piece: Piece, code: str, lane: str) -> None:
    verdict = judge(Activity(activity), piece, route=R1, zone="North")
    assert (verdict.code, verdict.lane) == (code, lane)


def floor_world(parcels: int = 2, code: str = "HEL") -> Any:
    """Four orders of some parcels each, the first two on R1, the third on R2, the fourth in the pool."""
    station = make_station(code)
    orders = make_orders(station, make_shop(station), 4)
    Parcel.objects.filter(order__in=orders).delete()
    for order in orders:
        for number in range(parcels):
            Parcel.objects.create(order=order, barcode=f"{order.number}-{number + 1}")
    first = make_route(station, DAY, orders[:2], state="released", name="R1")
    second = make_route(station, DAY, orders[2:3], state="released", name="R2")
    return station, orders, first, second


def scan(station: Any, activity: str, *barcodes: str, route: Route | None = None) -> list[str]:
    now = at(station, DAY, 8)
    scans = [
        Scan(f"e{next(_events)}", activity, barcode, now, route.pk if route else None) for barcode in barcodes
    ]
    return [move.verdict for move in record_scans(station=station, scans=scans, actor="user:finn", now=now)]


@pytest.mark.django_db
@pytest.mark.database
def test_a_parcel_goes_in_onto_the_van_to_the_door_and_back() -> None:
    station, (first, second, *_), route, _other = floor_world(1)
    one, two = f"{first.number}-1", f"{second.number}-1"
    assert scan(station, "receive", one, two, one) == ["received", "received", "already_received"]
    assert scan(station, "sort", one) == ["sorted"]
    assert scan(station, "load", one, two, route=route) == ["loaded", "loaded"]
    assert set(Parcel.objects.filter(barcode__in=[one, two]).values_list("state", "aboard_id")) == {
        ("loaded", route.pk)
    }
    now = at(station, DAY, 9)
    depart_route(route=route, actor="x", now=now)
    stops = list(route.stops.order_by("sequence"))
    both: dict[str, Any] = {"order_ids": None, "driver": route.driver, "actor": "driver:1", "now": now}
    complete_stop(stop=stops[0], report=Report("d", now), **both)
    fail_stop(stop=stops[1], report=Report("f", now), reason="refused", **both)
    assert Parcel.objects.get(barcode=one).state == ParcelState.DELIVERED
    assert Parcel.objects.get(barcode=one).aboard is None
    assert Parcel.objects.get(barcode=two).aboard == route
    assert scan(station, "back", one, two) == ["already_delivered", "back"]
    assert Parcel.objects.get(barcode=two).state == ParcelState.RECEIVED
    assert Parcel.objects.get(barcode=two).aboard is None
    trail = ParcelMove.objects.filter(barcode=two).order_by("pk")
    assert list(trail.values_list("activity", "after")) == [
        ("receive", "received"), ("load", "loaded"), ("door", "undelivered"), ("back", "received"),
    ]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.database
def test_a_scan_sent_twice_is_one() -> None:
    station, (order, *_), *_rest = floor_world(1)
    now = at(station, DAY, 8)
    same = Scan("again", "receive", f"{order.number}-1", now)
    first = record_scans(station=station, scans=[same], actor="a", now=now)
    second = record_scans(station=station, scans=[same, same], actor="a", now=now + timedelta(minutes=5))
    assert [move.verdict for move in first + second] == ["received"] * 3
    assert ParcelMove.objects.count() == 1


@pytest.mark.django_db
def test_a_strangers_barcode_is_kept_and_moves_nothing() -> None:
    station, *_ = floor_world(1)
    other, (theirs, *_), *_rest = floor_world(1, "TKU")
    assert scan(station, "receive", "NOBODY", f"{theirs.number}-1") == ["unknown_barcode", "other_station"]
    assert Parcel.objects.get(barcode=f"{theirs.number}-1").state == ParcelState.ANNOUNCED
    kept = ParcelMove.objects.filter(station=station)
    assert [(move.parcel_id, move.ok) for move in kept] == [(None, False), (None, False)]
    assert not ParcelMove.objects.filter(station=other).exists()


@pytest.mark.django_db
def test_before_routes_there_are_zones_and_after_a_change_it_is_sorted_anew() -> None:
    station, (*_, pool), _route, other = floor_world(1)
    ring = [[60.0, 24.0], [60.0, 26.0], [61.0, 26.0], [61.0, 24.0]]
    Zone.objects.create(station=station, name="North", polygon=ring)
    barcode = f"{pool.number}-1"
    assert scan(station, "receive", barcode) == ["received"]
    assert scan(station, "sort", barcode, barcode) == ["sorted", "already_sorted"]
    assert Parcel.objects.get(barcode=barcode).lane == "North"
    stop = other.stops.get()
    stop.visits.create(order=pool)
    Order.objects.filter(pk=pool.pk).update(state=OrderState.PLANNED)
    (card,) = [each for each in floor_counts(station, DAY)["routes"] if each["name"] == "R2"]
    assert card["to_sort_anew"] == 1
    assert scan(station, "sort", barcode) == ["sorted_anew"]
    assert Parcel.objects.get(barcode=barcode).lane == "R2"


@pytest.mark.django_db
def test_an_order_called_off_after_sorting_is_set_aside() -> None:
    station, (*_, pool), route, _other = floor_world(1)
    barcode = f"{pool.number}-1"
    scan(station, "receive", barcode)
    cancel_order(order=Order.objects.get(pk=pool.pk), actor="x", now=at(station, DAY, 8))
    assert scan(station, "load", barcode, route=route) == ["cancelled"]
    assert scan(station, "sort", barcode) == ["cancelled"]


@pytest.mark.django_db
def test_what_is_missing_is_listed_as_it_is_loaded() -> None:
    station, (first, second, *_), route, _other = floor_world(2)
    assert len(gaps(station, DAY)) == 8
    scan(station, "receive", f"{first.number}-1", f"{first.number}-2", f"{second.number}-1")
    assert len(gaps(station, DAY)) == 5
    scan(station, "load", f"{first.number}-1", route=route)
    left = [(gap["barcode"], gap["stop"]) for gap in gaps(station, DAY, route=route)]
    assert left == [(f"{second.number}-1", 2), (f"{second.number}-2", 2), (f"{first.number}-2", 1)]


class Walk(TestCase):
    """Whatever order people scan in, the ledger stays true."""

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.lists(
            st.tuples(st.sampled_from(list(Activity)), st.integers(0, 8), st.sampled_from(["", "R1", "R2"])),
            max_size=40,
        )
    )
    def test_every_parcel_is_in_one_place(self, steps: list[tuple[Activity, int, str]]) -> None:
        station, *_ = floor_world(2, f"W{next(_events)}")
        barcodes = [
            *Parcel.objects.filter(order__station=station).values_list("barcode", flat=True),
            "NOBODY",
        ]
        routes = {route.name: route for route in Route.objects.filter(station=station)}
        for activity, number, name in steps:
            scan(station, activity, barcodes[number % len(barcodes)], route=routes.get(name))
        for parcel in Parcel.objects.filter(order__station=station):
            assert (parcel.aboard_id is not None) == (parcel.state == ParcelState.LOADED)
            moved = parcel.moves.exclude(after="").order_by("-pk").first()
            assert parcel.state == (moved.after if moved else ParcelState.ANNOUNCED)
        states = list(ParcelMove.objects.filter(station=station, after=""))
        assert all(not move.ok or move.verdict.startswith("already") for move in states)
        counted = floor_counts(station, DAY)
        assert sum(counted["totals"].values()) == 8
        assert sum(card["parcels"] for card in counted["routes"]) == 6


@pytest.fixture
def floor_client(db: Any) -> tuple[Client, Any]:
    world = floor_world(1)
    client = Client()
    client.force_login(make_person("finn", Role.FLOOR, world[0]))
    return client, world


def post(client: Client, station: Any, scans: Any) -> Any:
    return client.post(f"/api/v1/stations/{station.pk}/scans/", {"scans": scans}, "application/json")


def test_scans_by_the_api(floor_client: tuple[Client, Any]) -> None:
    client, (station, (order, *_), route, _) = floor_client
    given = [
        {"id": "a", "activity": "receive", "barcode": f"{order.number}-1", "age_ms": 60_000},
        {"id": "b", "activity": "load", "barcode": f"{order.number}-1", "route_id": route.pk},
        {"id": "c", "activity": "load", "barcode": "HALF", "route_id": route.pk},
    ]
    answers = post(client, station, given).json()["answers"]
    assert [(one["verdict"], one["ok"], one["moved"]) for one in answers] == [
        ("received", True, True), ("loaded", True, True), ("unknown_barcode", False, False),
    ]  # fmt: skip
    assert answers[1]["words"] == "Loaded onto R1"
    early, late = ParcelMove.objects.order_by("pk")[:2]
    assert late.at - early.at == timedelta(minutes=1)
    found = client.get(f"/api/v1/stations/{station.pk}/floor/?day={DAY}&route_id={route.pk}").json()
    assert found["totals"] == {"loaded": 1, "announced": 3}
    assert len(found["gaps"]) == 1


@pytest.mark.parametrize(
    ("scans", "code"),
    [
        ([], "bad_list"),
        ("x", "bad_list"),
        ([{"id": "a"}] * 201, "bad_list"),
        (["x"], "bad_object"),
        ([{"id": "a", "activity": "receive"}], "missing"),
        ([{"activity": "receive", "barcode": "x"}], "missing"),
        ([{"id": "a", "activity": "juggle", "barcode": "x"}], "bad_choice"),
        ([{"id": "a", "activity": "receive", "barcode": "x" * 61}], "bad_text"),
        ([{"id": "a", "activity": "receive", "barcode": "x", "age_ms": -1}], "bad_number"),
        ([{"id": "a", "activity": "receive", "barcode": "x", "more": 1}], "bad_object"),
        ([{"id": "a", "activity": "load", "barcode": "x", "route_id": 10**6}], "not_found"),
    ],
)
def test_bad_scans_are_refused_with_a_code(floor_client: tuple[Client, Any], scans: Any, code: str) -> None:
    client, (station, *_) = floor_client
    answer = post(client, station, scans)
    assert answer.status_code in (400, 404), answer.content
    assert answer.json()["code"] == code
    assert not ParcelMove.objects.exists()


def test_the_page_and_the_trail(floor_client: tuple[Client, Any]) -> None:
    client, (station, (order, *_), *_) = floor_client
    assert client.get("/", follow=True).redirect_chain[-1][0].endswith(f"/stations/{station.pk}/floor/")
    scan(station, "receive", f"{order.number}-1")
    page = client.get(f"/stations/{station.pk}/floor/parcel/?barcode={order.number}-1").content.decode()
    assert "Received" in page
    assert "user:finn" in page
    assert (
        "No parcel of this station"
        in client.get(f"/stations/{station.pk}/floor/parcel/?barcode=NOBODY").content.decode()
    )


@pytest.mark.django_db
def test_an_activity_that_there_is_not_is_refused() -> None:
    station, *_ = floor_world(1)
    with pytest.raises(LastmileError, match="juggle"):
        scan(station, "juggle", "x")
