"""Solomon's and Gehring and Homberger's text format: one depot, vehicles alike, one window per customer."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from ..model import Job, Problem, Vehicle, Window
from .benchmark import Convention, Instance, alike, euclidean, must_serve_all, one_table, scaled
from .errors import FormatError
from .lines import Line, last_line, lines_of, whole

COLUMNS = 7


def read_solomon(text: str, convention: Convention | None = None) -> Instance:
    """Columns: number, x, y, demand, ready time, due date, service time; the first row is the depot.

    By default scaled by 100 and rounded to the nearest. Raises ``FormatError``.
    """
    convention = convention or Convention()
    lines = list(lines_of(text))
    count, capacity = _fleet(lines)
    rows = _rows(lines)
    points = np.array([[row[1], row[2]] for _, row in rows])
    (line, depot), customers = rows[0], rows[1:]
    vehicle = Vehicle(
        id="",
        start=0,
        end=0,
        shift=_window(depot, convention, line),
        capacity=(capacity,),
        cost_per_km=1000,
    )
    jobs = tuple(
        Job(
            id=str(int(row[0])),
            place=place,
            windows=(_window(row, convention, line),),
            service_s=scaled(row[6], convention, line),
            delivery=(whole(row[3], line, "The demand"),),
        )
        for place, (line, row) in enumerate(customers, 1)
    )
    problem = Problem(jobs, alike(vehicle, count), one_table(euclidean(points, convention)), ("units",))
    labels = {job.id: job.id for job in jobs}
    return Instance(lines[0].words[0], must_serve_all(problem, convention), convention, labels, points)


def _fleet(lines: Sequence[Line]) -> tuple[int, int]:
    """(vehicles, capacity): the numbers under NUMBER and CAPACITY."""
    for head, line in itertools.pairwise(lines):
        if [word.upper() for word in head.words] == ["NUMBER", "CAPACITY"]:
            number, capacity = line.numbers(2, "The line of the fleet")
            count = whole(number, line.number, "The number of vehicles", low=1, high=10_000)
            return count, whole(capacity, line.number, "The capacity")
    raise FormatError(
        "section_missing",
        "There is no line NUMBER CAPACITY with two numbers under it.",
        "Is this a Solomon file? Otherwise name another format.",
        line=last_line(lines),
    )


def _rows(lines: Sequence[Line]) -> list[tuple[int, tuple[float, ...]]]:
    """The table under CUST NO., with line numbers."""
    heads = [i for i, line in enumerate(lines) if line.words[0].upper() == "CUST"]
    if not heads:
        raise FormatError(
            "section_missing",
            "There is no table that begins with CUST NO.",
            "The file may be cut off.",
            line=last_line(lines),
        )
    rows = [(line.number, line.numbers(COLUMNS, "A customer")) for line in lines[heads[0] + 1 :]]
    if len(rows) < 2:
        raise FormatError(
            "truncated",
            "The table has no depot and customer.",
            "The file may be cut off.",
            line=last_line(lines),
        )
    seen: set[float] = set()
    for number, row in rows:
        whole(row[0], number, "The customer's number")
        if row[0] in seen:
            cause = f"Customer {int(row[0])} is there twice."
            raise FormatError("duplicate_id", cause, "Renumber one.", line=number)
        seen.add(row[0])
    return rows


def _window(row: Sequence[float], convention: Convention, line: int) -> Window:
    window = Window(scaled(row[4], convention, line), scaled(row[5], convention, line))
    if window.end < window.start:
        cause = f"The window ends before it starts: {row[4]:g} to {row[5]:g}."
        raise FormatError("window_invalid", cause, "Swap the two.", line=line)
    return window
