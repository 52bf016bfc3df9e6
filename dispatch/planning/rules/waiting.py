"""The longest wait at a stop, or the wait moved to the stop before."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="waiting",
    number=5,
    kind="dial",
    meaning=(
        "A van waits at the stop no longer than the job allows; where waiting moves to the stop before, it "
        "never is too long."
    ),
    codes=("waits_too_long",),
    fields=("Job.max_wait_s", "Problem.wait_before"),
    pyvrp="not stated; its routes are repaired under the walker",
)
