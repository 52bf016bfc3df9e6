"""A station with a shop, a signed-in dispatcher and a city of one street."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dispatch.models import Order, Shop, Station
from dispatch.services.cities import StationCity
from tests.dispatch.fake_city import FakeGeocoder
from tests.scenarios import make_person, make_shop, make_station


@dataclass
class Desk:
    station: Station
    shop: Shop
    client: Client

    def url(self, name: str, *args: Any) -> str:
        return reverse(name, args=[self.station.pk, *args])

    def written(self, order: Order | None = None, **changed: Any) -> dict[str, Any]:
        """What a browser sends: every field as the page shows it, and what was typed over it."""
        page = self.client.get(self.url("order-edit", order.pk) if order else self.url("order-new"))
        form = page.context["form"]
        sent = {name: form[name].value() or "" for name in form.fields}
        if order is None:
            sent["shop"] = self.shop.pk
        return sent | changed


@pytest.fixture
def city(monkeypatch: pytest.MonkeyPatch) -> FakeGeocoder:
    known = FakeGeocoder()
    monkeypatch.setattr(StationCity, "geocoder", property(lambda self: known))
    return known


@pytest.fixture
def desk(db: None, city: FakeGeocoder) -> Desk:
    station = make_station()
    shop = make_shop(station)
    client = Client()
    client.force_login(make_person("dora", "dispatcher", station))
    return Desk(station, shop, client)
