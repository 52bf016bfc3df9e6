"""Breaks of so many minutes inside their windows: required or optional, anywhere or at a place."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="breaks",
    number=33,
    kind="dial",
    meaning=(
        "Every break that is owed is taken, starting inside one of its windows; an optional one may be "
        "skipped at its price."
    ),
    codes=("break_missed",),
    fields=("Vehicle.breaks", "Break.duration_s", "Break.windows", "Break.place", "Break.skip_price"),
    costs=("skipped",),
    pyvrp="room is left in the shift, and its routes are repaired under the walker",
    ortools="break intervals of the vehicle",
)
