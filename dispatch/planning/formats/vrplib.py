"""VRPLIB files: CVRP and VRPTW, with coordinates or a matrix.

``EUC_2D`` follows TSPLIB (rounded to whole numbers) unless another convention is asked for; ``CEIL_2D`` rounds
up. Matrices are taken as they stand, times the scale.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ..model import ALWAYS, IntMatrix, Job, Problem, Vehicle, Window
from .benchmark import (
    MAX_NODES,
    TSPLIB,
    Convention,
    Instance,
    alike,
    euclidean,
    must_serve_all,
    one_table,
    scaled,
)
from .errors import FormatError
from .lines import Line, lines_of, real, whole
from .vrplib_matrix import SHAPES, matrix_of

KEYS = frozenset(
    {
        "NAME",
        "COMMENT",
        "TYPE",
        "DIMENSION",
        "CAPACITY",
        "VEHICLES",
        "DISTANCE",
        "SERVICE_TIME",
        "EDGE_WEIGHT_TYPE",
        "EDGE_WEIGHT_FORMAT",
        "NODE_COORD_TYPE",
        "DISPLAY_DATA_TYPE",
        "BEST_KNOWN",
    }
)
SECTIONS = {
    "NODE_COORD_SECTION": 3,
    "DEMAND_SECTION": 2,
    "SERVICE_TIME_SECTION": 2,
    "TIME_WINDOW_SECTION": 3,
    "EDGE_WEIGHT_SECTION": 0,
    "DEPOT_SECTION": 0,
    "DISPLAY_DATA_SECTION": 0,
}
"""Columns of each section; 0 is any number of them."""
TYPES = frozenset({"CVRP", "DCVRP", "VRPTW", "TSP", "ATSP", "ACVRP", "VRP"})


@dataclass(slots=True)
class _File:
    """Specifications and sections with their lines."""

    facts: dict[str, tuple[str, int]] = field(default_factory=dict)
    sections: dict[str, list[Line]] = field(default_factory=dict)
    heads: dict[str, int] = field(default_factory=dict)

    def fact(self, key: str, *, low: int, high: int) -> int:
        """A specification that must be there."""
        if key not in self.facts:
            raise FormatError("specification_missing", f"{key} is missing.", "Add it.")
        word, line = self.facts[key]
        return whole(real(word, line), line, key, low=low, high=high)


def read_vrplib(text: str, convention: Convention | None = None) -> Instance:
    """A VRPLIB file as a problem. Raises ``FormatError``."""
    file = _sections(text)
    _known_type(file)
    size = file.fact("DIMENSION", low=2, high=MAX_NODES)
    convention = convention or TSPLIB
    if file.facts.get("EDGE_WEIGHT_TYPE", ("", 0))[0] == "CEIL_2D":
        convention = replace(convention, rounding="up")
    distances, points = _distances(file, size, convention)
    problem = _problem(file, size, distances, convention)
    labels = {job.id: job.id for job in problem.jobs}
    name = file.facts.get("NAME", ("", 0))[0]
    return Instance(name, must_serve_all(problem, convention), convention, labels, points)


def _sections(text: str) -> _File:
    file, section = _File(), ""
    for line in lines_of(text):
        head = line.words[0].rstrip(":").upper()
        if head == "EOF":
            break
        if head in SECTIONS or (head.endswith("_SECTION") and len(line.words) == 1):
            section = _open(file, head, line)
        elif head[:1].isalpha():
            section = ""
            _fact(file, line)
        elif section:
            file.sections[section].append(line)
        else:
            cause = "There are numbers that belong to no section."
            raise FormatError("section_missing", cause, "Look for a heading that was lost.", line=line.number)
    if not file.facts and not file.sections:
        raise FormatError("empty", "There is nothing of VRPLIB in this file.", "Name another format.")
    return file


def _open(file: _File, head: str, line: Line) -> str:
    if head not in SECTIONS:
        cause = f"{ascii(head)[:40]} is a section this reader does not know."
        action = f"It knows {', '.join(sorted(SECTIONS))}."
        raise FormatError("section_unknown", cause, action, line=line.number)
    if head in file.sections:
        raise FormatError("section_twice", f"{head} is there twice.", "Keep one.", line=line.number)
    file.sections[head], file.heads[head] = [], line.number
    return head


def _fact(file: _File, line: Line) -> None:
    found = re.fullmatch(r"([A-Za-z_0-9]+)\s*:\s*(.*)", " ".join(line.words))
    if found is None:
        cause = f"{ascii(' '.join(line.words))[:60]} is neither KEY : VALUE nor a section."
        raise FormatError("line_unknown", cause, "Correct or remove it.", line=line.number)
    key, value = found[1].upper(), found[2]
    if key not in KEYS:
        cause = f"{ascii(key)[:40]} is a specification this reader does not know."
        raise FormatError(
            "specification_unknown", cause, f"It knows {', '.join(sorted(KEYS))}.", line=line.number
        )
    file.facts[key] = (value, line.number)


def _known_type(file: _File) -> None:
    name, line = file.facts.get("TYPE", ("CVRP", 0))
    if name.upper() not in TYPES:
        cause = f"TYPE is {ascii(name)[:40]}."
        raise FormatError("type_unknown", cause, f"This reader knows {', '.join(sorted(TYPES))}.", line=line)


def _distances(
    file: _File, size: int, convention: Convention
) -> tuple[IntMatrix, NDArray[np.float64] | None]:
    kind, line = file.facts.get("EDGE_WEIGHT_TYPE", ("EUC_2D", 0))
    if kind == "EXPLICIT":
        shape, line = file.facts.get("EDGE_WEIGHT_FORMAT", ("", line))
        if shape not in SHAPES:
            cause = f"EDGE_WEIGHT_FORMAT is {ascii(shape)[:40] or 'missing'}."
            raise FormatError("format_unknown", cause, f"Use one of {', '.join(SHAPES)}.", line=line or None)
        return matrix_of(_of(file, "EDGE_WEIGHT_SECTION"), shape, size, convention), None
    if kind not in ("EUC_2D", "CEIL_2D"):
        cause = f"EDGE_WEIGHT_TYPE is {ascii(kind)[:40]}."
        raise FormatError(
            "edge_weights_unknown", cause, "Use EUC_2D, CEIL_2D or EXPLICIT.", line=line or None
        )
    rows = _by_node(file, "NODE_COORD_SECTION", size)
    points = np.array([rows[node] for node in range(1, size + 1)])
    return euclidean(points, convention), points


def _of(file: _File, section: str) -> list[Line]:
    if section not in file.sections:
        raise FormatError("section_missing", f"{section} is missing.", "Add it; the file may be cut off.")
    return file.sections[section]


def _by_node(file: _File, section: str, size: int) -> Mapping[int, Sequence[float]]:
    """A section's columns after the node's number, one row per node."""
    lines, rows = _of(file, section), dict[int, Sequence[float]]()
    for line in lines:
        row = line.numbers(SECTIONS[section], f"A row of {section}")
        node = whole(row[0], line.number, "The node", low=1, high=size)
        if node in rows:
            raise FormatError(
                "duplicate_id", f"Node {node} is there twice.", "Renumber one.", line=line.number
            )
        rows[node] = row[1:]
    if len(rows) < size:
        cause = f"{section} has {len(rows)} nodes, DIMENSION says {size}."
        raise FormatError("truncated", cause, "The file may be cut off.", line=file.heads[section])
    return rows


def _depot(file: _File, size: int) -> int:
    """The depot's node. Several depots are refused."""
    nodes: list[int] = []
    for line in file.sections.get("DEPOT_SECTION", []):
        for word in line.words:
            value = real(word, line.number)
            if value == -1:
                continue
            nodes.append(whole(value, line.number, "The depot's node", low=1, high=size))
    if len(nodes) > 1:
        cause = f"There are {len(nodes)} depots."
        action = "This reader takes one; VROOM's format states several."
        raise FormatError("several_depots", cause, action, line=file.heads["DEPOT_SECTION"])
    return nodes[0] if nodes else 1


