"""The admin is an entrance like the pages: the same rules of roster and settings, the same history."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dispatch.models import Holiday, Shift, StationDay
from dispatch.selectors.settings_history import history_of
from lastmile.models import Event
from tests import scenarios
from tests.dispatch.test_admin import inlines, posted, signed_in, url
from tests.scenarios import DAY, at

pytestmark = pytest.mark.django_db


@pytest.fixture
def root() -> Client:
    return signed_in(scenarios.make_person("root", is_staff=True, is_superuser=True))


def sent(client: Client, row: Any, **changes: Any) -> Any:
    page = url(type(row), "change", row.pk)
    form = client.get(page).context["adminform"].form
    return client.post(page, posted(form) | changes)


def errors(answer: Any) -> Any:
    return answer.context["adminform"].form.errors


def test_the_admin_makes_no_second_shift_at_the_same_time(root: Client) -> None:
    """Over midnight too; the same hours later are fine."""
    station = scenarios.make_station()
    fleet = scenarios.make_fleet(station, n=2)
    data = {
        "station": station.pk, "day": "2026-03-10", "driver": fleet.drivers[0].pk, "vehicle": fleet.vehicles[1].pk,
        "start_0": "2026-03-10", "start_1": "15:00", "end_0": "2026-03-10", "end_1": "23:00",
        "break_minutes": "0", "active": "on",
    }  # fmt: skip
    add = reverse("admin:dispatch_shift_add")
    assert "another shift at that time" in str(errors(root.post(add, data))["driver"])
    assert "another shift" in str(errors(root.post(add, data | {"driver": ""}))["vehicle"])
    assert "16 hours" in str(
        errors(root.post(add, data | {"start_1": "16:00", "end_0": "2026-03-11"}))["end"]
    )
    assert root.post(add, data | {"start_1": "16:00"}).status_code == 302
    assert "another shift" in str(errors(sent(root, fleet.shifts[0], end_1="16:01"))["driver"])
    StationDay.objects.create(station=station, day=DAY, closed_at=at(station, DAY, 23), actor="user:x")
    assert "closed" in str(errors(sent(root, fleet.shifts[0], end_1="15:00")))
    assert Shift.objects.count() == 3


def test_settings_saved_in_the_admin_have_rules_and_history(root: Client) -> None:
    """Otherwise the history of the page would lie by silence."""
    station = scenarios.make_station()
    assert "no currency" in str(errors(sent(root, station, currency="XXZ"))["currency"])
    assert "before it opens" in str(errors(sent(root, station, closes_at="05:00"))["closes_at"])
    assert sent(root, station, late_after_min="5").status_code == 302
    [line] = history_of(station)["policies"]
    assert (line.field, line.before, line.after, line.actor) == ("late_after_min", 0, 5, "user:root")
    shop = scenarios.make_shop(station)
    scenarios.make_route(station, DAY, scenarios.make_orders(station, shop, 1))
    answer = root.post(url(type(station), "change", station.pk),
                       posted(root.get(url(type(station), "change", station.pk)).context["adminform"].form)
                       | {"time_zone": "Europe/Berlin"}, follow=True)  # fmt: skip
    assert "routes_open" in answer.content.decode() or "are open" in answer.content.decode()
    station.refresh_from_db()
    assert station.time_zone == "Europe/Helsinki"


def test_holidays_and_drivers_of_the_admin_are_in_the_history(root: Client) -> None:
    """Added, removed; a driver's number changed, without the number."""
    station = scenarios.make_station()
    driver = scenarios.make_fleet(station, n=1).drivers[0]
    data = {"station": station.pk, "day": "2026-12-24", "name": "Eve"}
    assert root.post(reverse("admin:dispatch_holiday_add"), data).status_code == 302
    root.post(url(Holiday, "delete", Holiday.objects.get().pk), {"post": "yes"})
    assert {(c.what, c.field) for c in history_of(station)["holidays"]} == {
        (what, field) for what in ("added", "removed") for field in ("day", "name")
    }
    assert sent(root, driver, phone="+358401234567").status_code == 302
    told = Event.objects.get(name="settings.changed", data__noun="driver")
    assert told.data["changes"] == {"phone": ["", "hidden"]}


def test_orders_of_a_closed_day_are_only_read(root: Client) -> None:
    """The admin is a way round the board's and the page's refusal otherwise."""
    station = scenarios.make_station()
    [order] = scenarios.make_orders(station, scenarios.make_shop(station), 1)
    StationDay.objects.create(station=station, day=DAY, closed_at=at(station, DAY, 22), actor="system:day")
    page = url(type(order), "change", order.pk)
    form = root.get(page).context["adminform"].form
    root.post(page, posted(form) | inlines("parcels", "attempts") | {"note": "Back door"})
    order.refresh_from_db()
    assert (order.note, order.version) == ("", 1)
