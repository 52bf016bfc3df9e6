"""Datasets out of an OpenStreetMap extract: osrm-extract and osrm-contract, once per profile.

A profile is built beside its final folder and moved there when it is whole, so that an interrupted build
leaves the old dataset and engines that are open keep their files.
"""

import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dispatch.roads.base import MOTOR_PROFILES, Profile, RoadsError
from dispatch.roads.osrm_tools import ToolFailed, package_dir, program, run

type Progress = Callable[[str, float], None]

SMALL_COMPONENT: Final = 100
"""Networks of fewer nodes are islands that no place is moved onto. OSRM's 1,000 makes whole districts of a
clipped city small; without any, four of ten pairs of Helsinki addresses had no connection."""

DATASET: Final = "city.osrm"
SPLIT_CLASSES: Final = ("main", "through")
"""Classes of road whose share of a way's seconds is told by a dataset of its own (see `shares`)."""

PROFILES_DIR: Final = Path(__file__).parent / "profiles"
EXTRACT_SHARE: Final = 0.4
UNREADABLE: Final = "Take another copy of the file; it must be an .osm.pbf of OpenStreetMap data."


@dataclass(frozen=True, slots=True)
class TruckLimits:
    """The truck that must fit: metres, kilograms, km/h."""

    height_m: float = 3.6
    width_m: float = 2.5
    length_m: float = 8.5
    weight_kg: int = 7500
    top_speed_kmh: int = 80

    def environment(self) -> dict[str, str]:
        """The limits as truck.lua reads them."""
        return {
            "LASTMILE_TRUCK_HEIGHT_M": str(self.height_m),
            "LASTMILE_TRUCK_WIDTH_M": str(self.width_m),
            "LASTMILE_TRUCK_LENGTH_M": str(self.length_m),
            "LASTMILE_TRUCK_WEIGHT_KG": str(self.weight_kg),
            "LASTMILE_TRUCK_TOP_SPEED_KMH": str(self.top_speed_kmh),
        }


@dataclass(frozen=True, slots=True)
class ProfileSummary:
    """What one dataset holds: pieces of street between mapped points, and bytes on disk."""

    segments: int
    bytes: int


@dataclass(frozen=True, slots=True)
class RoadsSummary:
    """What a build made. `without_roads` are profiles for which the extract has no way at all.

    `missing_nodes` counts places that ways name and the extract lacks (a clipped extract): those ways end
    at the clip.
    """

    profiles: dict[Profile, ProfileSummary] = field(default_factory=dict)
    without_roads: tuple[Profile, ...] = ()
    missing_nodes: int = 0


def build_roads(
    extract: Path,
    target: Path,
    *,
    profiles: Sequence[Profile] = tuple(Profile),
    progress: Progress,
    truck: TruckLimits | None = None,
) -> RoadsSummary:
    """Build `target/<profile>/city.osrm*` for each profile, replacing datasets of these profiles.

    `progress(stage, fraction)` is called at least twice a second, fraction 0 to 1 over the whole build; an
    exception it raises stops the build. Raises `roads_extract_missing`, `roads_extract_unreadable`,
    `roads_extract_empty` (no profile has a road), `roads_build_failed`, `roads_no_osrm`.
    """
    _require_extract(extract)
    target.mkdir(parents=True, exist_ok=True)
    summaries: dict[Profile, ProfileSummary] = {}
    without: list[Profile] = []
    missing = 0
    environment = (truck or TruckLimits()).environment()
    for number, profile in enumerate(profiles):
        reporter = _Reporter(progress, profile, number / len(profiles), 1 / len(profiles))
        built = _build_profile(extract, target, profile, environment, reporter)
        if built is None:
            without.append(profile)
            continue
        summaries[profile], nodes = built
        missing = max(missing, nodes)
    if not summaries:
        raise RoadsError(
            "roads_extract_empty",
            f"{extract.name} has no roads.",
            "Use an extract that holds all of OpenStreetMap's data, not only places or buildings.",
        )
    progress("roads", 1.0)
    return RoadsSummary(summaries, tuple(without), missing)


@dataclass(slots=True)
class _Reporter:
    """Turns what the programs print into one fraction of the whole build."""

    progress: Progress
    profile: Profile
    start: float
    share: float
    done: float = 0.0

    def extracting(self, text: str) -> None:
        # osrm-extract prints no percentage: each of about 200 lines moves a little.
        self._report("reading streets", min(EXTRACT_SHARE, self.done + text.count("\n") / 500))

    def contracting(self, text: str) -> None:
        percents = re.findall(r"(\d+)%", text)
        share = int(percents[-1]) / 100 if percents else 0.0
        self._report("preparing routes", EXTRACT_SHARE + (1 - EXTRACT_SHARE) * share)

    def _report(self, stage: str, done: float) -> None:
        self.done = max(self.done, min(done, 1.0))
        self.progress(f"{self.profile}: {stage}", self.start + self.share * self.done)


