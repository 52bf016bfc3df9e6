"""A form that is refused says so on top, with a link to every field that needs another look."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.scenarios import DAY, make_fleet, make_person, make_shop, make_station

pytestmark = pytest.mark.django_db
EMPTY = {"sent": "1"}  # a browser always sends at least its token
SUMMARY = re.compile(r"data-faults>.*?</div>", re.DOTALL)


def world() -> tuple[Any, Client, dict[str, Any]]:
    station = make_station()
    fleet, shop = make_fleet(station, DAY, 2), make_shop(station)
    person = make_person("boss", "manager", station, is_superuser=True, is_staff=True)
    client = Client()
    client.force_login(person)
    return station, client, {"shift": fleet.shifts[0].pk, "shop": shop.pk}


def fields_of_summary(page: str) -> list[str]:
    """The ids that the summary leads to, each of which has to be there."""
    found = SUMMARY.search(page)
    assert found, "no summary of what is wrong"
    names = re.findall(r'href="#([^"]*)"', found[0])
    for name in names:
        assert f'id="{name}"' in page, f"the summary leads to {name!r}, which is not there"
    return names


@pytest.mark.parametrize(
    ("name", "row", "sent"),
    [
        ("fleet-shift-new", "", EMPTY),
        ("fleet-away", "", EMPTY),
        ("fleet-out", "", EMPTY),
        ("fleet-driver-new", "", EMPTY),
        ("fleet-vehicle-new", "", EMPTY),
        ("fleet-shift", "shift", {"action": "hours"}),
        ("fleet-shift", "shift", {"action": "vehicle"}),
        ("station-settings", "", {"section": "identity"}),
        ("station-settings", "", {"section": "policies"}),
        ("settings-holiday-new", "", EMPTY),
        ("settings-level-new", "", EMPTY),
        ("shop", "shop", EMPTY),
        ("recurring-new", "", EMPTY),
        ("invite", "", EMPTY),
        ("import", "", EMPTY),
        ("setup-manager", "", EMPTY),
        ("setup-fleet", "", EMPTY),
    ],
)
def test_an_empty_form_is_answered_with_links_to_its_fields(
    name: str, row: str, sent: dict[str, str]
) -> None:
    """Whoever cannot see red frames, or sees a long form on a phone, is led to each mistake."""
    station, client, ids = world()
    args = [station.pk, *([ids[row]] if row else [])]
    answer = client.post(reverse(name, args=args), sent)
    assert answer.status_code in (200, 422)
    assert fields_of_summary(answer.content.decode())


@pytest.mark.parametrize("name", ["setup-city", "account-profile", "account-password"])
def test_forms_of_the_installation_do_likewise(name: str) -> None:
    """Setting up and one's own account are forms like the others."""
    _, client, _ = world()
    assert fields_of_summary(client.post(reverse(name), EMPTY).content.decode())


def test_signing_in_with_nothing_written_does_likewise(client: Client) -> None:
    """The first form anybody meets."""
    assert fields_of_summary(client.post(reverse("sign-in"), EMPTY).content.decode())
