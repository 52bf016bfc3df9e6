"""What orders ask of the plan besides window, load and skills: said by form, file and API, kept, and planned by."""

from typing import Any

import pytest
from django.urls import reverse

from dispatch.models import Order
from dispatch.order_forms import initial_of
from dispatch.planning import model
from dispatch.planning.validate import validate
from dispatch.services import order_asks, station_settings
from dispatch.services.day_copy import COPIED
from dispatch.services.mapping import frame_of
from dispatch.services.order_edit import edit_order
from dispatch.services.order_fields import Bad
from dispatch.services.order_reading import reader_of
from lastmile.kernel.errors import LastmileError
from tests.scenarios import DAY, at, make_fleet, make_orders, make_person, make_shop, make_station

pytestmark = pytest.mark.django_db

WHOLE: dict[str, Any] = {
    "ready_at": "10:30",
    "preferred_window": "11:00-12:00",
    "goods": ["food"],
    "max_aboard_min": 90,
    "max_wait_min": 10,
    "only_by": ["Driver HEL 1", "HEL 2"],
    "rather_by": ["driver hel 2"],
    "never_by": ["HEL 3"],
    "position": "first",
    "late_price_cents": 40,
    "leave_price_cents": 900,
    "preferred_price_cents": 15,
}


def asked(station: Any, order: Order, **patch: Any) -> Order:
    return edit_order(
        order=order,
        patch=patch,
        version=order.version,
        actor="user:dora",
        now=at(station, DAY, 7),
        geocoder=None,
    ).order


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("ready_at", "9.05", "09:05"),
        ("preferred_window", "9:00 – 10:30", "09:00-10:30"),
        ("goods", "Food, chemicals", ["chemicals", "food"]),
        ("only_by", "Ann Example; Van 7", ["Ann Example", "Van 7"]),
        ("max_wait_min", "0", 0),
        ("only_by", " ; ", None),
        ("goods", [], None),
        ("position", "", None),
    ],
)
def test_words_are_read_as_people_write_them(name: str, value: Any, kept: Any) -> None:
    """A form, a cell and JSON say the same thing in different clothes."""
    assert order_asks.checked(name, value) == kept


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("ready_at", "25:00", "bad_time"),
        ("ready_at", 9, "bad_time"),
        ("preferred_window", "12:00-11:00", "window_backwards"),
        ("preferred_window", "12:00", "bad_time"),
        ("goods", {"a": 1}, "bad_skill"),
        ("only_by", [1], "bad_names"),
        ("only_by", [f"driver {n}" for n in range(21)], "bad_names"),
        ("position", "middle", "bad_choice"),
        ("max_aboard_min", 0, "out_of_range"),
        ("late_price_cents", "dear", "not_a_number"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(name: str, value: Any, code: str) -> None:
    """Nothing half-read reaches the planner."""
    with pytest.raises(Bad) as refused:
        order_asks.checked(name, value)
    assert refused.value.code == code


def test_what_is_not_said_stays_and_what_is_said_empty_goes() -> None:
    """A change of the phone number must not forget that the goods are food."""
    station = make_station()
    order = make_orders(station, make_shop(station), 1)[0]
    order = asked(station, order, goods="food", only_by="Driver HEL 1")
    assert order.asks == {"goods": ["food"], "only_by": ["Driver HEL 1"]}
    order = asked(station, order, recipient="Somebody")
    assert order.asks == {"goods": ["food"], "only_by": ["Driver HEL 1"]}
    order = asked(station, order, only_by="")
    assert order.asks == {"goods": ["food"]}


def test_a_shop_may_not_say_who_drives_or_what_the_plan_pays() -> None:
    """Prices and drivers are the station's: a shop that could set them would always come first."""
    station = make_station()
    shop_reads, we_read = (
        reader_of(station, now=at(station, DAY, 7), inside=inside) for inside in (False, True)
    )
    row = {"external_id": "1", "day": str(DAY), "lat": 60.17, "lng": 24.94}
    for name, value in WHOLE.items():
        read = shop_reads.read(row | {name: value})
        if name in order_asks.PUBLIC:
            assert read.draft is not None
            assert read.draft.asks == {name: value}
        else:
            assert [error.code for error in read.errors] == ["unknown_field"]
        ours = we_read.read(row | {name: value}).draft
        assert ours is not None
        assert set(ours.asks) == {name}


def test_the_form_shows_what_it_reads_back() -> None:
    """Opened and saved untouched, a form changes nothing."""
    station = make_station()
    order = make_orders(station, make_shop(station), 1, asks=WHOLE)[0]
    shown = initial_of(order)
    assert {name: order_asks.checked(name, shown[name]) for name in order_asks.ASKS} == WHOLE


def test_the_pages_show_and_change_it(client: Any) -> None:
    """Through the browser's form, folded while nothing is asked; then on the order's page."""
    station = make_station()
    order = make_orders(station, make_shop(station), 1)[0]
    client.force_login(make_person("dora", "dispatcher", station))
    url = reverse("order-edit", args=[station.pk, order.pk])
    page = client.get(url)
    assert "order__folded" in page.content.decode()
    form = page.context["form"]
    data = {bound.name: bound.value() or "" for bound in form} | {"goods": "food", "never_by": "Driver HEL 3"}
    assert client.post(url, data).status_code == 302
    order.refresh_from_db()
    assert order.asks == {"goods": ["food"], "never_by": ["Driver HEL 3"]}
    assert "order__folded" not in client.get(url).content.decode()
    shown = client.get(reverse("order-show", args=[station.pk, order.pk])).content.decode()
    assert "Never by: Driver HEL 3" in shown


def test_the_planner_hears_all_of_it() -> None:
    """Each ask is the planner's field of that meaning, in its seconds and by its vehicles."""
    station = make_station()
    fleet = make_fleet(station, DAY, 3)
    orders = make_orders(station, make_shop(station), 1, window_start=None, window_end=None, asks=WHOLE)
    sequences = {fleet.shifts[0].pk: [orders[0].pk], fleet.shifts[1].pk: [], fleet.shifts[2].pk: []}
    problem = frame_of(station, DAY, sequences).problem
    job, (one, two, three) = problem.jobs[0], [f"shift-{shift.pk}" for shift in fleet.shifts]
    assert job.release_s == 10 * 3600 + 1800
    assert job.preferred == model.Window(11 * 3600, 12 * 3600)
    assert (job.preferred_price_per_min, job.late_price_per_min, job.leave_price) == (15, 40, 900)
    assert (job.max_wait_s, job.max_aboard_s, job.position) == (600, 5400, "first")
    assert job.goods == {"food"}
    assert job.vehicles == {one, two}
    assert job.preferred_vehicles == {two}
    assert job.forbidden == {three}
    assert not validate(problem)


def test_a_plan_is_walked_by_what_is_asked() -> None:
    """Goods that never meet, and a driver who must not come: the card says so as soon as they do."""
    station = make_station()
    fleet = make_fleet(station, DAY, 1)
    free = {"window_start": None, "window_end": None}
    food, poison = make_orders(station, make_shop(station), 2, **free)
    ids = [food.pk, poison.pk]

    def codes() -> set[str]:
        times = frame_of(station, DAY, {fleet.shifts[0].pk: ids}).times(fleet.shifts[0].pk, ids)
        return {each["code"] for each in times.violations}

    food, poison = asked(station, food, goods="food"), asked(station, poison, goods="chemicals")
    assert codes() == set()
    station_settings.change_settings(
        station=station,
        values={"goods_apart": ["food chemicals"]},
        seen={},
        actor="user:b",
        now=at(station, DAY, 8),
    )
    assert station.goods_apart == [["chemicals", "food"]]
    assert codes() == {"goods_together"}
    asked(station, food, never_by="driver hel 1", ready_at="23:00")
    assert codes() == {"goods_together", "vehicle_forbidden", "shift_end"}, "it waits for the parcels"


@pytest.mark.parametrize(
    "given", ["food", [["food"]], [["food", "food"]], [["a", "b", "c"]], [5], ["food"] * 60]
)
def test_pairs_of_goods_are_pairs(given: Any) -> None:
    """A station's list that the planner could not read would stop its plans."""
    station = make_station()
    with pytest.raises(LastmileError) as refused:
        station_settings.change_settings(
            station=station, values={"goods_apart": given}, seen={}, actor="user:b", now=at(station, DAY, 8)
        )
    assert refused.value.code == "bad_setting"


def test_a_day_copied_keeps_what_is_asked() -> None:
    """Tomorrow's food is food as well."""
    assert "asks" in COPIED
