"""Words between station and driver: once, confirmed, refused in words, seen by nobody else."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dispatch.models import DriverMessage, Role
from dispatch.services.driver_messages import confirm_message, send_to_driver, send_to_station
from lastmile.models import Event
from tests.scenarios import DAY, at, make_fleet, make_orders, make_person, make_route, make_shop, make_station
from tracking.services.devices import issue_device

pytestmark = pytest.mark.django_db


class Desk:
    """A dispatcher and a driver with a phone."""

    def __init__(self, code: str = "HEL") -> None:
        self.station = make_station(code)
        self.driver = make_fleet(self.station, n=1).drivers[0]
        self.token = issue_device(driver=self.driver, now=timezone.now())
        self.client = Client()
        self.client.force_login(make_person(f"dora-{code}", Role.DISPATCHER, self.station))
        self.base = f"/api/v1/stations/{self.station.pk}"
        self.talk = f"{self.base}/drivers/{self.driver.pk}/messages/"

    def write(self, **body: Any) -> Any:
        given = {"event_id": "m1", "words": "Use the yard"} | body
        return self.client.post(self.talk, given, content_type="application/json")

    def phone(self, path: str = "", **body: Any) -> Any:
        headers = {"authorization": f"Bearer {self.token}"}
        url = f"/api/v1/driver/messages/{path}"
        return Client().post(url, body, content_type="application/json", headers=headers)

    def counts(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client.get(f"{self.base}/messages/").json()["drivers"]
        return found


def test_a_message_is_confirmed_where_both_see_it() -> None:
    """A dispatcher who told of a shut gate wants to know that it was heard, and when."""
    desk = Desk()
    card = desk.write().json()
    assert (card["from_driver"], card["confirmed_at"], card["actor"]) == (False, None, "user:dora-HEL")
    assert desk.counts() == [
        {"driver_id": desk.driver.pk, "unread": 0, "unconfirmed": 1, "newest": card["id"]}
    ]
    first = desk.phone(f"{card['id']}/confirm/").json()["confirmed_at"]
    assert first is not None
    assert desk.phone(f"{card['id']}/confirm/").json()["confirmed_at"] == first
    assert desk.client.get(desk.talk).json()["messages"][0]["confirmed_at"] == first
    assert [row.data["what"] for row in Event.objects.filter(name="driver_message.changed")] == [
        "sent",
        "confirmed",
    ]


def test_a_drivers_message_waits_until_the_desk_has_seen_it() -> None:
    """Unread ones are counted; reading them tells the driver."""
    desk = Desk()
    sent = desk.phone(event_id="d1", words="Lift is broken 🛗").json()
    assert sent["actor"] == f"driver:{desk.driver.pk}"
    assert desk.counts()[0]["unread"] == 1
    later = desk.phone(event_id="d2", words="Works again").json()
    seen = desk.client.post(f"{desk.talk}seen/", {"upto": sent["id"]}, content_type="application/json")
    assert seen.json() == {"confirmed": 1}
    assert desk.counts()[0]["unread"] == 1, "what came meanwhile has not been seen"
    desk.client.post(f"{desk.talk}seen/", {"upto": later["id"]}, content_type="application/json")
    assert desk.counts()[0]["unread"] == 0


def test_the_same_message_again_is_one() -> None:
    """A retry in a dead spot; another message under a used id is a mistake that is said."""
    desk = Desk()
    assert desk.write().json() == desk.write().json()
    other = desk.write(words="Another")
    assert (other.status_code, other.json()["code"]) == (409, "event_id_taken")
    assert desk.phone(event_id="m1", words="Use the yard").status_code == 409
    assert DriverMessage.objects.count() == 1
    assert Event.objects.filter(name="driver_message.changed").count() == 1


@pytest.mark.parametrize(
    "body",
    [
        {"words": ""},
        {"words": " \n\t "},
        {"words": "x" * 501},
        {"words": "a\0b"},
        {"words": "\x07"},
        {"words": {}},
        {"words": None},
        {"words": ["a"]},
        {"event_id": ""},
        {"event_id": "e" * 65},
        {"event_id": "a\0"},
        {"event_id": None},
        {"more": 1},
    ],
)
def test_odd_words_are_refused_by_both_doors(body: dict[str, Any]) -> None:
    """A coded answer with cause and action, and nothing is kept."""
    desk = Desk()
    answer = desk.write(**body)
    assert answer.status_code == 400, answer.content
    assert {"code", "cause", "action"} <= set(answer.json())
    if "more" not in body:
        assert desk.phone(**({"event_id": "d1", "words": "a"} | body)).status_code == 400
    assert not DriverMessage.objects.exists()


def test_half_a_character_is_refused() -> None:
    """Legal JSON, but no text that a database could hold."""
    desk = Desk()
    body = b'{"event_id": "m1", "words": "\\ud83d"}'
    assert desk.client.post(desk.talk, body, content_type="application/json").status_code == 400


@pytest.mark.parametrize("words", ["🚪" * 500, "ä\nö", "<b>&amp;</b>", "مرحبا", "a" * 500])
def test_what_people_write_is_kept_as_they_wrote_it(words: str) -> None:
    desk = Desk()
    assert desk.write(words=words).json()["words"] == words


def test_who_reads_along() -> None:
    """Auditors look, others of the house do not, strangers see nothing; no driver confirms for another."""
    desk, away = Desk(), Desk("TKU")
    card = desk.write().json()

    def ask(role: str, method: str) -> int:
        client = Client()
        client.force_login(make_person(f"{role}-{method}", role, desk.station))
        body = {"event_id": "x", "words": "x"}
        call = getattr(client, method)
        return int(
            call(desk.talk, body, content_type="application/json").status_code
            if method == "post"
            else call(desk.talk).status_code
        )

    assert (ask("auditor", "get"), ask("auditor", "post")) == (200, 403)
    assert (ask("floor", "get"), ask("driver", "get")) == (403, 403)
    assert away.client.get(desk.talk).status_code == 404
    cross = f"/api/v1/stations/{away.station.pk}/drivers/{desk.driver.pk}/messages/"
    assert away.client.get(cross).status_code == 404
    assert away.phone(f"{card['id']}/confirm/").status_code == 404
    assert Client().get("/api/v1/driver/messages/").status_code == 401
    assert desk.client.get("/api/v1/driver/messages/").status_code == 403


def test_it_is_about_the_route_on_the_road() -> None:
    """Whoever reads it tomorrow wants to know which."""
    desk = Desk()
    route = make_route(
        desk.station, DAY, make_orders(desk.station, make_shop(desk.station), 1), state="departed"
    )
    now = at(desk.station, DAY, 9)
    sent = send_to_driver(driver=route.driver, words="a", event_id="1", actor="t", now=now)
    assert sent.route == route


def test_counting_takes_the_same_queries_for_one_and_fifty_drivers() -> None:
    """The board asks with every message."""
    desk = Desk()
    fleet = make_fleet(desk.station, n=12)
    now = desk.station.now()
    send_to_station(driver=desk.driver, words="a", event_id="1", actor="t", now=now)

    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            desk.counts()
        return len(asked)

    before = count()
    for driver in fleet.drivers:
        send_to_station(driver=driver, words="a", event_id="1", actor="t", now=now)
    assert count() == before


def test_yesterdays_messages_do_not_ring_for_ever() -> None:
    """After two days nobody is asked any more."""
    desk = Desk()
    now = desk.station.now()
    old = send_to_station(driver=desk.driver, words="a", event_id="1", actor="t", now=now - timedelta(days=3))
    assert desk.counts() == []
    assert confirm_message(message=old, actor="t", now=now).confirmed_at is not None
