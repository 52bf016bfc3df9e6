"""One row of every model at a station, for tests that walk over everything."""

from datetime import time, timedelta
from typing import Any

from django.utils import timezone

from dispatch.models import (
    Absence,
    Attempt,
    BoardEdit,
    ColumnMapping,
    DeliveryException,
    DriverMessage,
    Holiday,
    Invitation,
    LivePosition,
    OrderEvent,
    OrderImport,
    Outage,
    ParcelMove,
    Plan,
    RecipientMessage,
    RecurringOrder,
    RoadEvent,
    ServiceLevel,
    ShopToken,
    StationDay,
    Stop,
    Zone,
)
from dispatch.models.idempotency import IdempotencyKey
from lastmile.models import DeadLetter, Event, Job, LoginLink, SignIn, Stream, Subscription, User
from pod.models import Proof, ProofFile
from tests import scenarios
from tracking.models import Device, Position


def full_world(code: str = "HEL") -> Any:
    """One row of every model at a station; returns the station."""
    station = scenarios.make_station(code)
    shop = scenarios.make_shop(station)
    fleet = scenarios.make_fleet(station)
    orders = scenarios.make_orders(station, shop, 4)
    route = scenarios.make_route(station, scenarios.DAY, orders[:2], shift=fleet.shifts[0])
    stop = route.stops.first()
    now = timezone.now()
    lat, lng = scenarios.CENTRE
    attempt = Attempt.objects.create(
        order=orders[0],
        stop=stop,
        driver=route.driver,
        outcome="failed",
        reason="refused",
        at=now,
        lat=lat,
        lng=lng,
        client_event_id="a",
    )
    ParcelMove.objects.create(
        station=station,
        parcel=orders[0].parcels.first(),
        route=route,
        barcode="P1",
        activity="load",
        verdict="loaded",
        ok=True,
        actor="user:finn",
        at=now,
        client_event_id="s1",
    )
    stop.visits.update(outcome="failed")
    stop.orders.update(state="failed")
    Stop.objects.filter(pk=stop.pk).update(state="failed", arrived_at=now, departed_at=now)
    device = Device.objects.create(driver=fleet.drivers[0], token_hash=f"d-{code}")
    Position.objects.create(
        device=device,
        seq=1,
        vehicle=fleet.vehicles[0],
        fix_at=now,
        device_at=now,
        server_at=now,
        lat=lat,
        lng=lng,
    )
    Proof.objects.create(attempt=attempt, captured_at=now, lat=lat, lng=lng)
    LivePosition.objects.create(vehicle=fleet.vehicles[0], lat=lat, lng=lng, fix_at=now)
    DeliveryException.objects.create(
        station=station, day=scenarios.DAY, kind="late", key="k", words="Late.", raised_at=now
    )
    Plan.objects.create(station=station, day=scenarios.DAY, actor="user:x")
    BoardEdit.objects.create(
        station=station, day=scenarios.DAY, actor="user:x", what="moved", before={}, after={}
    )
    RoadEvent.objects.create(
        station=station, name="Works", points=[[60.1, 24.9], [60.2, 24.9]], start=now, actor="user:x"
    )
    Zone.objects.create(station=station, name="North", polygon=[[60, 24], [60, 25], [61, 25]])
    fleet.vehicles[0].type.save()
    station.carriers.create(name="Own")
    ShopToken.objects.create(shop=shop, name="web", prefix="lms_x", token_hash=f"s-{code}")
    OrderImport.objects.create(
        station=station, shop=shop, day=scenarios.DAY, file_name="a.csv", path="a", encoding="utf-8", delimiter=",",
        actor="user:x",
    )  # fmt: skip
    event = Event.objects.create(
        station_id=station.pk,
        name="orders.changed",
        data={"what": "created", "order_ids": [orders[0].pk]},
        actor="x",
        at=now,
    )
    OrderEvent.objects.create(order=orders[0], event=event)
    Job.objects.create(kind="plan", station_id=station.pk, actor="x")
    DeadLetter.objects.create(subscriber="s", event=event, error="e")
    Stream.objects.get_or_create(station_id=station.pk, defaults={"epoch": "e"})
    Subscription.objects.get_or_create(name="s")
    IdempotencyKey.objects.create(holder=f"shop:{code}", key="k", body_hash="h")
    person = scenarios.make_person(f"member-{code}", "dispatcher", station)
    LoginLink.objects.create(user=person, token_hash=f"l-{code}", expires_at=now)
    the_working_day(station, person)
    return station


def the_working_day(station: Any, person: User) -> None:
    """One row of every model about people, promises and closed days."""
    driver, vehicle, order = station.drivers.first(), station.vehicles.first(), station.orders.first()
    [shop], now, code, day = station.shops.all(), timezone.now(), station.code, scenarios.DAY
    Absence.objects.create(driver=driver, first_day=day, last_day=day, actor="user:x")
    Outage.objects.create(vehicle=vehicle, first_day=day, last_day=day, actor="user:x")
    Holiday.objects.create(station=station, day=day, name="Founders' day")
    ServiceLevel.objects.create(station=station, code="same-day", name="Same day", cutoff=time(12))
    StationDay.objects.create(station=station, day=day - timedelta(days=1), closed_at=now, actor="user:x")
    ColumnMapping.objects.create(shop=shop, heading="tel", field="phone")
    DriverMessage.objects.create(
        station=station, driver=driver, words="Hi", actor="user:x", at=now, client_event_id=code
    )
    RecipientMessage.objects.create(order=order, kind="link", channel="email", actor="user:x", at=now)
    RecurringOrder.objects.create(
        station=station, shop=shop, name="Milk", fields={}, first_day=day, actor="user:x"
    )
    Invitation.objects.create(
        station=station, role="driver", token_hash=f"i-{code}", actor="user:x", expires_at=now
    )
    SignIn.objects.create(user=person, session_key=f"s-{code}")
    proof = Proof.objects.get(attempt__order=order)
    ProofFile.objects.create(
        proof=proof, kind="photo", path="a", sha256="0" * 64, bytes=1, width=1, height=1, client_event_id=code
    )
