"""OSRM's answers as our types. Works on the bindings' containers and on parsed JSON alike: both are indexed
by name or position and iterated.
"""

from itertools import chain
from typing import Any

import numpy as np

from dispatch.roads.base import UNREACHABLE, Floats, Leg, Line, Snap, Turn
from dispatch.roads.phrases import phrase


def read_line(answer: Any) -> Line:
    """The line of a route answer asked with `overview=full`, `geometries=geojson`, `annotations=distance`."""
    route = answer["routes"][0]
    coordinates = route["geometry"]["coordinates"]
    flat = np.fromiter(chain.from_iterable(coordinates), np.float64, 2 * len(coordinates))
    legs: list[Leg] = []
    first = 0
    for leg in route["legs"]:
        last = first + len(leg["annotation"]["distance"])
        legs.append(Leg(round(leg["duration"]), round(leg["distance"]), first, last))
        first = last
    return Line(_as_lat_lng(flat), tuple(legs), approximate=False)


def no_connection(points: Floats) -> Line:
    """A single hop without a connection, drawn as a straight stroke."""
    leg = Leg(UNREACHABLE, UNREACHABLE, 0, 1, reachable=False)
    return Line(points.copy(), (leg,), approximate=True)


def join_lines(lines: list[Line]) -> Line:
    """Lines that each begin where the one before ends, as one; the doubled meeting points stay."""
    legs: list[Leg] = []
    offset = 0
    for line in lines:
        legs += [
            Leg(leg.duration_s, leg.distance_m, leg.first + offset, leg.last + offset, leg.reachable)
            for leg in line.legs
        ]
        offset += len(line.points)
    points = np.concatenate([line.points for line in lines])
    return Line(points, tuple(legs), approximate=any(line.approximate for line in lines))


def read_snap(answer: Any) -> Snap:
    """The first waypoint of a nearest answer."""
    waypoint = answer["waypoints"][0]
    lng, lat = waypoint["location"]
    return Snap(float(lat), float(lng), float(waypoint["distance"]), waypoint["name"])


def read_turns(answer: Any, first_leg: int) -> list[Turn]:
    """The steps of a route answer; `first_leg` numbers its first leg."""
    return [
        _read_turn(step, number)
        for number, leg in enumerate(answer["routes"][0]["legs"], start=first_leg)
        for step in leg["steps"]
    ]


def _read_turn(step: Any, leg: int) -> Turn:
    manoeuvre = step["maneuver"]
    words = set(manoeuvre)
    kind = manoeuvre["type"]
    modifier = manoeuvre["modifier"] if "modifier" in words else ""
    exit_number = int(manoeuvre["exit"]) if "exit" in words else 0
    street = step["name"] or (step["ref"] if "ref" in set(step) else "")
    lng, lat = manoeuvre["location"]
    return Turn(
        instruction=phrase(kind, modifier, street, exit_number),
        street=street,
        metres=round(step["distance"]),
        seconds=round(step["duration"]),
        lat=float(lat),
        lng=float(lng),
        leg=leg,
        kind=kind,
        modifier=modifier,
    )


def _as_lat_lng(flat_lng_lat: Floats) -> Floats:
    return np.ascontiguousarray(flat_lng_lat.reshape(-1, 2)[:, ::-1])
