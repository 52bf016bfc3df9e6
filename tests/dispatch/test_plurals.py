"""One is not many: numbers on pages agree with their words, in English and in German."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from tests.scenarios import DAY, make_fleet, make_orders, make_person, make_route, make_shop, make_station

pytestmark = pytest.mark.django_db


def text_of(client: Client, address: str, language: str) -> str:
    client.cookies["django_language"] = language
    with translation.override(language):
        return " ".join(client.get(address, headers={"accept-language": language}, follow=True).text.split())


@pytest.mark.parametrize(
    ("n", "language", "words"),
    [
        (1, "en", "1 vehicle, 1 driver, 1 shift ahead."),
        (2, "en", "2 vehicles, 2 drivers, 2 shifts ahead."),
        (1, "de", "1 Fahrzeug, 1 Fahrer, 1 kommende Schicht."),
        (2, "de", "2 Fahrzeuge, 2 Fahrer, 2 kommende Schichten."),
    ],
)
def test_the_end_of_the_set_up(n: int, language: str, words: str) -> None:
    station = make_station()
    make_fleet(station, n=n)
    client = Client()
    client.force_login(make_person("boss", is_superuser=True, is_staff=True, language=language))
    assert words in text_of(client, reverse("setup-done", args=[station.pk]), language)
    there = text_of(client, reverse("setup-fleet", args=[station.pk]), language)
    assert words.rpartition(",")[0] in there


@pytest.mark.parametrize(
    ("n", "language", "words"),
    [
        (1, "en", ("1 stop<", "1 route<", "1 order<")),
        (2, "en", ("2 stops<", "1 route<", "2 orders<")),
        (1, "de", ("1 Stopp<", "1 Tour<", "1 Auftrag<")),
        (2, "de", ("2 Stopps<", "1 Tour<", "2 Aufträge<")),
    ],
)
def test_the_day_page(n: int, language: str, words: tuple[str, ...]) -> None:
    station = make_station()
    make_route(station, DAY, make_orders(station, make_shop(station), n), state="closed")
    client = Client()
    client.force_login(make_person("mia", "manager", station, language=language))
    page = text_of(client, f"{reverse('day', args=[station.pk])}?day={DAY}", language)
    assert [word for word in words if word not in page] == []


@pytest.mark.parametrize(
    ("n", "words"),
    [(1, "1 order copied to 2026-03-11."), (2, "2 orders copied to 2026-03-11.")],
)
def test_a_copied_day(n: int, words: str) -> None:
    """And what was there already is named only where there is such a thing."""
    station = make_station()
    make_orders(station, make_shop(station), n)
    client = Client()
    client.force_login(make_person("mia", "manager", station))
    form = {"day": str(DAY), "to": str(DAY + timedelta(days=1))}
    address = f"{reverse('day-copy', args=[station.pk])}?day={DAY}"
    first = client.post(address, form, follow=True).text
    assert words in first
    assert "there already" not in first
    again = client.post(address, form, follow=True).text
    assert ("1 was there already." if n == 1 else "2 were there already.") in again
