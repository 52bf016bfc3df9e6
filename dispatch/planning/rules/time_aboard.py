"""The longest time on board, for food and medicine."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="time_aboard",
    number=16,
    kind="dial",
    meaning=(
        "From leaving the depot, or the pickup's door, to the start of service at most so long; for a "
        "return, from its pickup to the end of the trip."
    ),
    codes=("too_long_aboard",),
    fields=("Job.max_aboard_s",),
    pyvrp="not stated; its routes are repaired under the walker",
)
