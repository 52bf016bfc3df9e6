"""What a scan on the station's floor means: the verdict on a parcel, from what it is and what somebody does with it.

Pure. A verdict that moves a parcel names its state afterwards, always a move that `lifecycle.py` allows; every other
one leaves it as it was. Codes are sentences of the page and of the trail.
"""

from dataclasses import dataclass
from enum import StrEnum

from dispatch.lifecycle import OrderState, ParcelState, RouteState


class Activity(StrEnum):
    """What the person with the scanner is doing."""

    RECEIVE = "receive"
    SORT = "sort"
    LOAD = "load"
    BACK = "back"
    DAMAGE = "damage"


AT_STATION = (ParcelState.RECEIVED, ParcelState.SORTED)
ABOARD = (ParcelState.LOADED, ParcelState.UNDELIVERED)
ENDED = {
    ParcelState.DELIVERED: "already_delivered",
    ParcelState.RETURNED: "already_returned",
    ParcelState.CANCELLED: "cancelled",
}


@dataclass(frozen=True)
class Way:
    """A route as the floor knows it."""

    id: int
    name: str
    state: str


@dataclass(frozen=True)
class Piece:
    """A parcel with what decides about it: its order's state, the route it is planned on, the van it is on."""

    state: str
    order_state: str
    planned: Way | None = None
    aboard: Way | None = None
    lane: str = ""


@dataclass(frozen=True)
class Verdict:
    """`moves` to a state, or not (then `ok` tells a harmless repetition from a refusal); `lane` is where it belongs."""

    code: str
    ok: bool
    moves: ParcelState | None = None
    aboard: int | None = None
    lane: str = ""


def _refused(code: str, lane: str = "") -> Verdict:
    return Verdict(code, ok=False, lane=lane)


def judge(activity: Activity, piece: Piece, *, route: Way | None = None, zone: str = "") -> Verdict:
    """The verdict on a parcel of this station. `route`: what is loaded now; `zone`: the lane before routes exist."""
    if piece.state in ENDED:
        return _refused(ENDED[ParcelState(piece.state)])
    if piece.order_state == OrderState.CANCELLED and activity in (Activity.SORT, Activity.LOAD):
        return _refused("order_cancelled")
    return _BY_ACTIVITY[activity](piece, route, zone)


def _receive(piece: Piece, _route: Way | None, _zone: str) -> Verdict:
    if piece.state in AT_STATION:
        return Verdict("already_received", ok=True, lane=lane_of(piece, ""))
    if piece.state in ABOARD:
        return _refused("on_a_van", piece.aboard.name if piece.aboard else "")
    if piece.state == ParcelState.DAMAGED:
        return _refused("damaged")
    return Verdict("received", ok=True, moves=ParcelState.RECEIVED)


def lane_of(piece: Piece, zone: str) -> str:
    """Where it is put: its route's lane, before there is a route its zone's."""
    return piece.planned.name if piece.planned else zone


def _sort(piece: Piece, _route: Way | None, zone: str) -> Verdict:
    refusal = _not_here(piece)
    if refusal:
        return refusal
    lane = lane_of(piece, zone)
    if not lane:
        return _refused("no_lane")
    if piece.state == ParcelState.SORTED and piece.lane == lane:
        return Verdict("already_sorted", ok=True, lane=lane)
    code = "sorted_anew" if piece.state == ParcelState.SORTED else "sorted"
    return Verdict(code, ok=True, moves=ParcelState.SORTED, lane=lane)


def _not_here(piece: Piece) -> Verdict | None:
    """Why a parcel that should lie in the station does not."""
    if piece.state in (ParcelState.ANNOUNCED, ParcelState.MISSING):
        return _refused("not_received")
    if piece.state in ABOARD:
        return _refused("on_a_van", piece.aboard.name if piece.aboard else "")
    return _refused("damaged") if piece.state == ParcelState.DAMAGED else None


def _load(piece: Piece, route: Way | None, _zone: str) -> Verdict:
    if route is None:
        return _refused("no_route_chosen")
    if piece.state == ParcelState.LOADED and piece.aboard == route:
        return Verdict("already_loaded", ok=True, lane=route.name)
    refusal = _not_here(piece)
    if refusal:
        return refusal
    if piece.planned is None:
        return _refused("not_planned")
    if piece.planned.id != route.id:
        return _refused("wrong_route", piece.planned.name)
    if route.state == RouteState.CLOSED:
        return _refused("route_closed", route.name)
    return Verdict("loaded", ok=True, moves=ParcelState.LOADED, aboard=route.id, lane=route.name)


def _back(piece: Piece, _route: Way | None, _zone: str) -> Verdict:
    if piece.state in AT_STATION:
        return Verdict("already_received", ok=True)
    if piece.state in (ParcelState.ANNOUNCED, ParcelState.MISSING):
        return _refused("never_received")
    if piece.state == ParcelState.DAMAGED:
        return _refused("damaged")
    tried = piece.state == ParcelState.UNDELIVERED
    return Verdict("back" if tried else "back_not_tried", ok=True, moves=ParcelState.RECEIVED)


def _damage(piece: Piece, _route: Way | None, _zone: str) -> Verdict:
    if piece.state == ParcelState.DAMAGED:
        return Verdict("already_damaged", ok=True)
    if piece.state == ParcelState.MISSING:
        return _refused("not_received")
    return Verdict("damaged_now", ok=True, moves=ParcelState.DAMAGED)


_BY_ACTIVITY = {
    Activity.RECEIVE: _receive,
    Activity.SORT: _sort,
    Activity.LOAD: _load,
    Activity.BACK: _back,
    Activity.DAMAGE: _damage,
}
