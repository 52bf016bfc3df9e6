"""Taking the demo away: its station with every row of it, its people, its shops, its files. Nobody else's."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.db.models import Q

from dispatch.models import (
    Absence,
    Attempt,
    Carrier,
    DeliveryException,
    Driver,
    DriverMessage,
    Holiday,
    Invitation,
    LivePosition,
    Membership,
    Order,
    OrderEvent,
    OrderImport,
    Outage,
    Parcel,
    ParcelMove,
    Plan,
    RecipientMessage,
    RecurringOrder,
    Route,
    ServiceLevel,
    Shift,
    Shop,
    Station,
    StationDay,
    Stop,
    StopOrder,
    Vehicle,
    Zone,
)
from dispatch.services.day_orders import SHOPS
from dispatch.services.demo import CODE
from dispatch.services.holders import delete_in_batches, holders
from lastmile import bus
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError
from lastmile.models import DeadLetter, Event, Job, Stream, User

DEMO_PEOPLE = ("dispatcher", "manager", "admin", "driver")
DEMO_SHOPS = tuple(code for code, _ in SHOPS)


def demo_station() -> Station | None:
    return Station.objects.filter(code=CODE, orders__shop__code__in=DEMO_SHOPS).distinct().first() or (
        Station.objects.filter(code=CODE, shops__code__in=DEMO_SHOPS).distinct().first()
    )


def what_hangs_on_it(station: Station) -> list[str]:
    """Things at the demo station that the demo did not make, in words: with them it is not removed."""
    others = Order.objects.filter(station=station).exclude(shop__code__in=DEMO_SHOPS)
    found = [f"{others.count()} orders of shops that are not the demo's"] if others.exists() else []
    alone = User.objects.filter(memberships__station=station, is_superuser=False).exclude(
        pk__in=demo_people(station)
    )
    alone = alone.exclude(memberships__in=Membership.objects.exclude(station=station)).distinct()
    if names := list(alone.values_list("username", flat=True)[:5]):
        found.append(f"people who work nowhere else ({', '.join(names)})")
    if (
        station.sandbox_of_id
        or Station.objects.filter(sandbox_of=station).filter(orders__isnull=False).exists()
    ):
        found.append("a sandbox with trial orders")
    return found


def demo_people(station: Station) -> Any:
    """The demo's own people: by their names, while nobody gave them a password or a role elsewhere."""
    elsewhere = Membership.objects.exclude(station=station).values("user_id")
    unusable = Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    mine = User.objects.filter(unusable, username__in=DEMO_PEOPLE).exclude(pk__in=elsewhere)
    return mine.filter(Q(memberships__station=station) | Q(username="admin", is_superuser=True)).distinct()


def remove_demo(*, actor: str, now: datetime) -> Counter[str]:
    """Delete the demo, batch by batch; called again after a kill it goes on. Nothing there is no error.

    Raises LastmileError ``demo_in_use`` where something of somebody else hangs on it.
    """
    station = demo_station()
    total: Counter[str] = Counter()
    if station is None:
        return total
    hanging = what_hangs_on_it(station)
    if hanging:
        raise LastmileError(
            "demo_in_use", f"{station.name} is not only the demo any more: {'; '.join(hanging)}.",
            "Move or remove them first, or keep the demo station.", status=409,
        )  # fmt: skip
    Station.objects.filter(pk=station.pk).update(active=False)  # nobody works in what is going away
    for counts in _steps(station):
        total += counts
    total += _finish(station, actor, now)
    return total


def _steps(station: Station) -> Iterator[Counter[str]]:
    for path in _import_files(station):
        path.unlink(missing_ok=True)
    for holder in holders():
        yield from holder.remove(station)
    for name, rows in _rows(station):
        yield from delete_in_batches(rows, name)


def _import_files(station: Station) -> list[Path]:
    paths = OrderImport.objects.filter(station=station).exclude(path="").values_list("path", flat=True)
    return [Path(settings.MEDIA_ROOT) / path for path in paths]


def _rows(station: Station) -> Iterator[tuple[str, Any]]:
    """Every table of a station, those that stand on others first."""
    orders = Q(order__station=station)
    yield (
        "order_events",
        OrderEvent.objects.filter(Q(order__station=station) | Q(event__station_id=station.pk)),
    )
    yield "attempts", Attempt.objects.filter(orders | Q(stop__route__station=station))
    yield "messages", RecipientMessage.objects.filter(orders)
    yield "alerts", DeliveryException.objects.filter(station=station)
    yield "visits", StopOrder.objects.filter(orders | Q(stop__route__station=station))
    yield "stops", Stop.objects.filter(route__station=station)
    yield "driver_messages", DriverMessage.objects.filter(station=station)
    yield "parcel_moves", ParcelMove.objects.filter(station=station)
    yield "parcels", Parcel.objects.filter(orders)
    yield "orders", Order.objects.filter(station=station)
    yield "recurring_orders", RecurringOrder.objects.filter(station=station)
    yield "imports", OrderImport.objects.filter(station=station)
    yield "routes", Route.objects.filter(station=station)
    yield "plans", Plan.objects.filter(station=station)
    yield "shifts", Shift.objects.filter(station=station)
    yield "invitations", Invitation.objects.filter(station=station)
    yield "absences", Absence.objects.filter(driver__station=station)
    yield "outages", Outage.objects.filter(vehicle__station=station)
    yield "live_positions", LivePosition.objects.filter(vehicle__station=station)
    yield "drivers", Driver.objects.filter(station=station)
    yield "vehicles", Vehicle.objects.filter(station=station)
    for name, model in (("carriers", Carrier), ("zones", Zone), ("holidays", Holiday)):
        yield name, model._default_manager.filter(station=station)
    yield "service_levels", ServiceLevel.objects.filter(station=station)
    yield "days", StationDay.objects.filter(station=station)
    yield "dead_letters", DeadLetter.objects.filter(event__station_id=station.pk)
    yield "events", Event.objects.filter(station_id=station.pk)
    yield "jobs", Job.objects.filter(station_id=station.pk)


def _finish(station: Station, actor: str, now: datetime) -> Counter[str]:
    """The station itself, its people and shops, at once: what is left of it can be found until then."""
    with transaction.atomic():
        people, shops = demo_people(station), _shops_left(station)
        counts = Counter(people=people.count(), shops=shops.count(), stations=1)
        User.objects.filter(pk__in=list(people.values_list("pk", flat=True))).delete()
        Membership.objects.filter(station=station).delete()
        Stream.objects.filter(station_id=station.pk).delete()
        gone = list(shops.values_list("pk", flat=True))
        for row in Station.objects.filter(sandbox_of=station):
            row.delete()
        station.delete()
        Shop.objects.filter(pk__in=gone).delete()
        event = events.DataErased(station_id=None, what="demo", counts=dict(counts), order_ids=[])
        bus.publish(event, actor=actor, at=now)
    return counts


def _shops_left(station: Station) -> Any:
    """The demo's shops, unless they send elsewhere too."""
    mine = Shop.objects.filter(code__in=DEMO_SHOPS, stations=station)
    elsewhere = Order.objects.exclude(station=station).values("shop_id")
    other = Station.objects.exclude(pk=station.pk).values("shops__pk")
    return mine.exclude(pk__in=elsewhere).exclude(pk__in=other.filter(shops__isnull=False))
