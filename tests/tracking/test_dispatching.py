"""The simulation as dispatcher: it does nothing where a person has begun, and never ends over a day it cannot plan."""

import threading

import pytest

from dispatch.models import Plan, Route
from tests.scenarios import DAY, make_fleet, make_orders, make_route, make_shop, make_station
from tracking.services.simulation import ACTOR, Simulation, Wish

pytestmark = pytest.mark.django_db


def dispatch(station):
    """What it said, with `stop` set so that nobody is waited for."""
    said, stop = [], threading.Event()
    stop.set()
    wish = Wish(speed=30, seed=1, base_url="http://127.0.0.1:1", dispatch=True)
    Simulation(station=station, wish=wish, stop=stop, say=said.append)._dispatch(DAY)
    return " ".join(said)


@pytest.mark.parametrize("state", ["draft", "released", "closed"])
def test_a_day_with_routes_is_left_as_it_is(state):
    """A dispatcher's half-made day, or one already driven, must not be planned again."""
    station = make_station()
    orders = make_orders(station, make_shop(station), 4)
    make_route(station, DAY, orders[:2], state=state)
    assert "left as it is" in dispatch(station)
    assert not Plan.objects.exists()
    assert Route.objects.get().state == state


@pytest.mark.parametrize(("state", "left"), [("running", True), ("proposed", True), ("discarded", False)])
def test_a_dispatchers_plan_is_respected(state, left):
    """Somebody looks at a proposal: it is theirs to accept."""
    station = make_station()
    make_fleet(station)
    make_orders(station, make_shop(station), 2)
    Plan.objects.create(
        station=station, day=DAY, scope="all", state=state, time_limit_s=1, seed=1, actor="user:anna"
    )
    assert ("left as it is" in dispatch(station)) is left
    assert Plan.objects.filter(actor=ACTOR).exists() is not left


def test_a_day_that_cannot_be_planned_is_said():
    """Without orders there is nothing to plan, but a dispatcher may still bring some."""
    station = make_station()
    make_fleet(station)
    assert "no order to plan" in dispatch(station)
