"""The admin: every page opens for an admin, staff see their own stations only, and saving goes through the rules."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from dispatch.lifecycle import OrderState
from dispatch.models import (
    Attempt,
    ShopToken,
    Vehicle,
    Zone,
)
from dispatch.services.people import grant_role
from lastmile import bus, live
from lastmile.models import Event, User
from pod.models import Proof
from tests import scenarios
from tests.full_world import full_world
from tracking.models import Device, Position
from tracking.services.devices import revoke_device

pytestmark = pytest.mark.django_db
OURS = [
    model
    for model in admin.site._registry
    if model._meta.app_label in ("lastmile", "dispatch", "tracking", "pod")
]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def manager_of(station: Any, name: str = "boss") -> User:
    user = scenarios.make_person(name)
    grant_role(user=user, station=station, role="manager")
    return User.objects.get(pk=user.pk)


def url(model: Any, page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def superuser() -> User:
    return scenarios.make_person("root", is_staff=True, is_superuser=True)


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_page_of_every_model_opens_for_an_admin(model: Any, superuser: User) -> None:
    """A page that raises is found by a person otherwise; the search runs too, over every search field."""
    full_world()
    client = signed_in(superuser)
    assert client.get(url(model, "changelist")).status_code == 200
    searched = client.get(url(model, "changelist"), {"q": "1"})
    assert searched.status_code == 200
    row = model._default_manager.first()
    assert row is not None, "full_world makes one of each"
    assert client.get(url(model, "change", row.pk)).status_code == 200
    added = client.get(url(model, "add")).status_code
    request = searched.wsgi_request
    assert added == (200 if admin.site.get_model_admin(model).has_add_permission(request) else 403)


def test_everything_of_ours_is_in_the_admin() -> None:
    """A model that nobody can look at is a blind spot at night; parcels' stops and all."""
    from django.apps import apps

    apps_of_ours = ("lastmile", "dispatch", "tracking", "pod")
    every = {model for label in apps_of_ours for model in apps.get_app_config(label).get_models()}
    assert every <= set(admin.site._registry)


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_staff_of_another_station_see_no_row(model: Any) -> None:
    """The stranger of the access rules: nothing listed, nothing opened, nothing found by search."""
    full_world("HEL")
    elsewhere = scenarios.make_station("TKU", name="Turku")
    stranger = manager_of(elsewhere)
    client = signed_in(stranger)
    page = client.get(url(model, "changelist"))
    if page.status_code == 403:
        return
    rows = list(page.context["cl"].queryset)
    theirs = {"Station": [elsewhere], "Membership": list(stranger.memberships.all())}
    shared = list(model._default_manager.all()) if model.__name__ == "VehicleType" else []
    assert rows == theirs.get(model.__name__, shared)
    for row in model._default_manager.all():
        if row not in rows:
            assert (
                client.get(url(model, "change", row.pk)).status_code == 302
            )  # "doesn't exist", to the index


def test_choices_and_filters_name_no_other_station() -> None:
    """A drop-down that lists other stations' people leaks them without any row being opened."""
    full_world("HEL")
    other = full_world("TKU")
    client = signed_in(manager_of(other))
    for page in (
        "dispatch_vehicle_add",
        "dispatch_zone_add",
        "dispatch_order_changelist",
        "dispatch_shift_changelist",
    ):
        text = client.get(reverse(f"admin:{page}")).content.decode()
        assert "Station TKU" in text
        assert "Station HEL" not in text
    found = client.get(
        reverse("admin:autocomplete"),
        {"app_label": "dispatch", "model_name": "shift", "field_name": "driver", "term": "Driver"},
    ).json()
    assert [row["text"] for row in found["results"]] == [f"Driver TKU {n}" for n in (1, 2, 3)]


def test_a_foreign_choice_is_refused_even_when_typed_in() -> None:
    """Choices are only a courtesy of the page; the form must refuse what was never offered."""
    full_world("HEL")
    mine = scenarios.make_station("TKU")
    foreign = scenarios.Station.objects.get(code="HEL")
    client = signed_in(manager_of(mine))
    answer = client.post(
        reverse("admin:dispatch_zone_add"), {"station": foreign.pk, "name": "Z", "polygon": "[]"}
    )
    assert answer.status_code == 200
    assert "station" in answer.context["adminform"].form.errors
    assert not Zone.objects.filter(name="Z").exists()


