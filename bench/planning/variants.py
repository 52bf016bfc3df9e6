"""The same days with the rules that separate planners: breaks, soft windows, relations, incompatible goods."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from dispatch.planning.model import Incompatible, Job, Problem, Relation, Window

from .days import HOUR, with_breaks


def soft(problem: Problem) -> Problem:
    """One-hour windows; lateness costs 20 cents a minute, up to the end of the shift."""
    jobs = tuple(
        replace(
            job,
            windows=tuple(Window(w.start + HOUR // 2, w.end - HOUR // 2) for w in job.windows),
            late_price_per_min=20 if job.windows else None,
        )
        for job in problem.jobs
    )
    return replace(problem, jobs=jobs)


def related(problem: Problem) -> Problem:
    """One order in eight stands in a pair: one route, different routes, in this order, at once, or two people."""
    dice = np.random.default_rng(len(problem.jobs))
    open_jobs = [job for job in problem.jobs if not job.windows and not job.skills]
    chosen = list(dice.permutation(len(open_jobs)))
    relations = []
    kinds = ("same_route", "different_routes", "sequence", "direct", "together")
    for number in range(min(len(problem.jobs) // 16, len(chosen) // 2)):
        one, other = open_jobs[chosen.pop()].id, open_jobs[chosen.pop()].id
        kind = kinds[number % len(kinds)]
        relations.append(Relation(kind, (one, other), tolerance_s=600 if kind == "together" else 0))
    return replace(problem, relations=tuple(relations))


def apart(problem: Problem) -> Problem:
    """One order in five is food, one in eight chemicals; the two never travel together."""
    dice = np.random.default_rng(len(problem.jobs))

    def goods(job: Job) -> frozenset[str]:
        number = dice.random()
        return frozenset({"food"} if number < 0.2 else {"chemicals"} if number < 0.325 else ())

    jobs = tuple(replace(job, goods=goods(job)) for job in problem.jobs)
    return replace(problem, jobs=jobs, incompatible=(Incompatible("food", "chemicals"),))


def everything(problem: Problem) -> Problem:
    """All of these at once."""
    return apart(related(soft(with_breaks(problem))))


VARIANTS: dict[str, Callable[[Problem], Problem]] = {
    "breaks": with_breaks,
    "soft": soft,
    "relations": related,
    "apart": apart,
    "all": everything,
}
