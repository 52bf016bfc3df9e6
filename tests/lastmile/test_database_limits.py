"""What keeps one statement, one long reader or one big matrix from costing everybody else."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.sqlite3.base import DatabaseWrapper

from lastmile.runner import parts

ROOT = Path(__file__).resolve().parents[2]
SHOW = (
    "import json; from lastmile.settings import DATABASES; print(json.dumps(DATABASES['default']['OPTIONS']))"
)


def postgres_options(home: Path, **env: str) -> str:
    """The options a process started with this environment connects to PostgreSQL with."""
    own = {"LASTMILE_HOME": str(home), "DATABASE_URL": "postgres://u:p@db/name"}
    done = subprocess.run(
        [sys.executable, "-c", SHOW], cwd=ROOT, env=os.environ | own | env, capture_output=True, check=True
    )
    return str(json.loads(done.stdout)["options"])


def test_a_page_waits_ten_seconds_for_postgres_and_a_job_a_minute(tmp_path: Path) -> None:
    """One figure for both either kills imports or lets a page hang."""
    assert "-c statement_timeout=10s " in postgres_options(tmp_path)
    worker = postgres_options(tmp_path, **parts.worker().env)
    assert "-c statement_timeout=60s " in worker
    for limit in ("-c lock_timeout=3s ", "-c idle_in_transaction_session_timeout=15s"):
        assert limit in worker


def test_only_the_worker_keeps_the_memory_of_a_matrix(tmp_path: Path) -> None:
    """The web process serves small answers for months: there the memory shall go back."""
    where = parts.Where("127.0.0.1", 8000, tmp_path)
    assert int(parts.worker().env["MALLOC_TRIM_THRESHOLD_"]) > 1000 * 1000 * 2 * 4
    assert "MALLOC_TOP_PAD_" in parts.worker().env
    assert not parts.web(where).env
    assert not parts.publisher(ROOT).env


@pytest.mark.django_db
def test_the_write_ahead_log_is_cut_after_a_peak(tmp_path: Path) -> None:
    """One reader that stayed open over night must not leave gigabytes of log behind for good."""
    if connection.vendor != "sqlite":
        pytest.skip("these are SQLite's own settings")
    described = settings.DATABASES["default"] | {"NAME": f"{tmp_path}/real.sqlite3"}
    mine = DatabaseWrapper(connection.settings_dict | described, alias="real")
    with mine.cursor() as cursor:
        assert cursor.execute("PRAGMA wal_autocheckpoint").fetchone()[0] == 1000
        assert cursor.execute("PRAGMA journal_size_limit").fetchone()[0] == 64 * 2**20
        assert cursor.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    mine.close()
