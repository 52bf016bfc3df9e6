"""Taking orders in, placing and cancelling them, on a real database."""

import threading
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dispatch.lifecycle import OrderState, ParcelState
from dispatch.models import Order, Parcel, Shop, Station
from dispatch.places.errors import PlacesError
from dispatch.selectors.orders import order_card, order_cards
from dispatch.services.order_draft import OrderDraft, ParcelDraft
from dispatch.services.orders import Intake, cancel_order, locate_order, take_orders
from lastmile.kernel.errors import LastmileError
from lastmile.models import Event
from tests.dispatch.fake_city import FakeGeocoder
from tests.scenarios import DAY, make_fleet, make_orders, make_route, make_shop, make_station

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def station() -> Station:
    return make_station()


@pytest.fixture
def shop(station: Station) -> Shop:
    return make_shop(station)


def draft(number: int = 1, **fields: Any) -> OrderDraft:
    return OrderDraft(
        **({"external_id": f"E{number}", "day": DAY, "address": f"Teststreet {number}"} | fields)
    )


def take(station: Station, shop: Shop, *drafts: OrderDraft, geocoder: Any = None) -> Intake:
    return take_orders(
        station=station,
        shop=shop,
        drafts=drafts,
        actor="shop:test",
        now=station.now(),
        geocoder=geocoder or FakeGeocoder(),
    )


def test_orders_are_created_placed_and_told(station: Station, shop: Shop) -> None:
    """A known address is open for planning, with its parcels, and one event tells all of them."""
    intake = take(station, shop, draft(1, pieces=2), draft(3))
    assert [row.status for row in intake.rows] == ["created", "created"]
    first = Order.objects.get(external_id="E1")
    assert (first.state, first.located_by, first.lat) == (OrderState.OPEN, "geocoder", 60.1701)
    assert first.number.startswith("LM-")
    assert list(first.parcels.values_list("barcode", flat=True)) == [f"{first.number}-1", f"{first.number}-2"]
    event = Event.objects.get(name="orders.changed")
    assert event.data == {"what": "created", "order_ids": [row.order_id for row in intake.rows]}


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("Teststreet 99", "Teststreet found, number 99 is not: nearest is 97."),
        ("Elsewhere 1", "Not in this city."),
    ],
)
def test_a_doubtful_address_waits_for_a_person(
    station: Station, shop: Shop, address: str, words: str
) -> None:
    """F38: the order is accepted, not planned to a wrong door, and says in plain words why."""
    take(station, shop, draft(1, address=address))
    order = Order.objects.get()
    assert (order.state, order.lat) == (OrderState.NEEDS_LOCATION, None)
    assert order.location_note.startswith(words)


def test_intake_survives_a_broken_address_search(station: Station, shop: Shop) -> None:
    """F38: a geocoder that fails costs a place, never an order."""
    broken = FakeGeocoder(fails=PlacesError("no_index", "The index is gone.", "Build it."))
    assert take(station, shop, draft(1), draft(3, lat=60.1, lng=24.9), geocoder=broken).created == 2
    assert set(Order.objects.values_list("external_id", "state")) == {
        ("E1", OrderState.NEEDS_LOCATION),
        ("E3", OrderState.OPEN),
    }


def test_sending_the_same_again_changes_nothing(station: Station, shop: Shop) -> None:
    """Idempotent by shop and external id: no second order, no new version, no event, no search."""
    drafts = [draft(n, note="ring", skills=("lift",)) for n in (1, 2, 3)]
    take(station, shop, *drafts)
    before, events = list(Order.objects.values()), Event.objects.count()
    geocoder = FakeGeocoder()
    assert take(station, shop, *drafts, geocoder=geocoder).unchanged == 3
    assert list(Order.objects.values()) == before
    assert Event.objects.count() == events
    assert geocoder.asked == ["Teststreet 2"]  # the one that found no place may find one now


def test_a_change_grows_the_version_and_a_moved_address_is_searched_again(
    station: Station, shop: Shop
) -> None:
    take(station, shop, draft(1))
    assert take(station, shop, draft(1, note="new")).updated == 1
    assert take(station, shop, draft(1, note="new", address="Teststreet 5")).updated == 1
    order = Order.objects.get()
    assert (order.version, order.lat, order.note) == (3, 60.1705, "new")


