"""Celery tasks of the job table."""

from celery import shared_task

from lastmile import jobs


@shared_task(name="lastmile.tasks.run_job")
def run_job(job_id: int) -> None:
    jobs.run(job_id)


@shared_task(name="lastmile.tasks.reconcile")
def reconcile() -> None:
    """Ring again for jobs whose bell, worker or broker was lost."""
    for job_id in jobs.overdue():
        run_job.apply_async((job_id,), expires=60, **jobs.limits(job_id))
