"""The smallest changes that would fit a job, each tried by evaluating the plan with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from ..looks import Judge, Looks
from ..model import Plan, Problem
from ..solution import Change
from .drafts import drafts, refined
from .kinds import Draft, made, told

MOST = 3
"""So many changes are told for a job."""

_TRIED_PER_KIND = 3


@dataclass(frozen=True, slots=True)
class Fitting:
    """A change, the problem in which it is made and the plan with the job in it: what a dispatcher gets who says
    yes.
    """

    change: Change
    problem: Problem
    plan: Plan


def changes(
    problem: Problem, plan: Plan, job: str, expired: Callable[[], bool] = lambda: False
) -> tuple[Fitting, ...]:
    """At most ``MOST`` changes with which ``job`` fits into ``plan``, the cheapest first, one of a kind.

    Of each kind it is the smallest that one position on one route asks for. With it the plan breaks nothing that
    it does not break without, and the job (a shipment: both) is served; ``cents`` is what the plan then costs more
    to drive. Once ``expired()`` nothing more is tried. Raises ``PlanningError``.
    """
    if not problem.vehicles:
        return ()
    looks = Looks(problem, plan, job, anytime=True)
    rest = looks.plan
    judge = Judge(problem, rest)
    kinds = _by_kind(drafts(looks, job, expired))
    found: list[Fitting] = []
    for likely in sorted(kinds, key=lambda likely: likely[0].guess):
        if len(found) < MOST and not expired():
            found += _first_that_fits(problem, judge, likely, looks)
    return tuple(sorted(found, key=lambda fitting: (fitting.change.cents, fitting.change.amount)))


def _by_kind(found: Iterable[Draft]) -> list[list[Draft]]:
    """Each kind's drafts, the smallest first."""
    kinds: dict[str, list[Draft]] = {}
    for draft in found:
        kinds.setdefault(draft.kind, []).append(draft)
    return [sorted(group, key=lambda d: (d.amount, d.guess))[:_TRIED_PER_KIND] for group in kinds.values()]


def _first_that_fits(problem: Problem, judge: Judge, likely: list[Draft], looks: Looks) -> list[Fitting]:
    """The first of these that holds what it says."""
    for draft in (refined(looks, each) for each in likely):
        changed = made(problem, draft)
        cents, _ = judge.marginal(changed, draft.plan)
        if cents is None:
            continue
        if draft.kind == "worth":
            left = sum(looks.c.out_price[j] for j in looks.request.jobs)
            if cents <= left:
                continue
            draft = replace(draft, amount=cents - left)
        return [Fitting(told(draft, cents), changed, draft.plan)]
    return []
