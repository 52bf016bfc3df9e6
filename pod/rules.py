"""Which proof a hand-over needs, and whether a capture has it all. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

AGE_CHECK = "age_check"
SAFE_PLACE = "safe_place"


class Need(StrEnum):
    """What must be shown: a recipient or a safe place, or a person by name."""

    RECIPIENT = "recipient"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Capture:
    """What the driver noted: who took it, and who they are to the recipient (`safe_place`: nobody)."""

    received_by: str = ""
    relation: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """A need that the capture does not meet: its code, and what to do in words."""

    code: str
    words: str


WORDS = {
    Need.RECIPIENT: "Write who took it, or choose the safe place where it was left.",
    Need.NAME: "An order here needs an age check: write the name of the grown-up who took it.",
}


def needs(skills: Iterable[str]) -> frozenset[Need]:
    """What the orders with these skills need: always a recipient, with an age check a person's name."""
    return frozenset({Need.RECIPIENT, Need.NAME} if AGE_CHECK in set(skills) else {Need.RECIPIENT})


def missing(wanted: Iterable[Need], capture: Capture) -> list[Missing]:
    """The needs not met, in a fixed order; empty when the capture is complete."""
    named = bool(capture.received_by.strip())
    left = capture.relation.strip() == SAFE_PLACE
    met = {Need.RECIPIENT: named or left, Need.NAME: named and not left}
    return [Missing(f"needs_{need}", WORDS[need]) for need in sorted(wanted) if not met[need]]
