"""Times of routes whose orders were edited: walked by a worker, never by the one process that tells everybody."""

import pytest
from django.db import transaction

from dispatch.models import Order, Route, Stop
from dispatch.services import rewalk, routes
from lastmile import bus, jobs
from lastmile.kernel import events
from lastmile.kernel.errors import conflict
from lastmile.models import DeadLetter, Event, Job, JobState
from tests.scenarios import DAY, at, make_fleet, make_orders, make_route, make_shop, make_station

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(monkeypatch):
    monkeypatch.setattr("lastmile.live.push", lambda station_id, frame: None)
    monkeypatch.setattr("lastmile.tasks.run_job.apply_async", lambda *args, **options: None)
    monkeypatch.setattr(bus, "ring", lambda: None)
    station = make_station()
    fleet = make_fleet(station, DAY, 3)
    orders = make_orders(station, make_shop(station), 8)
    made = [make_route(station, DAY, orders[i : i + 3], fleet.shifts[i // 3]) for i in (0, 3)]
    bus.drain()
    return station, orders, made


def update(station, orders) -> None:
    with transaction.atomic():
        event = events.OrdersChanged(
            station_id=station.pk, what="updated", order_ids=[order.pk for order in orders]
        )
        bus.publish(event, actor="test", at=at(station, DAY, 7))
    bus.drain()


def last_departure(route):
    return max(Stop.objects.filter(route=route).values_list("planned_departure", flat=True))


def test_the_publisher_only_queues_the_walk(world, monkeypatch):
    """One slow road engine would hold up every screen and every job of the installation."""
    station, orders, _ = world
    monkeypatch.setattr(routes, "rewalk_route", lambda **fields: pytest.fail("walked by the publisher"))
    update(station, orders[:2])
    assert not DeadLetter.objects.exists()
    job = Job.objects.get(kind=rewalk.KIND)
    assert job.payload["order_ids"] == [order.pk for order in orders[:2]]
    assert (job.state, job.station_id) == (JobState.QUEUED, station.pk)


def test_the_job_walks_each_route_of_the_orders_once(world):
    """Two routes, five edited orders: two walks, later times, and an event for each."""
    station, orders, made = world
    before = [last_departure(route) for route in made]
    Order.objects.filter(pk__in=[order.pk for order in orders[:5]]).update(service_time_s=3600)
    update(station, orders[:5])
    job = Job.objects.get(kind=rewalk.KIND)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result) == (JobState.DONE, {"routes": 2}), job.error
    assert all(last_departure(route) > old for route, old in zip(made, before, strict=True))
    assert Event.objects.filter(name="routes.changed", data__what="rewalked").count() == 2


def test_orders_of_the_pool_make_no_job(world):
    """Most edits are of orders that nobody has planned yet."""
    station, orders, _ = world
    update(station, orders[6:])
    assert not Job.objects.filter(kind=rewalk.KIND).exists()


def test_hearing_an_event_twice_is_one_job_and_a_second_edit_is_another(world):
    """At-least-once delivery repeats; but an edit during a walk of the same orders must be walked as well."""
    station, orders, _ = world
    update(station, orders[:1])
    (walked,) = Event.objects.filter(name="orders.changed", data__what="updated")
    from dispatch.subscribers import walk_again

    walk_again(walked)
    assert Job.objects.filter(kind=rewalk.KIND).count() == 1
    update(station, orders[:1])
    assert Job.objects.filter(kind=rewalk.KIND).count() == 2


def test_a_route_edited_during_the_walk_is_walked_again(world, monkeypatch):
    """A dispatcher's drag during the walk wins, and the times are right afterwards all the same."""
    station, orders, made = world
    walk, tries = routes.rewalk_route, []

    def busy(**fields):
        tries.append(fields["route"].version)
        if len(tries) == 1:
            Route.objects.filter(pk=made[0].pk).update(version=made[0].version + 1)
        walk(**fields)

    monkeypatch.setattr(routes, "rewalk_route", busy)
    update(station, orders[:1])
    job = Job.objects.get(kind=rewalk.KIND)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result) == (JobState.DONE, {"routes": 1}), job.error
    assert tries == [made[0].version, made[0].version + 1]


def test_a_route_that_is_never_left_alone_is_told(world, monkeypatch):
    """Three tries, then the job says why; no endless race against people."""

    def never(**fields):
        raise conflict("Route R1 was changed meanwhile.", "Try again.")

    station, orders, _ = world
    monkeypatch.setattr(routes, "rewalk_route", never)
    update(station, orders[:1])
    job = Job.objects.get(kind=rewalk.KIND)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert job.error is not None
    assert job.error["code"] == "conflict"


def test_a_route_that_left_meanwhile_keeps_its_times(world):
    """The driver is on the way by the released timetable; what lies ahead is the ETA's business."""
    station, orders, made = world
    update(station, orders[:1])
    Route.objects.update(state="departed")
    before = last_departure(made[0])
    job = Job.objects.get(kind=rewalk.KIND)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.result == {"routes": 0}
    assert last_departure(made[0]) == before
