"""The demo station over its life: laid out once, started again, driven to the end of a day."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dispatch.models import Driver, Membership, Order, Route, Shift, Vehicle
from dispatch.places.sample import Door
from dispatch.services.demo import ORDERS, lay_demo
from lastmile.models import Event, User
from tests import scenarios

pytestmark = pytest.mark.django_db

DOORS = [
    Door(f"Street {n // 20}", str(n % 20 + 1), "00100", "Helsinki", 60.16 + n / 20_000, 24.93 + n / 20_000)
    for n in range(300)
]
NOON = datetime(2026, 3, 10, 12, tzinfo=ZoneInfo("Europe/Helsinki"))
DAY, NEXT = scenarios.DAY, scenarios.DAY + timedelta(days=1)


def opening(demo, day):
    return scenarios.at(demo.station, day, 8)


def counts():
    return [kind.objects.count() for kind in (Order, Shift, Vehicle, User, Membership)]


def test_today_is_laid_out_and_tomorrow_is_left_to_plan():
    """The vans of today drive by themselves; a dispatcher needs a day of their own to press Optimize on."""
    demo = lay_demo(doors=DOORS, wall=NOON)
    assert (demo.day, list(demo.made)) == (DAY, [DAY, NEXT])
    assert demo.station.clock.at(NOON) == opening(demo, DAY)
    for day in (DAY, NEXT):
        assert Order.objects.filter(day=day).count() == ORDERS
        assert Shift.objects.filter(day=day).count() == 8
    assert Vehicle.objects.count() == 8
    assert not Route.objects.exists()


def test_started_twice_on_a_day_it_adds_nothing():
    """Not an order, not a person; the clock begins again, as nobody has driven."""
    lay_demo(doors=DOORS, wall=NOON)
    before = counts()
    Event.objects.update(recorded_at=NOON)
    again = lay_demo(doors=DOORS, wall=NOON + timedelta(hours=2))
    assert again.made == {}
    assert counts() == before
    assert again.station.clock.at(NOON + timedelta(hours=2)) == opening(again, DAY)


def test_on_the_next_date_the_day_after_is_added():
    """What was tomorrow is lived, with the same people and vans."""
    lay_demo(doors=DOORS, wall=NOON)
    wall = NOON + timedelta(days=1)
    later = lay_demo(doors=DOORS, wall=wall)
    assert (later.day, list(later.made)) == (NEXT, [NEXT + timedelta(days=1)])
    assert later.station.clock.at(wall) == opening(later, NEXT)
    assert counts() == [3 * ORDERS, 24, 8, 4, 3]
    assert {shift.day for shift in Driver.objects.get(user__username="driver").shifts.all()} >= {DAY, NEXT}


def test_the_demo_goes_on_where_its_vans_stood_still():
    """Switched off with vans on the road, the station's clock must not have run on without them."""
    demo = lay_demo(doors=DOORS, wall=NOON)
    orders = list(Order.objects.filter(state="open", day=DAY)[:2])
    scenarios.make_route(demo.station, DAY, orders, state="departed")
    last = scenarios.at(demo.station, DAY, 10, 30)
    Event.objects.create(
        station_id=demo.station.pk, name="stop.changed", data={}, actor="t", at=last, recorded_at=NOON
    )
    Event.objects.exclude(at=last).update(recorded_at=NOON)
    wall = NOON + timedelta(hours=3)
    assert lay_demo(doors=DOORS, wall=wall).station.clock.at(wall) == last


def test_a_day_that_was_driven_is_followed_by_the_next():
    """Started again on the same date with everything delivered there would be nothing to see."""
    demo = lay_demo(doors=DOORS, wall=NOON)
    orders = list(Order.objects.filter(state="open", day=DAY)[:3])
    scenarios.make_route(demo.station, DAY, orders[:2], state="closed")
    going = scenarios.make_route(demo.station, DAY, orders[2:], state="departed")
    assert lay_demo(doors=DOORS, wall=NOON).day == DAY, "a van is still out"
    Route.objects.filter(pk=going.pk).update(state="closed")
    again = lay_demo(doors=DOORS, wall=NOON + timedelta(seconds=5))
    assert (again.day, list(again.made)) == (NEXT, [NEXT + timedelta(days=1)])
    assert again.station.clock.at(NOON + timedelta(seconds=5)) == opening(again, NEXT)
    scenarios.make_route(demo.station, NEXT, list(Order.objects.filter(state="open", day=NEXT)[:1]))
    assert lay_demo(doors=DOORS, wall=NOON + timedelta(days=1)).day == NEXT, (
        "a dispatcher's drafts are not driven"
    )
