"""Building a city as a job: in a program of its own, so that a large extract neither holds nor fills the worker."""

import contextlib
import re
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from dispatch.places.city import city_folder
from dispatch.services import downloads
from lastmile import jobs
from lastmile.kernel.errors import LastmileError
from lastmile.models import ACTIVE_JOB, Job

KIND = "city.add"
LIMIT_S = 3 * 3600
LOOK_S = 0.5
# Where each stage of a build begins and ends in the bar.
STAGES = {"download": (0, 20), "checking": (20, 22), "reading": (22, 35), "addresses": (35, 50), "map": (50, 75),
          "roads": (75, 99)}  # fmt: skip
LINE = re.compile(r"(\w+): (\d+) %")
ERROR = re.compile(r"(?:CommandError: )?(?P<cause>.+) \[(?P<code>\w+)\]\s*\Z")


def add_city(*, name: str, source: str, actor: str, now: datetime) -> Job:
    """Queue the building of a city from a path on the server or a public https address.

    Raises PlacesError ``city_name_invalid``, LastmileError ``no_extract``, ``address_refused``.
    """
    city_folder(Path(settings.CITIES_HOME), name)
    if "://" in source:
        downloads.read_address(source)
    elif not source.endswith(".pbf") or not Path(source).is_file():
        raise LastmileError(
            "no_extract", "There is no .osm.pbf file of that path on the server.",
            "Give the whole path, like /srv/osm/helsinki.osm.pbf, or an https:// address.", field="source", status=422,
        )  # fmt: skip
    return jobs.enqueue(
        kind=KIND, key=name, payload={"name": name, "source": source}, actor=actor, now=now, max_attempts=2
    )


def running(name: str) -> Job | None:
    """The job that builds this city just now."""
    return Job.objects.filter(ACTIVE_JOB, kind=KIND, key=name).first()


def newest() -> Job | None:
    return Job.objects.filter(kind=KIND).order_by("-pk").first()


@jobs.kind(KIND, limit_s=LIMIT_S)
def work(claim: jobs.Claim) -> dict[str, Any]:
    """Fetch where there is something to fetch, then build; the city of before stays until the new one is whole."""
    name, source = claim.job.payload["name"], claim.job.payload["source"]
    fetched = None
    try:
        if "://" in source:
            folder = Path(settings.CITIES_HOME) / ".downloads"
            folder.mkdir(parents=True, exist_ok=True)
            fetched = folder / f"{name}-{claim.job.pk}.osm.pbf"
            downloads.fetch(source, fetched, Teller(claim))
        _build(claim, name, fetched or Path(source))
    finally:
        if fetched is not None:
            fetched.unlink(missing_ok=True)
    return {"name": name}


class Teller:
    """Shows how far a download is, twice a second."""

    def __init__(self, claim: jobs.Claim) -> None:
        self.claim, self.told = claim, 0.0

    def __call__(self, share: float) -> None:
        if time.monotonic() - self.told >= LOOK_S:
            self.told = time.monotonic()
            tell(self.claim, "download", share)


def tell(claim: jobs.Claim, stage: str, share: float) -> None:
    low, high = STAGES.get(stage, (0, 0))
    claim.progress(int(low + (high - low) * share), stage)


def _build(claim: jobs.Claim, name: str, extract: Path) -> None:
    manage = Path(settings.BASE_DIR) / "manage.py"
    command = [
        sys.executable,
        str(manage),
        "city",
        "add",
        name,
        str(extract),
        "--home",
        str(settings.CITIES_HOME),
    ]
    log = Path(settings.CITIES_HOME) / f".build-{claim.job.pk}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    try:
        with (
            log.open("w") as out,
            subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL) as program,
        ):
            try:
                while program.poll() is None:
                    time.sleep(LOOK_S)
                    stage, share = read_progress(log.read_text(errors="replace"))
                    tell(claim, stage, share)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    program.kill()
        if program.returncode:
            raise said_why(log.read_text(errors="replace"))
    finally:
        log.unlink(missing_ok=True)


def read_progress(text: str) -> tuple[str, float]:
    """The stage under way and its share done, by what the builder printed last."""
    found = LINE.findall(text)
    return (found[-1][0], int(found[-1][1]) / 100) if found else ("checking", 0.0)


def said_why(text: str) -> LastmileError:
    """The builder's refusal; a crash is none and is told as such."""
    last = (text.strip().splitlines() or [""])[-1]
    match = ERROR.fullmatch(last)
    if match is None:
        raise RuntimeError(f"the city builder crashed: {last[:300]}")
    return LastmileError(match["code"], match["cause"], "Correct it and build again.")
