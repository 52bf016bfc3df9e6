"""Auditors follow orders and do not learn who they are for: nothing of a recipient is in any answer to them."""

import json
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dispatch.lifecycle import ExceptionState, PlanState
from dispatch.models import DeliveryException, LivePosition, Membership, Order, Plan, Role
from dispatch.selectors.masking import mask_address, mask_name, mask_phone, mask_plans
from tests.scenarios import DAY, make_fleet, make_orders, make_person, make_route, make_shop, make_station

SECRETS = {
    "recipient": "Quirina Zweistein",
    "phone": "+358401239987",
    "email": "quirina.zweistein@example.org",
    "note": "Ring twice, the dog is deaf",
    "note_dispatch": "Owes the shop money",
    "location_note": "No house 77 in Salaisuustie",
}
SAID = (
    "Quirina",
    "Zweistein",
    "40123",
    "zweistein@",
    "Ring twice",
    "Owes the",
    "Salaisuustie 77",
    "60.1834512",
)


@pytest.fixture
def world(db):
    station = make_station()
    fields = SECRETS | {"address": "Salaisuustie 77 B 12", "lat": 60.1834512, "lng": 24.9234567}
    orders = make_orders(station, make_shop(station), 4, **fields)
    route = make_route(
        station, DAY, orders[:2], make_fleet(station, DAY, 1).shifts[0], "departed", line="_p~iF"
    )
    now = datetime(2026, 3, 10, 9, tzinfo=UTC)
    LivePosition.objects.create(vehicle=route.vehicle, lat=60.17, lng=24.94, fix_at=now)
    alert = DeliveryException.objects.create(
        station=station,
        day=DAY,
        kind="attempt_failed",
        severity=2,
        state=ExceptionState.OPEN,
        key="x",
        words="Route R could not hand over 1 order at Salaisuustie 77 B 12: no one home",
        route=route,
        raised_at=now,
    )
    alert.orders.add(orders[0])
    stop = {"order_ids": [orders[2].pk], "lat": 60.1834512, "lng": 24.9234567, "address": fields["address"]}
    plan = Plan.objects.create(
        station=station,
        day=DAY,
        state=PlanState.PROPOSED,
        proposal={"routes": [{"line": "_p~iF", "stops": [stop]}]},
        actor="user:x",
        started_at=now,
    )
    return station, orders, route, plan


def client_of(role, station, name="otto"):
    client = Client()
    client.force_login(make_person(name, role, station))
    return client


def answers(world):
    station, orders, route, plan = world
    shop = orders[0].shop.code
    return [
        f"/api/v1/stations/{station.pk}/board/?day={DAY}",
        "/api/v1/orders/",
        f"/api/v1/orders/{orders[0].pk}/",
        f"/api/v1/orders/by-external-id/{orders[0].external_id}/?shop={shop}",
        f"/api/v1/routes/{route.pk}/",
        f"/api/v1/plans/{plan.pk}/",
    ]


def test_no_answer_of_the_api_tells_an_auditor_who_it_is_for(world):
    """reliability 5.1: name, phone, e-mail, notes and house are masked wherever an order, stop or alert is shown."""
    client = client_of(Role.AUDITOR, world[0])
    for address in answers(world):
        response = client.get(address)
        assert response.status_code == 200, address
        told = json.dumps(response.json(), ensure_ascii=False)
        assert [word for word in SAID if word in told] == [], address


def test_what_an_auditor_follows_is_still_there(world):
    """A mask that hid the order itself would make the audit impossible: numbers, states and initials stay."""
    client = client_of(Role.AUDITOR, world[0])
    card = client.get(f"/api/v1/orders/{world[1][0].pk}/").json()
    assert (card["number"], card["state"], card["postcode"]) == (world[1][0].number, "out", "00100")
    assert (card["recipient"], card["phone"], card["address"]) == ("Q…", "…87", "Salaisuustie …")
    assert (card["email"], card["note"], card["note_dispatch"], card["masked"]) == ("", "", "", True)


