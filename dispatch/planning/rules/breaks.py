"""Breaks: one of d seconds inside its window, anywhere but during a service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..solution import Violation
from .rule import Rule
from .words import span, window_words

if TYPE_CHECKING:
    from ..timing import Walk

RULE = Rule(
    name="breaks",
    meaning="Every break that is owed is taken, starting inside one of its windows.",
    codes=("break_missed",),
    pyvrp="not stated: room is left in the shift, and the routes are repaired under the schedule walker",
    ortools="break intervals of the vehicle",
)


def check(walk: Walk) -> Iterator[Violation]:
    """``break_missed`` per break (its id stands in ``job``): its seconds."""
    for pause in walk.missed:
        words = f"No room for the break of {span(pause.duration_s)} in {window_words(pause.windows)}."
        yield Violation(
            code="break_missed", route=walk.vehicle.id, job=pause.id, amount=pause.duration_s, words=words
        )
