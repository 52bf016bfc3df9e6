"""Optional orders with a price for leaving them: tomorrow, or a carrier's offer."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="optional",
    number=27,
    kind="weight",
    meaning=(
        "A job is left out where that is cheaper; the cheaper of its leave price and its offers counts, and "
        "a carrier charges at least its minimum."
    ),
    fields=(
        "Job.leave_price",
        "Job.offers",
        "Offer.carrier",
        "Offer.price",
        "Carrier.minimum",
        "Problem.carriers",
    ),
    costs=("unassigned", "offers"),
    pyvrp="prizes; a carrier's minimum is not stated",
    ortools="disjunction penalties",
    search="the cheaper of leave price and offers; the minimum by ``evaluate``",
)
