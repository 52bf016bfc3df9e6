"""The business clock of a station."""

from datetime import datetime

from django.db import transaction

from dispatch.models import LivePosition, Station
from lastmile import bus
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError

SLOWEST, FASTEST = 0.1, 600.0


def set_clock(*, station: Station, business: datetime, speed: float, wall: datetime, actor: str) -> Station:
    """From wall time `wall` on the station's clock shows `business` and runs at `speed`.

    Set back, it forgets pins that would lie in its future: they could never move again.
    """
    if not SLOWEST <= speed <= FASTEST:
        raise LastmileError(
            "bad_speed",
            f"The clock cannot run at {speed:g} times.",
            f"Choose a speed from {SLOWEST:g} to {FASTEST:g}.",
            field="speed",
        )
    with transaction.atomic():
        Station.objects.filter(pk=station.pk).update(
            clock_wall=wall, clock_business=business, clock_speed=speed
        )
        LivePosition.objects.filter(vehicle__station=station, fix_at__gt=business).delete()
        bus.publish(events.ClockChanged(station_id=station.pk), actor=actor, at=business)
    station.clock_wall, station.clock_business, station.clock_speed = wall, business, speed
    return station
