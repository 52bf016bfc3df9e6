"""Text files line by line: numbers with the line they stand on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .errors import FormatError

MAX_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Line:
    """The words of one line that is not empty."""

    number: int
    words: tuple[str, ...]

    def numbers(self, count: int, what: str) -> tuple[float, ...]:
        """Exactly so many numbers."""
        if len(self.words) != count:
            cause = f"{what} has {len(self.words)} columns, not {count}."
            raise FormatError(
                "wrong_columns", cause, "Look for a line that was cut or joined.", line=self.number
            )
        return tuple(real(word, self.number) for word in self.words)


def real(word: str, line: int) -> float:
    """A finite number."""
    try:
        value = float(word)
    except ValueError:
        raise FormatError(
            "not_a_number", f"{ascii(word)[:40]} is no number.", "Correct it.", line=line
        ) from None
    if not math.isfinite(value) or abs(value) > 1e12 or "_" in word:
        raise FormatError("not_a_number", f"{word[:40]} is no usable number.", "Correct it.", line=line)
    return value


def whole(value: float, line: int, what: str, *, low: int = 0, high: int = 10**8) -> int:
    """A whole number within limits."""
    if value != int(value):
        raise FormatError("not_a_whole_number", f"{what} is {value}.", "Give a whole number.", line=line)
    if not low <= value <= high:
        cause = f"{what} is {int(value)}, not within {low} and {high}."
        raise FormatError("out_of_range", cause, "Correct it.", line=line)
    return int(value)


def text_of(data: bytes) -> str:
    """The file as text. Raises ``FormatError`` ``empty``, ``not_text``, ``too_large``."""
    if len(data) > MAX_BYTES:
        raise FormatError("too_large", f"The file has {len(data):,} bytes.", f"The most is {MAX_BYTES:,}.")
    if b"\0" in data:
        raise FormatError("not_text", "The file is binary.", "Give the text file of the problem.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")  # names and comments of old files; numbers are the same
    if not text.strip():
        raise FormatError("empty", "The file is empty.", "Give a file with a problem.")
    return text


def lines_of(text: str) -> Iterator[Line]:
    """Every line with something on it."""
    for number, line in enumerate(text.splitlines(), 1):
        words = tuple(line.split())
        if words:
            yield Line(number, words)


def last_line(lines: Sequence[Line]) -> int:
    """The number of the last one."""
    return lines[-1].number if lines else 0
