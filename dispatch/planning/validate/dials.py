"""Dials: known codes, and only those that have one."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import InputError
from ..model import Problem
from ..rules.codes import CODES

_BY_NAME = {code.name: code for code in CODES}


def dials(problem: Problem) -> Iterator[InputError]:
    """Every dial of the problem."""
    for name in problem.dials:
        code = _BY_NAME.get(name)
        if code is None:
            cause = f"There is a dial for {name!r}, which is no rule."
            yield InputError("dial_unknown", cause, "Use one of the violation codes.", name)
        elif code.fixed:
            cause = f"There is a dial for {name!r}, which is always hard."
            yield InputError("dial_fixed", cause, "Take it out.", name)


def is_hard(problem: Problem, name: str) -> bool:
    """Is this rule hard in this problem?"""
    code = _BY_NAME[name]
    return code.fixed or problem.dials.get(name, code.default).kind == "hard"
