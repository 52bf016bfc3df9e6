"""Days close by themselves when the station's own clock says so, once, and those that were missed too."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from dispatch.models import Order, Route, Station, StationDay
from dispatch.services import day_schedule
from dispatch.services.clocks import set_clock
from dispatch.services.day_schedule import closes_at, due_days, queue_closes
from lastmile import jobs
from lastmile.models import Job
from tests.scenarios import DAY, at, make_orders, make_route, make_shop, make_station

pytestmark = pytest.mark.django_db


def turn(station, day, hour, minute=0, speed=1.0):
    wall = timezone.now()
    set_clock(station=station, business=at(station, day, hour, minute), speed=speed, wall=wall, actor="test")


def work():
    """What a worker does with everything that is queued."""
    for job in Job.objects.filter(kind=day_schedule.KIND, state="queued"):
        jobs.run(job.pk)


def days_closed(station):
    return list(StationDay.objects.filter(station=station).order_by("day").values_list("day", flat=True))


def test_nothing_closes_before_its_time_and_each_day_once():
    """At 23:29 vans may still come back; at 23:31 the day is closed, and every later minute finds it so."""
    station = make_station()
    make_orders(station, make_shop(station), 2)
    turn(station, DAY, 23, 29)
    assert queue_closes() == 0
    turn(station, DAY, 23, 31)
    assert queue_closes() == 1
    assert queue_closes() == 1  # the same job: its key is taken
    assert Job.objects.filter(kind=day_schedule.KIND).count() == 1
    work()
    assert days_closed(station) == [DAY]
    assert queue_closes() == 0


def test_each_station_by_its_own_zone():
    """When it is 23:40 in Helsinki it is 21:40 in London: only one of them goes home."""
    moment = datetime(2026, 3, 10, 21, 40, tzinfo=ZoneInfo("UTC"))
    here = make_station(clock_business=moment)
    there = make_station("LON", time_zone="Europe/London", clock_business=moment)
    for station in (here, there):
        make_orders(station, make_shop(station), 1)
    assert queue_closes() == 1
    work()
    assert (days_closed(here), days_closed(there)) == ([DAY], [])


def test_days_missed_are_made_up_once_and_end_in_a_day_to_come():
    """The server was off for three nights: three closed days, and no order promised for a day that is over."""
    station = make_station()
    shop = make_shop(station)
    for ahead in range(3):
        make_orders(station, shop, 2, day=DAY + timedelta(days=ahead))
    turn(station, DAY + timedelta(days=3), 9)
    assert queue_closes() == 3
    work()
    assert days_closed(station) == [DAY + timedelta(days=ahead) for ahead in range(3)]
    assert set(Order.objects.values_list("day", flat=True)) == {DAY + timedelta(days=3)}
    assert queue_closes() == 0


def test_vans_on_the_road_are_waited_for_six_hours():
    """A late van finishes its round; a phone that died does not keep the day open for ever."""
    station = make_station()
    make_route(station, DAY, make_orders(station, make_shop(station), 2), state="departed")
    turn(station, DAY, 23, 45)
    assert queue_closes() == 0
    turn(station, DAY + timedelta(days=1), 5, 31)
    assert queue_closes() == 1
    work()
    assert days_closed(station) == [DAY]
    assert Route.objects.get().state == "closed"


def test_a_fast_clock_closes_a_day_once():
    """A simulated night at 30 times: the clock jumps over many closing times between two looks."""
    station = make_station()
    make_orders(station, make_shop(station), 2)
    for hour in (23, 23, 23):
        turn(station, DAY, hour, 50, speed=30.0)
        queue_closes()
        work()
    assert days_closed(station) == [DAY]


def test_a_clock_set_back_before_the_job_ran_closes_nothing():
    """Queued at 23:31, run at noon: a day that people work in must stay open."""
    station = make_station()
    make_orders(station, make_shop(station), 2)
    turn(station, DAY, 23, 31)
    queue_closes()
    turn(station, DAY, 12)
    work()
    assert days_closed(station) == []
    assert Job.objects.get(kind=day_schedule.KIND).result == {"closed": False}


def test_stations_that_close_by_hand_and_sandbox_twins_are_left_alone():
    """A shop's trial orders have no evening; a manager who closes by hand is not overtaken."""
    by_hand = make_station(auto_close=False)
    twin = make_station("SBX", sandbox_of=by_hand)
    for station in (by_hand, twin):
        make_orders(station, make_shop(station), 1)
        turn(station, DAY, 23, 50)
    assert queue_closes() == 0
    assert Order.objects.filter(day=DAY).count() == 2


def test_a_day_that_cannot_be_closed_is_not_tried_every_minute():
    """A station with no opening day at all: the job says why, and is not repeated for an hour."""
    station = make_station(open_days=[])
    make_orders(station, make_shop(station), 1)
    turn(station, DAY, 23, 50)
    assert queue_closes() == 1
    work()
    job = Job.objects.get(kind=day_schedule.KIND)
    assert (job.state, job.error["code"]) == ("failed", "never_open")
    assert queue_closes() == 0
    Job.objects.update(finished_at=timezone.now() - timedelta(hours=2))
    assert queue_closes() == 1


def test_closing_time_after_midnight_belongs_to_the_night_after():
    """A station that works until two closes Tuesday on Wednesday at two, also when the clocks skip that hour."""
    station = Station(time_zone="Europe/Helsinki", day_close_at=time(2), opens_at=time(7))
    assert closes_at(station, DAY) == at(station, DAY + timedelta(days=1), 2)
    station.day_close_at = time(3, 30)
    assert closes_at(station, date(2026, 3, 28)).astimezone(ZoneInfo("UTC")).hour == 1
    assert due_days(make_station("EMP"), at(station, DAY, 23)) == []
