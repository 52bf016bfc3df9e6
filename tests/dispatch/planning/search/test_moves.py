"""Moves of the search that take more than strings of stops."""

from dataclasses import replace

import pytest

from dispatch.planning.evaluate import evaluate
from dispatch.planning.model import Job, Plan, Problem
from dispatch.planning.search.hunt import Hunt
from dispatch.planning.search.state import EMPTY, EXCHANGE
from dispatch.planning.verify import verify
from tests.dispatch.planning.worlds import line, town, van


def _searched(problem: Problem, plan: Plan, turns: int, **often: int) -> Hunt:
    """A hunt whose every turn is the named move; cold, so that only what is better is kept."""
    hunt = Hunt(problem, plan, seed=2)
    hunt.state.at[EXCHANGE] = often.get("exchange", 0)
    hunt.state.at[EMPTY] = often.get("empty", 0)
    hunt.anneal(turns, 0.01, 0.01, 3)
    return hunt


def test_vans_exchange_whole_routes() -> None:
    """The dear van drives the long route: no string can be moved without a loss, the exchange gains at once."""
    jobs = [Job("near", 1, delivery=(1,)), Job("far", 9, delivery=(1,))]
    dear, cheap = van("dear", cost_per_km=200, capacity=(1,)), van("cheap", cost_per_km=50, capacity=(1,))
    problem = line(jobs, [dear, cheap])
    hunt = _searched(problem, {"dear": ("far",), "cheap": ("near",)}, 50, exchange=1000)
    assert hunt.plan() == {"dear": ("near",), "cheap": ("far",)}
    assert evaluate(problem, hunt.plan()).cost.total == hunt.cost


@pytest.mark.parametrize(
    "fixed",
    [
        {"skills": frozenset({"lift"})},
        {"pinned_to": "dear"},
    ],
)
def test_an_exchange_asks_who_may_serve_whom(fixed: dict[str, object]) -> None:
    """The far job is for this van alone: the exchange is not even tried."""
    jobs = [Job("near", 1), replace(Job("far", 9), **fixed)]  # type: ignore[arg-type]
    dear, cheap = van("dear", cost_per_km=200, skills=frozenset({"lift"})), van("cheap")
    problem = line(jobs, [dear, cheap])
    hunt = _searched(problem, {"dear": ("far",), "cheap": ("near",)}, 50, exchange=1000)
    assert hunt.plan() == {"dear": ("far",), "cheap": ("near",)}


@pytest.mark.parametrize("fixed", [{"locked": True, "first": ("far",)}, {"first": ("far",)}])
def test_a_fixed_head_is_never_exchanged(fixed: dict[str, object]) -> None:
    """What has been driven, or was locked by hand, stays with its van."""
    dear, cheap = van("dear", cost_per_km=200, **fixed), van("cheap")
    problem = line([Job("near", 1), Job("far", 9)], [dear, cheap])
    hunt = _searched(problem, {"dear": ("far",), "cheap": ("near",)}, 50, exchange=1000)
    assert hunt.plan()["dear"] == ("far",)


def test_a_van_is_emptied_and_no_other_taken() -> None:
    """Two vans where one would do: emptied in one turn, which strings of stops reach only through dearer plans."""
    jobs = [Job(f"j{k}", k) for k in range(1, 25)]
    problem = line(jobs, [van(name, fixed_cost=9000) for name in ("a", "b", "c")], size=25)
    halves: Plan = {
        "a": tuple(f"j{k}" for k in range(1, 25, 2)),
        "b": tuple(f"j{k}" for k in range(2, 25, 2)),
    }
    hunt = _searched(problem, halves, 2, empty=1000)
    assert len(hunt.plan()) == 1
    assert sorted(item for row in hunt.plan().values() for item in row) == sorted(job.id for job in jobs)
    assert len(_searched(problem, halves, 2).plan()) == 2


def test_moves_keep_the_reckoning() -> None:
    """After many turns of all moves the search's own cost is what the walker says, and the checker agrees."""
    problem = town(30, 4)
    mixed = replace(
        problem,
        vehicles=tuple(replace(v, cost_per_km=30 + 40 * k) for k, v in enumerate(problem.vehicles)),
    )
    hunt = Hunt(mixed, {}, seed=4)
    hunt.fill()
    hunt.state.at[EXCHANGE], hunt.state.at[EMPTY] = 200, 200
    hunt.anneal(400, 200.0, 5.0, 8)
    solution = evaluate(mixed, hunt.plan())
    assert solution.cost.total == hunt.cost
    assert verify(mixed, solution) == []
