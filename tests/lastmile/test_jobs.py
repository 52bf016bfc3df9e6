"""The job table: one worker at a time, no half results, no endless retries."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from lastmile import bus, jobs
from lastmile.kernel.errors import LastmileError
from lastmile.models import Event, Job, JobState

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_kinds", {})
    monkeypatch.setattr(jobs, "_ended", {})
    monkeypatch.setattr(bus, "ring", lambda: None)
    monkeypatch.setattr("lastmile.live.push", lambda station_id, frame: None)


def queue(work: Any = None, **fields: Any) -> Job:
    jobs.kind("test")(work or (lambda claim: {}))
    with transaction.atomic():
        return jobs.enqueue(**({"kind": "test", "payload": {}, "actor": "test", "now": NOW} | fields))


def lapse(job: Job) -> None:
    """The lease ran out: its worker is dead or stalled."""
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_gets_the_job() -> None:
    """A bell may ring twice (Celery redelivers, the reconciler repeats): the work is still done once."""
    job = queue()
    claims: list[jobs.Claim | None] = []
    start = threading.Barrier(2)

    def grab() -> None:
        start.wait()
        try:
            claims.append(jobs.claim(job.pk))
        finally:
            connection.close()

    threads = [threading.Thread(target=grab) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claims) == 2
    assert sum(claim is not None for claim in claims) == 1
    job.refresh_from_db()
    assert (job.attempt, job.token, job.state) == (1, 1, JobState.RUNNING)


@pytest.mark.django_db
def test_a_lapsed_lease_frees_the_job_and_fences_the_sleeper() -> None:
    """A worker that was stopped past its lease wakes up and wants to commit: its token is stale, it is refused."""
    job = queue()
    sleeper = jobs.claim(job.pk)
    assert sleeper is not None
    assert jobs.claim(job.pk) is None, "the lease still holds"
    lapse(job)
    heir = jobs.claim(job.pk)
    assert heir is not None
    assert heir.token == sleeper.token + 1
    with pytest.raises(jobs.Lost), transaction.atomic():
        sleeper.guard()
    with pytest.raises(jobs.Lost):
        sleeper.progress(50, "half")
    sleeper.beat()
    assert sleeper.cancelled.is_set()
    with transaction.atomic():
        heir.guard()


@pytest.mark.django_db
def test_attempts_are_counted_and_end(caplog: pytest.LogCaptureFixture) -> None:
    """A job that kills its worker each time is buried with its reason after three attempts, not tried for ever."""
    ended: list[int] = []
    job = queue()
    jobs._ended["test"] = lambda dead: ended.append(dead.pk)
    for attempt in (1, 2, 3):
        assert jobs.overdue() == [job.pk]
        assert jobs.claim(job.pk) is not None, attempt
        lapse(job)
    assert jobs.claim(job.pk) is None
    assert jobs.overdue() == []
    job.refresh_from_db()
    assert (job.state, job.attempt, job.lease_until) == (JobState.DEAD, 3, None)
    assert job.error is not None
    assert job.error["code"] == "job_crashed"
    assert ended == [job.pk]
    assert Event.objects.filter(name="job.finished", data__state="dead").count() == 1


@pytest.mark.django_db
def test_an_exception_is_retried_after_a_growing_pause_then_given_up() -> None:
    def explode(claim: jobs.Claim) -> dict[str, Any]:
        raise RuntimeError("boom")

    job = queue(explode, max_attempts=2)
    with pytest.raises(RuntimeError):
        jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.QUEUED
    assert job.run_after > timezone.now()
    assert jobs.claim(job.pk) is None, "the pause is kept"
    Job.objects.update(run_after=timezone.now())
    with pytest.raises(RuntimeError):
        jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.DEAD
    assert job.error is not None
    assert job.error["cause"] == "RuntimeError: boom"


@pytest.mark.django_db
def test_a_refusal_is_an_answer_and_not_retried() -> None:
    """Bad input stays bad: the person gets code, cause and action at the first attempt."""

    def refuse(claim: jobs.Claim) -> dict[str, Any]:
        raise LastmileError("no_vans", "No van is on shift.", "Add a shift.")

    job = queue(refuse)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempt) == (JobState.FAILED, 1)
    assert job.error == {"code": "no_vans", "cause": "No van is on shift.", "action": "Add a shift."}


@pytest.mark.django_db
def test_a_finished_job_keeps_its_result_and_is_not_run_again() -> None:
    runs: list[int] = []
    job = queue(lambda claim: runs.append(1) or {"made": 7})
    jobs.run(job.pk)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.percent, job.result) == (JobState.DONE, 100, {"made": 7})
    assert runs == [1]


@pytest.mark.django_db
def test_a_queued_job_is_cancelled_at_once() -> None:
    job = queue()
    jobs.cancel(job_id=job.pk)
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert jobs.claim(job.pk) is None
    assert Event.objects.filter(name="job.finished", data__state="cancelled").exists()


@pytest.mark.django_db
def test_a_running_job_learns_of_its_cancellation_and_commits_nothing() -> None:
    def work(claim: jobs.Claim) -> dict[str, Any]:
        jobs.cancel(job_id=claim.job.pk)
        claim.look()
        claim.progress(10, "never seen")
        return {"made": 1}

    job = queue(work)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result, job.percent) == (JobState.CANCELLED, {}, 0)


@pytest.mark.django_db(transaction=True)
def test_the_lease_is_kept_alive_while_the_work_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work longer than a lease must not be taken over by a second worker while the first is well."""
    monkeypatch.setattr(jobs, "BEAT_S", 0.05)
    monkeypatch.setattr(jobs, "CANCEL_CHECK_S", 0.02)
    later: list[datetime] = []

    def work(claim: jobs.Claim) -> dict[str, Any]:
        before = Job.objects.get(pk=claim.job.pk).lease_until
        assert before is not None
        deadline = timezone.now() + timedelta(seconds=5)
        while timezone.now() < deadline:
            now = Job.objects.get(pk=claim.job.pk).lease_until
            if now is not None and now > before:
                later.append(now)
                break
            threading.Event().wait(0.02)
        return {}

    job = queue(work)
    jobs.run(job.pk)
    assert later, "no beat within five seconds"


