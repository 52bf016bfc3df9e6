"""Does every field hold what its type hint says? Found by reflection, so no field is forgotten.

Places are left to ``places.py``, which knows how many there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeAliasType, Union, get_args, get_origin, get_type_hints

import numpy as np

from ..errors import InputError
from ..model import Break, Charger, Depot, Job, Problem, Vehicle, Window

type Look = Callable[[str, str, Any], Iterator[InputError]]
"""(subject, name of the field, value) -> errors."""

_PLACES = {(Job, "place"), (Vehicle, "start"), (Vehicle, "end"), (Break, "place"), (Depot, "place"),
           (Charger, "place")}  # fmt: skip
NO_DAY = "Give seconds from 0 on, counted from the start of the day; the end not before the start."


def types(problem: Problem) -> Iterator[InputError]:
    """Every field of every object of the problem."""
    yield from _look(Problem)("", "problem", problem)


def shown(value: object) -> str:
    """A value for a sentence."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


@cache
def _look(hint: Any) -> Look:
    while isinstance(hint, TypeAliasType):
        hint = hint.__value__
    origin, arguments = get_origin(hint), get_args(hint)
    if isinstance(origin, TypeAliasType) or origin is np.ndarray:
        return _one_of(np.ndarray, "wrong_type", "Give a numpy array.")
    if origin in (Union, UnionType):
        return _maybe(_look(next(a for a in arguments if a is not NoneType)))
    if origin is Literal:
        return _choice(arguments)
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    if is_dataclass(hint) and isinstance(hint, type):
        return _fields(hint)
    if origin is Mapping:
        return _mapping(_look(arguments[1]))
    return _series(origin, arguments)


def _wrong(code: str, subject: str, name: str, value: object, action: str) -> InputError:
    whose = f" of {subject!r}" if subject else ""
    return InputError(code, f"{name}{whose} is {shown(value)}.", action, subject)


def _one_of(kind: type[Any], code: str, action: str) -> Look:
    def look(subject: str, name: str, value: Any) -> Iterator[InputError]:
        if not isinstance(value, kind):
            yield _wrong(code, subject, name, value, action)

    return look


def _number(subject: str, name: str, value: Any) -> Iterator[InputError]:
    if isinstance(value, bool) or not isinstance(value, int):
        yield _wrong("not_a_whole_number", subject, name, value, "Give a whole number.")


def _window(subject: str, name: str, value: Any) -> Iterator[InputError]:
    if not isinstance(value, Window):
        yield _wrong("wrong_type", subject, name, value, "Give a Window of two numbers of seconds.")
        return
    start, end = value
    if any(isinstance(side, bool) or not isinstance(side, int) for side in value):
        cause = f"A window of {subject!r} is {shown(start)} to {shown(end)}."
        yield InputError("window_invalid", cause, NO_DAY, subject)


_SIMPLE: dict[Any, Look] = {
    int: _number,
    str: _one_of(str, "not_text", "Give a text."),
    bool: _one_of(bool, "not_yes_or_no", "Give true or false."),
    Window: _window,
}


def _maybe(inner: Look) -> Look:
    def look(subject: str, name: str, value: Any) -> Iterator[InputError]:
        if value is not None:
            yield from inner(subject, name, value)

    return look


def _choice(choices: tuple[Any, ...]) -> Look:
    def look(subject: str, name: str, value: Any) -> Iterator[InputError]:
        if not isinstance(value, str) or value not in choices:
            words = ", ".join(repr(choice) for choice in choices)
            yield _wrong("unknown_choice", subject, name, value, f"Give one of {words}.")

    return look


def _mapping(inner: Look) -> Look:
    def look(subject: str, name: str, value: Any) -> Iterator[InputError]:
        if not isinstance(value, Mapping):
            yield _wrong("wrong_type", subject, name, value, "Give a mapping.")
            return
        for key, entry in value.items():
            if not isinstance(key, str):
                yield _wrong("not_text", subject, f"A key of {name}", key, "Give a text.")
            else:
                yield from inner(key, name, entry)

    return look


def _series(kind: Any, arguments: tuple[Any, ...]) -> Look:
    """A tuple or frozenset of one type, or a tuple of a fixed length."""
    fixed = kind is tuple and arguments[-1] is not Ellipsis
    looks = [_look(argument) for argument in arguments if argument is not Ellipsis]
    count = f"{len(looks)}" if fixed else "any number"

    def look(subject: str, name: str, value: Any) -> Iterator[InputError]:
        if not isinstance(value, kind) or (fixed and len(value) != len(looks)):
            yield _wrong("wrong_type", subject, name, value, f"Give a {kind.__name__} of {count}.")
            return
        for number, entry in enumerate(value):
            yield from looks[number if fixed else 0](subject, name, entry)

    return look


def _fields(kind: type[Any]) -> Look:
    hints = get_type_hints(kind)
    rows = [(f.name, f.default, _look(hints[f.name])) for f in fields(kind) if (kind, f.name) not in _PLACES]

    def look(subject: str, name: str, value: Any) -> Iterator[InputError]:
        if not isinstance(value, kind):
            yield _wrong("wrong_type", subject, name, value, f"Give a {kind.__name__}.")
            return
        owner = subject or subject_of(value)
        prefix = f"{name}." if subject and subject != owner else ""
        for field, default, inner in rows:
            entry = getattr(value, field)
            if entry is not default:
                yield from inner(owner, prefix + field, entry)

    return look


def subject_of(value: object) -> str:
    """The name that errors about an object go by: its id, or the first job it names."""
    for field in ("id", "pickup", "jobs", "one"):
        name = getattr(value, field, None)
        if isinstance(name, tuple) and name and not isinstance(value, Problem):
            name = name[0]
        if isinstance(name, str):
            return name
    return ""
