"""Keeping no longer than a station says: a nightly job lets go of positions, proofs, recipients and stale keys."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from dispatch.models import IdempotencyKey, Invitation, Order, Station
from dispatch.services import erasure, recipients
from dispatch.services.holders import delete_in_batches, holders
from lastmile import jobs
from lastmile.models import ACTIVE_JOB, Job, JobState, LoginLink, SignIn

KIND = "retention"
ACTOR = "system:retention"
BUDGET_S = 120.0  # a run that is not through by then goes on in the next one
JOBS_KEPT, SIGN_INS_KEPT, LINKS_KEPT, ANSWERS_KEPT = (timedelta(days=days) for days in (90, 90, 7, 2))
SMALL_BATCH = 100  # orders: each touches rows in many tables within one transaction


def keep(*, wall: datetime, dry: bool = False) -> Iterator[tuple[str, Counter[str]]]:
    """Let go of what is outdated, batch by batch: yields where ("" for no station) and how many of what.

    With `dry` nothing changes and the counts are what a run would find.
    """
    for station in Station.objects.order_by("pk"):
        now = station.clock.at(wall)
        for holder in holders():
            yield from ((station.code, counts) for counts in holder.outdated(station, now, dry))
        yield from ((station.code, counts) for counts in _recipients(station, now, dry))
    for sweep in [holder.strays for holder in holders() if holder.strays]:
        yield from (("", counts) for counts in sweep(wall, dry))
    for name, rows in _stale(wall).items():
        if dry:
            yield "", Counter({name: rows.count()})
        else:
            yield from (("", counts) for counts in delete_in_batches(rows, name))


def _recipients(station: Station, now: datetime, dry: bool) -> Iterator[Counter[str]]:
    """Recipients of ended orders whose day is long past."""
    last = now.astimezone(station.zone).date() - timedelta(days=station.keep_people_days)
    old = Order.objects.filter(
        station=station, day__lt=last, erased_at=None, state__in=recipients.ENDED
    ).order_by("pk")
    if dry:
        yield Counter(orders=old.count())
        return
    while True:
        with transaction.atomic():
            batch = list(old.select_for_update(of=("self",))[:SMALL_BATCH])
            if not batch:
                return
            counts, files = erasure.forget(batch, now=now)
            erasure.publish(batch, "retention", counts, ACTOR, now)
        erasure.unlink(files)
        yield counts


def _stale(wall: datetime) -> dict[str, Any]:
    """Rows of no station that nobody needs any more."""
    old_link = Q(expires_at__lt=wall - LINKS_KEPT)
    return {
        "sessions": Session.objects.filter(expire_date__lt=wall),
        "sign_in_links": LoginLink.objects.filter(old_link),
        "invitations": Invitation.objects.filter(old_link, used_at=None),
        "kept_answers": IdempotencyKey.objects.filter(began_at__lt=wall - ANSWERS_KEPT),
        "jobs": Job.objects.exclude(ACTIVE_JOB).filter(created_at__lt=wall - JOBS_KEPT),
        "sign_ins": SignIn.objects.filter(seen_at__lt=wall - SIGN_INS_KEPT),
    }


def queue_nightly(*, wall: datetime) -> Job | None:
    """Queue the day's run unless one of today went through, or is under way."""
    today = wall.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if Job.objects.filter(
        kind=KIND, created_at__gte=today, state=JobState.DONE, result__finished=True
    ).exists():
        return None
    return jobs.enqueue(kind=KIND, key="nightly", payload={}, actor=ACTOR, now=wall)


@jobs.kind(KIND)
def run(claim: jobs.Claim) -> dict[str, Any]:
    """The nightly job: as far as it gets within its time; whole batches only, so it may be killed anywhere."""
    counts, finished = spend(keep(wall=timezone.now()), claim.progress, clock=time.monotonic)
    return {"finished": finished, "counts": dict(counts)}


def spend(
    steps: Iterator[tuple[str, Counter[str]]], tell: Callable[[int, str], None], *, clock: Callable[[], float]
) -> tuple[Counter[str], bool]:
    """Take steps until they end or the time is used up; whether they ended."""
    total: Counter[str] = Counter()
    began = clock()
    for where, counts in steps:
        total += counts
        spent = clock() - began
        tell(min(99, int(100 * spent / BUDGET_S)), f"{where} {sum(total.values())}".strip())
        if spent > BUDGET_S:
            return total, False
    return total, True
