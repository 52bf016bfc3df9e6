"""What dispatch does in a Celery worker besides jobs: keep a solver program warm."""

from typing import Any

from celery.signals import worker_process_init

from dispatch.services.plan_run import solver


@worker_process_init.connect
def warm_solver(**kwargs: Any) -> None:
    """Importing the engines takes longer than a first plan; begin when the worker does, not at the first click."""
    solver().start()
