"""Setup once per address, before any waiting: the second order there costs only its own minutes."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="setup",
    number=7,
    kind="fact",
    meaning=(
        "Setup is spent on arrival unless the stop before was of the same setup group, or the same place."
    ),
    see=("late", "shift_end", "too_long"),
    fields=("Job.setup_s", "Job.setup_group", "Job.service_s"),
    pyvrp="on the arcs into the place",
    ortools="on the arcs into the place",
)
