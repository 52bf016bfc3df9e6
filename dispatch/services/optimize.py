"""VROOM's problems from outside: queued, searched in a worker's warm solver program, answered in VROOM's words."""

import base64
import json
import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from dispatch.places.city import City
from dispatch.places.errors import PlacesError
from dispatch.planning.errors import InvalidProblemError, PlanningError
from dispatch.planning.formats import vroom
from dispatch.planning.formats.errors import FormatError
from dispatch.planning.program import SolveCancelledError
from dispatch.planning.verify import verify
from dispatch.services import city as city_builds
from dispatch.services.optimize_roads import CityStreets
from dispatch.services.solvers import solver
from lastmile import jobs
from lastmile.kernel.errors import LastmileError, not_found
from lastmile.models import ACTIVE_JOB, Job, JobState

KIND = "optimize.run"
KEPT = timedelta(days=1)
AT_ONCE = 2  # of one caller: a solver each, and stations want to plan too

SYNC_JOBS, SYNC_S = 500, 10.0
MOST_S = 120.0
PER_JOB_S = 0.02  # a search's usual seconds, where the caller asks for none: more for larger problems
LEAST_S, USUAL_SYNC_S, USUAL_S = 0.5, 5.0, 30.0
PATIENCE_S = 15.0  # how long past its search a caller who waits is kept waiting for a worker


@dataclass(frozen=True, slots=True)
class Answer:
    """What the caller gets: an HTTP status and VROOM's JSON."""

    status: int
    body: dict[str, Any]


def submit(*, data: Any, cities: Sequence[str], waits: bool, actor: str, now: datetime) -> Job:
    """Queue a problem. ``waits``: the caller stays for the answer, so it must be small and short.

    Raises LastmileError ``bad_problem``, ``too_large_to_wait``, ``too_long_to_wait``, ``too_many_runs``.
    """
    count = _count(data)
    limit_s = _limit(data, count, waits)
    if waits and count > SYNC_JOBS:
        raise LastmileError(
            "too_large_to_wait",
            f"{count} tasks are too many to wait for; {SYNC_JOBS} are the most.",
            "Send the header Prefer: respond-async, and ask at the address that comes back.",
            status=413,
        )
    sweep(now=now)
    if Job.objects.filter(ACTIVE_JOB, kind=KIND, actor=actor).count() >= AT_ONCE:
        raise LastmileError(
            "too_many_runs",
            f"{AT_ONCE} of your problems are being solved right now.",
            "Wait for one of them, or cancel it.",
            status=429,
        )
    packed = base64.b64encode(zlib.compress(json.dumps(data).encode(), 1)).decode()
    payload = {"problem": packed, "cities": list(cities), "limit_s": limit_s, "count": count}
    return jobs.enqueue(kind=KIND, payload=payload, actor=actor, now=now, max_attempts=2)


def sweep(*, now: datetime) -> int:
    """Forget what was answered longer than a day ago."""
    old = Job.objects.filter(kind=KIND, finished_at__lt=now - KEPT)
    return old.delete()[0]


def wait_for(job: Job) -> Job:
    """Until the job has ended, as long as its search may take and a little for the queue."""
    until = time.monotonic() + job.payload["limit_s"] + PATIENCE_S
    pause = 0.02
    while time.monotonic() < until:
        job.refresh_from_db(fields=["state"])
        if job.state not in (JobState.QUEUED, JobState.RUNNING):
            break
        time.sleep(pause)
        pause = min(0.2, pause * 1.5)
    job.refresh_from_db()
    return job


def cancel(*, job: Job) -> None:
    """Stop it; what has ended stays as it is."""
    jobs.cancel(job_id=job.pk)


def find(*, job_id: int, actor: str) -> Job:
    """One's own job; those of others look as if they did not exist."""
    job = Job.objects.filter(pk=job_id, kind=KIND, actor=actor).first()
    if job is None:
        raise not_found("The job")
    return job


def answer_of(job: Job) -> Answer | None:
    """The answer of a job that has ended, ``None`` before that."""
    if job.state in (JobState.QUEUED, JobState.RUNNING):
        return None
    if job.state == JobState.DONE:
        return Answer(job.result["status"], job.result["body"])
    if job.state == JobState.CANCELLED:
        return Answer(409, vroom.failure(vroom.INTERNAL, "The search was cancelled. Send the problem again."))
    error = job.error or {}
    words = f"{error.get('cause', 'The search failed.')} {error.get('action', 'Try again.')}"
    return Answer(500, vroom.failure(vroom.INTERNAL, words))


