"""Early in the tour what matters."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="prompt",
    number=44,
    kind="weight",
    meaning="Every hour from the start of the vehicle's shift to the start of service costs the job's price.",
    fields=("Job.prompt_price_per_hour",),
    costs=("prompt",),
    pyvrp="not stated",
)
