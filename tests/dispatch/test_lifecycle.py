"""The tables of states: closed, with ends that are ends; and the page that prints them tells the truth."""

import os
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.lifecycle import (
    MOVES,
    ExceptionState,
    OrderState,
    ParcelState,
    PlanState,
    RouteState,
    StopState,
    may,
    require,
    sources,
)
from lastmile.kernel.errors import LastmileError

KINDS = (ParcelState, OrderState, StopState, RouteState, PlanState, ExceptionState)
INITIAL = {
    ParcelState: ParcelState.ANNOUNCED,
    OrderState: OrderState.NEEDS_LOCATION,
    StopState: StopState.PLANNED,
    RouteState: RouteState.DRAFT,
    PlanState: PlanState.RUNNING,
    ExceptionState: ExceptionState.OPEN,
}
ENDS = {
    ParcelState: {"returned", "cancelled"},
    OrderState: {"returned", "cancelled"},
    StopState: set(),
    RouteState: {"closed"},
    PlanState: {"accepted", "discarded", "failed", "cancelled"},
    ExceptionState: {"resolved"},
}
# A parcel may be sorted anew, to another place of the floor.
AGAIN = {ParcelState: {"sorted"}}
# A stop that is done may only be corrected between its two outcomes; one called off may be reported late.
DONE = {StopState: {"completed", "failed"}}
PAGE = Path(__file__).resolve().parents[2] / "docs" / "lifecycle.md"

kinds = st.sampled_from(KINDS)


@st.composite
def walks(draw: st.DrawFn) -> tuple[type[StrEnum], list[str]]:
    """Any sequence of allowed moves from where a thing begins."""
    kind = draw(kinds)
    path = [str(INITIAL[kind])]
    for _ in range(draw(st.integers(0, 12))):
        targets = sorted(MOVES[kind][path[-1]])
        if not targets:
            break
        path.append(draw(st.sampled_from(targets)))
    return kind, path


@pytest.mark.parametrize("kind", KINDS)
def test_every_state_has_a_row_and_every_target_is_a_state(kind: type[StrEnum]) -> None:
    """A state without a row raises KeyError at the worst time; a misspelt target can never be reached."""
    states = {state.value for state in kind}
    assert set(MOVES[kind]) == states
    assert set().union(*MOVES[kind].values()) <= states


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_moves_to_itself(kind: type[StrEnum]) -> None:
    """A move to the same state would pass a guard twice: a double click would count as two deliveries."""
    assert {state for state, targets in MOVES[kind].items() if state in targets} == AGAIN.get(kind, set())


@pytest.mark.parametrize("kind", KINDS)
def test_ends_are_the_ends_we_mean(kind: type[StrEnum]) -> None:
    """What is over stays over; a delivery may still turn out to have failed."""
    assert {state for state, targets in MOVES[kind].items() if not targets} == ENDS[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_every_state_can_be_reached_and_can_end(kind: type[StrEnum]) -> None:
    """A state that nothing leads to is dead code; one that leads nowhere traps rows for ever."""
    assert reach(kind, str(INITIAL[kind])) == {state.value for state in kind}
    for state in kind:
        assert reach(kind, state.value) & (ENDS[kind] | DONE.get(kind, set()))


def reach(kind: type[StrEnum], start: str) -> set[str]:
    found, todo = {start}, [start]
    while todo:
        new = MOVES[kind][todo.pop()] - found
        found |= new
        todo += new
    return found


@given(walks())
def test_allowed_walks_pass_and_stay_inside(walk: tuple[type[StrEnum], list[str]]) -> None:
    """`may`, `require` and `sources` are three faces of one table and must never disagree."""
    kind, path = walk
    for before, after in pairwise(path):
        assert may(kind, before, after)
        assert before in sources(kind, after)
        require(kind, before, after, "It")
    assert path[-1] in {state.value for state in kind}


@given(kinds, st.data())
def test_forbidden_moves_are_refused_with_both_names(kind: type[StrEnum], data: st.DataObject) -> None:
    """The refusal tells where the thing stands, so that the caller can reload and decide."""
    before = data.draw(st.sampled_from(list(kind)))
    others = sorted({state.value for state in kind} - MOVES[kind][before])
    after = data.draw(st.sampled_from(others))
    assert before not in sources(kind, after)
    with pytest.raises(LastmileError) as refusal:
        require(kind, before, after, "It")
    assert (refusal.value.code, refusal.value.status) == ("illegal_move", 409)
    assert before.value in refusal.value.cause
    assert after in refusal.value.cause


def printed() -> str:
    """The tables as `docs/lifecycle.md` shows them between its marks."""
    parts = []
    for kind in KINDS:
        name = kind.__name__.removesuffix("State")
        parts += [f"## {name}", "", "| From | May become |", "|---|---|"]
        for state in kind:
            targets = ", ".join(other.value for other in kind if other in MOVES[kind][state])
            parts.append(f"| {state.value} | {targets or '*(the end)*'} |")
        parts.append("")
    return "\n".join(parts)


def test_the_page_prints_the_tables() -> None:
    """A page that is edited by hand is wrong within a month. Rewrite it with WRITE_DOCS=1."""
    head, begin, rest = PAGE.read_text("utf-8").partition("<!-- tables -->\n")
    assert begin, "docs/lifecycle.md has lost its mark"
    if os.environ.get("WRITE_DOCS"):
        PAGE.write_text(head + begin + "\n" + printed(), encoding="utf-8")
        return
    assert rest.strip() == printed().strip()
