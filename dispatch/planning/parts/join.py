"""Plans of parts joined to one plan, and what is then still to be checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ..fleet import whole_plan
from ..model import Problem
from ..rules import frozen
from ..solution import Route, Solution, Unassigned, Violation
from ..verify import verify_joined


def join(
    problem: Problem, routes: Iterable[Route], reasons: Mapping[str, Unassigned], engine: str = ""
) -> Solution:
    """The plan of these routes, which stand at the places of the whole: the same as ``evaluate`` gives for it, to the
    cent, but with the reasons that are there already. ``problem``: ``priced``; its matrices are not looked at.
    """
    by_vehicle = {route.vehicle: route for route in routes}
    ordered = [by_vehicle[v.id] for v in problem.vehicles if v.id in by_vehicle]
    served = {job for route in ordered for job in route.jobs}
    left = [job.id for job in problem.jobs if job.id not in served]
    at_home = [v for v in problem.vehicles if v.id not in by_vehicle]
    broken = [violation for v in at_home for violation in frozen.check(v, ())]
    joined = whole_plan(problem, ordered, left, broken, engine)
    told = (_explained(one, reasons.get(one.job)) for one in joined.unassigned)
    return replace(joined, unassigned=tuple(told))


def _explained(plain: Unassigned, known: Unassigned | None) -> Unassigned:
    return known if known is not None and known.carrier == plain.carrier else plain


def faults(problem: Problem, joined: Solution, parts: Iterable[Solution]) -> list[Violation]:
    """What the checker finds in a joined plan that it did not find in its parts. Fixed heads may break a rule that
    nobody can mend: what the parts were allowed because of them, the whole is.
    """
    allowed: Counter[tuple[str, str, str]] = Counter()
    for part in parts:
        for violation in part.violations:
            allowed[violation.code, violation.route, violation.job] += violation.amount
    found = verify_joined(problem, joined)
    return [v for v in found if v.amount > allowed[v.code, v.route, v.job]]
