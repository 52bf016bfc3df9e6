"""Every rule of the planner, found by looking into the files of this folder."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

from .rule import Rule


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, by number."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))
    modules = [import_module(f".{name}", __package__) for name in names]
    found = [module.RULE for module in modules if hasattr(module, "RULE")]
    return tuple(sorted(found, key=lambda rule: rule.number))


def rule_of(code: str) -> Rule:
    """The rule that a violation code belongs to. Raises ``KeyError`` for a word that is no code."""
    for rule in rules():
        if code in rule.codes:
            return rule
    raise KeyError(code)
