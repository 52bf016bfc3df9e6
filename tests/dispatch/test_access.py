"""Who may do what where: the owner, the colleague with another role, the stranger, the one who has left."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from dispatch import access
from dispatch.models import Role, Route, Station
from lastmile.kernel.errors import LastmileError
from tests import scenarios

pytestmark = pytest.mark.django_db


@pytest.fixture
def station() -> Station:
    return scenarios.make_station()


def status_of(call: Any, *args: Any) -> int:
    with pytest.raises(LastmileError) as refusal:
        call(*args)
    return refusal.value.status


@pytest.mark.parametrize("role", [Role.DISPATCHER, Role.MANAGER])
def test_office_roles_have_the_board(station: Station, role: Role) -> None:
    """The people the board is for."""
    person = scenarios.make_person("anna", role, station)
    assert access.require_station(person, station.pk) == station


@pytest.mark.parametrize("role", [Role.FLOOR, Role.DRIVER, Role.AUDITOR])
def test_a_colleague_with_the_wrong_role_is_told_so(station: Station, role: Role) -> None:
    """They know the station exists; 403 tells them whom to ask."""
    person = scenarios.make_person("ben", role, station)
    assert status_of(access.require_station, person, station.pk) == 403


def test_a_stranger_learns_nothing(station: Station) -> None:
    """404 for what is not theirs: 403 would confirm that it exists."""
    scenarios.make_station("TKU")
    stranger = scenarios.make_person("carl", Role.MANAGER, scenarios.Station.objects.get(code="TKU"))
    assert status_of(access.require_station, stranger, station.pk) == 404
    assert status_of(access.require_station, stranger, 999_999) == 404
    assert not access.roles_at(stranger, station.pk)


def test_whoever_was_deactivated_has_nothing(station: Station) -> None:
    """Leaving the company ends everything at once, memberships and superuser flag notwithstanding."""
    gone = scenarios.make_person("dora", Role.DISPATCHER, station, is_active=False)
    admin = scenarios.make_person("root", is_superuser=True, is_active=False)
    for person in (gone, admin, AnonymousUser(), None):
        assert not access.stations_of(person).exists()
        assert access.roles_at(person, station.pk) == set()
        assert status_of(access.require_station, person, station.pk) == 404


def test_an_admin_has_every_role_but_the_drivers(station: Station) -> None:
    """An admin has no van; driver pages would show them nothing of sense."""
    admin = scenarios.make_person("root", is_superuser=True)
    assert access.roles_at(admin, station.pk) == set(Role.values) - {"driver"}


def test_a_closed_station_is_gone_for_all(station: Station) -> None:
    """An inactive station must not take orders or plans any more."""
    person = scenarios.make_person("anna", Role.DISPATCHER, station)
    Station.objects.filter(pk=station.pk).update(active=False)
    assert status_of(access.require_station, person, station.pk) == 404


def test_two_roles_list_a_station_once(station: Station) -> None:
    """A join over memberships doubles rows silently."""
    person = scenarios.make_person("anna", Role.DISPATCHER, station)
    person.memberships.create(station=station, role=Role.MANAGER)
    assert list(access.stations_of(person)) == [station]
    assert access.roles_at(person, station.pk) == {"dispatcher", "manager"}


def test_a_row_is_guarded_by_its_station(station: Station) -> None:
    """Ids are guessable; the station of the row decides, not the one in the address."""
    orders = scenarios.make_orders(station, scenarios.make_shop(station), 1)
    route = scenarios.make_route(station, scenarios.DAY, orders)
    mine = scenarios.make_person("anna", Role.DISPATCHER, station)
    floor = scenarios.make_person("finn", Role.FLOOR, station)
    stranger = scenarios.make_person("carl", Role.DISPATCHER, scenarios.make_station("TKU"))
    rows = Route.objects.all()
    assert access.require_row(mine, rows, route.pk, "The route") == route
    assert status_of(access.require_row, floor, rows, route.pk, "The route") == 403
    assert status_of(access.require_row, stranger, rows, route.pk, "The route") == 404
