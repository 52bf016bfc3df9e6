"""Reading a route as the driver's phone gets it. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lastmile.kernel.geo import decode_polyline
from tracking.simulation.path import Path, Point, cut

BREAK_AT_LEAST = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Call:
    """A stop still to be visited: `path_s` planned seconds of driving along `path`, then the door."""

    stop_id: int
    place: Point
    path: Path
    path_s: float
    setup_s: float
    service_s: float
    window_start: datetime | None
    pause: timedelta
    orders: tuple[dict[str, Any], ...]

    @property
    def key(self) -> str:
        """The same visit under another stop id (after a change by hand) has the same key."""
        return ",".join(sorted(order["external_id"] for order in self.orders))


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def require_moment(text: str | None) -> datetime:
    """A time that such a card always has."""
    found = moment(text)
    if found is None:
        raise ValueError("the route has no such time")
    return found


def calls(card: dict[str, Any]) -> list[Call]:
    """Stops of the card still to come, in order."""
    stops = [stop for stop in card["stops"] if stop["state"] != "cancelled"]
    orders = {order["id"]: order for order in card["orders"]}
    paths = _paths(card, stops)
    found, before = [], None
    for stop, path in zip(stops, paths, strict=False):
        if stop["state"] in ("planned", "arrived"):
            found.append(_call(stop, path, orders, before))
        before = stop
    return found


def way_home(card: dict[str, Any], place: Point) -> tuple[Path, float]:
    """From the last stop along the line's end, and its planned seconds."""
    stops = [stop for stop in card["stops"] if stop["state"] != "cancelled"]
    last = _paths(card, stops)[-1]
    seconds = card["drive_s"] - sum(stop["travel_s"] for stop in stops)
    return Path([place, *last.points]), max(float(seconds), last.length / 12)


def _paths(card: dict[str, Any], stops: list[dict[str, Any]]) -> list[Path]:
    places = [(stop["lat"], stop["lng"]) for stop in stops]
    line: list[Point] = decode_polyline(card["line"]) if card["line"] else []
    if len(line) < 2:
        line = places or [(0.0, 0.0)]
    return cut(line, [(place, stop["travel_m"]) for place, stop in zip(places, stops, strict=True)])


def _call(
    stop: dict[str, Any], path: Path, orders: dict[int, dict[str, Any]], before: dict[str, Any] | None
) -> Call:
    arrival, start = require_moment(stop["planned_arrival"]), require_moment(stop["planned_start"])
    departure, window = require_moment(stop["planned_departure"]), moment(stop["window_start"])
    pause = timedelta(0)
    if before is not None:
        left = require_moment(before["planned_departure"])
        pause = arrival - left - timedelta(seconds=stop["travel_s"])
    waits = window is not None and start <= window
    return Call(
        stop_id=stop["id"],
        place=(stop["lat"], stop["lng"]),
        path=path,
        path_s=float(stop["travel_s"]),
        setup_s=60.0 if waits else min((start - arrival).total_seconds(), 300.0),
        service_s=(departure - start).total_seconds(),
        window_start=window,
        pause=pause if pause >= BREAK_AT_LEAST else timedelta(0),
        orders=tuple(orders[pk] for pk in stop["order_ids"] if pk in orders),
    )
