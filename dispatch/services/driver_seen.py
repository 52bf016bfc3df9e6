"""When a driver's page was last used: for those who carry no app that sends positions."""

from datetime import datetime, timedelta

from dispatch.models import Driver

NOTED_EVERY = timedelta(minutes=1)  # more would be a write for every look at the page


def note_seen(*, driver: Driver, now: datetime) -> None:
    """Note a driver's page as in use; `now` is business time, which may have been set back."""
    if driver.seen_at is not None and timedelta() <= now - driver.seen_at < NOTED_EVERY:
        return
    Driver.objects.filter(pk=driver.pk).update(seen_at=now)
    driver.seen_at = now