def test_a_person_s_place_outlives_the_shop_s_next_upload(station: Station, shop: Shop) -> None:
    """Else every nightly upload would undo the day's work on the map."""
    take(station, shop, draft(1, address="Teststreet 99"))
    order = Order.objects.get()
    locate_order(order=order, lat=60.2, lng=24.9, version=1, actor="user:a", now=station.now())
    take(station, shop, draft(1, address="Teststreet 99", note="x"))
    order.refresh_from_db()
    assert (order.lat, order.state, order.note, order.version) == (60.2, OrderState.OPEN, "x", 3)


def test_two_shops_may_use_the_same_number(station: Station, shop: Shop) -> None:
    other = make_shop(station, "other")
    take(station, shop, draft(1))
    assert take(station, other, draft(1)).created == 1


def test_an_order_on_its_way_is_not_changed_by_its_shop(station: Station, shop: Shop) -> None:
    """The driver holds the paper already: a coded refusal instead of two truths."""
    for n, state in enumerate(["out", "delivered", "cancelled"]):
        take(station, shop, draft(2 * n + 1))
        Order.objects.filter(external_id=f"E{2 * n + 1}").update(state=state)
    intake = take(station, shop, *[draft(n, note="late idea") for n in (1, 3, 5)])
    assert [row.errors[0].code for row in intake.rows] == ["order_out", "order_delivered", "order_cancelled"]
    assert not Order.objects.filter(note="late idea").exists()


def test_a_planned_order_keeps_its_place_and_day(station: Station, shop: Shop) -> None:
    take(station, shop, draft(1))
    Order.objects.update(state=OrderState.PLANNED)
    assert take(station, shop, draft(1, phone="+358401234567")).updated == 1
    intake = take(station, shop, draft(1, address="Teststreet 7"))
    assert intake.rows[0].errors[0].code == "order_planned"


def test_a_repeated_id_in_one_list_is_refused_once(station: Station, shop: Shop) -> None:
    intake = take(station, shop, draft(1), draft(1, note="other"), draft(3))
    assert [row.status for row in intake.rows] == ["created", "rejected", "created"]
    assert intake.rows[1].errors[0].code == "duplicate"


def test_barcodes_belong_to_one_order(station: Station, shop: Shop) -> None:
    take(station, shop, draft(1, parcels=(ParcelDraft("B1"),)))
    intake = take(
        station,
        shop,
        draft(3, parcels=(ParcelDraft("B1"),)),
        draft(5, parcels=(ParcelDraft("B2"),)),
        draft(7, parcels=(ParcelDraft("B2"),)),
    )
    assert [row.status for row in intake.rows] == ["rejected", "created", "rejected"]
    assert Parcel.objects.count() == 2


def test_parcels_follow_the_number_of_pieces_until_they_are_scanned(station: Station, shop: Shop) -> None:
    take(station, shop, draft(1, pieces=2))
    take(station, shop, draft(1, pieces=4))
    assert Parcel.objects.count() == 4
    Parcel.objects.filter(pk__in=Parcel.objects.order_by("-pk").values("pk")[:1]).update(
        state=ParcelState.RECEIVED
    )
    assert take(station, shop, draft(1, pieces=1)).rows[0].errors[0].code == "parcels_scanned"
    assert Parcel.objects.count() == 4


def test_statements_do_not_grow_with_the_rows(station: Station, shop: Shop) -> None:
    """No query per order: 400 orders cost what 40 do."""
    counts = []
    for size in (40, 400):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            take(station, shop, *[draft(n, external_id=f"{size}-{n}") for n in range(1, size * 2, 2)])
        counts.append(len([q for q in queries if q["sql"].startswith(("SELECT", "UPDATE", "DELETE"))]))
        inserts = [q for q in queries if q["sql"].startswith("INSERT")]
        assert len(inserts) <= 12
    assert counts[0] == counts[1] <= 8


