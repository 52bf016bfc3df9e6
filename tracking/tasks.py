"""Celery tasks of tracking."""

from celery import shared_task


@shared_task(name="tracking.tasks.watch")  # type: ignore[untyped-decorator]
def watch() -> None:
    """Look over every station's road once."""
    from tracking.services.watch import watch_roads

    watch_roads()
