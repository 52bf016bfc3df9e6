"""Drivers' phones on the manager's page: let in by a token shown once, shut out at once."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dispatch.models import Role
from lastmile.models import Event, User
from tests import scenarios
from tracking.models import Device
from tracking.services.devices import issue_device

pytestmark = pytest.mark.django_db


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_in_and_out_again() -> None:
    """The token works until the button; both are events, neither holds the token."""
    station = scenarios.make_station()
    driver = scenarios.make_fleet(station, n=1).drivers[0]
    client = client_of(scenarios.make_person("mira", Role.MANAGER, station))
    path = f"/stations/{station.pk}/people/phones/"
    page = client.post(f"{path}new/", {"driver": driver.pk, "name": "Nokia 3310 ☎"}).content.decode()
    token = page.split('value="lmd_')[1].split('"')[0]
    shown = client.get(path).content.decode()
    assert "Nokia 3310 ☎" in shown
    assert token not in shown
    headers = {"authorization": f"Bearer lmd_{token}"}
    assert Client().get("/api/v1/driver/route/", headers=headers).status_code != 401
    device = Device.objects.get()
    client.post(f"{path}{device.pk}/revoke/")
    assert Client().get("/api/v1/driver/route/", headers=headers).status_code == 401
    client.post(f"{path}{device.pk}/revoke/")
    told = list(Event.objects.filter(name="token.changed").order_by("id"))
    assert [(row.data["what"], row.actor) for row in told] == [
        ("issued", "user:mira"), ("revoked", "user:mira"),
    ]  # fmt: skip
    assert token not in str([row.data for row in told])


def test_mate_and_stranger_and_foreign_drivers() -> None:
    station, other = scenarios.make_station(), scenarios.make_station("TKU")
    mine, theirs = (scenarios.make_fleet(place, n=1).drivers[0] for place in (station, other))
    for driver in (mine, theirs):
        issue_device(driver=driver, now=timezone.now(), name="phone")
    manager = client_of(scenarios.make_person("mira", Role.MANAGER, station))
    mate = client_of(scenarios.make_person("dora", Role.DISPATCHER, station))
    stranger = client_of(scenarios.make_person("sten", Role.MANAGER, other))
    path = f"/stations/{station.pk}/people/phones/"
    own, foreign = Device.objects.get(driver=mine), Device.objects.get(driver=theirs)
    for client, status in ((mate, 403), (stranger, 404)):
        assert client.get(path).status_code == status
        assert client.post(f"{path}new/", {"driver": mine.pk, "name": "x"}).status_code == status
        assert client.post(f"{path}{own.pk}/revoke/").status_code == status
    assert manager.post(f"{path}{foreign.pk}/revoke/").status_code == 404
    for form in (
        {"driver": theirs.pk, "name": "x"},
        {"driver": mine.pk},
        {},
        {"driver": "\x00", "name": "x"},
    ):
        assert manager.post(f"{path}new/", form).status_code == 422
    assert Device.objects.filter(revoked_at=None).count() == 2


def test_queries_do_not_grow_with_the_phones(django_assert_num_queries: Any) -> None:
    station = scenarios.make_station()
    client = client_of(scenarios.make_person("mira", Role.MANAGER, station))
    driver = scenarios.make_fleet(station, n=1).drivers[0]
    path = f"/stations/{station.pk}/people/phones/"
    issue_device(driver=driver, now=timezone.now())
    with django_assert_num_queries(8) as few:
        client.get(path)
    for number in range(50):
        issue_device(driver=driver, now=timezone.now(), name=f"p{number}")
    with django_assert_num_queries(len(few.captured_queries)):
        client.get(path)
