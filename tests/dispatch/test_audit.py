"""Who did what: readable, filtered, and never somebody else's."""

from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.utils import timezone

from dispatch.models import Role, Station
from dispatch.views.audit_words import sentence
from lastmile import bus
from lastmile.kernel import events
from lastmile.models import Event, User
from tests import scenarios

pytestmark = pytest.mark.django_db


@pytest.fixture
def station() -> Station:
    return scenarios.make_station()


@pytest.fixture
def mira(station: Station) -> User:
    return scenarios.make_person("mira", Role.MANAGER, station)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def tell(station: Station | None, person: str, what: str = "role_given", **fields: Any) -> None:
    event = events.PersonChanged(
        station_id=station.pk if station else None, what=what, person=person, detail="floor", **fields
    )
    with transaction.atomic():
        bus.publish(event, actor="user:mira", at=timezone.now())


def page(client: Client, station: Station, **asked: Any) -> str:
    answer = client.get(f"/stations/{station.pk}/audit/", asked)
    assert answer.status_code == 200
    return answer.content.decode()


def test_managers_see_their_station_and_its_peoples_sign_ins(station: Station, mira: User) -> None:
    """Not what belongs to another station, nor the sign-ins of strangers; an admin sees those too."""
    other = scenarios.make_station("TKU")
    stranger = scenarios.make_person("sten", Role.FLOOR, other)
    tell(station, "dora")
    tell(other, "olga")
    tell(None, "mira", "password_changed", user_id=mira.pk)
    tell(None, "sten", "password_changed", user_id=stranger.pk)
    seen = page(client_of(mira), station)
    assert "dora was given the role Floor." in seen
    assert "mira changed their password." in seen
    assert "olga" not in seen
    assert "sten" not in seen
    assert "sten" in page(client_of(scenarios.make_person("root", is_superuser=True)), station)


def test_who_may_look(station: Station, mira: User) -> None:
    auditor = scenarios.make_person("otto", Role.AUDITOR, station)
    path = f"/stations/{station.pk}/audit/"
    assert client_of(auditor).get(path).status_code == 200
    assert client_of(auditor).get(f"{path}audit.csv").status_code == 200
    dora = scenarios.make_person("dora", Role.DISPATCHER, station)
    stranger = scenarios.make_person("sten", Role.MANAGER, scenarios.make_station("TKU"))
    assert client_of(dora).get(path).status_code == 403
    assert client_of(stranger).get(path).status_code == 404
    assert Client().get(path).status_code == 302


def test_filters_by_kind_actor_day_and_text(station: Station, mira: User) -> None:
    """Names beyond ASCII are found as they are written, whatever the database keeps of them."""
    tell(station, "Änni Ö")
    tell(station, "bert")
    with transaction.atomic():
        token = events.TokenChanged(
            station_id=station.pk, what="issued", kind="device", token_id=1, label="phöne"
        )
        bus.publish(token, actor="system:setup", at=timezone.now())
    client = client_of(mira)
    found = page(client, station, text="änni" if "Ä".lower() in "änni" else "Änni", kind="person.changed")
    assert "phöne" not in found
    assert "Änni Ö" in page(client, station, text="Änni")
    assert "bert" not in page(client, station, text="Änni")
    assert "phöne" in page(client, station, text="phöne")
    assert "phöne" in page(client, station, kind="token.changed")
    assert "bert" not in page(client, station, kind="token.changed")
    assert "bert" not in page(client, station, actor="system")
    today = timezone.now().astimezone(station.zone).date()
    assert "bert" in page(client, station, day=today.isoformat())
    assert "bert" not in page(client, station, day="2020-01-01")


@pytest.mark.parametrize(
    "asked",
    [
        {"day": "x"}, {"day": "0001-01-01"}, {"day": "9999-12-31"}, {"kind": "x"}, {"before": "-1"},
        {"before": "9" * 40}, {"before": "²"}, {"text": "\x00%_\\\"'"}, {"actor": "a" * 5000}, {"text": "🚚"},
    ],
)  # fmt: skip
def test_no_filter_is_a_fault(asked: dict[str, str], station: Station, mira: User) -> None:
    page(client_of(mira), station, **asked)


def test_pages_of_fifty_in_the_same_queries(
    station: Station, mira: User, django_assert_num_queries: Any
) -> None:
    """By position, so that a page does not shift while events come in."""
    client = client_of(mira)
    tell(station, "p0")
    with django_assert_num_queries(8) as few:
        page(client, station)
    for number in range(1, 60):
        tell(station, f"p{number}.")
    with django_assert_num_queries(len(few.captured_queries)):
        first = page(client, station)
    assert first.count("was given the role") == 50
    older = first.split("before=")[1].split('"')[0]
    tell(station, "new")
    second = page(client, station, before=older)
    assert second.count("was given the role") == 10
    assert "p9." in second


def test_the_file_says_the_same_and_is_an_event(station: Station, mira: User) -> None:
    """Names may begin like a formula; a spreadsheet must not run them."""
    tell(station, "=cmd()")
    answer = client_of(mira).get(f"/stations/{station.pk}/audit/audit.csv", {"kind": "person.changed"})
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert len(lines) == 2
    assert "was given the role Floor." in lines[1]
    assert not any(cell.startswith("=") for cell in lines[1].split(","))
    taken = Event.objects.get(name="data.exported")
    assert (taken.data["what"], taken.data["rows"], taken.actor) == ("audit", 1, "user:mira")


def test_refusals_are_written_down_and_do_not_flood(station: Station, settings: Any) -> None:
    """Pages and API alike; a script that keeps trying fills no ledger."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()
    client = client_of(scenarios.make_person("finn", Role.FLOOR, station))
    assert client.get(f"/stations/{station.pk}/people/").status_code == 403
    assert client.get(f"/api/v1/stations/{station.pk}/board/").status_code == 403
    denied = Event.objects.filter(name="access.denied", station_id=station.pk)
    assert [row.data["path"] for row in denied.order_by("id")] == [
        f"/stations/{station.pk}/people/", f"/api/v1/stations/{station.pk}/board/",
    ]  # fmt: skip
    for _ in range(30):
        client.get(f"/stations/{station.pk}/people/")
    assert denied.count() == 20
    cache.clear()


def test_every_event_has_words() -> None:
    """An event without a sentence of its own is still shown, and none breaks the page."""
    samples: dict[str, Any] = {
        "what": "done", "person": "anna", "detail": "", "kind": "shop", "label": "web", "noun": "station",
        "changes": {"a": [1, None]}, "rows": 1, "counts": {"orders": 2}, "order_ids": [1], "route_ids": [1],
        "day": "2026-03-10", "method": "GET", "path": "/x/",
    }  # fmt: skip
    for name, kind in events.vocabulary().items():
        fields = [field for field in kind.__slots__ if field != "station_id"]
        data = {field: samples.get(field, 1) for field in fields}
        words = sentence(Event(name=name, data=data))
        assert words
        assert "%(" not in words
