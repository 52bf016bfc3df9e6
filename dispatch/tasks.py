"""What dispatch does in a Celery worker besides jobs: keep a solver program warm, delete old uploads."""

from typing import Any

from celery import shared_task
from celery.signals import worker_process_init
from django.utils import timezone

from dispatch.services import optimize, plan_run  # noqa: F401  (register their kinds of job)
from dispatch.services.solvers import solver


@worker_process_init.connect
def warm_solver(**kwargs: Any) -> None:
    """Importing the engines takes longer than a first plan; begin when the worker does, not at the first click."""
    solver().start()


@shared_task(name="dispatch.tasks.sweep_uploads")
def sweep_uploads() -> None:
    """Delete uploaded files that nobody went on with."""
    from dispatch.services import import_files

    import_files.sweep_uploads(now=timezone.now())


@shared_task(name="dispatch.tasks.make_recurring")
def make_recurring() -> None:
    """Queue the orders of recurring series where a new opening day has come into sight."""
    from dispatch.services.recurring_days import queue_due

    queue_due(wall=timezone.now())


@shared_task(name="dispatch.tasks.close_days")
def close_days() -> None:
    """Queue the closing of every day whose time has come by its station's clock."""
    from dispatch.services.day_schedule import queue_closes

    queue_closes()


@shared_task(name="dispatch.tasks.refresh_roads")
def refresh_roads() -> None:
    """Queue new roads for stations where a closing of a street has begun or ended by the station's clock."""
    from dispatch.services.road_events import queue_due

    queue_due()


@shared_task(name="dispatch.tasks.keep_retention")
def keep_retention() -> None:
    """Queue the nightly run of what is kept no longer, unless today's went through."""
    from dispatch.services.retention import queue_nightly

    queue_nightly(wall=timezone.now())
