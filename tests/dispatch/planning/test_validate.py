"""Every mistake is refused with a code, a cause and an action; what merely cannot be done is not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dispatch.planning.errors import InvalidProblemError
from dispatch.planning.model import Break, Job, Matrix, Problem, Window
from dispatch.planning.validate import check, validate

from .worlds import line, line_matrix, van


def job(**fields: Any) -> Problem:
    return line([Job("a", **{"place": 1, **fields})])


def vehicle(**fields: Any) -> Problem:
    return line([Job("a", 1)], [van(**fields)])


def matrix(durations: Any, distances: Any = None) -> Problem:
    other = np.zeros_like(durations) if distances is None else distances
    return replace(line([Job("a", 1)]), matrices={"van": Matrix(durations, other)})


square = line_matrix(10).durations

MISTAKES = [
    (line([Job("a", 1), Job("a", 2)]), "duplicate_id"),
    (line([], [van("v"), van("v")]), "duplicate_id"),
    (line([Job("", 1)]), "empty_id"),
    (job(place=10), "place_unknown"),
    (job(place=-1), "place_unknown"),
    (job(windows=(Window(20, 10),)), "window_invalid"),
    (job(windows=(Window(-5, 10),)), "window_invalid"),
    (job(windows=(Window(float("nan"), 10),)), "window_invalid"),  # type: ignore[arg-type]
    (job(windows=(Window(0, 10), Window(5, 20))), "windows_overlap"),
    (job(service_s=-1), "out_of_range"),
    (job(service_s=1.5), "not_a_whole_number"),
    (job(service_s=float("nan")), "not_a_whole_number"),
    (job(service_s=True), "not_a_whole_number"),
    (job(priority=101), "out_of_range"),
    (job(delivery=(-1,)), "out_of_range"),
    (job(delivery=(1, 2)), "load_dimensions"),
    (job(leave_price=-1), "out_of_range"),
    (job(late_price_per_min=-1), "out_of_range"),
    (job(pinned_to="bus"), "pinned_vehicle_unknown"),
    (job(pinned_to="van", vehicles=frozenset({"bike"})), "pinned_vehicle_not_allowed"),
    (vehicle(start=99), "place_unknown"),
    (vehicle(shift=Window(10, 5)), "window_invalid"),
    (vehicle(capacity=(5, 5)), "load_dimensions"),
    (vehicle(max_stops=-1), "out_of_range"),
    (vehicle(cost_per_km=float("inf")), "not_a_whole_number"),
    (vehicle(latest_start=0), "latest_start_before_shift"),
    (vehicle(profile="bike"), "matrix_missing"),
    (vehicle(breaks=(Break("b", 60, ()),)), "break_without_window"),
    (vehicle(breaks=(Break("b", 60, (Window(9, 3),)),)), "window_invalid"),
    (vehicle(first=("x",)), "fixed_job_unknown"),
    (vehicle(first=("a", "a")), "fixed_twice"),
    (line([Job("a", 1, pinned_to="w")], [van("v", first=("a",)), van("w")]), "fixed_and_pinned_elsewhere"),
    (matrix(square[:3]), "matrix_shape"),
    (matrix(square, square[:3, :3]), "matrix_shape"),
    (matrix(-square), "matrix_negative"),
    (matrix(square.astype(np.int64)), "matrix_not_int32"),
    (matrix(np.full((10, 10), np.nan)), "matrix_not_finite"),
    (replace(line([]), matrices={"van": line_matrix(10), "bike": line_matrix(9)}), "matrix_sizes_differ"),
]


@pytest.mark.parametrize(
    ("problem", "code"), MISTAKES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_mistake_is_named(problem: Problem, code: str) -> None:
    """Bad input never reaches an engine, and whoever sent it reads what to change."""
    errors = validate(problem)
    assert code in {error.code for error in errors}
    assert all(error.cause and error.action for error in errors)


def test_a_pin_without_the_skill_names_both() -> None:
    """A pinned order whose driver lacks its skill is an error with the two names, not a silent drop."""
    problem = line([Job("insulin", 1, pinned_to="van", skills=frozenset({"fridge"}))])
    with pytest.raises(InvalidProblemError) as caught:
        check(problem)
    assert caught.value.code == "pinned_skill_missing"
    assert all(word in caught.value.cause for word in ("'insulin'", "'van'", "'fridge'"))


def test_all_mistakes_are_told_at_once() -> None:
    """Somebody who fixes a file wants the whole list."""
    errors = validate(line([Job("a", 99), Job("b", 1, service_s=-1)], [van(max_stops=-1)]))
    assert [error.subject for error in errors] == ["a", "b", "van"]


def test_what_cannot_be_done_is_not_a_mistake() -> None:
    """Too heavy, outside every shift, no skill, no vehicle, no order: valid, and explained in the plan."""
    assert validate(line([Job("a", 1, delivery=(999,))], [van(capacity=(5,))])) == ()
    assert validate(line([Job("a", 1, windows=(Window(1, 2),), skills=frozenset({"crane"}))])) == ()
    assert validate(line([Job("a", 1)], [])) == ()
    assert validate(line([], [])) == ()
