"""The database itself refuses what must never be, whoever writes: service, admin, shell or a bug."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from dispatch.lifecycle import PlanState, RouteState
from dispatch.models import Attempt, DeliveryException, Order, Parcel, Plan, Route, Station, StopOrder
from dispatch.models.stop import Outcome
from lastmile.models import Event, Job
from tests import scenarios

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def station() -> Station:
    return scenarios.make_station()


@pytest.fixture
def orders(station: Station) -> list[Order]:
    return scenarios.make_orders(station, scenarios.make_shop(station), 3)


def refused(name: str) -> Any:
    """The constraint of this name (or, where the database names columns, its table) speaks up."""
    return pytest.raises(IntegrityError, match=name)


def test_an_order_stands_at_one_stop_to_come(station: Station, orders: list[Order]) -> None:
    """Two vans would bring the same parcel; a stop that has been done does not count."""
    first = scenarios.make_route(station, scenarios.DAY, orders[:1])
    second = scenarios.make_route(station, scenarios.DAY, orders[1:])
    visit = StopOrder.objects.get(order=orders[0])
    with refused("order"), transaction.atomic():
        StopOrder.objects.create(stop=second.stops.first(), order=orders[0])
    StopOrder.objects.filter(pk=visit.pk).update(outcome=Outcome.FAILED)
    StopOrder.objects.create(stop=second.stops.first(), order=orders[0])
    assert first.pk != second.pk


def test_a_shift_has_one_open_route(station: Station, orders: list[Order]) -> None:
    """One driver cannot be on two routes; after the first is closed there may be another."""
    route = scenarios.make_route(station, scenarios.DAY, orders[:1])
    with refused("shift"), transaction.atomic():
        scenarios.make_route(station, scenarios.DAY, orders[1:], shift=route.shift)
    Route.objects.filter(pk=route.pk).update(state=RouteState.CLOSED)
    scenarios.make_route(station, scenarios.DAY, orders[1:], shift=route.shift)


def test_one_plan_runs_per_station_day_and_scope(station: Station) -> None:
    """Two runs would race for the same orders; ended ones may be as many as there were."""
    day = {"station": station, "day": scenarios.DAY, "actor": "user:a"}
    Plan.objects.create(**day, state=PlanState.CANCELLED)
    Plan.objects.create(**day)
    Plan.objects.create(**day, scope="unassigned")
    with refused("plan"), transaction.atomic():
        Plan.objects.create(**day)


@pytest.mark.parametrize(
    ("lat", "lng"),
    [
        (90.1, 0),
        (-91, 0),
        (0, 180.5),
        (0, -181),
        (float("inf"), 0),
        (0, float("-inf")),
        (10, None),
        (None, 10),
    ],
)
def test_an_order_is_on_earth_or_nowhere(orders: list[Order], lat: float | None, lng: float | None) -> None:
    """Half a place or one beyond the poles would send a van, or a solver, into nonsense."""
    with refused("order_on_earth|order_has_place"), transaction.atomic():
        Order.objects.filter(pk=orders[0].pk).update(lat=lat, lng=lng)


@pytest.mark.parametrize("table", ["dispatch_order", "dispatch_station", "dispatch_stop"])
def test_not_a_number_is_no_place(table: str, station: Station, orders: list[Order]) -> None:
    """SQLite keeps NaN as NULL and PostgreSQL sorts it above all numbers: both must refuse it."""
    scenarios.make_route(station, scenarios.DAY, orders)
    nan = "'NaN'::float8" if connection.vendor == "postgresql" else "(9e999 - 9e999)"
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET lat = {nan}")  # noqa: S608 - names from the list above


def test_a_shift_ends_after_it_starts(station: Station) -> None:
    """A shift of no length has no room for any stop and breaks the planner's windows."""
    shift = scenarios.make_fleet(station, n=1).shifts[0]
    for end in (shift.start, shift.start - timedelta(hours=1)):
        shift.end = end
        with refused("shift_ends_after_start"), transaction.atomic():
            shift.save()


def test_a_break_has_its_window(station: Station) -> None:
    """A break that may be taken never would make every route impossible."""
    shift = scenarios.make_fleet(station, n=1).shifts[0]
    shift.break_minutes = 30
    with refused("shift_break_has_window"), transaction.atomic():
        shift.save()


@pytest.mark.parametrize("who", ["driver", "vehicle"])
def test_nobody_starts_two_shifts_at_once(station: Station, who: str) -> None:
    """The same driver or van twice would let a plan use one of them twice."""
    first, second = scenarios.make_fleet(station, n=2).shifts
    setattr(second, who, getattr(first, who))
    with refused("shift"), transaction.atomic():
        second.save()


