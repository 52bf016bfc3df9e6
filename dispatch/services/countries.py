"""Which country a time zone lies in: how a station's people write their phone numbers."""

import zoneinfo
from functools import cache
from importlib import resources
from pathlib import Path


def region_of(time_zone: str) -> str | None:
    """ISO 3166 code of the zone's country, None for zones of no country (UTC) or an unknown table."""
    return _regions().get(time_zone)


@cache
def places_of_zones() -> dict[str, tuple[float, float]]:
    """(lat, lng) of the principal place of each zone, of the same table; empty where there is none."""
    rows = (line.split("\t") for line in _table().splitlines() if line and not line.startswith("#"))
    return {row[2].strip(): _degrees(row[1]) for row in rows if len(row) > 2}


def _degrees(text: str) -> tuple[float, float]:
    """ISO 6709, as +6010+02458 or +404251-0740023."""
    at = max(text.rfind("+"), text.rfind("-"))
    return _one(text[:at]), _one(text[at:])


def _one(text: str) -> float:
    digits = text[1:]
    whole = 2 if len(digits) in (4, 6) else 3
    minutes, seconds = digits[whole : whole + 2], digits[whole + 2 :] or "0"
    value = int(digits[:whole]) + int(minutes) / 60 + int(seconds) / 3600
    return -value if text[0] == "-" else value


@cache
def _regions() -> dict[str, str]:
    """The time zone database's own table `zone.tab`: country, coordinates, zone."""
    rows = (line.split("\t") for line in _table().splitlines() if line and not line.startswith("#"))
    return {row[2].strip(): row[0] for row in rows if len(row) > 2}


def _table() -> str:
    for folder in zoneinfo.TZPATH:
        path = Path(folder) / "zone.tab"
        if path.is_file():
            return path.read_text("utf-8")
    try:
        return (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8")
    except (ModuleNotFoundError, FileNotFoundError):
        return ""
