"""A large day on a real installation: Celery workers share its parts, and one of them is killed in the middle."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.running import ROOT, Up, environment

pytestmark = pytest.mark.real

STORY = """
import json, os, signal, time
from dispatch.models import Plan
from dispatch.services import plan_parts, plans
from dispatch.services.plan_scopes import About
from lastmile.models import Job
from tests.scenarios import DAY, at, make_fleet, make_orders, make_shop, make_station

station = make_station()
make_fleet(station, DAY, 6)
make_orders(station, make_shop(station), 60)
plan = plans.start_plan(about=About(station, DAY), time_limit_s=25, seed=1, actor="user:test",
                        now=at(station, DAY, 7))
helpers = Job.objects.filter(kind=plan_parts.HELP)
until, killed = time.monotonic() + 90, None
while time.monotonic() < until:
    plan.refresh_from_db()
    run = Job.objects.get(pk=plan.job_id)
    if plan.state != "running":
        break
    helper = helpers.filter(state="running").first()
    if helper and killed is None and plan_parts.folder_of(plan.pk, run.token).joinpath("day.json").exists():
        time.sleep(3)
        killed = int(helper.worker.rpartition(":")[2])
        assert killed != int(run.worker.rpartition(":")[2])
        os.kill(killed, signal.SIGKILL)
    time.sleep(0.2)
planned = sum(len(stop["order_ids"]) for card in plan.proposal.get("routes", []) for stop in card["stops"])
print(json.dumps({"state": plan.state, "error": plan.error, "planned": planned, "killed": killed,
                  "attempt": run.attempt, "engine": plan.proposal.get("engine"),
                  "helpers": list(helpers.order_by("pk").values("state", "result", "attempt"))}))
"""


@pytest.fixture
def up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Up]:
    monkeypatch.setenv("LARGE_DAY_ORDERS", "10")
    run = Up(tmp_path)
    try:
        yield run.wait_ready()
    finally:
        run.kill_everything()


@pytest.mark.long
def test_a_killed_helper_costs_a_large_day_nothing(up: Up) -> None:
    """Two Celery workers plan one day; the helping one dies by kill -9; the plan is there in time, and whole."""
    told = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "shell", "--no-imports", "-c", STORY],
        env=environment(up.home),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    said = json.loads(told.stdout.splitlines()[-1])
    assert said["state"] == "proposed", said
    assert said["killed"], "a helper must have come"
    assert said["attempt"] == 1, "the run itself went through at once"
    assert said["engine"] == "parts"
    assert said["planned"] == 60
    assert list((up.home / "parts").glob("*")) == []
