"""The door, by the API: drivers and dispatchers may, strangers see nothing, bad input is named."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from dispatch.models import Attempt
from pod.models import Proof
from tests.scenarios import DAY, make_orders, make_person, make_route, make_shop, make_station
from tracking.services.devices import issue_device

pytestmark = pytest.mark.django_db


class Door:
    def __init__(self, code="HEL", **order_fields):
        self.station = make_station(code)
        orders = make_orders(self.station, make_shop(self.station), 2, **order_fields)
        self.route = make_route(self.station, DAY, orders, state="departed")
        self.stop = self.route.stops.first()
        self.token = issue_device(driver=self.route.driver, now=timezone.now())

    def post(self, what, token=None, **body):
        url = f"/api/v1/stops/{self.stop.pk}/{what}/"
        headers = {"authorization": f"Bearer {token or self.token}"}
        return Client().post(
            url, {"event_id": "e1", **body}, content_type="application/json", headers=headers
        )


def test_deliver_keeps_the_proof_with_its_distance():
    """A parcel handed over 200 m away is worth asking about."""
    door = Door()
    assert door.post("arrive").json()["state"] == "arrived"
    place = {"lat": door.stop.lat + 200 / 111_195, "lng": door.stop.lng, "accuracy": 12.5}
    at = (door.station.now() - timedelta(minutes=2)).isoformat()
    answer = door.post("deliver", received_by="Anna", relation="recipient", at=at, **place).json()
    assert (answer["state"], answer["repeated"], len(answer["orders"])) == ("completed", False, 1)
    proof = Proof.objects.get()
    assert (proof.received_by, proof.relation, proof.accuracy_m) == ("Anna", "recipient", 12.5)
    assert proof.distance_m == pytest.approx(200, abs=2)
    assert proof.attempt.driver == door.route.driver
    assert proof.captured_at.isoformat() == answer["departed_at"]


def test_the_same_delivery_again_is_answered_the_same():
    """One event id, one proof."""
    door = Door()
    first = door.post("deliver", received_by="Anna").json()
    again = door.post("deliver", received_by="Anna").json()
    assert again == first | {"repeated": True}
    assert Proof.objects.count() == 1


def test_an_incomplete_proof_changes_nothing():
    """Without a recipient nothing counts as delivered, and the answer says what to do."""
    door = Door(skills=["age_check"])
    answer = door.post("deliver", relation="safe_place")
    assert (answer.status_code, answer.json()["code"]) == (422, "proof_incomplete")
    assert answer.json()["data"] == {"missing": ["needs_name"]}
    assert not Attempt.objects.exists()


def test_fail_needs_a_known_reason():
    """Statistics of failures are worth as much as their reasons."""
    door = Door()
    assert door.post("fail", reason="bad mood").json()["field"] == "reason"
    assert door.post("fail", reason="no_one_home", note="dog").json()["state"] == "failed"
    assert Attempt.objects.get().note == "dog"


def test_a_wrong_phone_clock_is_set_right_by_sent_at():
    """The hour at the door is the station's, whatever the phone believes."""
    door = Door()
    wrong = door.station.now() + timedelta(hours=20)
    times = {"at": (wrong - timedelta(minutes=7)).isoformat(), "sent_at": wrong.isoformat()}
    answer = door.post("deliver", received_by="Anna", **times)
    assert answer.status_code == 200
    off = Attempt.objects.get().at - (door.station.now() - timedelta(minutes=7))
    assert abs(off.total_seconds()) < 5


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("lat", {"lat": 91, "lng": 0}),
        ("lat", {"lat": 60}),
        ("lng", {"lat": 60, "lng": "east"}),
        ("event_id", {"event_id": ""}),
        ("event_id", {"event_id": "x" * 65}),
        ("orders", {"orders": []}),
        ("orders.0", {"orders": ["a"]}),
        ("at", {"at": "2020-01-01T00:00:00Z"}),
        ("at", {"at": "soon"}),
    ],
)
def test_bad_input_is_named(field, body):
    """The phone's program learns which field is wrong."""
    answer = Door().post("deliver", received_by="Anna", **body)
    assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_for_a_foreign_device_the_stop_does_not_exist():
    """Neither its state nor its existence leaks."""
    door, other = Door(), Door("TKU")
    for what, body in (("arrive", {}), ("deliver", {"received_by": "x"}), ("fail", {"reason": "other"})):
        assert door.post(what, token=other.token, **body).status_code == 404
    door.stop.refresh_from_db()
    assert door.stop.state == "planned"


def test_dispatchers_may_and_other_people_may_not():
    """The board can record what a driver told by phone."""
    door = Door()
    url = f"/api/v1/stops/{door.stop.pk}/arrive/"
    for name, role, station, status in (
        ("eve", "dispatcher", make_station("TKU"), 404),
        ("flo", "floor", door.station, 403),
        ("anna", "dispatcher", door.station, 200),
    ):
        client = Client()
        client.force_login(make_person(name, role, station))
        answer = client.post(url, {"event_id": "d1"}, content_type="application/json")
        assert answer.status_code == status, name


def test_a_session_needs_its_csrf_token_and_a_device_does_not():
    """Another site must not make a dispatcher's browser deliver parcels."""
    door = Door()
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_person("anna", "dispatcher", door.station))
    url = f"/api/v1/stops/{door.stop.pk}/arrive/"
    answer = client.post(url, {"event_id": "d1"}, content_type="application/json")
    assert answer.status_code == 403
    headers = {"authorization": f"Bearer {door.token}"}
    answer = client.post(url, {"event_id": "d1"}, content_type="application/json", headers=headers)
    assert answer.status_code == 200
