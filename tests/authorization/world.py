"""Two stations with one row of everything each, and a person or token for every role at the first."""

from dataclasses import dataclass, field
from typing import Any

from django.test import Client
from django.utils import timezone

from dispatch.models import Driver, Role, Route, Shop, ShopToken, Station
from dispatch.services.links import token_of
from dispatch.services.people import grant_role
from lastmile.models import Job, SignIn, User
from tests import scenarios
from tests.full_world import full_world
from tracking.models import Device
from tracking.services.devices import issue_device

PEOPLE = ("driver", "floor", "dispatcher", "manager", "auditor", "admin")
TOKENS = ("shop", "device")
ROLES = ("anonymous", *PEOPLE, *TOKENS)


@dataclass
class Place:
    """A station and the ids of its rows, by the names that addresses use for them."""

    station: Station
    ids: dict[str, Any] = field(default_factory=dict)


@dataclass
class World:
    own: Place
    foreign: Place
    clients: dict[str, Client]
    people: dict[str, User]


def make_world() -> World:
    own, foreign = make_place("HEL"), make_place("TKU")
    people = {name: make_person(name, own.station) for name in PEOPLE}
    clients = {"anonymous": Client()}
    for name, person in people.items():
        clients[name] = Client()
        clients[name].force_login(person)
    for name, token in (("shop", shop_token(own)), ("device", device_token(own))):
        clients[name] = Client(headers={"Authorization": f"Bearer {token}"})
    own.ids |= {"user_id": people["floor"].pk, "sign_in_id": sign_in(people["floor"]).pk}
    return World(own, foreign, clients, people)


def make_place(code: str) -> Place:
    """A station whose first route is released and driven by its first driver."""
    station = full_world(code)
    route = Route.objects.get(station=station)
    Route.objects.filter(pk=route.pk).update(state="released", released_at=timezone.now())
    order = route.stops.order_by("pk").first().orders.get()
    ids = {"station_id": station.pk, "route_id": route.pk, "stop_id": route.stops.order_by("pk").first().pk}
    shop = station.shops.get()
    ids |= {"token": token_of(order), "external_id": order.external_id, "shop_code": shop.code}
    for model, rows in rows_of(station).items():
        ids[f"{model}_id"] = rows.order_by("pk").first().pk
    return Place(station, ids)


def rows_of(station: Station) -> dict[str, Any]:
    """The rows of a station, by the name its id has in addresses."""
    from dispatch import models
    from pod.models import ProofFile

    return {
        "order": station.orders,
        "event": station.road_events,
        "import": models.OrderImport.objects.filter(station=station),
        "plan": station.plans,
        "exception": station.exceptions,
        "job": Job.objects.filter(station_id=station.pk),
        "driver": station.drivers,
        "vehicle": station.vehicles,
        "shift": station.shifts,
        "shop": station.shops,
        "token": ShopToken.objects.filter(shop__stations=station),
        "device": Device.objects.filter(driver__station=station),
        "holiday": station.holidays,
        "level": station.service_levels,
        "recurring": station.recurring_orders,
        "invitation": station.invitations,
        "message": station.driver_messages,
        "absence": models.Absence.objects.filter(driver__station=station),
        "outage": models.Outage.objects.filter(vehicle__station=station),
        "membership": station.memberships,
        "file": ProofFile.objects.filter(proof__attempt__order__station=station),
    }


def make_person(name: str, station: Station) -> User:
    if name == "admin":
        return scenarios.make_person(name, is_superuser=True, is_staff=True)
    person = scenarios.make_person(name)
    grant_role(user=person, station=station, role=Role(name))
    if name == "driver":
        route = Route.objects.get(station=station)
        Driver.objects.filter(pk=route.driver_id).update(user=person)
    return person


def sign_in(user: User) -> SignIn:
    return SignIn.objects.create(user=user, session_key=f"walk-{user.pk}")


def shop_token(place: Place) -> str:
    from dispatch.services.shop_tokens import make_shop_token

    shop = Shop.objects.get(pk=place.ids["shop_id"])
    return make_shop_token(shop=shop, name="walk", actor="system:test", now=timezone.now())[1]


def device_token(place: Place) -> str:
    driver = Driver.objects.get(pk=Route.objects.get(pk=place.ids["route_id"]).driver_id)
    return issue_device(driver=driver, now=timezone.now(), name="walk")
