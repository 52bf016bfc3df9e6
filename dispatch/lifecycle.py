"""The states of parcel, order, stop, route, plan and exception, and the table of allowed moves.

Pure. Services move rows only by a conditional UPDATE from a state that this table allows;
`docs/lifecycle.md` prints it.
"""

from enum import StrEnum

from lastmile.kernel.errors import LastmileError


class ParcelState(StrEnum):
    ANNOUNCED = "announced"
    RECEIVED = "received"
    SORTED = "sorted"
    LOADED = "loaded"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    RETURNED = "returned"
    MISSING = "missing"
    DAMAGED = "damaged"
    CANCELLED = "cancelled"


class OrderState(StrEnum):
    """Derived from the order's parcels and its stop; kept in the row so that it can be searched."""

    NEEDS_LOCATION = "needs_location"
    OPEN = "open"  # in the pool
    PLANNED = "planned"  # on a draft or released route
    OUT = "out"  # its van has left
    DELIVERED = "delivered"
    FAILED = "failed"  # attempted in vain, not yet back in the pool
    RETURNED = "returned"
    CANCELLED = "cancelled"


class StopState(StrEnum):
    PLANNED = "planned"
    ARRIVED = "arrived"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RouteState(StrEnum):
    DRAFT = "draft"
    RELEASED = "released"
    DEPARTED = "departed"
    CLOSED = "closed"


class PlanState(StrEnum):
    RUNNING = "running"
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DISCARDED = "discarded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ExceptionState(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


def _moves(**table: str) -> dict[str, frozenset[str]]:
    return {state: frozenset(targets.split()) for state, targets in table.items()}


MOVES: dict[type[StrEnum], dict[str, frozenset[str]]] = {
    ParcelState: _moves(
        announced="received missing damaged cancelled loaded",
        received="sorted loaded damaged missing cancelled returned",
        sorted="sorted loaded received damaged missing cancelled returned",
        loaded="delivered undelivered received missing damaged",
        undelivered="received returned missing damaged",
        missing="received cancelled",
        damaged="returned received cancelled",
        delivered="undelivered",
        returned="",
        cancelled="",
    ),
    OrderState: _moves(
        needs_location="open cancelled",
        open="planned needs_location cancelled returned",
        planned="open out needs_location cancelled",
        out="delivered failed open cancelled",
        failed="open returned cancelled",
        delivered="failed",
        returned="",
        cancelled="",
    ),
    StopState: _moves(
        planned="arrived completed failed cancelled",
        arrived="completed failed planned cancelled",
        completed="failed",
        failed="completed",
        cancelled="completed failed",  # reported after the route was closed
    ),
    RouteState: _moves(
        draft="released closed", released="draft departed closed", departed="closed", closed=""
    ),
    PlanState: _moves(
        running="proposed failed cancelled",
        proposed="accepted discarded",
        accepted="",
        discarded="",
        failed="",
        cancelled="",
    ),
    ExceptionState: _moves(
        open="acknowledged snoozed resolved",
        acknowledged="snoozed resolved open",
        snoozed="open acknowledged resolved",
        resolved="",
    ),
}


def may(kind: type[StrEnum], before: str, after: str) -> bool:
    """Whether the table allows the move."""
    return after in MOVES[kind][before]


def sources(kind: type[StrEnum], after: str) -> list[str]:
    """The states from which `after` may be reached: the guard of a conditional UPDATE."""
    return [before for before, targets in MOVES[kind].items() if after in targets]


def require(kind: type[StrEnum], before: str, after: str, what: str) -> None:
    """Raise `LastmileError("illegal_move")` (409) unless the table allows the move."""
    if not may(kind, before, after):
        raise LastmileError(
            "illegal_move",
            f"{what} is {before}; it cannot become {after}.",
            "Reload to see its present state.",
            status=409,
        )
