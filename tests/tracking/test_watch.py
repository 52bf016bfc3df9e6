"""The watch over the roads: expectations follow the van, alerts come once and go when their cause ends."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dispatch.models import DeliveryException, LivePosition, Order, Stop
from dispatch.services import running_routes
from dispatch.services.visits import Report, arrive_stop, fail_stop
from lastmile.models import Event
from tests.scenarios import DAY, make_orders, make_route, make_shop, make_station
from tracking.services.etas import Expectations, refresh_etas
from tracking.services.watch import watch_station

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 3, 10, 9, tzinfo=ZoneInfo("Europe/Helsinki"))


class Road:
    """A route of three stops that left at nine."""

    def __init__(self, state="departed", window=None, **fields):
        self.station = make_station()
        window_end = None if window is None else NINE + timedelta(minutes=window)
        orders = make_orders(
            self.station, make_shop(self.station), 3, window_start=None, window_end=window_end
        )
        fields = {"departed_at": NINE, "start_at": NINE} | fields
        self.route = make_route(self.station, DAY, orders, state=state, **fields)
        self.known = Expectations()

    def look(self, minutes):
        now = NINE + timedelta(minutes=minutes)
        return watch_station(station=self.station, now=now, expectations=self.known)

    def seen(self, minutes, north_m=0.0, still=None):
        """The van is `north_m` metres north of its station."""
        LivePosition.objects.update_or_create(
            vehicle=self.route.vehicle,
            defaults={
                "lat": self.station.lat + north_m / 111_195,
                "lng": self.station.lng,
                "fix_at": NINE + timedelta(minutes=minutes),
                "still_since": None if still is None else NINE + timedelta(minutes=still),
            },
        )

    def open(self, kind):
        return DeliveryException.objects.filter(kind=kind).exclude(state="resolved")


def test_expectations_follow_the_van():
    """Farther away and later means later at every stop."""
    road = Road()
    road.seen(0)
    road.look(0)
    before = list(road.route.stops.values_list("eta", flat=True))
    road.seen(10, north_m=4000)
    road.look(10)
    after = list(road.route.stops.values_list("eta", flat=True))
    assert all(late - early > timedelta(minutes=10) for early, late in zip(before, after, strict=True))


def test_the_route_is_walked_at_most_every_20_seconds_but_at_once_after_a_stop(monkeypatch):
    """Fixes come every few seconds from each van; walking is not free."""
    road, walked = Road(), []
    walk = refresh_etas
    monkeypatch.setattr(
        "tracking.services.watch.refresh_etas", lambda **kw: walked.append(kw["now"]) or walk(**kw)
    )
    for seconds in (0, 5, 15, 21):
        road.seen(seconds / 60, north_m=seconds)
        road.look(seconds / 60)
    assert len(walked) == 2
    arrive_stop(stop=road.route.stops.first(), at=NINE, actor="driver:1", now=NINE + timedelta(seconds=22))
    road.look(25 / 60)
    assert len(walked) == 3
    road.look(5)
    assert len(walked) == 3


def test_a_van_at_a_door_for_longer_delays_the_rest():
    """The walk restarts at the arrival; time overrun at the door is added to all that follows."""
    road = Road()
    first, second, _ = road.route.stops.order_by("sequence")
    Stop.objects.filter(pk=first.pk).update(state="arrived", arrived_at=NINE)
    stops = list(road.route.stops.order_by("sequence"))
    calm = running_routes.walk_route(road.route, now=NINE)
    late_by = NINE + timedelta(minutes=30)
    refresh_etas(route=road.route, stops=stops, live=None, now=late_by)
    second.refresh_from_db()
    assert second.eta == calm.stops[1].arrival + (late_by - calm.stops[0].departure)


def test_nothing_left_to_visit_is_nothing_to_expect():
    """The walk of an empty rest is None and no event."""
    road = Road()
    assert not refresh_etas(route=road.route, stops=[], live=None, now=NINE, walk=lambda route, now: None)


def test_late_is_raised_once_updated_with_its_size_and_resolved_when_made_good():
    """One alert with the orders at risk, however often we look, gone when there is time again."""
    road = Road(window=30)
    road.seen(0)
    road.look(0)
    assert not road.open("late").exists()
    for _ in range(3):
        road.seen(28, north_m=3000)
        road.look(28)
    alert = road.open("late").get()
    assert alert.words.startswith(f"Route {road.route.name} will be ")
    assert alert.orders.count() == 3
    assert Event.objects.filter(name="exception.changed").count() == 1
    Order.objects.update(window_end=NINE + timedelta(hours=5))
    Stop.objects.update(window_end=NINE + timedelta(hours=5))
    road.seen(29, north_m=2900)
    road.look(29)
    assert not road.open("late").exists()


def test_a_released_route_that_does_not_leave_becomes_late():
    """The promise breaks at the station already, before any wheel has turned."""
    road = Road(state="released", window=40, departed_at=None)
    road.look(0)
    assert not road.open("late").exists()
    road.look(45)
    assert road.open("late").exists()


def test_silent_is_raised_after_its_minutes_and_over_with_the_next_fix():
    """Eight minutes is this station's patience."""
    road = Road()
    road.seen(1)
    road.look(8)
    assert not road.open("silent").exists()
    road.look(10)
    assert road.open("silent").get().orders.count() == 3
    road.seen(11)
    road.look(11)
    assert not road.open("silent").exists()


