"""Phones' tokens, and what a driver may see with one."""

import pytest
from django.test import Client
from django.utils import timezone

from dispatch.models import Order
from tests.scenarios import DAY, make_orders, make_person, make_route, make_shop, make_station
from tracking.models import Device
from tracking.services.devices import issue_device

pytestmark = pytest.mark.django_db


def world(state="released", code="HEL"):
    station = make_station(code)
    return make_route(station, DAY, make_orders(station, make_shop(station), 2), state=state)


def call(method, url, token):
    headers = {"authorization": f"Bearer {token}"}
    return getattr(Client(), method)(url, headers=headers)


def token_of(route, name=""):
    return issue_device(driver=route.driver, now=timezone.now(), name=name)


def test_only_the_hash_is_kept_and_a_phone_of_the_same_name_is_replaced():
    """A stolen database must not open the API, and a lost phone ends when its successor is connected."""
    route = world()
    first, second = token_of(route, "Anna's phone"), token_of(route, "Anna's phone")
    assert first.startswith("lmd_")
    assert not Device.objects.filter(token_hash__in=[first, second]).exists()
    assert call("get", "/api/v1/driver/route/", first).status_code == 401
    assert call("get", "/api/v1/driver/route/", second).status_code == 200


def test_a_driver_sees_their_released_route_with_its_orders():
    """All that the day needs comes in one answer."""
    route = world()
    card = call("get", "/api/v1/driver/route/", token_of(route)).json()
    assert (card["id"], len(card["stops"]), len(card["orders"])) == (route.pk, 2, 2)
    assert set(card["stops"][0]["order_ids"]) <= {order["id"] for order in card["orders"]}


@pytest.mark.parametrize("state", ["draft"])
def test_a_draft_is_not_shown(state):
    """What is still being planned is nobody's route yet."""
    route = world(state)
    token = token_of(route)
    assert call("get", "/api/v1/driver/route/", token).json()["code"] == "no_route"
    assert call("post", f"/api/v1/routes/{route.pk}/start/", token).status_code == 404


def test_start_and_finish_by_the_driver_once_each():
    """A driver on a bad line presses twice."""
    route = world()
    token = token_of(route)
    assert call("post", f"/api/v1/routes/{route.pk}/finish/", token).json()["code"] == "route_not_departed"
    for _ in range(2):
        assert call("post", f"/api/v1/routes/{route.pk}/start/", token).json()["state"] == "departed"
    assert set(Order.objects.values_list("state", flat=True)) == {"out"}
    for _ in range(2):
        assert call("post", f"/api/v1/routes/{route.pk}/finish/", token).json()["state"] == "closed"
    assert set(Order.objects.values_list("state", flat=True)) == {"open"}


def test_another_drivers_route_does_not_exist():
    """A token opens one driver's day and nothing beside it."""
    route, other = world(), world(code="TKU")
    assert call("post", f"/api/v1/routes/{route.pk}/start/", token_of(other)).status_code == 404


def test_a_driver_who_left_is_not_heard():
    """Switching a driver off in the admin ends every phone of theirs."""
    route = world()
    token = token_of(route)
    route.driver.active = False
    route.driver.save()
    assert call("get", "/api/v1/driver/route/", token).status_code == 401


def test_dispatchers_may_start_a_route_and_others_may_not():
    """A phone may be broken: the board can say it for the driver."""
    route = world()
    url = f"/api/v1/routes/{route.pk}/start/"
    stranger, anna = Client(), Client()
    stranger.force_login(make_person("eve", "dispatcher", make_station("TKU")))
    anna.force_login(make_person("anna", "dispatcher", route.station))
    assert Client().post(url).status_code == 401
    assert stranger.post(url).status_code == 404
    assert anna.post(url).json()["state"] == "departed"


def test_a_driver_signed_in_by_link_is_the_driver():
    """The phone's page uses the session of the driver's own sign-in."""
    route = world()
    person = make_person("dora", "driver", route.station)
    route.driver.user = person
    route.driver.save()
    client = Client()
    client.force_login(person)
    assert client.get("/api/v1/driver/route/").json()["id"] == route.pk
    assert client.post(f"/api/v1/routes/{route.pk}/start/").json()["state"] == "departed"
