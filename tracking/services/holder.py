"""What tracking holds: where vans were. Given out near an order's stop, kept as long as the station says."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from dispatch.models import Order, Station, Stop
from dispatch.services.holders import Held, Holder, delete_in_batches
from tracking.models import Device, Position

NEAR = timedelta(minutes=5)
SHOWN = ("fix_at", "device_at", "server_at", "lat", "lng", "accuracy_m", "speed_mps", "heading", "flags")


def export(order: Order) -> Held:
    """The van's fixes from five minutes before it came to five minutes after it left, stop by stop."""
    return Held({"positions": [fix for stop in order.stops.select_related("route") for fix in _near(stop)]})


def _near(stop: Stop) -> Iterator[dict[str, Any]]:
    came, left = stop.arrived_at or stop.departed_at, stop.departed_at or stop.arrived_at
    if came is None or left is None:
        return
    fixes = Position.objects.filter(
        vehicle_id=stop.route.vehicle_id, fix_at__range=(came - NEAR, left + NEAR)
    )
    for fix in fixes.order_by("fix_at").values(*SHOWN):
        yield {"stop_id": stop.pk} | fix


def erase(order_ids: Sequence[int], now: datetime) -> tuple[Counter[str], list[Path]]:
    """A van's places are its driver's data; they go by their own time."""
    return Counter(), []


def outdated(station: Station, now: datetime, dry: bool) -> Iterator[Counter[str]]:
    old = Position.objects.filter(
        device__driver__station=station, fix_at__lt=now - timedelta(days=station.keep_positions_days)
    )
    if dry:
        yield Counter(positions=old.count())
    else:
        yield from delete_in_batches(old, "positions")


def remove(station: Station) -> Iterator[Counter[str]]:
    yield from delete_in_batches(Position.objects.filter(device__driver__station=station), "positions")
    yield from delete_in_batches(Device.objects.filter(driver__station=station), "devices")


HOLDER = Holder(export, erase, outdated, remove)
