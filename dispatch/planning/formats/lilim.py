"""Li and Lim's text format: pickups and deliveries in pairs, with windows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..model import Job, Problem, Shipment, Vehicle, Window
from .benchmark import Convention, Instance, alike, euclidean, must_serve_all, one_table, scaled
from .errors import FormatError
from .lines import Line, last_line, lines_of, whole

COLUMNS = 9


def read_lilim(text: str, convention: Convention | None = None) -> Instance:
    """First line: vehicles, capacity, speed. Then number, x, y, demand, earliest, latest, service, the row of its
    pickup, the row of its delivery; the first row is the depot.

    Published files state a speed of 0 or 1 and mean 1; the number is not used. Raises ``FormatError``.
    """
    convention = convention or Convention()
    lines = list(lines_of(text))
    rows, head = _rows(lines), lines[0]
    count, capacity, _ = head.numbers(3, "The first line")
    points = np.array([[row[1], row[2]] for row in rows])
    vehicle = Vehicle(
        id="",
        start=0,
        end=0,
        shift=_window(rows[0], convention, lines[1]),
        capacity=(whole(capacity, head.number, "The capacity"),),
        cost_per_km=1000,
    )
    jobs = tuple(
        Job(
            id=str(place),
            place=place,
            windows=(_window(row, convention, line),),
            service_s=scaled(row[6], convention, line.number),
        )
        for place, (row, line) in enumerate(zip(rows[1:], lines[2:], strict=True), 1)
    )
    fleet = alike(vehicle, whole(count, head.number, "The number of vehicles", low=1, high=10_000))
    problem = Problem(
        jobs,
        fleet,
        one_table(euclidean(points, convention)),
        ("units",),
        shipments=tuple(_pairs(rows, lines)),
    )
    labels = {job.id: job.id for job in jobs}
    return Instance("lilim", must_serve_all(problem, convention), convention, labels, points)


def _rows(lines: Sequence[Line]) -> list[tuple[float, ...]]:
    if len(lines) < 4:
        raise FormatError(
            "truncated",
            "There are not the first line, a depot and a pair.",
            "The file may be cut off.",
            line=last_line(lines),
        )
    rows = [line.numbers(COLUMNS, "A row") for line in lines[1:]]
    for place, (row, line) in enumerate(zip(rows, lines[1:], strict=True)):
        if row[0] != place:
            cause = f"This is row {row[0]:g}, and {place} is next."
            raise FormatError("rows_out_of_order", cause, "Number the rows from 0 on.", line=line.number)
    return rows


def _pairs(rows: Sequence[tuple[float, ...]], lines: Sequence[Line]) -> list[Shipment]:
    """Every row belongs to exactly one pair, whose two rows name each other."""
    pairs = []
    for place, row in enumerate(rows[1:], 1):
        line = lines[place + 1].number
        first = whole(row[7], line, "The pickup's row", high=len(rows) - 1)
        second = whole(row[8], line, "The delivery's row", high=len(rows) - 1)
        if bool(first) == bool(second):
            cause = f"Row {place} names a pickup and a delivery, or neither."
            raise FormatError("pair_invalid", cause, "Give one of the two, and 0 for the other.", line=line)
        mate = rows[first or second]
        if mate[8 if first else 7] != place or row[3] + mate[3] != 0:
            cause = f"Rows {place} and {first or second} do not belong together."
            action = "They must name each other, and their demands be opposite."
            raise FormatError("pair_invalid", cause, action, line=line)
        if second:
            load = whole(row[3], line, "The demand of a pickup")
            pairs.append(Shipment(str(place), str(second), (load,)))
    return pairs


def _window(row: Sequence[float], convention: Convention, line: Line) -> Window:
    window = Window(scaled(row[4], convention, line.number), scaled(row[5], convention, line.number))
    if window.end < window.start:
        cause = f"The window ends before it starts: {row[4]:g} to {row[5]:g}."
        raise FormatError("window_invalid", cause, "Swap the two.", line=line.number)
    return window
