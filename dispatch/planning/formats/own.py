"""Our own format: a problem as JSON in the words of the model, so that every rule can be stated in a file.

An object is one of the model's classes with its fields by name; what is not said has the field's default. Windows are
``[start, end]``, sets are lists, a way that does not exist is ``null`` in ``durations``. ``"format": "lastmile"`` at
the top tells it from other people's JSON. Plans come back as the model's solution, and may be given as ``plan``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeAliasType, Union, get_args, get_origin, get_type_hints

import numpy as np

from ..model import Plan, Problem
from ..model.units import UNREACHABLE
from ..solution import Solution
from ..validate import check
from ..wire import pack_solution
from .errors import FormatError
from .vroom.read import parse

NAME = "lastmile"


def read_own(text: str) -> tuple[Problem, Plan | None]:
    """The problem, and the plan to begin with where one is given.

    Raises ``FormatError`` with the place in the file, and ``InvalidProblemError`` for what makes no sense.
    """
    said = parse(text)
    if not isinstance(said, dict):
        raise FormatError("not_an_object", "The file is no JSON object.", "Begin with {.")
    rest = {name: value for name, value in said.items() if name not in ("format", "plan")}
    problem: Problem = _read(Problem, rest, "")
    check(problem)
    plan = _read(Mapping[str, tuple[str, ...]], said["plan"], "plan") if said.get("plan") else None
    return problem, plan


def write_own(solution: Solution) -> str:
    """The solution as JSON; fields with their defaults are left out."""
    return json.dumps(pack_solution(solution)) + "\n"


def _wrong(where: str, wanted: str, value: Any) -> FormatError:
    shown = json.dumps(value)[:60]
    return FormatError("bad_value", f"This must be {wanted}, not {shown}.", "Correct it.", where=where)


def _read(kind: Any, value: Any, where: str) -> Any:
    """A value of this type. Raises ``FormatError`` at the place where it is none."""
    while isinstance(kind, TypeAliasType):
        kind = kind.__value__
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        (inner,) = (part for part in parts if part is not NoneType)
        return None if value is None else _read(inner, value, where)
    if origin is Literal:
        if value not in parts:
            raise _wrong(where, f"one of {', '.join(map(repr, parts))}", value)
        return value
    if origin is np.ndarray or isinstance(origin, TypeAliasType):  # an array of numbers, under its alias
        return _array(value, where)
    if origin is tuple:
        return _tuple(parts, value, where)
    if origin is frozenset:
        return frozenset(
            _read(parts[0], each, f"{where}[{at}]") for at, each in enumerate(_list(value, where))
        )
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(value, dict):
            raise _wrong(where, "an object", value)
        return {name: _read(parts[1], each, f"{where}.{name}".lstrip(".")) for name, each in value.items()}
    if is_dataclass(kind) or hasattr(kind, "_fields"):
        return _object(kind, value, where)
    if type(value) is not kind:  # true is an int to Python, and no number here
        raise _wrong(where, {int: "a whole number", str: "text", bool: "true or false"}[kind], value)
    return value


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise _wrong(where, "a list", value)
    return value


def _tuple(parts: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    said = _list(value, where)
    if len(parts) == 2 and parts[1] is Ellipsis:
        return tuple(_read(parts[0], each, f"{where}[{at}]") for at, each in enumerate(said))
    if len(said) != len(parts):
        raise _wrong(where, f"a list of {len(parts)}", value)
    return tuple(
        _read(part, each, f"{where}[{at}]") for at, (part, each) in enumerate(zip(parts, said, strict=True))
    )


def _array(value: Any, where: str) -> np.ndarray[Any, Any]:
    rows = [_list(row, f"{where}[{at}]") for at, row in enumerate(_list(value, where))]
    if len({len(row) for row in rows}) > 1:
        raise _wrong(where, "rows of one length", [len(row) for row in rows][:8])
    for at, row in enumerate(rows):
        for column, each in enumerate(row):
            if each is not None and (type(each) is not int or not 0 <= each < UNREACHABLE):
                raise _wrong(f"{where}[{at}][{column}]", "a whole number or null", each)
    plain = [[UNREACHABLE if each is None else each for each in row] for row in rows]
    return np.array(plain, dtype=np.int32).reshape(len(rows), -1)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _object(kind: Any, value: Any, where: str) -> Any:
    hints = _hints(kind)
    if not is_dataclass(kind):  # a window
        return kind(*_tuple(tuple(hints.values()), value, where))
    if not isinstance(value, dict):
        raise _wrong(where, "an object", value)
    known = {each.name: each for each in fields(kind)}
    for name in value:
        if name not in known:
            raise FormatError(
                "unknown_field",
                f"There is no field {name!r} here.",
                f"Known: {', '.join(known)}.",
                where=where,
            )
    for name, each in known.items():
        if name not in value and each.default is MISSING and each.default_factory is MISSING:
            raise FormatError("missing", f"{name} is missing.", "Add it.", where=where)
    make: Any = kind
    return make(
        **{name: _read(hints[name], each, f"{where}.{name}".lstrip(".")) for name, each in value.items()}
    )
