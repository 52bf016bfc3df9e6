"""Large days: a day above the threshold is cut, searched by several workers through a folder, and put together."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from django.db import connection

from dispatch.lifecycle import OrderState, PlanState
from dispatch.models import Order, Plan, Route
from dispatch.planning.program import SolverProgram
from dispatch.planning.verify import verify
from dispatch.services import mapping, plan_parts, plan_run, plans, proposals
from dispatch.services.part_files import Giver, Taker, folder_of, home
from dispatch.services.plan_scopes import About
from dispatch.services.travel_blocks import Travel, TravelBlocks, travel_of
from lastmile import jobs
from lastmile.models import Job, JobState
from tests.scenarios import DAY, at, make_fleet, make_orders, make_shop, make_station

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _small_threshold(settings, tmp_path):
    settings.LARGE_DAY_ORDERS = 10
    settings.LASTMILE_HOME = tmp_path


@pytest.fixture
def world():
    station = make_station()
    fleet = make_fleet(station, DAY, 4)
    orders = make_orders(station, make_shop(station), 24)
    return station, fleet, orders


def start(station, seconds: int = 1) -> Plan:
    now = at(station, DAY, 7)
    return plans.start_plan(
        about=About(station, DAY), time_limit_s=seconds, seed=1, actor="user:test", now=now
    )


def run(plan: Plan) -> Plan:
    jobs.run(plan.job_id)
    plan.refresh_from_db()
    return plan


def in_thread(work) -> threading.Thread:
    def own_connection() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=own_connection)
    thread.start()
    return thread


def wait_for(found, seconds: float = 60.0):
    until = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < until, "it never came"
        time.sleep(0.02)
    return value


def helpers():
    return Job.objects.filter(kind=plan_parts.HELP).order_by("pk")


def leftovers() -> list[Path]:
    return list(home().glob("*")) if home().exists() else []


def test_a_day_above_the_threshold_is_planned_in_parts_and_accepted(world, monkeypatch):
    """The way from the pool to the routes, with no helper at hand, and without ever asking for the whole table."""
    station, _, orders = world
    monkeypatch.setattr(mapping, "WHOLE", 10)

    def whole(frame) -> None:
        assert len(frame.orders) < 24, "nobody may ask for the ways between all places"
        return kept(frame)

    kept = mapping.Frame.__dict__["matrices"].func
    monkeypatch.setattr(mapping.Frame.__dict__["matrices"], "func", whole)
    plan = run(start(station))
    assert plan.state == PlanState.PROPOSED, plan.error
    assert plan.first_plan_ms is not None
    assert plan.proposal["engine"] == "parts"
    planned = [pk for card in plan.proposal["routes"] for stop in card["stops"] for pk in stop["order_ids"]]
    left = [row["order_id"] for row in plan.proposal["left_out"]]
    assert sorted(planned + left) == sorted(order.pk for order in orders)
    assert not left
    assert leftovers() == []
    assert not helpers().filter(state__in=[JobState.QUEUED, JobState.RUNNING]).exists()
    proposals.accept_plan(plan=plan, actor="user:test", now=at(station, DAY, 7))
    assert Order.objects.filter(state=OrderState.PLANNED).count() == 24
    for route in Route.objects.all():
        card = next(card for card in plan.proposal["routes"] if card["shift_id"] == route.shift_id)
        assert route.cost_cents == card["cost_cents"], "walked by itself it is what its part said"


def test_what_the_parts_say_holds_for_the_whole_day(world):
    """The plan put together, held against the table of all ways that no part ever saw."""
    station, _, _ = world
    plan = start(station)
    claim = jobs.claim(plan.job_id)
    assert claim is not None
    frame = plan_run.build_frame(plan, at(station, DAY, 7))
    told = []
    found = plan_parts.search_parts(frame, plan, claim, None, told.append)
    assert verify(frame.problem, found) == []
    assert [progress.cost for progress in told][-1] == found.cost.total


def test_another_worker_helps(world, monkeypatch):
    """What a Celery worker does with the helper's job: parts go to it, and it ends with the run."""
    station, _, _ = world
    with SolverProgram() as program:  # a worker of its own has a program of its own
        program.wait_ready()
        plan = start(station, seconds=12)
        thread = in_thread(lambda: run(plan))
        job = wait_for(helpers().first)
        monkeypatch.setattr(plan_parts, "solver", lambda: program)
        jobs.run(job.pk)
        thread.join()
    job.refresh_from_db()
    plan.refresh_from_db()
    assert job.state == JobState.DONE
    assert job.result["parts"] > 0
    assert plan.state == PlanState.PROPOSED, plan.error
    assert leftovers() == []


def test_a_helper_makes_way_for_other_jobs(world, monkeypatch):
    """Two workers are all there are: a letter must not wait for the end of a long search."""
    station, _, _ = world
    with SolverProgram() as program:
        program.wait_ready()
        plan = start(station, seconds=20)
        thread = in_thread(lambda: run(plan))
        try:
            job = wait_for(helpers().first)
            monkeypatch.setattr(plan_parts, "solver", lambda: program)
            Job.objects.create(kind="mail.invitation", payload={})
            began = time.monotonic()
            jobs.run(job.pk)
            assert time.monotonic() - began < 15
            job.refresh_from_db()
            assert job.state == JobState.DONE
        finally:
            jobs.cancel(job_id=plan.job_id)
            thread.join()


