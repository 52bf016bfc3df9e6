"""Manoeuvres as sentences."""

import pytest

from dispatch.roads.phrases import phrase


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("depart", "right", "Mill Lane"), "Set off onto Mill Lane"),
        (("turn", "sharp left", "Mill Lane"), "Turn sharp left onto Mill Lane"),
        (("end of road", "right", ""), "Turn right"),
        (("continue", "uturn", "Mill Lane"), "Make a U-turn onto Mill Lane"),
        (("new name", "straight", "High Street"), "Continue onto High Street"),
        (("fork", "slight left", ""), "Keep left"),
        (("off ramp", "right", "A4"), "Keep right onto A4"),
        (("roundabout", "right", "High Street", 3), "At the roundabout take exit 3 onto High Street"),
        (("exit roundabout", "right", ""), "Leave the roundabout"),
        (("arrive", "left", "High Street"), "Arrive, on the left"),
        (("arrive", "", ""), "Arrive"),
        (("hover", "above", "High Street"), "Continue onto High Street"),
    ],
)
def test_every_kind_of_manoeuvre_has_a_sentence(words: tuple[str, str, str], sentence: str) -> None:
    """A driver reads these at the wheel; a kind that a newer OSRM adds must still read as something."""
    assert phrase(*words) == sentence
