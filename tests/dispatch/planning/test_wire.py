"""What goes over the pipe comes out as it went in: every field of every class, and every byte of an array."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass, make_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, TypeAliasType, Union, get_args, get_origin, get_type_hints

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.planning.model import Matrix, Problem
from dispatch.planning.solution import Solution
from dispatch.planning.wire import (
    frame,
    pack_problem,
    pack_solution,
    read_frame,
    unpack_problem,
    unpack_solution,
)
from dispatch.planning.wire_types import codec_of

from .worlds import line

OPTIONAL = (Union, UnionType)


class Filler:
    """Makes a value for any type hint, no two numbers or words alike."""

    def __init__(self) -> None:
        self.count = 0

    def fill(self, hint: Any, default: Any = MISSING) -> Any:
        """A value other than the default."""
        while isinstance(hint, TypeAliasType):
            hint = hint.__value__
        origin, arguments = get_origin(hint), get_args(hint)
        if isinstance(origin, TypeAliasType):
            origin = get_origin(origin.__value__)
        if origin in OPTIONAL:
            return self.fill(next(a for a in arguments if a is not NoneType))
        self.count += 1
        if origin is Literal:
            return next(choice for choice in reversed(arguments) if choice != default)
        if hint is bool:
            return default is MISSING or not default
        if hint is int:
            return 1000 + self.count
        if hint is str:
            return f"word {self.count} ö"
        if origin is np.ndarray:
            return np.arange(self.count, self.count + 9, dtype=np.int32).reshape(3, 3)
        return self._nest(hint, origin, arguments)

    def _nest(self, hint: Any, origin: Any, arguments: tuple[Any, ...]) -> Any:
        if is_dataclass(hint):
            hints = get_type_hints(hint)
            return hint(**{f.name: self.fill(hints[f.name], f.default) for f in fields(hint)})
        if hasattr(hint, "_fields"):
            return hint(*(self.fill(h) for h in get_type_hints(hint).values()))
        if origin is Mapping:
            return {f"key {k}": self.fill(arguments[1]) for k in range(2)}
        if origin is frozenset:
            return frozenset(self.fill(arguments[0]) for _ in range(2))
        if origin is tuple and arguments[-1] is Ellipsis:
            return tuple(self.fill(arguments[0]) for _ in range(2))
        assert origin is tuple, f"no value is known for {hint!r}: teach this test, and the wire"
        return tuple(self.fill(a) for a in arguments)


def same(one: Any, other: Any) -> bool:
    """Equal in type and value all the way down, arrays included."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and bool((one == other).all())
    if is_dataclass(one):
        return all(same(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def over_the_pipe(problem: Problem) -> Problem:
    header, body = pack_problem(problem)
    message = read_frame(io.BytesIO(frame(header, body)))
    assert message is not None
    return unpack_problem(*message)


def unlike_default(value: Any) -> list[str]:
    """Names of fields, all the way down, that still hold their defaults."""
    if isinstance(value, tuple | frozenset):
        return [name for entry in value for name in unlike_default(entry)]
    if isinstance(value, Mapping):
        return [name for entry in value.values() for name in unlike_default(entry)]
    if not is_dataclass(value):
        return []
    left = [f.name for f in fields(value) if type(getattr(value, f.name)) is type(f.default)
            and not isinstance(f.default, np.ndarray) and getattr(value, f.name) == f.default]  # fmt: skip
    return left + [name for f in fields(value) for name in unlike_default(getattr(value, f.name))]


@pytest.mark.parametrize("kind", [Problem, Solution])
def test_every_field_of_every_class_travels(kind: type[Any]) -> None:
    """Found by reflection: a field that somebody adds tomorrow and the wire drops would fail here."""
    whole = Filler().fill(kind)
    assert unlike_default(whole) == []
    if kind is Problem:
        assert same(over_the_pipe(whole), whole)
    else:
        assert same(unpack_solution(json.loads(json.dumps(pack_solution(whole)))), whole)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_any_mixture_of_set_and_unset_fields_travels(data: st.DataObject) -> None:
    """Fields with their defaults are not written: leaving out any of them must not disturb the rest."""
    whole = Filler().fill(Problem)
    for cases in (whole.jobs, whole.vehicles):
        for case in cases:
            optional = [f for f in fields(case) if f.default is not MISSING]
            for field in data.draw(st.lists(st.sampled_from(optional), unique_by=lambda f: f.name)):
                object.__setattr__(case, field.name, field.default)
    assert same(over_the_pipe(whole), whole)


def test_defaults_are_not_written() -> None:
    """Ten thousand plain jobs are a small message."""
    header, _ = pack_problem(line([]))
    assert set(header) <= {"jobs", "vehicles", "matrices", "load_names", "dials"}


@pytest.mark.parametrize("table", [
    np.zeros((2, 3), np.int32), np.zeros((0, 0), np.int32), np.array([[1, 2], [3, 4]], np.int64),
    np.array([[1.5, float("inf")]]), np.arange(9, dtype=np.int32).reshape(3, 3).T, np.array(7, np.int32),
])  # fmt: skip
def test_a_wrong_array_arrives_as_wrong_as_it_was(table: Any) -> None:
    """The other side validates; an int64 cut down to 32 bits on the way would hide the mistake."""
    problem = Problem((), (), {"van": Matrix(table, np.zeros((2, 2), np.int32))})
    assert same(over_the_pipe(problem), problem)


def test_a_false_where_a_number_is_due_stays_false() -> None:
    """``False == 0``: comparing with the default alone would turn the mistake into a number."""
    problem = line([])
    object.__setattr__(problem.vehicles[0], "max_overtime_s", False)
    assert over_the_pipe(problem).vehicles[0].max_overtime_s is False


def test_arrays_can_be_written_to() -> None:
    """Compiled code takes a read-only array for another type and would be compiled twice."""
    matrix = over_the_pipe(line([])).matrices["van"]
    assert matrix.durations.flags.writeable
    assert matrix.durations.flags.c_contiguous
    assert matrix.durations.flags.aligned


def test_a_type_without_a_way_is_refused() -> None:
    """A set of something nobody described must not be guessed at."""
    for hint in (float, bytes, int | str, frozenset[tuple[int, ...]], Mapping[int, str], list[int]):
        strange = dataclass(frozen=True)(make_dataclass("Strange", [("odd", hint)]))
        with pytest.raises(TypeError, match=r"no way over the pipe"):
            codec_of(strange)


def test_half_a_message_is_the_end() -> None:
    """A solver that died in the middle of a frame reads like one that has gone."""
    whole = frame({"type": "ready"}, b"1234")
    assert all(read_frame(io.BytesIO(whole[:cut])) is None for cut in range(len(whole)))
    assert read_frame(io.BytesIO(whole)) == ({"type": "ready"}, b"1234")
