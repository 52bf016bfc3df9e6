"""`manage.py solve`: files in, plans out, on a machine that has no database; bad files end with 2 and one sentence."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.dispatch.planning.formats.samples import LILIM, SOLOMON, VRPLIB, sample, step

ROOT = Path(__file__).resolve().parents[2]


def solve(path: Path, **options: Any) -> str:
    """What the command writes to standard output."""
    out = io.StringIO()
    call_command("solve", str(path), stdout=out, **{"time_limit": 0.3, **options})
    return out.getvalue()


@pytest.fixture
def written(tmp_path: Path) -> Any:
    def write(content: str | bytes, name: str = "problem") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def run(*args: str, given: bytes = b"", **more: str) -> subprocess.CompletedProcess[bytes]:
    """The command as a program of its own, with a database that cannot be there."""
    env = {**os.environ, "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", **more}
    return subprocess.run(
        [sys.executable, "manage.py", "solve", *args],
        cwd=ROOT,
        env=env,
        input=given,
        capture_output=True,
        timeout=100,
        check=False,
    )


def test_solomon_from_a_file(written: Any) -> None:
    """Guessed, solved, printed as a .sol file with one summary line."""
    lines = solve(written(SOLOMON)).splitlines()
    assert sorted(lines[:2]) == ["Route #1: 1 2", "Route #2: 3"] or sorted(lines[:2]) == [
        "Route #1: 3",
        "Route #2: 1 2",
    ]
    assert lines[2] == "Cost 30"
    assert lines[3].startswith("Summary cost 30 exact 30.00 vehicles 2 unassigned 0 violations 0 scale 100")


def test_vrplib_with_options(written: Any) -> None:
    """Scale and rounding are the caller's, and are said in the output."""
    text = solve(written(VRPLIB), rounding="dimacs")
    assert "Cost 30\n" in text
    assert "scale 10 rounding down" in text
    assert "scale 1 rounding nearest" in solve(written(VRPLIB), format="vrplib")


def test_vroom_from_a_file_into_a_file(written: Any, tmp_path: Path) -> None:
    """--out gets the JSON, and nothing else is printed."""
    out = tmp_path / "plan.json"
    assert not solve(written(json.dumps(sample())), out=str(out))
    answer = json.loads(out.read_text())
    assert answer["code"] == 0
    assert answer["summary"]["unassigned"] == 0


def test_given_steps_are_judged(written: Any) -> None:
    """--plan, or options.c in the file: no search, the order as it stands."""
    data = sample()
    data["vehicles"][0]["steps"] = [step("job", 2), step("job", 1)]
    answer = json.loads(solve(written(json.dumps(data)), plan=True))
    assert [s.get("id") for s in answer["routes"][0]["steps"]] == [None, 2, 1, None]


def test_coordinates_without_a_city_fly_as_the_crow(written: Any) -> None:
    """No matrix and no streets: still a plan, at the pace of a van."""
    data: dict[str, Any] = {
        "vehicles": [{"id": 1, "start": [24.94, 60.17]}],
        "jobs": [{"id": 1, "location": [24.95, 60.17]}],
        "options": {"g": True},
    }
    answer = json.loads(solve(written(json.dumps(data))))
    route = answer["routes"][0]
    assert 500 < route["distance"] < 1000
    assert route["geometry"]
    data["vehicles"][0]["profile"] = "submarine"
    with pytest.raises(CommandError, match="profile_unknown"):
        solve(written(json.dumps(data)))


@pytest.mark.parametrize(
    ("content", "options", "code"),
    [
        ("", {}, "empty"),
        (b"\x00\x01\x02", {}, "not_text"),
        ("hello", {}, "format_unknown"),
        ("{", {}, "not_json"),
        ('{"vehicles": [], "jobs": []}', {}, "no_vehicle"),
        (SOLOMON[:90], {}, "truncated"),
        (SOLOMON, {"format": "vrplib"}, "line_unknown"),
        (SOLOMON, {"format": "vroom"}, "not_json"),
        (SOLOMON, {"plan": True}, "bad_option"),
        (SOLOMON, {"time_limit": 0.0}, "bad_option"),
        (SOLOMON, {"time_limit": float("nan")}, "bad_option"),
        (SOLOMON, {"seed": -1}, "bad_option"),
        (SOLOMON, {"scale": 0}, "bad_option"),
        (LILIM[:30], {"format": "lilim"}, "truncated"),
    ],
)
def test_a_bad_file_is_one_sentence_and_two(
    written: Any, content: str | bytes, options: dict[str, Any], code: str
) -> None:
    """Exit code 2 is what VROOM gives, too; the code in brackets is for programs."""
    with pytest.raises(CommandError) as caught:
        solve(written(content), **options)
    assert caught.value.returncode == 2
    assert str(caught.value).endswith(f"[{code}]")


def test_a_place_that_cannot_be_written_is_told_before_the_search(written: Any, tmp_path: Path) -> None:
    """An hour of search must not end with a typing mistake."""
    with pytest.raises(CommandError, match="file_unusable"):
        solve(written(SOLOMON), out=str(tmp_path / "no" / "where"), time_limit=3600.0)


def test_it_runs_without_a_database_and_reads_a_pipe() -> None:
    """A fresh program, no server at the database's address, the file on standard input; progress stays silent."""
    done = run("-", "--time-limit", "0.3", given=SOLOMON.encode())
    assert done.returncode == 0, done.stderr.decode()
    assert b"Cost 30\n" in done.stdout
    assert done.stderr == b""


def test_a_missing_file_has_no_traceback() -> None:
    """What a person sees in a terminal."""
    done = run("/nowhere/at/all")
    assert done.returncode == 2
    assert done.stderr.decode().strip().splitlines() == [
        "CommandError: /nowhere/at/all: No such file or directory. Check the path. [file_unusable]"
    ]
