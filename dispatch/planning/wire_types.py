"""How a type travels: one codec per type hint, made by reflection and kept.

Known: dataclasses, named tuples, ``tuple[X, ...]``, ``tuple[X, Y]``, ``frozenset[X]``, ``Mapping[str, X]``,
``X | None``, ``Literal``, ``str``, ``int``, ``bool``, numpy arrays. Any other hint raises ``TypeError``, so that
a new field cannot be forgotten here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, NamedTuple, TypeAliasType, Union, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

ALIGNMENT = 16
_PLAIN = (str, int, bool, NoneType)
_ABSENT = object()


class Body:
    """The arrays of a message, one behind the other, each at a multiple of ``ALIGNMENT`` bytes."""

    def __init__(self) -> None:
        self._parts: list[bytes | memoryview] = []
        self._length = 0

    def add(self, array: NDArray[Any]) -> int:
        """Keep the bytes of a C-contiguous array; where they begin."""
        at = self._length
        gap = -array.nbytes % ALIGNMENT
        self._parts += [memoryview(array.reshape(-1).view(np.uint8)), bytes(gap)]
        self._length += array.nbytes + gap
        return at

    def joined(self) -> bytes:
        """All of it."""
        return b"".join(self._parts)


@dataclass(frozen=True, slots=True)
class Codec:
    """``pack(value, body)`` gives something JSON can say, ``unpack(said, bytes of the body)`` the value.
    ``plain``: pack changes nothing.
    """

    pack: Callable[[Any, Body], Any]
    unpack: Callable[[Any, bytes], Any]
    plain: bool = False


class _Field(NamedTuple):
    name: str
    default: Any
    codec: Codec


@cache
def codec_of(hint: Any) -> Codec:
    """The codec of a type hint. Raises ``TypeError`` for one that does not travel."""
    if isinstance(hint, TypeAliasType):
        return codec_of(hint.__value__)
    origin, arguments = get_origin(hint), get_args(hint)
    if isinstance(origin, TypeAliasType):  # NDArray[np.int32]
        return codec_of(origin.__value__)
    if hint in _PLAIN or origin is Literal:
        return _AS_IT_IS
    if is_dataclass(hint) and isinstance(hint, type):
        return _of_fields(hint)
    if isinstance(hint, type) and issubclass(hint, tuple) and hasattr(hint, "_fields"):
        return _of_named_tuple(hint)
    if origin is np.ndarray:
        return _ARRAY
    if origin in (Union, UnionType):
        return _of_optional(arguments)
    made = {tuple: _of_tuple, frozenset: _of_set, Mapping: _of_mapping}.get(origin)
    if made is None:
        raise TypeError(f"{hint!r} has no way over the pipe")
    return made(arguments)


_AS_IT_IS = Codec(lambda value, _: value, lambda said, _: said, plain=True)


def _pack_array(array: NDArray[Any], body: Body) -> dict[str, Any]:
    if array.dtype.hasobject:
        raise TypeError(f"an array of {array.dtype} has no way over the pipe")
    kept = np.ascontiguousarray(array).reshape(array.shape)
    return {"type": kept.dtype.str, "shape": list(kept.shape), "at": body.add(kept)}


def _unpack_array(said: Mapping[str, Any], body: bytes) -> NDArray[Any]:
    shape = tuple(said["shape"])
    count = int(np.prod(shape, dtype=np.int64))
    view = np.frombuffer(body, dtype=np.dtype(said["type"]), count=count, offset=said["at"])
    return view.reshape(shape).copy()


_ARRAY = Codec(_pack_array, _unpack_array)


def _of_fields(kind: type[Any]) -> Codec:
    hints = get_type_hints(kind)
    rows = [
        _Field(f.name, _ABSENT if f.default is MISSING else f.default, codec_of(hints[f.name]))
        for f in fields(kind)
    ]
    codecs = {row.name: row.codec for row in rows}
    plain = {row.name for row in rows if row.codec.plain}

    def pack(value: Any, body: Body) -> dict[str, Any]:
        said = {}
        for name, default, codec in rows:
            entry = getattr(value, name)
            if entry is default or (type(entry) is type(default) and entry == default):
                continue
            said[name] = entry if codec.plain else codec.pack(entry, body)
        return said

    def unpack(said: Mapping[str, Any], body: bytes) -> Any:
        values = dict(said)
        for name in said.keys() - plain:
            values[name] = codecs[name].unpack(said[name], body)
        return kind(**values)

    return Codec(pack, unpack)


def _of_named_tuple(kind: type[Any]) -> Codec:
    if not all(codec_of(hint).plain for hint in get_type_hints(kind).values()):
        raise TypeError(f"{kind!r} holds more than plain values")
    make = kind._make
    return Codec(lambda value, _: list(value), lambda said, _: make(said))


def _of_optional(arguments: tuple[Any, ...]) -> Codec:
    inner = [argument for argument in arguments if argument is not NoneType]
    if len(inner) != 1:
        raise TypeError(f"one of {inner!r} has no way over the pipe: nobody could tell which")
    codec = codec_of(inner[0])
    return Codec(
        lambda value, body: None if value is None else codec.pack(value, body),
        lambda said, body: None if said is None else codec.unpack(said, body),
        plain=codec.plain,
    )


def _of_tuple(arguments: tuple[Any, ...]) -> Codec:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        codec = codec_of(arguments[0])
        if codec.plain:
            return Codec(lambda value, _: list(value), lambda said, _: tuple(said))
        return Codec(
            lambda value, body: [codec.pack(entry, body) for entry in value],
            lambda said, body: tuple([codec.unpack(entry, body) for entry in said]),
        )
    each = [codec_of(argument) for argument in arguments]
    return Codec(
        lambda value, body: [c.pack(entry, body) for c, entry in zip(each, value, strict=True)],
        lambda said, body: tuple([c.unpack(entry, body) for c, entry in zip(each, said, strict=True)]),
    )


def _of_set(arguments: tuple[Any, ...]) -> Codec:
    if not codec_of(arguments[0]).plain:
        raise TypeError(f"a set of {arguments[0]!r} has no way over the pipe")
    return Codec(lambda value, _: sorted(value), lambda said, _: frozenset(said))


def _of_mapping(arguments: tuple[Any, ...]) -> Codec:
    if arguments[0] is not str:
        raise TypeError(f"keys of {arguments[0]!r} have no way over the pipe")
    codec = codec_of(arguments[1])
    return Codec(
        lambda value, body: {key: codec.pack(entry, body) for key, entry in value.items()},
        lambda said, body: {key: codec.unpack(entry, body) for key, entry in said.items()},
    )
