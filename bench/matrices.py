"""Time of travel matrices in process: 300 x 300 and 1,000 x 1,000, durations and distances, plain and by time of day.

    python -m bench.matrices [EXTRACT.osm.pbf] [--runs N] [--profile van] [--out FILE]

The extract (by default Copenhagen from the folder that LASTMILE_DATA names) is built in a temporary folder.
Places are its own nodes near a road, drawn with a fixed seed. Prints the median of several
runs; with --out also writes JSON.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import osmium

from dispatch.roads.base import Floats, Profile, RoadsError
from dispatch.roads.build import build_roads
from dispatch.roads.dataset import dataset_path
from dispatch.roads.osrm_local import OsrmLocal
from dispatch.roads.shares import Speeds

SIZES = (300, 1000)
SEED = 7
SPEEDS = (Speeds(112, 108, 103), Speeds(75, 80, 92), Speeds(92, 94, 97), Speeds(70, 77, 90))


def main() -> int:
    options = read_options()
    source = options.source or default_source()
    if source is None:
        print("Give an extract, or set LASTMILE_DATA.", file=sys.stderr)
        return 2
    try:
        with tempfile.TemporaryDirectory() as workshop:
            report = measure(source, Path(workshop), options.profile, options.runs)
    except RoadsError as error:
        print(f"{error.cause} {error.action}", file=sys.stderr)
        return 1
    if options.out:
        options.out.write_text(json.dumps(report, indent=1) + "\n")
    return 0


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("source", nargs="?", type=Path, metavar="EXTRACT")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--profile", type=Profile, choices=list(Profile), default=Profile.VAN)
    parser.add_argument("--out", type=Path)
    return parser.parse_args()


def default_source() -> Path | None:
    data = os.environ.get("LASTMILE_DATA")
    return Path(data) / "osm" / "copenhagen-2011.osm.pbf" if data else None


def measure(source: Path, workshop: Path, profile: Profile, runs: int) -> dict[str, object]:
    roads = OsrmLocal({profile: dataset_path(build(source, workshop, profile), profile)})
    places = draw_places(source, roads, profile)
    report: dict[str, object] = {"source": source.name, "profile": str(profile), "runs": runs}
    for size in SIZES:
        times = [timed(roads, places[:size], profile) for _ in range(runs)]
        report[f"{size}x{size}"] = {"median_s": statistics.median(times), "best_s": min(times)}
        print(f"{size:>5} x {size:<5} median {statistics.median(times):.3f} s   best {min(times):.3f} s")
        times = [timed(roads, places[:size], profile, periods=True) for _ in range(runs)]
        report[f"{size}x{size} periods"] = {"median_s": statistics.median(times), "best_s": min(times)}
        print(f"{'by time of day':>13} median {statistics.median(times):.3f} s   best {min(times):.3f} s")
    matrix = roads.matrix(places[: SIZES[-1]], profile)
    print(f"unreachable pairs {len(matrix.unreachable_pairs())}, far from a road {len(matrix.far_sources())}")
    return report


def build(extract: Path, workshop: Path, profile: Profile) -> Path:
    start = time.perf_counter()
    summary = build_roads(extract, workshop / "roads", profiles=[profile], progress=lambda stage, done: None)
    built = summary.profiles[profile]
    print(f"{extract.name}: {built.segments} segments built in {time.perf_counter() - start:.1f} s")
    return workshop


def draw_places(extract: Path, roads: OsrmLocal, profile: Profile) -> Floats:
    """Nodes of the extract that lie within 100 m of a road of the profile."""
    nodes = [
        (node.location.lat, node.location.lon)
        for node in osmium.FileProcessor(str(extract), osmium.osm.NODE)
        if node.location.valid()
    ]
    rng = np.random.default_rng(SEED)
    drawn = np.array(nodes)[rng.permutation(len(nodes))]
    near = [point for point in drawn[: 4 * SIZES[-1]] if roads.nearest(point, profile).metres < 100]
    return np.array(near[: SIZES[-1]])


def timed(roads: OsrmLocal, points: Floats, profile: Profile, *, periods: bool = False) -> float:
    start = time.perf_counter()
    found = roads.matrix(points, profile, shares=periods)
    if found.shares is not None:
        for speeds in SPEEDS:
            found.shares.at(found.durations, speeds)
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
