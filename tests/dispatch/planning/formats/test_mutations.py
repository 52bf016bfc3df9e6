"""Whatever is done to a good file, the answer is a problem or a coded refusal."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.planning.errors import PlanningError
from dispatch.planning.formats import vroom
from dispatch.planning.formats.guess import guess
from dispatch.planning.formats.lilim import read_lilim
from dispatch.planning.formats.lines import text_of
from dispatch.planning.formats.solomon import read_solomon
from dispatch.planning.formats.vrplib import read_vrplib
from dispatch.planning.validate import check

from .samples import LILIM, SOLOMON, VROOM, VRPLIB, Flat

EXPLICIT = """DIMENSION : 3
EDGE_WEIGHT_TYPE : EXPLICIT
EDGE_WEIGHT_FORMAT : UPPER_ROW
CAPACITY : 5
EDGE_WEIGHT_SECTION
1 2 3
DEMAND_SECTION
1 0
2 2
3 2
EOF
"""
TEXTS: list[tuple[str, Callable[[str], Any]]] = [
    (SOLOMON, read_solomon),
    (LILIM, read_lilim),
    (VRPLIB, read_vrplib),
    (EXPLICIT, read_vrplib),
]
WORDS = st.sampled_from(
    ["", "-1", "0", "1e308", "nan", "inf", "9" * 400, "1_0", "x", "\0", "ö", "99999999", "0.5", "EOF",
     "DEPOT_SECTION", "CUST", "DIMENSION : 0", "-0", "1e-320", "\u2028", "٣"]
)  # fmt: skip


def cut(text: str, at: float, length: float, word: str) -> str:
    """A piece taken out, a word put in."""
    start = int(at * len(text))
    return text[:start] + word + text[start + int(length * 30) :]


def explained(error: PlanningError) -> None:
    """A refusal says what, why and what to do."""
    assert error.code
    assert error.cause
    assert error.action


def shares() -> st.SearchStrategy[float]:
    return st.floats(0, 1, allow_nan=False)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(TEXTS), st.lists(st.tuples(shares(), shares(), WORDS), min_size=1, max_size=4))
def test_texts_never_fault(
    sample: tuple[str, Callable[[str], Any]], cuts: list[tuple[float, float, str]]
) -> None:
    """Cut, joined and overwritten lines, as editors and wires leave them; also through the guess."""
    text, reader = sample
    for at, length, word in cuts:
        text = cut(text, at, length, word)
    try:
        text = text_of(text.encode())
        guess(text)
    except PlanningError as error:
        explained(error)
    try:
        check(reader(text).problem)
    except PlanningError as error:
        explained(error)


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=True, allow_infinity=True),
    st.text(max_size=5),
    st.just([]),
    st.just({}),
    st.just([[]]),
    st.just([1, [2]]),
    st.just({"a": "b"}),
    st.just([float("inf")] * 2),
)
FULL: dict[str, Any] = {
    **VROOM,
    "vehicles": [
        {
            **VROOM["vehicles"][0],
            "speed_factor": 1.5,
            "costs": {"fixed": 1, "per_hour": 10, "per_km": 2},
            "breaks": [{"id": 1, "service": 5, "time_windows": [[1, 2]]}],
            "steps": [{"type": "job", "id": 1, "service_after": 1500}, {"type": "break", "id": 1}],
            "max_tasks": 5,
            "max_distance": 5,
        }
    ],
    "jobs": [{**VROOM["jobs"][0], "service_per_type": {"": 3}, "setup_per_type": {"": 3}}, VROOM["jobs"][1]],
    "shipments": [
        {
            "amount": [1],
            "pickup": {"id": 1, "location_index": 1, "time_windows": [[1, 5]]},
            "delivery": {"id": 1, "location_index": 2},
        }
    ],
    "options": {"g": False, "c": False, "l": 3},
}


def ways(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path into a JSON value."""
    found = [way] if way else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        found += ways(item, (*way, key))
    return found


WAYS = ways(FULL)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(WAYS), ODD, st.booleans()), min_size=1, max_size=3))
def test_vroom_never_faults(changes: list[tuple[tuple[Any, ...], Any, bool]]) -> None:
    """Any value of a full request replaced by anything, or taken out; what is accepted is a valid problem."""
    data = json.loads(json.dumps(FULL))
    for way, value, gone in changes:
        at: Any = data
        try:
            for key in way[:-1]:
                at = at[key]
            if gone:
                del at[way[-1]]
            else:
                at[way[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took it away
    try:
        request = vroom.read(data, Flat())
        check(request.problem)
        if request.options.plan:
            json.dumps(vroom.write(request, vroom.judge(request)), allow_nan=False)
    except PlanningError as error:
        explained(error)


@pytest.mark.parametrize("size", range(0, len(json.dumps(FULL)), 37))
def test_a_cut_request_is_no_json(size: int) -> None:
    """A file that ended too early never becomes another problem."""
    with pytest.raises(PlanningError) as caught:
        vroom.parse(json.dumps(FULL)[:size])
    assert caught.value.code == "not_json"