def refusal(status: int, cause: str, action: str) -> dict[str, Any]:
    """A refusal at the door, in VROOM's words."""
    return vroom.failure(vroom.INTERNAL if status >= 500 else vroom.INPUT, f"{cause} {action}")


@jobs.kind(KIND)
def run(claim: jobs.Claim) -> dict[str, Any]:
    """The work of the job: read, search or judge, write. What is wrong with the problem is an answer, too."""
    payload = claim.job.payload
    try:
        answer = Answer(200, _solved(claim, payload))
    except SolveCancelledError as error:
        raise jobs.Lost from error
    except (FormatError, InvalidProblemError) as error:
        answer = Answer(400, vroom.failure(vroom.INPUT, f"{error.cause} {error.action}"))
    except PlanningError as error:
        answer = Answer(500, vroom.failure(vroom.INTERNAL, f"{error.cause} {error.action}"))
    except LastmileError as error:
        answer = Answer(500, vroom.failure(vroom.ROUTING, f"{error.cause} {error.action}"))
    # The problem itself is of no more use, and may be megabytes.
    if not claim.mine().update(payload={k: v for k, v in payload.items() if k != "problem"}):
        raise jobs.Lost
    return {"status": answer.status, "body": answer.body}


def _solved(claim: jobs.Claim, payload: Mapping[str, Any]) -> dict[str, Any]:
    data = json.loads(zlib.decompress(base64.b64decode(payload["problem"])))
    streets = CityStreets(lambda: _cities(payload["cities"]))
    request = vroom.read(data, streets)
    began = time.perf_counter()
    if request.options.plan:
        answer = vroom.judge(request)
    else:
        solution = solver().solve(
            request.problem,
            time_limit_s=payload["limit_s"],
            seed=1,
            warm_start=request.start_plan,
            should_cancel=claim.cancelled.is_set,
        )
        if broken := verify(request.problem, solution):
            raise PlanningError(
                "plan_not_verified",
                f"The plan breaks a rule the planner did not see: {broken[0].words}",
                "Report this; the plan was thrown away.",
            )
        answer = vroom.answer(request, solution)
    solving_ms = round((time.perf_counter() - began) * 1000)
    return vroom.write(request, answer, solving_ms=solving_ms, streets=streets)


def _cities(names: Sequence[str]) -> list[City]:
    """Those that are there: a station may name a city that was never added."""
    found = []
    for name in names:
        try:
            found.append(city_builds.open_city(settings.CITIES_HOME, name))
        except PlacesError as error:
            if error.code != "city_unknown":
                raise
    return found


def _count(data: Any) -> int:
    """How many tasks there are, before anything else is looked at."""
    if not isinstance(data, Mapping):
        raise _bad("The body is no JSON object.", "Send a problem in VROOM's format.")
    lists = [data.get(key) or [] for key in ("vehicles", "jobs", "shipments")]
    if not all(isinstance(each, list) for each in lists):
        raise _bad("vehicles, jobs and shipments must be lists.", "Send [...].")
    vehicles, tasks, shipments = lists
    if not vehicles or not (tasks or shipments):
        raise _bad("There is no vehicle, or neither a job nor a shipment.", "Send at least one of each.")
    return len(tasks) + 2 * len(shipments)


def _limit(data: Any, count: int, waits: bool) -> float:
    """Seconds of search: as asked for in ``options.l``, or by size."""
    try:
        asked = vroom.read_options(data).limit_s
    except FormatError as error:
        raise _bad(error.cause, error.action) from error
    most = SYNC_S if waits else MOST_S
    if asked is None:
        return max(LEAST_S, min(USUAL_SYNC_S if waits else USUAL_S, count * PER_JOB_S))
    if asked > most:
        more = " Longer ones need the header Prefer: respond-async." if waits else ""
        raise LastmileError(
            "too_long_to_wait", f"options.l is {asked:g} s.", f"Ask for {most:g} s at most.{more}", status=413
        )
    return asked


def _bad(cause: str, action: str) -> LastmileError:
    return LastmileError("bad_problem", cause, action)
