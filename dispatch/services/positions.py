"""Where vehicles were last seen: pins that only move forward in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from dispatch.models import LivePosition


@dataclass(frozen=True, slots=True)
class Pin:
    """The newest believed fix of a vehicle."""

    vehicle_id: int
    station_id: int
    lat: float
    lng: float
    heading: float | None
    speed_mps: float | None
    at: datetime
    moving_since: datetime | None
    still_since: datetime | None

    def card(self) -> dict[str, object]:
        """As the board is told (`vehicles.moved`)."""
        return {
            "id": self.vehicle_id,
            "lat": self.lat,
            "lng": self.lng,
            "heading": self.heading,
            "speed_mps": self.speed_mps,
            "at": self.at.isoformat(),
        }


def move_pins(*, pins: Sequence[Pin]) -> list[Pin]:
    """Set each pin unless a newer one is there already; returns those that moved."""
    with transaction.atomic():
        moved = [pin for pin in pins if _update(pin)]
        known = {pin.vehicle_id for pin in moved}
        others = [pin for pin in pins if pin.vehicle_id not in known]
        seen = set(
            LivePosition.objects.filter(vehicle_id__in=[pin.vehicle_id for pin in others]).values_list(
                "vehicle_id", flat=True
            )
        )
        new = [pin for pin in others if pin.vehicle_id not in seen]
        LivePosition.objects.bulk_create(
            [LivePosition(vehicle_id=pin.vehicle_id, **_fields(pin)) for pin in new], ignore_conflicts=True
        )
    return moved + new


def _update(pin: Pin) -> bool:
    older = LivePosition.objects.filter(vehicle_id=pin.vehicle_id, fix_at__lt=pin.at)
    return bool(older.update(**_fields(pin)))


def _fields(pin: Pin) -> dict[str, object]:
    return {
        "lat": pin.lat,
        "lng": pin.lng,
        "heading": pin.heading,
        "speed_mps": pin.speed_mps,
        "fix_at": pin.at,
        "moving_since": pin.moving_since,
        "still_since": pin.still_since,
    }
