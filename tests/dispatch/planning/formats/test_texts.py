"""VRPLIB, Solomon and Li and Lim: files of the literature as problems, figures as papers print them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from dispatch.planning.engines.portfolio import solve
from dispatch.planning.evaluate import evaluate
from dispatch.planning.formats.benchmark import DIMACS, Convention, euclidean, score, sol_text
from dispatch.planning.formats.errors import FormatError
from dispatch.planning.formats.guess import guess
from dispatch.planning.formats.lilim import read_lilim
from dispatch.planning.formats.lines import text_of
from dispatch.planning.formats.solomon import read_solomon
from dispatch.planning.formats.vrplib import read_vrplib
from dispatch.planning.model import Shipment, Window
from dispatch.planning.validate import check

from .samples import LILIM, SOLOMON, VRPLIB

DATA = Path(os.environ.get("LASTMILE_DATA", "/nonexistent"))
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="LASTMILE_DATA is not set")


def test_solomon_is_read_number_by_number() -> None:
    """Scaled by 100 unless told otherwise, the depot's window as the vehicles' shift."""
    instance = read_solomon(SOLOMON)
    problem = instance.problem
    check(problem)
    assert instance.name == "T1"
    assert len(problem.vehicles) == 2
    assert problem.vehicles[0].capacity == (10,)
    assert problem.vehicles[0].shift == Window(0, 10_000)
    assert [job.delivery for job in problem.jobs] == [(6,), (4,), (5,)]
    assert problem.jobs[1].windows == (Window(1000, 6000),)
    assert problem.jobs[0].service_s == 100
    distances = problem.matrices["van"].distances
    assert (distances[0, 1], distances[1, 2], distances[0, 3]) == (500, 500, 500)
    assert distances[1, 3] == 949, "sqrt(90) = 9.4868"


def test_the_cost_of_a_plan_is_its_distance() -> None:
    """So that gaps to best known values can be read off; the exact length stands beside it."""
    instance = read_solomon(SOLOMON)
    solution = evaluate(instance.problem, {"1": ("1", "2"), "2": ("3",)})
    figures = score(instance, solution, 0)
    assert (figures.vehicles, figures.distance, figures.exact) == (2, 30.0, 30.0)
    assert solution.cost.total == 3000
    text = sol_text(instance, solution, figures, 1.25)
    assert text.splitlines()[:3] == ["Route #1: 1 2", "Route #2: 3", "Cost 30"]
    assert "vehicles 2 unassigned 0 violations 0 scale 100 rounding nearest" in text.splitlines()[3]


def test_a_search_serves_everybody() -> None:
    """Leaving a customer must never pay, whatever the vehicle costs."""
    instance = read_solomon(SOLOMON, Convention(10, "nearest", fewest_vehicles=True))
    solution = solve(instance.problem, iterations=100)
    assert not solution.unassigned
    assert len(solution.routes) == 2


def test_dimacs_cuts_off_after_one_decimal() -> None:
    """9.4868 is 9.4 there, and 5 stays 5 although its floating point may lie below."""
    distances = euclidean(np.array([[0.0, 0], [3, 9], [3, 4]]), DIMACS)
    assert (distances[0, 1], distances[0, 2]) == (94, 50)


def test_vrplib_rounds_as_tsplib_says() -> None:
    """EUC_2D is the nearest whole number; node 1 is the depot, and customers are called from 1 on."""
    instance = read_vrplib(VRPLIB)
    check(instance.problem)
    assert instance.problem.matrices["van"].distances[1, 3] == 9
    assert [job.id for job in instance.problem.jobs] == ["1", "2", "3"]
    up = read_vrplib(VRPLIB.replace("EUC_2D", "CEIL_2D"))
    assert up.problem.matrices["van"].distances[1, 3] == 10


def test_vrplib_with_windows_and_services() -> None:
    """The sections of VRPTW files; CAPACITY, VEHICLES and DISTANCE hold."""
    more = "\n".join(
        [
            "VEHICLES : 3", "DISTANCE : 80", "SERVICE_TIME : 2",
            "TIME_WINDOW_SECTION", "1 0 90", "2 0 50", "3 10 60", "4 0 90", "DEPOT_SECTION",
        ]
    )  # fmt: skip
    instance = read_vrplib(VRPLIB.replace("DEPOT_SECTION", more), Convention(10))
    check(instance.problem)
    vehicle, job = instance.problem.vehicles[0], instance.problem.jobs[1]
    assert len(instance.problem.vehicles) == 3
    assert vehicle.shift == Window(0, 900)
    assert vehicle.max_duration_s == 800
    assert job.windows == (Window(100, 600),)
    assert job.service_s == 20


@pytest.mark.parametrize(
    ("shape", "numbers"),
    [
        ("FULL_MATRIX", "0 1 2  1 0 3  2 3 0"),
        ("LOWER_ROW", "1  2 3"),
        ("LOWER_DIAG_ROW", "0  1 0  2 3 0"),
        ("LOWER_COL", "1 2  3"),
        ("UPPER_ROW", "1 2  3"),
        ("UPPER_DIAG_ROW", "0 1 2  0 3  0"),
        ("UPPER_COL", "1  2 3"),
    ],
)
def test_every_shape_of_a_matrix_is_the_same_matrix(shape: str, numbers: str) -> None:
    """Rows and columns, with and without the diagonal: the same three legs."""
    text = (
        f"DIMENSION : 3\nEDGE_WEIGHT_TYPE : EXPLICIT\nEDGE_WEIGHT_FORMAT : {shape}\n"
        f"EDGE_WEIGHT_SECTION\n{numbers}\nEOF\n"
    )
    table = read_vrplib(text).problem.matrices["van"].durations
    assert table.tolist() == [[0, 1, 2], [1, 0, 3], [2, 3, 0]]


def test_li_and_lim_rows_become_shipments() -> None:
    """The pickup's demand travels from its row to the delivery's."""
    instance = read_lilim(LILIM)
    check(instance.problem)
    assert instance.problem.shipments == (Shipment("1", "2", (6,)),)
    assert all(job.delivery == () and job.pickup == () for job in instance.problem.jobs)
    assert instance.problem.jobs[1].windows == (Window(1000, 6000),)


def test_the_format_is_seen_in_the_file() -> None:
    """Nobody should have to say what the first lines show."""
    assert [guess(text) for text in (SOLOMON, LILIM, VRPLIB, '{"jobs": []}')] == [
        "solomon",
        "lilim",
        "vrplib",
        "vroom",
    ]
    with pytest.raises(FormatError) as caught:
        guess("hello")
    assert caught.value.code == "format_unknown"


@pytest.mark.parametrize(
    ("text", "old", "new", "code", "line"),
    [
        (SOLOMON, "  2          10", "  2", "wrong_columns", 5),
        (SOLOMON, "  2          10", "  2   -1", "out_of_range", 5),
        (SOLOMON, "CUST ", "X ", "section_missing", 13),
        (SOLOMON, "    2       6 ", "    1       6 ", "duplicate_id", 12),
        (SOLOMON, "    2       6 ", "    2      nan", "not_a_number", 12),
        (SOLOMON, "    2       6 ", "    2     1e99", "not_a_number", 12),
        (SOLOMON, "    2       6 ", "    2     1e11", "out_of_range", None),
        (SOLOMON, "10         60", "70         60", "window_invalid", 12),
        (LILIM, "1\t3\t4\t6\t0\t50\t1\t0\t2", "1\t3\t4\t6\t0\t50\t1\t0\t1", "pair_invalid", 3),
        (LILIM, "-6", "-5", "pair_invalid", 3),
        (LILIM, "\t1\t0\n", "\t1\t1\n", "pair_invalid", 4),
        (LILIM, "2\t6", "3\t6", "rows_out_of_order", 4),
        (LILIM, "\t0\t2\n", "\t0\t7\n", "out_of_range", 3),
        (VRPLIB, "DIMENSION : 4", "DIMENSION : 5", "truncated", 7),
        (VRPLIB, "DIMENSION : 4", "", "specification_missing", None),
        (VRPLIB, "DIMENSION : 4", "DIMENSION : 400000000", "out_of_range", 4),
        (VRPLIB, "EUC_2D", "GEO", "edge_weights_unknown", 5),
        (VRPLIB, "EUC_2D", "EXPLICIT", "format_unknown", None),
        (VRPLIB, "DEMAND_SECTION", "DEMANDS_SECTION", "section_unknown", 12),
        (VRPLIB, "TYPE : CVRP", "TYPE : VRPB", "type_unknown", 3),
        (VRPLIB, " 1\n -1", " 1\n 2\n -1", "several_depots", 17),
        (VRPLIB, "CAPACITY", "CAPACITEE", "specification_unknown", 6),
        (VRPLIB, "3 6 8", "2 6 8", "duplicate_id", 10),
        (VRPLIB, "3 6 8", "9 6 8", "out_of_range", 10),
        (VRPLIB, "2 6\n", "2 -6\n", "out_of_range", None),
    ],
)
def test_a_bad_line_is_named(text: str, old: str, new: str, code: str, line: int | None) -> None:
    """The editor should open where the mistake is."""
    assert old in text
    changed = text.replace(old, new, 1)
    readers = {SOLOMON: read_solomon, LILIM: read_lilim, VRPLIB: read_vrplib}
    with pytest.raises(FormatError) as caught:
        readers[text](changed)
    assert caught.value.code == code
    if line is not None:
        assert caught.value.line == line


def test_a_matrix_with_a_number_missing() -> None:
    """The most usual accident with explicit matrices."""
    text = (
        "DIMENSION : 3\nEDGE_WEIGHT_TYPE : EXPLICIT\nEDGE_WEIGHT_FORMAT : LOWER_ROW\n"
        "EDGE_WEIGHT_SECTION\n1 2\nEOF\n"
    )
    with pytest.raises(FormatError) as caught:
        read_vrplib(text)
    assert caught.value.code == "matrix_shape"
    assert "has 2 numbers" in caught.value.cause


@pytest.mark.parametrize(("data", "code"), [(b"", "empty"), (b" \n", "empty"), (b"\x7fELF\0", "not_text")])
def test_what_is_no_text(data: bytes, code: str) -> None:
    """An empty or a binary file, before anybody looks for numbers."""
    with pytest.raises(FormatError) as caught:
        text_of(data)
    assert caught.value.code == code


@needs_data
def test_the_published_files_can_be_read() -> None:
    """All of Solomon and Li and Lim, and one of each size of Gehring and Homberger; demands as documented."""
    known = json.loads((DATA / "vrptw" / "BKS.json").read_text())
    files = [*(DATA / "vrptw" / "solomon").glob("*.txt")]
    files += [
        DATA / "vrptw" / "homberger_200" / "c1_2_1.txt",
        DATA / "vrptw" / "homberger_1000" / "c1_10_1.txt",
    ]
    for path in files:
        instance = read_solomon(text_of(path.read_bytes()))
        check(instance.problem)
        if facts := known.get(path.stem):
            assert len(instance.problem.jobs) == facts["jobs"]
            assert sum(job.delivery[0] for job in instance.problem.jobs) == facts["total_demand"]
    pairs = json.loads((DATA / "pdptw" / "BKS.json").read_text())
    for path in (DATA / "pdptw" / "li_lim_100").glob("*.txt"):
        instance = read_lilim(text_of(path.read_bytes()))
        check(instance.problem)
        assert len(instance.problem.jobs) == pairs[path.stem]["jobs"]


@needs_data
def test_the_best_known_value_of_c101_is_found() -> None:
    """828.94 by ten vehicles: reader, scale and figures agree with the literature."""
    text = text_of((DATA / "vrptw" / "solomon" / "C101.txt").read_bytes())
    instance = read_solomon(text)
    figures = score(instance, solve(instance.problem, iterations=800), 0)
    assert figures.vehicles == 10
    assert figures.exact == pytest.approx(828.94, abs=0.01)
