"""Lines for the map: ways put end to end, and thinned out where a label runs along them."""

from __future__ import annotations

from collections import defaultdict

from dispatch.places.geometry import METRES_PER_DEGREE, Point, metres

type Line = tuple[list[int], list[Point]]
"""Node ids and points of a way, of equal length."""


def join(lines: list[Line]) -> list[list[Point]]:
    """Lines that share an end node become one; a node where three meet stays an end."""
    touching: dict[int, list[int]] = defaultdict(list)
    for number, (refs, _) in enumerate(lines):
        for end in (refs[0], refs[-1]):
            touching[end].append(number)
    done: set[int] = set()
    joined = []
    for number, (refs, points) in enumerate(lines):
        if number not in done:
            done.add(number)
            tail = _follow(refs[-1], lines, touching, done)
            head = _follow(refs[0], lines, touching, done)
            joined.append([*reversed(head), *points, *tail])
    return joined


def _follow(end: int, lines: list[Line], touching: dict[int, list[int]], done: set[int]) -> list[Point]:
    """The points beyond an end node, walking on while exactly two lines meet."""
    walked: list[Point] = []
    while len(touching[end]) == 2:
        following = [number for number in touching[end] if number not in done]
        if not following:
            break
        done.add(following[0])
        refs, points = lines[following[0]]
        forward = refs[0] == end
        walked += points[1:] if forward else points[-2::-1]
        end = refs[-1] if forward else refs[0]
    return walked


def thin(points: list[Point], tolerance: float) -> list[Point]:
    """The line without points that lie within `tolerance` metres of it (Douglas and Peucker, 1973)."""
    keep = {0, len(points) - 1}
    waiting = [(0, len(points) - 1)]
    while waiting:
        first, last = waiting.pop()
        farthest, distance = first, 0.0
        for number in range(first + 1, last):
            away = _off(points[number], points[first], points[last])
            if away > distance:
                farthest, distance = number, away
        if distance > tolerance:
            keep.add(farthest)
            waiting += [(first, farthest), (farthest, last)]
    return [point for number, point in enumerate(points) if number in keep]


def _off(point: Point, a: Point, b: Point) -> float:
    """Metres from a point to the straight line through a and b, by the area of their triangle."""
    corner, foot = (b[0], a[1]), (point[0], a[1])
    base = metres(a, b)
    if base == 0:
        return metres(point, a)
    ex, ey = metres(a, corner) * _sign(b[0] - a[0]), (b[1] - a[1]) * METRES_PER_DEGREE
    px, py = metres(a, foot) * _sign(point[0] - a[0]), (point[1] - a[1]) * METRES_PER_DEGREE
    return abs(ex * py - ey * px) / base


def _sign(value: float) -> int:
    return 1 if value >= 0 else -1