@pytest.mark.django_db
def test_a_key_allows_one_active_job() -> None:
    """Two clicks on "Optimize" are one run; after it ended the next click is a new one."""
    first = queue(key="station 1")
    assert queue(key="station 1").pk == first.pk
    assert queue(key="station 2").pk != first.pk
    assert queue().pk != queue().pk, "jobs without a key do not exclude each other"
    jobs.run(first.pk)
    assert queue(key="station 1").pk != first.pk


@pytest.mark.django_db(transaction=True)
def test_queueing_is_part_of_the_callers_transaction() -> None:
    """A rolled-back order import leaves no job that would look for its rows."""
    with transaction.atomic():
        queue()
        transaction.set_rollback(True)
    assert not Job.objects.exists()
    assert not Event.objects.exists()


def hold(claim: jobs.Claim, seconds: float = 5) -> bool:
    """Work until the claim counts as lost; whether it did."""
    with jobs.held(claim):
        return claim.cancelled.wait(seconds)


@pytest.mark.django_db(transaction=True)
def test_a_moment_without_the_database_costs_no_lease(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One locked or restarted database must not end the thread that keeps ten minutes of work alive."""
    monkeypatch.setattr(jobs, "BEAT_S", 0.05)
    monkeypatch.setattr(jobs, "CANCEL_CHECK_S", 0.02)
    looks, prolonged = [], threading.Event()
    look, beat = jobs.Claim.look, jobs.Claim.beat

    def stumble(claim: jobs.Claim) -> None:
        looks.append(1)
        if len(looks) <= 3:
            raise OperationalError("database is locked")
        look(claim)

    def note(claim: jobs.Claim) -> None:
        beat(claim)
        prolonged.set()

    monkeypatch.setattr(jobs.Claim, "look", stumble)
    monkeypatch.setattr(jobs.Claim, "beat", note)
    claim = jobs.claim(queue().pk)
    assert claim is not None
    with jobs.held(claim):
        assert prolonged.wait(5), "the lease was tended again"
    assert not claim.cancelled.is_set()
    assert caplog.text.count("waits for the database") == 1, "told once, not four times a second"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [OperationalError("server closed"), RuntimeError("a fault of ours")])
def test_a_lease_nobody_can_prolong_counts_as_lost(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Somebody else may have taken the job by then: the work must learn that it works for nothing."""
    monkeypatch.setattr(jobs, "CANCEL_CHECK_S", 0.02)
    claim = jobs.claim(queue().pk)
    assert claim is not None

    def fail(claim: jobs.Claim) -> None:
        raise error

    monkeypatch.setattr(jobs, "LEASE", timedelta(seconds=0.3))
    monkeypatch.setattr(jobs.Claim, "look", fail)
    assert hold(claim)
    with pytest.raises(jobs.Lost):
        claim.progress(50, "half")


@pytest.mark.django_db
def test_a_job_that_ends_while_another_is_queued_under_its_key_makes_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The other run ended between our refusal and our look for it: the click is a new run, not an error page."""
    first = queue(key="station 1")
    create = Job.objects.create

    def end_it_meanwhile(**fields: Any) -> Job:
        try:
            return create(**fields)
        except IntegrityError:
            ended.append(fields)
            raise

    ended: list[Any] = []
    look = Job.objects.filter

    def filter_after_end(*args: Any, **fields: Any) -> Any:
        if ended:
            ended.clear()
            look(pk=first.pk).update(state=JobState.DONE)
        return look(*args, **fields)

    monkeypatch.setattr(Job.objects, "create", end_it_meanwhile)
    monkeypatch.setattr(Job.objects, "filter", filter_after_end)
    second = queue(key="station 1")
    assert second.pk != first.pk
    assert second.state == JobState.QUEUED


@pytest.mark.django_db
def test_a_place_that_never_gets_free_is_a_conflict_and_other_faults_stay_what_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The edge answers a code; a broken column of a job without key must not be dressed up as one."""

    def refuse(**fields: Any) -> Job:
        raise IntegrityError("UNIQUE constraint failed")

    monkeypatch.setattr(Job.objects, "create", refuse)
    with pytest.raises(LastmileError) as refused:
        queue(key="station 1")
    assert refused.value.code == "conflict"
    with pytest.raises(IntegrityError):
        queue()
