"""What each rule costs in a plan."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict

from ..rules.registry import rule_of, rules
from ..solution import Solution


def rule_costs(solution: Solution) -> dict[str, int]:
    """Cents per rule, by its name in the registry, dearest first; rules that cost nothing are not there.

    Components of the cost go to the one rule that names them, penalties of soft dials to the rule of their code.
    Where several rules share a component (``fixed`` and ``rate`` are such), it is the first by number that claims
    it. The sum is the plan's cost.
    """
    found = Counter[str]()
    for part, cents in asdict(solution.cost).items():
        if part != "rules" and cents:
            found[_owner(part)] += cents
    for penalty in solution.penalties:
        found[rule_of(penalty.code).name] += penalty.cents
    return {name: cents for name, cents in found.most_common() if cents}


def _owner(part: str) -> str:
    """The rule that a component belongs to."""
    return next((rule.name for rule in rules() if part in rule.costs), part)
