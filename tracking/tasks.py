"""Celery tasks of tracking."""

from celery import shared_task


@shared_task(name="tracking.tasks.watch")
def watch() -> None:
    """Look over every station's road once."""
    from tracking.services.watch import watch_roads

    watch_roads()