def test_stopped_long_is_raised_on_the_way_and_not_at_the_station():
    """Standing is the job at a stop or at home; elsewhere somebody should ask."""
    road = Road()
    road.seen(20, north_m=30, still=0)
    road.look(20)
    assert not road.open("stopped_long").exists()
    road.seen(20, north_m=5000, still=0)
    road.look(20)
    assert road.open("stopped_long").exists()
    road.seen(21, north_m=5100)
    road.look(21)
    assert not road.open("stopped_long").exists()


def test_alerts_end_with_the_route():
    """What has come home is neither silent nor late."""
    road = Road(window=5)
    road.look(60)
    assert DeliveryException.objects.count() == 2
    road.route.state = "closed"
    road.route.save()
    road.look(61)
    assert not DeliveryException.objects.exclude(state="resolved").exists()


def test_a_failed_attempt_is_open_until_its_order_is_taken_care_of():
    """Back in the pool, returned or cancelled: then nobody has to look any more."""
    road = Road()
    road.seen(1)
    stop = road.route.stops.first()
    report = Report("e1", NINE)
    fail_stop(stop=stop, report=report, reason="refused", order_ids=None, driver=None, actor="a", now=NINE)
    road.look(1)
    assert road.open("attempt_failed").exists()
    Order.objects.filter(state="failed").update(state="open")
    road.look(2)
    assert not road.open("attempt_failed").exists()


def test_a_fixed_number_of_queries_for_any_number_of_routes(django_assert_max_num_queries):
    """The watch runs every five seconds; when nothing changed it only reads, and not per route."""
    road = Road()
    shop = make_shop(road.station, "more")
    for _ in range(6):
        make_route(road.station, DAY, make_orders(road.station, shop, 3), state="departed", departed_at=NINE)
    road.look(1)
    with django_assert_max_num_queries(12):
        assert road.look(1) == 7


def queries_of(look):
    """The statements of one look, as text."""
    with CaptureQueriesContext(connection) as queries:
        look()
    return [query["sql"] for query in queries]


@pytest.mark.parametrize("lasting", [1, 10])
def test_lasting_alerts_cost_neither_a_write_nor_a_query_each(lasting):
    """Every five seconds for hours: a lock for each would keep drivers' phones and the board waiting."""
    road = Road(window=20)
    for n in range(1, lasting):
        orders = make_orders(road.station, make_shop(road.station, f"s{n}"), 3, window_start=None)
        Order.objects.filter(pk__in=[order.pk for order in orders]).update(
            window_end=NINE + timedelta(minutes=20)
        )
        make_route(road.station, DAY, orders, state="departed", departed_at=NINE, start_at=NINE)
    Stop.objects.update(window_end=NINE + timedelta(minutes=20))
    road.look(90)
    assert road.open("late").count() == lasting
    told = Event.objects.count()
    asked = queries_of(lambda: road.look(90))
    assert not [sql for sql in asked if not sql.startswith("SELECT")], asked
    assert len(asked) <= 10
    assert Event.objects.count() == told


def test_a_lasting_alert_grows_with_its_cause():
    """What was read a moment ago may only save the work where it says the same."""
    road = Road(window=20)
    road.look(60)
    before = road.open("late").get()
    road.look(75)
    after = road.open("late").get()
    assert after.pk == before.pk
    assert after.words != before.words
    assert {order.pk for order in after.orders.all()} == {order.pk for order in before.orders.all()}


def test_a_walk_that_finds_slack_is_told_with_it():
    """Slack comes from the walk: parking time is not in the arrival."""
    road = Road(window=60)
    times = running_routes.walk_route(road.route, now=NINE)
    made = replace(times, stops=[replace(stop, slack_s=-90) for stop in times.stops])
    refresh_etas(
        route=road.route, stops=list(road.route.stops.all()), live=None, now=NINE, walk=lambda r, now: made
    )
    assert set(road.route.stops.values_list("slack_s", flat=True)) == {-90}