def test_a_window_ends_after_it_starts(orders: list[Order]) -> None:
    """A promise that nobody can keep must not come in; half-open windows are fine."""
    order = orders[1]
    Order.objects.filter(pk=order.pk).update(window_start=None)
    Order.objects.filter(pk=order.pk).update(window_start=order.window_start, window_end=None)
    with refused("order_window"), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(window_end=order.window_start)


@pytest.mark.parametrize(
    "values", [{"priority": 101}, {"pieces": 0}, {"lat": None, "lng": None, "state": "open"}], ids=str
)
def test_an_order_keeps_its_bounds(orders: list[Order], values: dict[str, Any]) -> None:
    """An open order without a place, or of no pieces, cannot be planned."""
    with refused("order_"), transaction.atomic():
        Order.objects.filter(pk=orders[0].pk).update(**values)


@pytest.mark.parametrize(("outcome", "reason"), [("failed", ""), ("delivered", "refused"), ("maybe", "")])
def test_a_failed_attempt_says_why(station: Station, orders: list[Order], outcome: str, reason: str) -> None:
    """Without a reason nobody can tell the shop what happened; with one, nothing was delivered."""
    stop = scenarios.make_route(station, scenarios.DAY, orders).stops.first()
    with refused("attempt_reason"), transaction.atomic():
        Attempt.objects.create(
            order=orders[0], stop=stop, outcome=outcome, reason=reason, at=timezone.now(), client_event_id="e"
        )


def test_the_same_event_of_a_phone_is_one_attempt(station: Station, orders: list[Order]) -> None:
    """A phone that got no answer sends again."""
    stop = scenarios.make_route(station, scenarios.DAY, orders).stops.first()
    same = {
        "order": orders[0],
        "stop": stop,
        "outcome": "delivered",
        "at": timezone.now(),
        "client_event_id": "e",
    }
    Attempt.objects.create(**same)
    with refused("client_event_id|attempt_event_once"), transaction.atomic():
        Attempt.objects.create(**same)


def test_names_and_numbers_are_given_once(station: Station, orders: list[Order]) -> None:
    """External ids make intake idempotent, barcodes make scans mean one parcel."""
    taken = Parcel.objects.first()
    assert taken is not None
    with refused("barcode"), transaction.atomic():
        Parcel.objects.create(order=orders[1], barcode=taken.barcode)
    with refused("external_id"), transaction.atomic():
        Order.objects.filter(pk=orders[1].pk).update(external_id=orders[0].external_id)


def test_one_exception_a_cause_while_it_lasts(station: Station) -> None:
    """A late van must be one line on the board however often it is noticed."""
    fields = {
        "station": station,
        "day": scenarios.DAY,
        "kind": "late",
        "key": "late:route:1",
        "words": "Late.",
    }
    first = DeliveryException.objects.create(**fields, raised_at=timezone.now())
    with refused("exception|key"), transaction.atomic():
        DeliveryException.objects.create(**fields, raised_at=timezone.now())
    DeliveryException.objects.filter(pk=first.pk).update(state="resolved")
    DeliveryException.objects.create(**fields, raised_at=timezone.now())


def test_a_running_job_has_a_lease_and_a_percentage(station: Station) -> None:
    """A running job without a lease would be nobody's for ever."""
    with refused("job_running_has_lease"), transaction.atomic():
        Job.objects.create(kind="k", state="running", actor="a")
    with refused("job_percent"), transaction.atomic():
        Job.objects.create(kind="k", percent=101, actor="a")


def test_a_station_numbers_its_ledger_once(station: Station) -> None:
    """Two events of one number would let a browser miss one without a gap."""
    fields = {
        "name": "orders.changed",
        "data": {},
        "actor": "a",
        "at": timezone.now(),
        "station_id": station.pk,
    }
    Event.objects.create(**fields, seq=1, position=1)
    with refused("seq"), transaction.atomic():
        Event.objects.create(**fields, seq=1, position=2)


class AnyPlace(TestCase):
    """Whatever floats come, the database takes exactly those on the globe."""

    @settings(max_examples=60, deadline=None)
    @given(lat=st.floats(allow_nan=False), lng=st.floats(allow_nan=False))
    def test_only_places_on_the_globe_go_in(self, lat: float, lng: float) -> None:
        """Bounds written by hand are off by one sign sooner or later."""
        station = scenarios.make_station()
        good = -90 <= lat <= 90 and -180 <= lng <= 180
        try:
            with transaction.atomic():
                Station.objects.filter(pk=station.pk).update(lat=lat, lng=lng)
        except IntegrityError:
            assert not good
        else:
            assert good
