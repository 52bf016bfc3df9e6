"""Large days: the run cuts the day into parts, and other workers help it to search them (`plan.help`).

The run works on parts itself, so it never waits for a worker that does not come. Helpers make way for other jobs, and
are called again for as long as the run lasts.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from dispatch.models import Plan, Station
from dispatch.planning.errors import PlanningError
from dispatch.planning.model import Plan as Sequences
from dispatch.planning.parts import Task, solve_parts
from dispatch.planning.program import SolverProgram
from dispatch.planning.progress import OnProgress
from dispatch.planning.solution import Solution
from dispatch.roads.base import Roads
from dispatch.services.cities import open_city
from dispatch.services.mapping import Frame
from dispatch.services.part_files import Giver, Taker, folder_of, remove_of
from dispatch.services.part_work import Stopped, pack_task, unpack_answer, work_once
from dispatch.services.solvers import solver
from dispatch.services.travel_blocks import TravelBlocks, travel_of
from lastmile import jobs
from lastmile.models import ACTIVE_JOB, Job, JobState

HELP = "plan.help"
LOOK_S = 0.05
CALL_EVERY_S = 2.0
TRIES = 2


def is_large(frame: Frame) -> bool:
    return len(frame.orders) > settings.LARGE_DAY_ORDERS


def search_parts(
    frame: Frame, plan: Plan, claim: jobs.Claim, warm_start: Sequences | None, on_progress: OnProgress
) -> Solution:
    """A large day's best plan within its limit, verified part by part. Raises `jobs.Lost` when cancelled."""
    travel = travel_of(frame)
    problem = replace(frame.stated({}), points=frame.metres)
    remove_of(plan.pk)
    with Giver(folder_of(plan.pk, claim.token), {"station_id": plan.station_id, **travel.packed()}) as giver:
        run = _Run(giver, frame, plan, claim)
        with _OwnHands(run, frame.roads, solver()):
            try:
                solution = solve_parts(
                    problem,
                    TravelBlocks(travel, frame.roads, frame.points),
                    run.run_all,
                    workers=1 + settings.LARGE_DAY_HANDS,
                    time_limit_s=plan.time_limit_s,
                    seed=plan.seed,
                    warm_start=warm_start,
                    on_progress=on_progress,
                    should_cancel=claim.cancelled.is_set,
                )
            except PlanningError as error:
                if claim.cancelled.is_set():
                    raise jobs.Lost from error
                raise
            finally:
                run.send_helpers_home()
    if claim.cancelled.is_set():
        raise jobs.Lost
    return solution


@dataclass
class _Run:
    """Hands parts out and gathers plans: `run_all` is the planner's `RunAll`."""

    giver: Giver
    frame: Frame
    plan: Plan
    claim: jobs.Claim
    called: float = 0.0
    faults: list[BaseException] = field(default_factory=list)

    def run_all(self, tasks: Sequence[Task], cancelled: Any) -> Iterator[tuple[int, Solution]]:
        """A part whose worker died goes to another, once; one whose search failed keeps the plan it has."""
        waiting = {self.giver.put(pack_task(task, self.frame.points)): at for at, task in enumerate(tasks)}
        tries: Counter[int] = Counter()
        try:
            while waiting and not cancelled():
                self._raise_fault()
                self._call_helpers()
                came = False
                for number in sorted(waiting):
                    answer = self.giver.answer(number)
                    if answer is not None:
                        came, at = True, waiting.pop(number)
                        if solution := unpack_answer(answer):
                            yield at, solution
                    elif self._given_up(number, tries):
                        del waiting[number]
                if not came:
                    time.sleep(LOOK_S)
        finally:
            for number in waiting:
                self.giver.drop(number)

    def _given_up(self, number: int, tries: Counter[int]) -> bool:
        if not self.giver.abandoned(number):
            return False
        tries[number] += 1
        if tries[number] < TRIES:
            self.giver.put_back(number)
            return False
        self.giver.drop(number)
        return True

    def _raise_fault(self) -> None:
        if self.faults:
            raise self.faults[0]

    def _call_helpers(self) -> None:
        """Have as many helpers as there may be; one that is there already is not called twice."""
        if time.monotonic() < self.called:
            return
        self.called = time.monotonic() + CALL_EVERY_S
        for number in range(settings.LARGE_DAY_HANDS):
            if _helpers(self.plan).filter(key=_key(self.plan, number)).exists():
                continue
            with transaction.atomic():
                jobs.enqueue(
                    kind=HELP,
                    key=_key(self.plan, number),
                    payload={"plan_id": self.plan.pk, "token": self.claim.token},
                    station_id=self.plan.station_id,
                    actor=self.plan.actor,
                    now=timezone.now(),
                )

    def send_helpers_home(self) -> None:
        """Those that never came; the others see that the run is over."""
        for job_id in _helpers(self.plan).filter(state=JobState.QUEUED).values_list("pk", flat=True):
            jobs.cancel(job_id=job_id)


def _key(plan: Plan, number: int) -> str:
    return f"plan:{plan.pk}:{number}"


def _helpers(plan: Plan) -> Any:
    return Job.objects.filter(ACTIVE_JOB, kind=HELP, key__startswith=f"plan:{plan.pk}:")


class _OwnHands:
    """The run's own work on its parts, in a thread beside the gathering."""

    def __init__(self, run: _Run, roads: Roads, program: SolverProgram) -> None:
        self.run, self.roads, self.program = run, roads, program
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._work, name="parts", daemon=True)

    def __enter__(self) -> None:
        self.program.start()  # here: it would end with the thread that starts it
        self.thread.start()

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()

    def _work(self) -> None:
        try:
            with Taker(self.run.giver.folder) as taker:
                while not self._stop():
                    if not work_once(taker, self.roads, self.program, self._stop):
                        self.over.wait(LOOK_S)
        except Stopped:
            pass
        except BaseException as fault:  # noqa: BLE001 - raised again in the run's own thread
            self.run.faults.append(fault)

    def _stop(self) -> bool:
        return self.over.is_set() or self.run.claim.cancelled.is_set()


@jobs.kind(HELP)
def help_plan(claim: jobs.Claim) -> dict[str, Any]:
    """Search parts of a large day until its run is over, or somebody else needs this worker."""
    payload, parts = claim.job.payload, 0
    try:
        taker = Taker(folder_of(payload["plan_id"], payload["token"]))
    except FileNotFoundError:
        return {"parts": 0}
    with taker:
        roads = open_city(Station.objects.get(pk=taker.day["station_id"])).roads
        while not taker.over():
            if claim.cancelled.is_set():
                raise jobs.Lost
            try:
                worked = work_once(taker, roads, solver(), claim.cancelled.is_set)
            except Stopped as stopped:
                raise jobs.Lost from stopped
            parts += worked
            if _others_wait():
                break
            if not worked:
                time.sleep(2 * LOOK_S)
    return {"parts": parts}


def _others_wait() -> bool:
    """Whether jobs other than helping wait for a worker."""
    return (
        Job.objects.filter(state=JobState.QUEUED, run_after__lte=timezone.now()).exclude(kind=HELP).exists()
    )
