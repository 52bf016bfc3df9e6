"""Which proof a hand-over needs, and whether a capture has it all. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

AGE_CHECK = "age_check"
SAFE_PLACE = "safe_place"
REQUIRED = "required"


class Need(StrEnum):
    """What must be shown: a recipient or a safe place, who gave it, a person by name, a photo, a signature."""

    RECIPIENT = "recipient"
    GIVER = "giver"
    NAME = "name"
    PHOTO = "photo"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class Capture:
    """What the driver noted: who took it (or gave it, for a collection), and who they are to the recipient
    (`safe_place`: nobody).

    Photos and signature count when they come with the report, and when the report promises them: a phone without
    a connection sends the words first and the pictures after.
    """

    received_by: str = ""
    relation: str = ""
    photos: int = 0
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """A need that the capture does not meet: its code, and what to do in words."""

    code: str
    words: str


WORDS = {
    Need.RECIPIENT: "Write who took it, or choose the safe place where it was left.",
    Need.GIVER: "Something here is collected: write who handed it over; a safe place will not do.",
    Need.NAME: "An order here needs an age check: write the name of the grown-up who took it.",
    Need.PHOTO: "Your station asks for a photo of every hand-over: take one.",
    Need.SIGNATURE: "Your station asks for a signature: let the person sign, or type the name.",
}


def needs(
    skills: Iterable[str], *, collects: bool = False, photo: str = "off", signature: str = "off"
) -> frozenset[Need]:
    """What a hand-over needs: always a recipient; with an age check a person's name; what the station demands.

    `skills` are those of the orders handed over; `collects`: one of them is picked up, so somebody gave it;
    `photo` and `signature` the station's policy: off, optional or required.
    """
    found = {Need.GIVER if collects else Need.RECIPIENT}
    if AGE_CHECK in set(skills):
        found.add(Need.NAME)
    if photo == REQUIRED:
        found.add(Need.PHOTO)
    if signature == REQUIRED:
        found.add(Need.SIGNATURE)
    return frozenset(found)


def missing(wanted: Iterable[Need], capture: Capture) -> list[Missing]:
    """The needs not met, in a fixed order; empty when the capture is complete."""
    named = bool(capture.received_by.strip())
    left = capture.relation.strip() == SAFE_PLACE
    met = {
        Need.RECIPIENT: named or left,
        Need.GIVER: named and not left,
        Need.NAME: named and not left,
        Need.PHOTO: capture.photos > 0,
        Need.SIGNATURE: capture.signed,
    }
    return [Missing(f"needs_{need}", WORDS[need]) for need in sorted(wanted) if not met[need]]
