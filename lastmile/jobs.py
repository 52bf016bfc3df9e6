"""Long work: a Job row says what, how far and who; Celery is only the bell that wakes a worker.

A worker claims a row by a conditional UPDATE that hands out a growing fencing token and a lease. Whoever stalls past
its lease finds its token stale and its late commit refused; the reconciler rings again for the rest.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from lastmile import bus
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError, conflict
from lastmile.models import ACTIVE_JOB, Job, JobState

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=10)
BEAT_S = 3.0
CANCEL_CHECK_S = 0.25
TRIES = 2


class Lost(Exception):
    """The lease went to somebody else, or the job was cancelled: stop and commit nothing."""


Work = Callable[["Claim"], dict[str, Any]]
_kinds: dict[str, Work] = {}
_ended: dict[str, Callable[[Job], None]] = {}
_limits: dict[str, int] = {}


def kind(
    name: str, *, ended: Callable[[Job], None] | None = None, limit_s: int | None = None
) -> Callable[[Work], Work]:
    """Register a function as the work of jobs of this kind; `ended` is called when one fails, dies or is cancelled.

    `limit_s`: how long one may take, where that is longer than a plan's search.
    """

    def register(work: Work) -> Work:
        _kinds[name] = work
        if limit_s is not None:
            _limits[name] = limit_s
        if ended:
            _ended[name] = ended
        return work

    return register


def limits(job_id: int) -> dict[str, int]:
    """The time limits Celery must be told for this job; none where its own hold."""
    if not _limits:
        return {}
    limit = _limits.get(Job.objects.filter(pk=job_id).values_list("kind", flat=True).first() or "")
    return {} if limit is None else {"soft_time_limit": limit, "time_limit": limit + 5}


def enqueue(
    *,
    kind: str,
    payload: dict[str, Any],
    actor: str,
    now: datetime,
    key: str = "",
    station_id: int | None = None,
    max_attempts: int = 3,
) -> Job:
    """Queue a job in the current transaction; an active job with the same kind and key is returned instead."""
    fields = {"station_id": station_id, "payload": payload, "actor": actor, "max_attempts": max_attempts}
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                job = Job.objects.create(kind=kind, key=key, **fields)
                bus.publish(events.JobQueued(station_id=None, job_id=job.pk), actor=actor, at=now)
                return job
        except IntegrityError:
            if not key:
                raise
        active = Job.objects.filter(ACTIVE_JOB, kind=kind, key=key).first()
        if active:
            return active  # else it ended between the two looks, and its place is free
    raise conflict(f"Another job ({kind} {key}) kept ending and beginning.", "Try again.")


class Claim:
    """A worker's hold on a job: progress, cancellation, and the guarded end."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.token = job.token
        self.cancelled = threading.Event()

    def mine(self) -> Any:
        """The row, if this claim still holds it: the guard of every write."""
        return Job.objects.filter(pk=self.job.pk, token=self.token, state=JobState.RUNNING)

    def beat(self) -> None:
        """Prolong the lease; a lost one counts as cancelled."""
        if not self.mine().update(lease_until=timezone.now() + LEASE):
            self.cancelled.set()

    def look(self) -> None:
        """Learn of a cancellation: cheaper than a beat, so done more often."""
        if not self.mine().filter(cancel_requested=False).exists():
            self.cancelled.set()

    def progress(self, percent: int, words: str) -> None:
        """Show how far the work is, on screens and in the row; raises Lost when it must stop."""
        if self.cancelled.is_set() or not self.mine().update(percent=percent, words=words[:200]):
            raise Lost
        event = events.JobProgressed(
            station_id=self.job.station_id, job_id=self.job.pk, percent=percent, words=words
        )
        bus.publish(event, actor=self.job.actor, at=timezone.now())

    def guard(self) -> None:
        """Inside the transaction that stores the result: refuse it when the lease was lost meanwhile."""
        if not self.mine().update(lease_until=timezone.now() + LEASE):
            raise Lost


def claim(job_id: int) -> Claim | None:
    """Take a queued job, or a running one whose lease lapsed; None when there is nothing to do."""
    now = timezone.now()
    free = Q(state=JobState.QUEUED, run_after__lte=now) | Q(state=JobState.RUNNING, lease_until__lt=now)
    with transaction.atomic():
        took = Job.objects.filter(free, pk=job_id, attempt__lt=F("max_attempts")).update(
            state=JobState.RUNNING,
            attempt=F("attempt") + 1,
            token=F("token") + 1,
            lease_until=now + LEASE,
            worker=f"{socket.gethostname()}:{os.getpid()}",
            started_at=now,
        )
        return Claim(Job.objects.get(pk=job_id)) if took else None