def _problem(file: _File, size: int, distances: IntMatrix, convention: Convention) -> Problem:
    depot = _depot(file, size)
    demands = _optional(file, "DEMAND_SECTION", size)
    services = _optional(file, "SERVICE_TIME_SECTION", size)
    windows = _optional(file, "TIME_WINDOW_SECTION", size)
    each = file.facts.get("SERVICE_TIME")
    service_s = scaled(real(*each), convention, each[1]) if each else 0
    jobs = []
    for node in range(1, size + 1):
        if node == depot:
            continue
        jobs.append(
            Job(
                id=str(node - 1 if node > depot else node),
                place=node - 1,
                windows=(_window(windows[node], convention),) if windows else (),
                service_s=scaled(services[node][0], convention) if services else service_s,
                delivery=(scaled(demands[node][0], convention, multiple=1),) if demands else (),
            )
        )
    vehicle = Vehicle(
        id="",
        start=depot - 1,
        end=depot - 1,
        shift=_window(windows[depot], convention) if windows else ALWAYS,
        capacity=(file.fact("CAPACITY", low=0, high=10**8),) if demands else (),
        max_duration_s=_limit(file, convention),
        cost_per_km=1000,
    )
    fleet = alike(vehicle, _fleet_size(file, jobs, vehicle))
    return Problem(tuple(jobs), fleet, one_table(distances), ("units",) if demands else ())


def _optional(file: _File, section: str, size: int) -> Mapping[int, Sequence[float]] | None:
    return _by_node(file, section, size) if section in file.sections else None


def _limit(file: _File, convention: Convention) -> int | None:
    """``DISTANCE`` limits a route's way and services together."""
    fact = file.facts.get("DISTANCE")
    return None if fact is None else scaled(real(*fact), convention, fact[1])


def _fleet_size(file: _File, jobs: Sequence[Job], vehicle: Vehicle) -> int:
    """``VEHICLES``, or more than any good plan needs."""
    if "VEHICLES" in file.facts:
        return file.fact("VEHICLES", low=1, high=10_000)
    if not vehicle.capacity:
        return 1 if vehicle.shift == ALWAYS else len(jobs)
    if vehicle.shift != ALWAYS or vehicle.max_duration_s is not None or not vehicle.capacity[0]:
        return len(jobs)
    needed = -(-sum(job.delivery[0] for job in jobs) // vehicle.capacity[0])
    return min(len(jobs), 2 * needed + 5)


def _window(row: Sequence[float], convention: Convention) -> Window:
    window = Window(scaled(row[0], convention), scaled(row[1], convention))
    if window.end < window.start:
        cause = f"A time window ends before it starts: {row[0]:g} to {row[1]:g}."
        raise FormatError("window_invalid", cause, "Swap the two.")
    return window