def _require_extract(extract: Path) -> None:
    try:
        with extract.open("rb") as file:
            head = file.read(64)
    except OSError as error:
        raise RoadsError(
            "roads_extract_missing",
            f"{extract} cannot be read: {error.strerror}",
            "Give the path of an .osm.pbf file.",
        ) from error
    if b"OSMHeader" not in head:
        raise RoadsError("roads_extract_unreadable", f"{extract.name} is not an .osm.pbf file.", UNREADABLE)


def _build_profile(
    extract: Path, target: Path, profile: Profile, environment: dict[str, str], reporter: _Reporter
) -> tuple[ProfileSummary, int] | None:
    """The dataset's summary and missing nodes; None where the profile finds no road."""
    workshop = target / f"{profile}.building"
    shutil.rmtree(workshop, ignore_errors=True)
    workshop.mkdir()
    try:
        output = _extract(extract, workshop / DATASET, profile, environment, reporter)
        if output is None:
            shutil.rmtree(target / profile, ignore_errors=True)
            return None
        contract(workshop / DATASET, on_output=reporter.contracting)
        for slowed in SPLIT_CLASSES if profile in MOTOR_PROFILES else ():
            (workshop / slowed).mkdir()
            _extract(
                extract,
                workshop / slowed / DATASET,
                profile,
                environment | {"LASTMILE_SLOWED": slowed},
                reporter,
            )
            contract(workshop / slowed / DATASET, on_output=reporter.contracting)
        summary = ProfileSummary(
            segments=_number(r"Processed (\d+) edges", output),
            bytes=sum(file.stat().st_size for file in workshop.rglob("*") if file.is_file()),
        )
        shutil.rmtree(target / profile, ignore_errors=True)
        workshop.rename(target / profile)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    return summary, _number(r"(\d+) node\(s\) referenced by ways were not found", output)


def _extract(
    extract: Path, dataset: Path, profile: Profile, environment: dict[str, str], reporter: _Reporter
) -> str | None:
    command: list[str | Path] = [
        program("osrm-extract"),
        "--profile",
        PROFILES_DIR / f"{profile}.lua",
        "--small-component-size",
        str(SMALL_COMPONENT),
        "--output",
        dataset.with_suffix(""),
        extract,
    ]
    # The profiles `require` the handlers that the wheel ships beside its own profiles.
    lua_path = f"{package_dir() / 'share' / 'profiles'}/?.lua;;"
    try:
        return run(command, environment={**environment, "LUA_PATH": lua_path}, on_output=reporter.extracting)
    except ToolFailed as failure:
        if "no edges remaining" in failure.output or "No such file: " in failure.output:
            return None
        raise _extract_fault(extract, failure) from failure


def contract(
    dataset: Path, *, on_output: Callable[[str], None] = lambda text: None, speeds: Path | None = None
) -> None:
    """Prepare an extracted dataset for questions, with the speeds of single pieces of street where given.

    `speeds` is a file of OSRM's: node, node, km/h, rate; raises `roads_build_failed`.
    """
    changed: list[str | Path] = ["--segment-speed-file", speeds] if speeds else []
    try:
        run([program("osrm-contract"), dataset, *changed], environment={}, on_output=on_output)
    except ToolFailed as failure:
        raise _build_fault(failure) from failure


def _extract_fault(extract: Path, failure: ToolFailed) -> RoadsError:
    pbf = re.search(r"(PBF error: .*|.*(?:invalid|corrupt).*)", failure.output)
    if pbf is None:
        return _build_fault(failure)
    said = pbf.group(1).strip()
    what = "ends too early" if "EOF" in said or "truncated" in said else "is damaged"
    return RoadsError("roads_extract_unreadable", f"{extract.name} {what} ({said}).", UNREADABLE)


def _build_fault(failure: ToolFailed) -> RoadsError:
    lines = [line for line in failure.output.splitlines() if line.strip()]
    last = lines[-1] if lines else "it said nothing"
    return RoadsError(
        "roads_build_failed",
        f"{failure}: {last}",
        "Check free disk space and memory, then build again.",
        status=500,
    )


def _number(pattern: str, output: str) -> int:
    found = re.search(pattern, output)
    return int(found.group(1)) if found else 0