def test_cancel_ends_all_of_it(world):
    """Cancel on the board: the run, its helper and the folder are gone within moments."""
    station, _, _ = world
    plan = start(station, seconds=60)
    thread = in_thread(lambda: run(plan))
    wait_for(leftovers)
    folder = leftovers()[0]
    taker = Taker(folder)
    time.sleep(1.0)
    assert not taker.over()
    jobs.cancel(job_id=plan.job_id)
    wait_for(taker.over, 2.0)
    thread.join()
    plan.refresh_from_db()
    assert plan.state == PlanState.CANCELLED
    assert leftovers() == []
    assert not helpers().filter(state__in=[JobState.QUEUED, JobState.RUNNING]).exists()


def test_a_run_that_died_leaves_nothing_to_the_next(world):
    """kill -9 of the run's worker: its folder stays; the second try, or the end of the job, takes it away."""
    station, _, _ = world
    plan = start(station)
    folder = folder_of(plan.pk, 99)
    folder.mkdir(parents=True)
    (folder / "1.task").write_bytes(b"old")
    run(plan)
    assert plan.state == PlanState.PROPOSED
    assert leftovers() == []
    folder.mkdir(parents=True)
    plan_run.plan_ended(Job.objects.get(pk=plan.job_id))
    assert leftovers() == []


def test_a_helper_that_comes_late_has_nothing_to_do(world):
    """Its job may be claimed when the run is over."""
    station, _, _ = world
    payload = {"plan_id": 1, "token": 1}
    job = Job.objects.create(kind=plan_parts.HELP, payload=payload, station_id=station.pk)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.result == {"parts": 0}


TAKE = """
import sys, time
from pathlib import Path
sys.path.insert(0, {root!r})
from dispatch.services.part_files import Giver, Taker
side, folder = sys.argv[1], Path(sys.argv[2])
if side == "taker":
    hand = Taker(folder).take()
    assert hand.__enter__().data == b"part"
else:
    giver = Giver(folder, {{}})
    giver.put(b"part")
print("there", flush=True)
time.sleep(60)
"""


def other_process(side: str, folder: Path) -> subprocess.Popen:
    process = subprocess.Popen(
        [sys.executable, "-c", TAKE.format(root=str(ROOT)), side, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "there\n"
    return process


def test_a_part_of_a_killed_worker_goes_to_another(tmp_path):
    """The kernel tells who is gone: while the taker lives the part is its, whatever the clock says."""
    folder = tmp_path / "run"
    with Giver(folder, {"day": 1}) as giver, Taker(folder) as taker:
        number = giver.put(b"part")
        process = other_process("taker", folder)
        try:
            assert not giver.abandoned(number)
            with taker.take() as nothing:
                assert nothing is None
            process.send_signal(signal.SIGKILL)
            process.wait()
            assert giver.abandoned(number)
        finally:
            process.kill()
        giver.put_back(number)
        with taker.take() as taken:
            assert taken.data == b"part"
            taken.answer(b"plan")
        assert not giver.abandoned(number)
        assert giver.answer(number) == b"plan"
        assert giver.answer(number) is None
    assert not folder.exists()


def test_a_part_is_orphaned_when_its_run_is_killed(tmp_path):
    """Nobody would fetch its answer: the worker sees it at once and stops."""
    folder = tmp_path / "run"
    process = other_process("giver", folder)
    with Taker(folder) as taker:
        assert not taker.over()
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert taker.over()


def test_who_drops_a_part_stops_its_worker(tmp_path):
    """A round that is over waits for nobody; a late answer harms nothing."""
    with Giver(tmp_path / "run", {}) as giver, Taker(tmp_path / "run") as taker:
        number = giver.put(b"part")
        with taker.take() as taken:
            assert taken.wanted()
            giver.drop(number)
            assert not taken.wanted()
            taken.answer(b"late")
    assert leftovers() == []
    assert not (tmp_path / "run").exists()


def test_blocks_are_the_table_s_own_entries(world):
    """Every way of travelling, at every time of day, from any places to any: what a part drives is what all drive."""
    from dispatch.roads.shares import Speeds

    station, _, _ = world
    plan = start(station)
    frame = plan_run.build_frame(plan, at(station, DAY, 7))
    speeds = [(0, Speeds()), (8 * 3600, Speeds(60, 70, 80)), (10 * 3600, Speeds())]
    frame.__dict__["speeds"] = speeds
    travel = Travel.unpacked(travel_of(frame).packed())
    assert list(travel.keys) == sorted(frame.matrices)
    assert len(travel.keys) == 2
    blocks = TravelBlocks(travel, frame.roads, frame.points)
    some, others = np.array([7, 0, 3]), np.array([3, 5, 5, 20, 1])
    for rows, columns in ((some, others), (np.array([0, 4, 9]), np.array([0, 4, 9])), (some, some)):
        for name, block in blocks.block(rows, columns).items():
            table = frame.matrices[name]
            assert (block.durations == table.durations[np.ix_(rows, columns)]).all()
            assert (block.distances == table.distances[np.ix_(rows, columns)]).all()
            assert len(block.periods) == len(table.periods)
            for mine, its in zip(block.periods, table.periods, strict=True):
                assert mine.start == its.start
                assert (mine.durations == its.durations[np.ix_(rows, columns)]).all()
