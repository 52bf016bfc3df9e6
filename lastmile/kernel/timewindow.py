"""Windows of time that keep what their wall clock shows when they move to another day."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


def same_time(moment: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The moment so many days later at which clocks in `zone` show the same, in UTC.

    A time that the clocks show twice means the first; one they skip is as much later as they skip.
    """
    local = moment.astimezone(zone) + timedelta(days=days)
    return local.replace(fold=0).astimezone(UTC)


def shift_window(
    start: datetime | None, end: datetime | None, days: int, zone: ZoneInfo
) -> tuple[datetime | None, datetime | None]:
    """A window so many days later, with the times its clock showed; either side may be open (None).

    It is never empty: where the clocks change inside it and would leave nothing, it keeps its length instead.
    """
    new_start = same_time(start, days, zone) if start else None
    new_end = same_time(end, days, zone) if end else None
    if start and end and new_start and new_end and new_end <= new_start:
        new_end = new_start + (end - start)
    return new_start, new_end
