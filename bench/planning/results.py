"""Results as files: every run as a line of JSON and of CSV, while it goes on."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

from .judge import Row

COLUMNS = (
    "set", "case", "orders", "peer", "seconds", "seed", "took_s", "cost", "vehicles", "left_out", "gap",
    "best_vehicles", "first_s", "matrix_s", "engine", "load", "broken",
)  # fmt: skip


class Book:
    """Two files named by the time of the run."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"planning-{datetime.now(UTC):%Y%m%d-%H%M%S}.jsonl"
        with self.path.with_suffix(".csv").open("w", newline="") as file:
            csv.DictWriter(file, COLUMNS).writeheader()

    def add(self, row: Row) -> None:
        """Write down one run."""
        known = row.to_json()
        with self.path.open("a") as file:
            file.write(json.dumps(known) + "\n")
        with self.path.with_suffix(".csv").open("a", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore")
            broken = " ".join(f"{code}:{count}" for code, count in row.broken.items())
            writer.writerow(known | {"broken": broken})
