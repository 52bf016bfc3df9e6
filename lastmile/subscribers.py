"""What the kernel itself does when something happened: ring the worker's bell for a queued job."""

from lastmile import bus, jobs
from lastmile.kernel import events
from lastmile.models import Event


def ring_worker(event: Event) -> None:
    from lastmile.tasks import run_job

    # The reconciler rings again every few seconds, so an undelivered bell may fade.
    job_id = event.data["job_id"]
    run_job.apply_async((job_id,), expires=60, retry=False, **jobs.limits(job_id))


def register() -> None:
    bus.subscribe("doorbell", {events.JobQueued}, ring_worker)
