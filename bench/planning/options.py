"""What may be said on the command line."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

from .peers import NAMES as PEERS
from .sets import NAMES

RESULTS = Path(__file__).resolve().parent.parent / "results"


@dataclass(frozen=True, slots=True)
class Options:
    """All of it, defaults filled in."""

    sets: tuple[str, ...]
    seconds: tuple[float, ...]
    peers: tuple[str, ...]
    instances: tuple[str, ...]
    seed: int
    quick: bool
    fewest_vehicles: bool
    data: Path
    out: Path


def read(words: list[str] | None = None) -> Options:
    """Read the command line; a mistake ends the program with its usage."""
    parser = argparse.ArgumentParser(prog="bench.planning", description="The planner beside its peers.")
    parser.add_argument(
        "--sets", nargs="+", choices=NAMES, default=NAMES, metavar="SET", help=", ".join(NAMES)
    )
    parser.add_argument("--seconds", nargs="+", type=float, help="limits of each run (1 5 30; quick: 5)")
    parser.add_argument("--peers", nargs="+", choices=tuple(PEERS), default=tuple(PEERS), metavar="PEER")
    parser.add_argument(
        "--instances", nargs="+", default=(), metavar="NAME", help="names or their beginnings"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="a few instances of each set, five seconds")
    parser.add_argument(
        "--fewest-vehicles", action="store_true", help="literature: vehicles first, then distance"
    )
    parser.add_argument(
        "--data", type=Path, default=os.environ.get("LASTMILE_DATA"), help="default: $LASTMILE_DATA"
    )
    parser.add_argument("--out", type=Path, default=RESULTS)
    said = parser.parse_args(words)
    if said.data is None:
        parser.error("Name the folder with the benchmark files: --data, or LASTMILE_DATA.")
    seconds = tuple(said.seconds or ((5.0,) if said.quick else (1.0, 5.0, 30.0)))
    return Options(
        tuple(said.sets), seconds, tuple(said.peers), tuple(said.instances), said.seed, said.quick,
        said.fewest_vehicles, said.data, said.out,
    )  # fmt: skip
