"""Our own format: whatever the model can say can be said in a file, and what is wrong is named with its place."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from dispatch.planning.errors import PlanningError
from dispatch.planning.evaluate import evaluate
from dispatch.planning.formats.errors import FormatError
from dispatch.planning.formats.guess import guess
from dispatch.planning.formats.own import read_own, write_own
from dispatch.planning.model import Problem
from dispatch.planning.model.units import UNREACHABLE
from tests.dispatch.planning.worlds import worlds

SMALL = {
    "format": "lastmile",
    "jobs": [{"id": "a", "place": 1, "windows": [[600, 1200]]}, {"id": "b", "place": 2, "skills": ["lift"]}],
    "vehicles": [{"id": "v", "start": 0, "end": 0, "skills": ["lift"], "cost_per_hour": 3600}],
    "matrices": {
        "van": {"durations": [[0, 60, 60], [60, 0, None], [60, 60, 0]], "distances": [[0, 1, 1]] * 3}
    },
    "relations": [{"kind": "sequence", "jobs": ["b", "a"]}],
}


def plain(value: Any) -> Any:
    """A problem in the words of the format: the opposite of reading, written another way."""
    if is_dataclass(value):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, np.ndarray):
        return [[None if each == UNREACHABLE else int(each) for each in row] for row in value]
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, tuple | frozenset | list):
        return [plain(each) for each in value]
    return int(value) if isinstance(value, np.integer) else value


@given(worlds())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_problem_can_be_said(world: tuple[Problem, Any]) -> None:
    """Any world of any rules comes back from its text, and walks as before."""
    problem, plan = world
    text = json.dumps({"format": "lastmile", **plain(problem), "plan": {k: list(v) for k, v in plan.items()}})
    assert guess(text) == "lastmile"
    again, begun = read_own(text)
    assert plain(again) == plain(problem)
    assert evaluate(again, begun or {}).cost == evaluate(problem, plan).cost


def test_a_small_file_is_read_and_answered() -> None:
    """What is not said has its default; a way that is null is none."""
    problem, plan = read_own(json.dumps(SMALL))
    assert plan is None
    assert problem.matrices["van"].durations[1, 2] == UNREACHABLE
    answer = json.loads(write_own(evaluate(problem, {"v": ("b", "a")})))
    assert [route["vehicle"] for route in answer["routes"]] == ["v"]


@pytest.mark.parametrize(
    ("change", "where", "code"),
    [
        ({"jobs": {}}, "jobs", "bad_value"),
        ({"jobs": [{"id": "a", "place": "1"}]}, "jobs[0].place", "bad_value"),
        ({"jobs": [{"id": "a", "place": True}]}, "jobs[0].place", "bad_value"),
        ({"jobs": [{"id": "a", "place": 1, "windows": [[1]]}]}, "jobs[0].windows[0]", "bad_value"),
        ({"jobs": [{"id": "a", "place": 1, "wait": 3}]}, "jobs[0]", "unknown_field"),
        ({"jobs": [{"place": 1}]}, "jobs[0]", "missing"),
        ({"vehicles": None}, "vehicles", "bad_value"),
        ({"relations": [{"kind": "near", "jobs": []}]}, "relations[0].kind", "bad_value"),
        (
            {"matrices": {"van": {"durations": [[0, 1], [1]], "distances": []}}},
            "matrices.van.durations",
            "bad_value",
        ),
        (
            {"matrices": {"van": {"durations": [[-1]], "distances": []}}},
            "matrices.van.durations[0][0]",
            "bad_value",
        ),
        ({"dials": {"late": {"kind": "soft", "price": 1.5}}}, "dials.late.price", "bad_value"),
        ({"plan": {"v": "a"}}, "plan.v", "bad_value"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(change: dict[str, Any], where: str, code: str) -> None:
    """Code, cause and action, and where in the file."""
    with pytest.raises(FormatError) as caught:
        read_own(json.dumps(SMALL | change))
    assert (caught.value.code, caught.value.where) == (code, where)


@pytest.mark.parametrize(
    "text", ["[]", "7", "{", '{"format": "lastmile", "jobs": NaN}', '{"format": "lastmile"}']
)
def test_no_problem_at_all(text: str) -> None:
    """Refused, with no traceback."""
    with pytest.raises(PlanningError):
        read_own(text)


def test_what_reads_well_and_makes_no_sense_is_refused() -> None:
    """A place outside of the matrix is found before anything is searched."""
    with pytest.raises(PlanningError) as caught:
        read_own(json.dumps(SMALL | {"jobs": [{"id": "a", "place": 9}], "relations": []}))
    assert caught.value.code
