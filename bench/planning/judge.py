"""What a peer's plan is worth: priced by our walker, held against our checker, the same for everybody."""

from __future__ import annotations

import os
import time
from collections import Counter
from dataclasses import asdict, dataclass

from dispatch.planning.evaluate import evaluate
from dispatch.planning.verify import verify

from .case import Case
from .peers import Answer, Peer
from .peers.base import CannotStateError


@dataclass(frozen=True, slots=True)
class Row:
    """One run. ``cost`` in cents, missing without a plan; ``broken``: rules by code with their count, for which reason
    the plan does not count. ``gap``: over the best known, where everything is served. ``first_s`` without the matrix.
    """

    set: str
    case: str
    orders: int
    peer: str
    seconds: float
    seed: int
    took_s: float
    cost: int | None
    vehicles: int
    left_out: int
    broken: dict[str, int]
    gap: float | None = None
    best_vehicles: int | None = None
    first_s: float | None = None
    matrix_s: float | None = None
    engine: str = ""
    trail: tuple[tuple[float, int], ...] = ()
    load: float = 0.0

    @property
    def counts(self) -> bool:
        """Whether there is a plan that keeps every rule."""
        return self.cost is not None and not self.broken

    def to_json(self) -> dict[str, object]:
        """For files."""
        return asdict(self)


def run(name: str, case: Case, peer_name: str, peer: Peer, *, seconds: float, seed: int) -> Row:
    """Let one peer loose on one case."""
    began = time.perf_counter()
    try:
        answer = peer(case.problem, seconds, seed)
    except CannotStateError:
        answer = Answer(None)
    took = time.perf_counter() - began
    row = Row(
        name, case.name, len(case.problem.jobs), peer_name, seconds, seed, round(took, 3), None, 0, 0, {},
        best_vehicles=case.best_vehicles, matrix_s=case.matrix_s, load=os.getloadavg()[0],
    )  # fmt: skip
    return row if answer.plan is None else _priced(case, row, answer)


def _priced(case: Case, row: Row, answer: Answer) -> Row:
    solution = evaluate(case.problem, answer.plan or {})
    broken = Counter(v.code for v in verify(case.problem, solution))
    gap = None
    if case.best_known and not solution.unassigned and not broken:
        gap = solution.cost.total / case.best_known - 1
    known = asdict(row) | {
        "cost": solution.cost.total,
        "vehicles": len(solution.routes),
        "left_out": len(solution.unassigned),
        "broken": dict(broken),
        "gap": gap,
        "first_s": answer.first_s,
        "engine": answer.engine,
        "trail": answer.trail,
    }
    return Row(**known)
