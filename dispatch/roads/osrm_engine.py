"""Opened OSRM engines of this process, one per dataset.

An engine is opened on first use, never before a fork, and reopened when the dataset's files were replaced.
Files are mapped, not read: opening takes milliseconds and processes share the memory. The bindings hold
Python's lock during a question, so threads take turns; long tables belong in a worker process.
"""

import importlib
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from dispatch.roads.base import RoadsError

REBUILD: Final = "Build the city's roads again."
MAX_LOCATIONS: Final = 100_000
"""Raised far over OSRM's defaults (100 and 500): the caller decides how much it asks."""


@dataclass(frozen=True, slots=True)
class _Opened:
    pid: int
    stamp: tuple[int, int]
    engine: Any


_lock = threading.Lock()
_opened: dict[Path, _Opened] = {}
_inherited: list[dict[Path, _Opened]] = []


def _forget_parents_engines() -> None:
    global _lock, _opened
    # Another thread of the parent may have held the lock; and dropping its engines here would run
    # destructors over thread pools that do not exist in the child.
    _lock = threading.Lock()
    _inherited.append(_opened)
    _opened = {}


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_parents_engines)


def bindings() -> Any:
    """The `osrm` module, or `RoadsError("roads_no_osrm")` where the platform has no wheel for it."""
    try:
        return importlib.import_module("osrm")
    except ImportError as error:
        raise RoadsError(
            "roads_no_osrm",
            f"OSRM cannot be loaded on this machine: {error}",
            "Install osrm-bindings, or set the address of a remote OSRM.",
        ) from error


def engine_for(dataset: Path) -> Any:
    """The engine of `dataset` (".../city.osrm"), opened at most once per process and per built dataset.

    Raises `roads_dataset_missing` and `roads_dataset_broken`.
    """
    with _lock:
        stamp = _stamp(dataset)
        known = _opened.get(dataset)
        if known and known.pid == os.getpid() and known.stamp == stamp:
            return known.engine
        engine = open_engine(dataset)
        _drop_deleted()
        _opened[dataset] = _Opened(os.getpid(), stamp, engine)
        return engine


def is_built(dataset: Path) -> bool:
    """Whether there is a dataset that can be opened."""
    return dataset.with_name(dataset.name + ".hsgr").is_file()


def _stamp(dataset: Path) -> tuple[int, int]:
    try:
        found = dataset.with_name(dataset.name + ".hsgr").stat()
    except OSError as error:
        raise RoadsError("roads_dataset_missing", f"There are no roads at {dataset}.", REBUILD) from error
    return found.st_ino, found.st_mtime_ns


def _drop_deleted() -> None:
    """Datasets with closed streets come and go: what is no longer on disk need not stay mapped."""
    for dataset in [dataset for dataset in _opened if not is_built(dataset)]:
        del _opened[dataset]


def open_engine(dataset: Path) -> Any:
    """A new engine of `dataset`, kept by nobody. Raises `roads_dataset_broken`."""
    try:
        return bindings().OSRM(
            storage_config=str(dataset),
            algorithm="CH",
            use_shared_memory=False,
            use_mmap=True,
            verbosity="NONE",
            max_locations_distance_table=MAX_LOCATIONS,
            max_locations_viaroute=MAX_LOCATIONS,
            max_results_nearest=10,
        )
    except RuntimeError as error:
        cause = f"The roads at {dataset} cannot be opened: {error}"
        raise RoadsError("roads_dataset_broken", cause, REBUILD) from error
