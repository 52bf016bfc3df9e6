"""When a simulated day begins, waits and goes on: which day, and what the station's clock should show. Pure."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

BEFORE_SHIFT = timedelta(minutes=45)
MORNING = timedelta(hours=6)
BEFORE_START = timedelta(minutes=2)
AFTER_SHIFT = timedelta(hours=2)


def pick_day(days: Sequence[date], today: date) -> date | None:
    """Today if it has shifts, else the next day that has, else the last one; None without any."""
    if not days:
        return None
    coming = [day for day in sorted(days) if day >= today]
    return coming[0] if coming else max(days)


def begin_at(
    *, now: datetime, first_shift: datetime, last_shift: datetime, last_event: datetime | None
) -> datetime:
    """What the clock shows when the simulation takes over; `last_event` is the newest release, start or visit.

    After such an event it goes on, or back to it where the clock ran away meanwhile. Before, it waits for the
    dispatcher ahead of the first shift.
    """
    if last_event is not None:
        ran_away = now > last_shift + AFTER_SHIFT or now < last_event
        return last_event if ran_away else now
    return now if first_shift - MORNING <= now < first_shift else first_shift - BEFORE_SHIFT


def leave_at(*, now: datetime, starts: Sequence[datetime]) -> datetime:
    """Skip the time in which nothing would move: shortly before the first planned departure."""
    return max(now, min(starts, default=now) - BEFORE_START)
