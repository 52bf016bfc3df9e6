"""Loaded before Django: every test run lives in a folder of its own, away from anybody's data."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

if "LASTMILE_TEST_HOME" not in os.environ:
    made = tempfile.mkdtemp(prefix="lastmile-test-")
    os.environ["LASTMILE_TEST_HOME"] = made
    owner = os.getpid()
    atexit.register(lambda: os.getpid() == owner and shutil.rmtree(made, ignore_errors=True))

worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
home = Path(os.environ["LASTMILE_TEST_HOME"]) / worker
(home / "static").mkdir(parents=True, exist_ok=True)
os.environ["LASTMILE_HOME"] = str(home)
os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 50)
for name in ("DATABASE_URL", "VALKEY_URL"):
    os.environ.pop(name, None)
if os.environ.get("LASTMILE_TEST_DATABASE") == "postgresql":
    if (
        "LASTMILE_TEST_DATABASE_URL" not in os.environ
    ):  # the run's first process starts it, its workers use it
        from tests.postgres import started

        os.environ["LASTMILE_TEST_DATABASE_URL"] = started(Path(os.environ["LASTMILE_TEST_HOME"]))
    os.environ["DATABASE_URL"] = os.environ["LASTMILE_TEST_DATABASE_URL"]