def test_a_row_cannot_tie_two_stations_together(superuser: User) -> None:
    """An admin sees all stations at once and picks a van of the wrong one easily."""
    station, other = scenarios.make_station("HEL"), scenarios.make_station("TKU")
    mine, theirs = scenarios.make_fleet(station, n=1), scenarios.make_fleet(other, n=1)
    answer = signed_in(superuser).post(
        reverse("admin:dispatch_shift_add"),
        {
            "station": station.pk, "day": "2026-03-11", "driver": mine.drivers[0].pk, "vehicle": theirs.vehicles[0].pk,
            "start_0": "2026-03-11", "start_1": "08:00", "end_0": "2026-03-11", "end_1": "16:00",
            "break_minutes": "0", "active": "on",
        },
    )  # fmt: skip
    assert "another station" in str(answer.context["adminform"].form.errors["vehicle"])


@pytest.mark.parametrize("model", [Event, Attempt, Proof, Position], ids=lambda model: model.__name__)
def test_the_record_of_what_happened_cannot_be_changed(model: Any, superuser: User) -> None:
    """Ledger, attempts, proofs and positions are evidence: not even an admin edits them here."""
    full_world()
    client = signed_in(superuser)
    row = model.objects.first()
    assert client.get(url(model, "add")).status_code == 403
    assert client.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert client.post(url(model, "change", row.pk), {"actor": "me"}).status_code == 403
    client.post(
        url(model, "changelist"), {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    )
    assert model.objects.filter(pk=row.pk).exists()


def test_a_manager_cannot_reach_accounts_or_rights(db: None) -> None:
    """Editing a user or a membership would be a way to make oneself admin."""
    station = full_world()
    client = signed_in(manager_of(station))
    assert client.get(reverse("admin:lastmile_user_changelist")).status_code == 403
    assert client.get(reverse("admin:lastmile_loginlink_changelist")).status_code == 403
    assert client.get(reverse("admin:dispatch_membership_add")).status_code == 403
    driver = station.drivers.first()
    page = client.get(reverse("admin:dispatch_driver_change", args=[driver.pk]))
    assert "user" not in page.context["adminform"].form.fields


def test_a_shop_token_is_shown_once_and_kept_as_a_hash(superuser: User) -> None:
    """Whoever reads the database must not be able to send orders."""
    station = scenarios.make_station()
    shop = scenarios.make_shop(station)
    client = signed_in(superuser)
    answer = client.post(
        reverse("admin:dispatch_shoptoken_add"),
        {"shop": shop.pk, "name": "web", "expires_at_0": "", "expires_at_1": ""},
        follow=True,
    )
    text = answer.content.decode()
    assert text.count("lms_") >= 1
    token = text.split("token-once&#x27;>")[-1] if "&#x27;" in text else text.split("token-once'>")[1]
    token = token.split("<")[0]
    row = ShopToken.objects.get()
    assert token.startswith(row.prefix)
    assert row.token_hash not in text
    assert token not in client.get(reverse("admin:dispatch_shoptoken_change", args=[row.pk])).content.decode()


def test_an_order_is_located_by_its_map(superuser: User, django_capture_on_commit_callbacks: Any) -> None:
    """A place set in the admin goes the same way as one set on the board: state, version and event."""
    station = scenarios.make_station()
    [order] = scenarios.make_orders(
        station, scenarios.make_shop(station), 1, lat=None, lng=None, state=OrderState.NEEDS_LOCATION
    )
    client = signed_in(superuser)
    form = client.get(url(type(order), "change", order.pk)).context["adminform"].form
    data = (
        posted(form) | inlines("parcels", "attempts") | {"lat": "60.17", "lng": "24.94", "note": "Back door"}
    )
    answer = client.post(url(type(order), "change", order.pk), data)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    order.refresh_from_db()
    assert (order.state, order.lat, order.located_by, order.note) == ("open", 60.17, "person", "Back door")
    assert order.version == 3
    whats = [event.data["what"] for event in Event.objects.filter(name="orders.changed")]
    assert whats == ["located", "edited"]


def test_an_order_on_a_route_keeps_its_place_and_size(superuser: User) -> None:
    """Changing them here would leave the route's times and loads wrong without anybody noticing."""
    station = scenarios.make_station()
    [order] = scenarios.make_orders(station, scenarios.make_shop(station), 1)
    scenarios.make_route(station, scenarios.DAY, [order])
    page = signed_in(superuser).get(url(type(order), "change", order.pk))
    assert set(page.context["adminform"].form.fields) == {"recipient", "phone", "email", "note"}


def test_saving_a_vehicle_tells_the_board(superuser: User) -> None:
    """Screens learn of a change by its event only."""
    station = scenarios.make_station()
    vehicle = scenarios.make_fleet(station, n=1).vehicles[0]
    client = signed_in(superuser)
    form = client.get(url(type(vehicle), "change", vehicle.pk)).context["adminform"].form
    data = posted(form) | {"plate": "ABC-123", "skills": "Lift, chilled"}
    answer = client.post(url(type(vehicle), "change", vehicle.pk), data)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    vehicle.refresh_from_db()
    assert (vehicle.plate, vehicle.skills) == ("ABC-123", ["chilled", "lift"])
    kept, event = Event.objects.order_by("pk")
    assert (event.name, event.station_id, event.actor) == ("fleet.changed", station.pk, "user:root")
    assert kept.data["changes"] == {"plate": ["", "ABC-123"], "skills": [[], ["chilled", "lift"]]}


def save(client: Client, row: Any, **changes: Any) -> None:
    """Open a row's page and save it with some fields changed."""
    page = url(type(row), "change", row.pk)
    data = posted(client.get(page).context["adminform"].form) | changes
    answer = client.post(page, data)
    assert answer.status_code == 302, answer.context["adminform"].form.errors


def told() -> list[tuple[str, int | None, Any]]:
    return [
        (event.name, event.station_id, event.data.get("day") or event.data["route_ids"])
        for event in Event.objects.exclude(name="settings.changed").order_by("pk")
    ]


def test_saving_a_station_tells_its_board(superuser: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Name and place of the station stand on every board of it."""
    station = scenarios.make_station()
    scenarios.make_station("TKU")
    frames: list[Any] = []
    monkeypatch.setattr(live, "push", lambda station_id, frame: frames.append((station_id, frame)))
    save(signed_in(superuser), station, name="Harbour")
    assert told() == [("fleet.changed", station.pk, scenarios.DAY.isoformat())]
    bus.drain()
    [(station_id, frame)] = [each for each in frames if each[1]["name"] == "fleet.changed"]
    assert (station_id, frame["patch"]["station"]["name"]) == (station.pk, "Harbour")


def test_what_vehicles_can_carry_is_told_to_every_station_that_has_them(
    superuser: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Route cards hold the capacity: boards would go on drawing loads against the old one."""
    station, other = scenarios.make_station(), scenarios.make_station("TKU")
    fleet = scenarios.make_fleet(station, n=2)
    kind = fleet.vehicles[0].type
    Vehicle.objects.filter(pk=scenarios.make_fleet(other, n=2).vehicles[1].pk).update(type=kind)
    scenarios.make_fleet(scenarios.make_station("TRE"))
    orders = scenarios.make_orders(station, scenarios.make_shop(station), 4)
    route = scenarios.make_route(station, scenarios.DAY, orders[:2], shift=fleet.shifts[0])
    scenarios.make_route(station, scenarios.DAY, orders[2:], shift=fleet.shifts[1], state="closed")
    frames: list[Any] = []
    monkeypatch.setattr(live, "push", lambda station_id, frame: frames.append(frame))
    save(signed_in(superuser), kind, capacity_pieces=7)
    today = scenarios.DAY.isoformat()
    assert told() == [
        ("fleet.changed", station.pk, today),
        ("fleet.changed", other.pk, today),
        ("routes.changed", station.pk, [route.pk]),
    ]
    bus.drain()
    assert frames[-1]["patch"]["routes"][0]["capacity"]["pieces"] == 7


def test_a_shift_moved_to_another_day_is_told_to_both(superuser: User) -> None:
    """The board of the old day would keep a shift that is gone, and plan with it."""
    station = scenarios.make_station()
    shift = scenarios.make_fleet(station, n=1).shifts[0]
    later = scenarios.DAY + timedelta(days=3)
    save(signed_in(superuser), shift, day=later.isoformat())
    shift.refresh_from_db()
    assert shift.day == later
    assert [day for _, _, day in told()] == [scenarios.DAY.isoformat(), later.isoformat()]


def test_deleting_is_told_where_screens_are_left(superuser: User) -> None:
    """A station that goes takes its screens along; a shift is told by its day."""
    station = scenarios.make_station()
    shift = scenarios.make_fleet(station, scenarios.DAY + timedelta(days=1), n=1).shifts[0]
    empty = scenarios.make_station("TKU")
    client = signed_in(superuser)
    for row in (shift, empty):
        client.post(url(type(row), "delete", row.pk), {"post": "yes"})
        assert not type(row)._default_manager.filter(pk=row.pk).exists()
    assert told() == [("fleet.changed", station.pk, (scenarios.DAY + timedelta(days=1)).isoformat())]


def test_phones_are_cut_off_by_the_service(superuser: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """One way to refuse a phone: what the service does besides must happen here as well."""
    drivers = scenarios.make_fleet(scenarios.make_station(), n=2).drivers
    phones = [Device.objects.create(driver=each, token_hash=f"d{each.pk}") for each in drivers]
    asked: list[Any] = []

    def revoking(**given: Any) -> bool:
        asked.append(given["device"])
        return revoke_device(**given)

    monkeypatch.setattr("tracking.admin.revoke_device", revoking)
    data = {"action": "revoke", "_selected_action": [phones[0].pk]}
    signed_in(superuser).post(url(Device, "changelist"), data)
    assert asked == [phones[0]]
    assert [Device.objects.get(pk=phone.pk).revoked_at is None for phone in phones] == [False, True]


def test_times_are_those_of_the_station(superuser: User) -> None:
    """A window typed in UTC at a station two hours east would be two hours off at the door."""
    station = scenarios.make_station()
    order = scenarios.make_orders(station, scenarios.make_shop(station), 2)[1]
    client = signed_in(superuser)
    page = client.get(url(type(order), "change", order.pk))
    assert 'value="09:00:00"' in page.content.decode()
    data = posted(page.context["adminform"].form) | inlines("parcels", "attempts")
    data |= {"window_start_1": "10:00", "window_end_1": "12:00"}
    assert client.post(url(type(order), "change", order.pk), data).status_code == 302
    order.refresh_from_db()
    assert order.window_start == scenarios.at(station, scenarios.DAY, 10)


# Queries of a page with three rows and one with thirty: the same, or a list page slows down with the fleet.
LISTS = ("order", "route", "stop", "vehicle", "driver", "shift", "parcel")


@pytest.mark.parametrize("name", LISTS)
def test_list_pages_ask_no_more_for_more_rows(
    name: str, superuser: User, django_assert_max_num_queries: Any
) -> None:
    """One query a row is the classic of admin pages."""
    station = scenarios.make_station()
    shop = scenarios.make_shop(station)
    for _ in range(2):
        fleet = scenarios.make_fleet(station, n=12)
        for shift in fleet.shifts:
            scenarios.make_route(station, scenarios.DAY, scenarios.make_orders(station, shop, 2), shift=shift)
    client = signed_in(superuser)
    with django_assert_max_num_queries(16):
        page = client.get(reverse(f"admin:dispatch_{name}_changelist"))
    assert len(page.context["cl"].result_list) >= 24


def posted(form: Any) -> dict[str, Any]:
    """What a browser would send for an untouched form."""
    data: dict[str, Any] = {}
    for bound in form:
        value = (
            bound.field.prepare_value(bound.value())
            if hasattr(bound.field, "prepare_value")
            else bound.value()
        )
        if hasattr(bound.field.widget, "widgets"):
            parts = bound.field.widget.decompress(value) if not isinstance(value, list) else value
            data |= {f"{bound.html_name}_{index}": part or "" for index, part in enumerate(parts)}
        elif value is True:
            data[bound.html_name] = "on"
        elif value is not None and value is not False:
            data[bound.html_name] = value
    return data


def inlines(*prefixes: str) -> dict[str, str]:
    counts = ("TOTAL_FORMS", "INITIAL_FORMS")
    return {f"{prefix}-{count}": "0" for prefix in prefixes for count in counts}
