"""All rules in one list, for the walker and for the documentation."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..solution import Violation
from ..timing import Walk
from . import (
    allowed,
    breaks,
    capacity,
    costs,
    frozen,
    limits,
    priority,
    reach,
    release,
    service,
    shift,
    skills,
    windows,
)
from .rule import Rule

RULES: tuple[Rule, ...] = tuple(
    module.RULE
    for module in (
        windows, capacity, shift, service, skills, allowed, limits, breaks, release, reach, frozen, priority,
        costs,
    )
)  # fmt: skip

ROUTE_CHECKS: tuple[Callable[[Walk], Iterator[Violation]], ...] = (
    reach.check,
    windows.check,
    capacity.check,
    shift.check,
    skills.check,
    allowed.check,
    limits.check,
    breaks.check,
    release.check,
)
