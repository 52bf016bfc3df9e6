"""One of several places: door, locker, pickup point, each with its windows and its price."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="alternatives",
    number=28,
    kind="weight",
    meaning=(
        "At most one job of a group is served, and costs its price; leaving all costs the group's leave "
        "price."
    ),
    codes=("two_alternatives",),
    fields=("Group.jobs", "Group.prices", "Group.leave_price", "Problem.groups"),
    costs=("chosen", "unassigned"),
    pyvrp="client groups that visit one at most",
    search="a group is one request; each alternative is tried",
)
