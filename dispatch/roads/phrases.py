"""OSRM's manoeuvre words as English sentences."""

from typing import Final

TOWARDS: Final = {
    "uturn": "Make a U-turn",
    "sharp right": "Turn sharp right",
    "right": "Turn right",
    "slight right": "Turn slightly right",
    "straight": "Go straight on",
    "slight left": "Turn slightly left",
    "left": "Turn left",
    "sharp left": "Turn sharp left",
}

ROUNDABOUTS: Final = frozenset({"roundabout", "rotary", "roundabout turn"})
LEAVING: Final = frozenset({"exit roundabout", "exit rotary"})


def phrase(kind: str, modifier: str, street: str, exit_number: int = 0) -> str:
    """One sentence for a manoeuvre; `street` is the street driven afterwards, "" where it has no name.

    Unknown words become "Continue", so that a newer OSRM never breaks a turn list.
    """
    if kind == "arrive":
        side = {"left": ", on the left", "right": ", on the right"}.get(modifier, "")
        return f"Arrive{side}"
    return _movement(kind, modifier, exit_number) + (f" onto {street}" if street else "")


def _movement(kind: str, modifier: str, exit_number: int) -> str:
    if kind == "depart":
        return "Set off"
    if kind in ROUNDABOUTS:
        return f"At the roundabout take exit {exit_number}" if exit_number else "Enter the roundabout"
    if kind in LEAVING:
        return "Leave the roundabout"
    if kind in {"new name", "notification"} or (kind == "continue" and modifier == "straight"):
        return "Continue"
    if kind == "merge":
        return "Merge"
    if kind in {"fork", "off ramp", "on ramp"}:
        side = "left" if "left" in modifier else "right" if "right" in modifier else ""
        return f"Keep {side}" if side else "Go straight on"
    return TOWARDS.get(modifier, "Continue")