def test_those_who_work_there_see_all_of_it(world):
    """The mask is the auditor's alone: a dispatcher has to ring the door, also one who audits besides."""
    client = client_of(Role.DISPATCHER, world[0], "dora")
    both = make_person("both", Role.AUDITOR, world[0])
    Membership.objects.create(user=both, station=world[0], role=Role.MANAGER)
    second = Client()
    second.force_login(both)
    for each in (client, second):
        card = each.get(f"/api/v1/orders/{world[1][0].pk}/").json()
        assert card["recipient"] == SECRETS["recipient"]
        assert card["phone"] == SECRETS["phone"]
        assert "masked" not in card
        snapshot = each.get(f"/api/v1/stations/{world[0].pk}/board/?day={DAY}").json()
        assert snapshot["routes"][0]["stops"][0]["address"] == "Salaisuustie 77 B 12"


def test_a_list_over_stations_masks_each_by_the_role_held_there(world):
    """Somebody may dispatch at one station and audit another: one list shows both, each its own way."""
    other = make_station("TKU")
    order = make_orders(other, make_shop(other), 1, **SECRETS)[0]
    person = make_person("pia", Role.AUDITOR, world[0])
    Membership.objects.create(user=person, station=other, role=Role.DISPATCHER)
    client = Client()
    client.force_login(person)
    shown = {card["id"]: card["recipient"] for card in client.get("/api/v1/orders/").json()["results"]}
    assert shown[order.pk] == SECRETS["recipient"]
    assert {shown[row.pk] for row in world[1]} == {"Q…"}


def test_an_auditors_board_does_not_say_where_vans_are(world):
    """reliability 5.1 gives an auditor no live position, and the road of a route leads from door to door."""
    address = f"/api/v1/stations/{world[0].pk}/board/?day={DAY}"
    seen = {}
    for role in (Role.DISPATCHER, Role.AUDITOR):
        snapshot = client_of(role, world[0], role).get(address).json()
        seen[role] = snapshot["vehicles"][0]["position"] is None, snapshot["routes"][0]["line"]
    assert seen == {Role.DISPATCHER: (False, "_p~iF"), Role.AUDITOR: (True, "")}


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Mannerheimintie 5 A 12", "Mannerheimintie …"),
        ("12 Main Street", "Main Street …"),
        ("Rue de la Paix, 3bis", "Rue de la Paix …"),
        ("Hauptstr.7", "…"),
        ("Kirkkokatu", "Kirkkokatu …"),
        ("77", "…"),
        ("", ""),
    ],
)
def test_an_address_keeps_its_street_and_loses_its_door(written, shown):
    """Numbers stand behind in most countries and in front in some; what cannot be told apart is hidden whole."""
    assert mask_address(written) == shown


def test_nothing_is_made_up_for_what_is_not_there():
    """An empty name or phone stays empty, so that an auditor sees that it was missing."""
    assert (mask_name(""), mask_phone(""), mask_name("Ö"), mask_phone("12")) == ("", "", "Ö…", "…12")


def test_masking_a_plan_leaves_the_plan_alone():
    """A card may be shared by other readers of the same moment."""
    plan = {
        "proposal": {"routes": [{"line": "x", "stops": [{"lat": 1.23456, "lng": 2.0, "address": "A 1"}]}]}
    }
    masked = mask_plans([plan])[0]["proposal"]["routes"][0]
    assert masked == {"line": "", "stops": [{"lat": 1.235, "lng": 2.0, "address": "A …"}]}
    assert plan["proposal"]["routes"][0]["line"] == "x"


def test_masking_costs_the_same_for_many_orders(world):
    """The roles are asked once for a list, not once an order."""
    client = client_of(Role.AUDITOR, world[0])
    client.get("/api/v1/orders/")
    with CaptureQueriesContext(connection) as few:
        client.get("/api/v1/orders/")
    make_orders(world[0], Order.objects.first().shop, 40)
    with CaptureQueriesContext(connection) as many:
        client.get("/api/v1/orders/")
    assert len(many) == len(few)
