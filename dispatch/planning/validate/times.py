"""Windows."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import InputError
from ..model import NEVER, Window
from .fields import NO_DAY


def windows(subject: str, several: tuple[Window, ...]) -> Iterator[InputError]:
    """In order, apart, and within what a schedule can count."""
    before = -1
    for start, end in several:
        if start < 0 or end < start or end > NEVER:
            cause = f"A window of {subject!r} is {start} to {end}."
            yield InputError("window_invalid", cause, NO_DAY, subject)
        elif start <= before:
            yield InputError(
                "windows_overlap",
                f"The windows of {subject!r} overlap or are not in order.",
                "Sort and merge them.",
                subject,
            )
        else:
            before = end
