"""Days of a station: open until they are closed, then read-only."""

from datetime import date

from dispatch.models import Station, StationDay
from lastmile.kernel.errors import LastmileError


def is_closed(station: Station, day: date) -> bool:
    return StationDay.objects.filter(station=station, day=day).exists()


def require_open(station: Station, day: date) -> None:
    """Refuse a change to a day that was closed. Raises LastmileError ``day_closed``."""
    if is_closed(station, day):
        raise LastmileError(
            "day_closed",
            f"{day} is closed at {station.name}.",
            "A closed day can be read, not changed: use a day that is open.",
            status=409,
        )
