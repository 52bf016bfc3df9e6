"""Service at the door and setup once per address, both scaled by the vehicle's ``service_percent``.

Setup (parking, walking in) is spent on arrival and only when the stop before was of another setup group; the
window holds the start of the service itself, so a van may set up before the window opens.
"""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="service",
    meaning="Service time per job, setup time once per address, by vehicle.",
    codes=(),
    pyvrp="setup on the arcs in; service on the client, its scaled difference on the arcs out",
    ortools="on the arcs",
)


def scaled(seconds: int, percent: int) -> int:
    """Seconds at a pace in percent, rounded half up."""
    return seconds if percent == 100 else (seconds * percent + 50) // 100