@contextmanager
def held(claim: Claim) -> Iterator[Claim]:
    """Keep the lease alive from a side thread while the work runs."""
    stop = threading.Event()
    thread = threading.Thread(target=_keep, args=(claim, stop), name=f"lease-{claim.job.pk}", daemon=True)
    thread.start()
    try:
        yield claim
    finally:
        stop.set()
        thread.join(5)


def _keep(claim: Claim, stop: threading.Event) -> None:
    """Tend the lease until stopped; a database that is away is asked again for as long as the lease lasts."""
    kept, away = time.monotonic(), False
    while not stop.wait(CANCEL_CHECK_S):
        try:
            kept, away = _tend(claim, kept), False
        except (OperationalError, InterfaceError) as error:
            if not away:
                log.warning("the lease of job %s waits for the database: %s", claim.job.pk, error)
            away = True
            connection.close()
            if time.monotonic() - kept >= LEASE.total_seconds():
                log.error("the lease of job %s lapsed while the database was away", claim.job.pk)
                claim.cancelled.set()
                break
        except Exception:
            log.exception("nobody tends the lease of job %s any more", claim.job.pk)
            claim.cancelled.set()
            break
    connection.close()


def _tend(claim: Claim, kept: float) -> float:
    """Look, and beat when it is time; returns when the lease was last prolonged (monotonic)."""
    began = time.monotonic()
    claim.look()
    if began - kept < BEAT_S:
        return kept
    claim.beat()
    return began


def run(job_id: int) -> None:
    """Claim and work a job to its end. A refused or cancelled job raises nothing; a crash raises once it is noted."""
    taken = claim(job_id)
    if taken is None:
        return
    work = _kinds[taken.job.kind]
    try:
        with held(taken):
            result = work(taken)
    except Lost:
        _end(taken, JobState.CANCELLED, {})
    except LastmileError as error:
        detail = {"code": error.code, "cause": error.cause, "action": error.action}
        _end(taken, JobState.FAILED, {"error": detail})
    except Exception as error:
        _retry(taken, error)
        raise
    else:
        _end(taken, JobState.DONE, {"result": result, "percent": 100})


def _end(taken: Claim, state: JobState, fields: dict[str, Any]) -> None:
    with transaction.atomic():
        if not taken.mine().update(state=state, finished_at=timezone.now(), lease_until=None, **fields):
            return
        _publish_end(taken.job, state)


def _publish_end(job: Job, state: JobState) -> None:
    job.refresh_from_db()
    event = events.JobFinished(station_id=job.station_id, job_id=job.pk, kind=job.kind, state=state)
    bus.publish(event, actor=job.actor, at=timezone.now())
    if state != JobState.DONE and job.kind in _ended:
        _ended[job.kind](job)


def _retry(taken: Claim, error: Exception) -> None:
    """Give the job back with a growing pause, or give it up for good after its last attempt."""
    if taken.job.attempt >= taken.job.max_attempts:
        _end(taken, JobState.DEAD, {"error": _crash(f"{type(error).__name__}: {error}")})
        return
    pause = timedelta(seconds=2**taken.job.attempt)
    taken.mine().update(state=JobState.QUEUED, lease_until=None, run_after=timezone.now() + pause)


def _crash(reason: str) -> dict[str, str]:
    return {
        "code": "job_crashed",
        "cause": reason[:500],
        "action": "Try again; if it stops again, send the server log of this time to your administrator.",
    }


def cancel(*, job_id: int) -> None:
    """Ask a job to stop; one that has not begun is cancelled at once."""
    with transaction.atomic():
        if Job.objects.filter(pk=job_id, state=JobState.QUEUED).update(
            state=JobState.CANCELLED, finished_at=timezone.now()
        ):
            _publish_end(Job.objects.get(pk=job_id), JobState.CANCELLED)
            return
        Job.objects.filter(pk=job_id, state=JobState.RUNNING).update(cancel_requested=True)


def overdue() -> list[int]:
    """Bury jobs that used up their attempts without ending; ids that wait for a worker."""
    now = timezone.now()
    waits = Q(state=JobState.QUEUED, run_after__lte=now) | Q(state=JobState.RUNNING, lease_until__lt=now)
    for job in Job.objects.filter(waits, attempt__gte=F("max_attempts")):
        with transaction.atomic():
            buried = Job.objects.filter(waits, pk=job.pk, token=job.token).update(
                state=JobState.DEAD,
                finished_at=now,
                lease_until=None,
                error=_crash("Its worker died, more than once."),
            )
            if buried:
                _publish_end(job, JobState.DEAD)
    return list(Job.objects.filter(waits, attempt__lt=F("max_attempts")).values_list("pk", flat=True))
