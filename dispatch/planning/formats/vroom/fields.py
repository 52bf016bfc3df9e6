"""Typed looks into JSON; every refusal names the path. ``null`` counts as absent, as clients send it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...model import NEVER
from ..errors import FormatError

MAX_NUMBER = 2**63 - 1
MAX_TEXT = 1000


@dataclass(frozen=True, slots=True)
class Fields:
    """A JSON object and its path."""

    data: Mapping[str, Any]
    path: str = ""

    @classmethod
    def of(cls, value: object, path: str) -> Fields:
        """The value as an object."""
        if not isinstance(value, Mapping):
            raise wrong(path or "input", "is no object", "Send {...}.")
        return cls(value, path)

    def at(self, key: str) -> str:
        """The path of a key."""
        return f"{self.path}.{key}" if self.path else key

    def has(self, key: str) -> bool:
        """Whether it is there and not null."""
        return self.data.get(key) is not None

    def child(self, key: str) -> Fields:
        """The object under a key; absent is empty."""
        return Fields.of(self.data[key] if self.has(key) else {}, self.at(key))

    def whole(self, key: str, default: int | None = None, *, low: int = 0, high: int = NEVER) -> int:
        """A whole number."""
        if not self.has(key):
            if default is None:
                raise missing(self.at(key))
            return default
        return whole(self.data[key], self.at(key), low=low, high=high)

    def optional(self, key: str, *, high: int = NEVER) -> int | None:
        """A whole number, or ``None`` where there is none; what is larger than any limit is none."""
        if not self.has(key):
            return None
        value = whole(self.data[key], self.at(key), high=MAX_NUMBER)
        return value if value <= high else None

    def number(self, key: str, default: float) -> float:
        """Any finite number."""
        return finite(self.data[key], self.at(key)) if self.has(key) else default

    def text(self, key: str) -> str:
        """A string fit for printing and storing; absent is empty."""
        if not self.has(key):
            return ""
        value = self.data[key]
        if not isinstance(value, str) or len(value) > MAX_TEXT:
            raise wrong(self.at(key), f"is no text of at most {MAX_TEXT} characters", "Shorten it.")
        return value.replace("\0", "").encode("utf-8", "replace").decode()

    def items(self, key: str) -> list[Any]:
        """A list; absent is empty."""
        value = self.data[key] if self.has(key) else []
        if not isinstance(value, (list, tuple)):
            raise wrong(self.at(key), "is no list", "Send [...].")
        return list(value)

    def objects(self, key: str) -> list[Fields]:
        """A list of objects."""
        return [Fields.of(item, f"{self.at(key)}[{i}]") for i, item in enumerate(self.items(key))]

    def wholes(self, key: str, *, high: int = NEVER) -> tuple[int, ...]:
        """A list of whole numbers."""
        path = self.at(key)
        return tuple(whole(item, f"{path}[{i}]", high=high) for i, item in enumerate(self.items(key)))


def whole(value: object, path: str, *, low: int = 0, high: int = NEVER) -> int:
    """A whole number within limits; 3.0 is one."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong(
            path, f"is {_shown(value)}, no whole number", "Give a whole number.", "not_a_whole_number"
        )
    if not low <= value <= high:
        cause = f"is {_shown(value)}, not within {low} and {high}"
        raise wrong(path, cause, "Correct it.", "out_of_range")
    return value


def finite(value: object, path: str) -> float:
    """A finite number."""
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 10**15
    if not good:  # NaN compares false, too
        raise wrong(path, f"is {_shown(value)}, no usable number", "Give a number.", "not_a_number")
    return float(value)  # type: ignore[arg-type]


def wrong(path: str, what: str, action: str, code: str = "wrong_type") -> FormatError:
    """A refusal about the value at a path."""
    return FormatError(code, f"{path} {what}.", action)


def missing(path: str) -> FormatError:
    """A refusal about a value that is not there."""
    return FormatError("missing", f"{path} is missing.", "Add it.")


def _shown(value: object) -> str:
    if isinstance(value, int) and abs(value) > 10**30:
        return "a very large number"
    shown = ascii(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."