def test_the_cards_of_many_orders_are_two_queries(
    station: Station, shop: Shop, django_assert_num_queries: Any
) -> None:
    make_fleet(station)
    orders = make_orders(station, shop, 6)
    route = make_route(station, DAY, orders[:3])
    with django_assert_num_queries(2):
        cards = order_cards(Order.objects.filter(station=station))
    assert [card["route_id"] for card in cards] == [route.pk] * 3 + [None] * 3
    assert cards[0]["stop_id"] == route.stops.first().pk
    assert cards[0] == order_card(Order.objects.get(pk=orders[0].pk))


def test_locating_needs_the_newest_version(station: Station, shop: Shop) -> None:
    """Two people point at the map: the second learns that somebody was faster, with the newest card."""
    take(station, shop, draft(1, address="Nowhere 1"))
    order = Order.objects.get()
    located = locate_order(order=order, lat=60.1, lng=24.9, version=1, actor="user:a", now=station.now())
    assert (located.state, located.version, located.located_by) == (OrderState.OPEN, 2, "person")
    with pytest.raises(LastmileError) as refusal:
        locate_order(order=order, lat=61.0, lng=24.9, version=1, actor="user:b", now=station.now())
    assert (refusal.value.code, refusal.value.status) == ("conflict", 412)
    assert refusal.value.data["order"]["lat"] == 60.1  # type: ignore[index]
    with pytest.raises(LastmileError, match="bad_place"):
        locate_order(order=order, lat=float("nan"), lng=24.9, version=2, actor="user:b", now=station.now())


def test_an_order_on_a_route_is_not_moved_on_the_map(station: Station, shop: Shop) -> None:
    order = make_orders(station, shop, 1, state=OrderState.PLANNED)[0]
    with pytest.raises(LastmileError, match="illegal_move"):
        locate_order(order=order, lat=60.1, lng=24.9, version=1, actor="user:a", now=station.now())


def test_cancelling_takes_the_order_and_its_parcels_out(station: Station, shop: Shop) -> None:
    """Twice is once; the ledger tells it once."""
    order = make_orders(station, shop, 1, pieces=2)[0]
    for _ in range(2):
        done = cancel_order(order=order, actor="user:a", now=station.now())
    assert (done.state, done.version) == (OrderState.CANCELLED, 2)
    assert set(order.parcels.values_list("state", flat=True)) == {ParcelState.CANCELLED}
    assert Event.objects.filter(name="orders.changed").count() == 1


def test_cancelling_a_planned_order_takes_its_stop_off_the_route(station: Station, shop: Shop) -> None:
    """A van must not be sent to a door that no longer waits for it."""
    make_fleet(station)
    orders = make_orders(station, shop, 3)
    route = make_route(station, DAY, orders)
    cancel_order(order=orders[1], actor="user:a", now=station.now())
    assert Order.objects.get(pk=orders[1].pk).state == OrderState.CANCELLED
    assert sorted(route.stops.values_list("visits__order_id", flat=True)) == [orders[0].pk, orders[2].pk]


def test_a_shop_cannot_cancel_what_is_on_the_road(station: Station, shop: Shop) -> None:
    order = make_orders(station, shop, 1, state=OrderState.OUT)[0]
    with pytest.raises(LastmileError) as refusal:
        cancel_order(order=order, actor="shop:x", now=station.now(), by_shop=True)
    assert refusal.value.status == 409


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_the_same_orders_make_each_once() -> None:
    """F41: a retry that overtakes its first request must not double an order."""
    station = make_station()
    shop = make_shop(station)
    drafts = [draft(n) for n in range(1, 60, 2)]
    intakes: list[Intake] = []
    start = threading.Barrier(3)

    def work() -> None:
        try:
            start.wait(5)
            intakes.append(take(station, shop, *drafts))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert Order.objects.count() == len(drafts)
    assert sum(intake.created for intake in intakes) == len(drafts)
    assert sum(intake.unchanged for intake in intakes) == 2 * len(drafts)


def test_frozen_drafts_can_be_varied() -> None:
    """Callers that lay out days build drafts by `replace`; the class must stay a plain value."""
    assert replace(draft(1), note="x").note == "x"
