"""Places on the earth: validation, distance, and the polyline text routes are stored in."""

import math
from collections.abc import Iterable, Sequence

from lastmile.kernel.errors import LastmileError

EARTH_RADIUS_M = 6_371_008.8


def require_point(lat: object, lng: object, field: str = "lat") -> tuple[float, float]:
    """A finite latitude and longitude in degrees, or `LastmileError("bad_place")`; booleans are no numbers."""
    for name, value, limit in (("lat", lat, 90.0), ("lng", lng, 180.0)):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or abs(value) > limit:  # type: ignore[arg-type]
            raise LastmileError(
                "bad_place",
                f"{name} must be a number between -{limit:g} and {limit:g}; it is {value!r}.",
                "Send decimal degrees, latitude and longitude, not swapped.",
                field=name if field == "lat" else field,
            )
    return float(lat), float(lng)  # type: ignore[arg-type]


def distance_m(lat1: float, lng1: float, lat2: float, lng2: float) -> float:
    """Great-circle distance in metres (haversine)."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    a = (
        math.sin((phi2 - phi1) / 2) ** 2
        + math.cos(phi1) * math.cos(phi2) * math.sin(math.radians(lng2 - lng1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(a)))


def encode_polyline(points: Iterable[Sequence[float]]) -> str:
    """(lat, lng) pairs as encoded polyline text, five decimals (Google's published format)."""
    text: list[str] = []
    previous = (0, 0)
    for lat, lng in points:
        current = (round(lat * 1e5), round(lng * 1e5))
        for value, before in zip(current, previous, strict=True):
            delta = (value - before) << 1
            delta = ~delta if delta < 0 else delta
            while delta >= 0x20:
                text.append(chr((0x20 | (delta & 0x1F)) + 63))
                delta >>= 5
            text.append(chr(delta + 63))
        previous = current
    return "".join(text)


def decode_polyline(text: str) -> list[tuple[float, float]]:
    """The inverse of `encode_polyline`."""
    points: list[tuple[float, float]] = []
    values = [0, 0]
    position = axis = shift = result = 0
    while position < len(text):
        byte = ord(text[position]) - 63
        position += 1
        result |= (byte & 0x1F) << shift
        shift += 5
        if byte >= 0x20:
            continue
        values[axis] += ~(result >> 1) if result & 1 else result >> 1
        shift = result = 0
        axis ^= 1
        if axis == 0:
            points.append((values[0] / 1e5, values[1] / 1e5))
    return points
