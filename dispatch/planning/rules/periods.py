"""Travel time by time of day, and roads that are closed or slow right now."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="periods",
    number=37,
    kind="fact",
    meaning=(
        "A leg is driven at the pace of the period it is in; under way at the turn of one, the share still "
        "to go is kept. Who leaves later never arrives earlier."
    ),
    see=("late", "shift_end"),
    fields=("Matrix.periods", "Period.start", "Period.durations"),
    pyvrp="travel of the period that most of a shift lies in; its plans are timed again and repaired",
)
