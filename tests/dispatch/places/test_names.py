"""Folding of names and reading of numbers and whole texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.places import names, numbers
from dispatch.places import query as queries
from dispatch.places.numbers import HouseNumber


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nørrebrogade", "NORREBROGADE"),
        ("Hauptstraße", "HAUPTSTRASSE"),
        ("Ämtskärintie", "amtskarintie"),
        ("H.C. Ørsteds Vej", "hc orsteds vej"),
        ("Rue de l'Église", "rue de l eglise"),
    ],
)
def test_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    """Case, accents, strokes, sharp s, dots and spaces do not tell streets apart."""
    assert names.key(one) == names.key(other)


def test_digraphs_meet_in_the_loose_key() -> None:
    """People without the letters write ae, oe, aa."""
    for written, meant in (
        ("Noerrebrogade", "Nørrebrogade"),
        ("Aaboulevard", "Åboulevard"),
        ("Muehlweg", "Mühlweg"),
    ):
        assert names.loose(names.key(written)) == names.loose(names.key(meant))


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("Hauptstr.", "Hauptstraße"),
        ("Hersbrucker Str.", "Hersbrucker Straße"),
        ("Hardtstr", "Hardtstraße"),
        ("Vesterg.", "Vestergade"),
        ("Aleksanterink.", "Aleksanterinkatu"),
        ("Gl. Kongevej", "Gammel Kongevej"),
        ("Main St", "Main Street"),
        ("Skt. Hans Torv", "Sankt Hans Torv"),
    ],
)
def test_abbreviations_are_written_out(short: str, long: str) -> None:
    """The common short forms of the languages concerned lead to the whole name."""
    assert names.key(long) in set(names.variants(short))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12", HouseNumber(12, 12, "")),
        ("12 A", HouseNumber(12, 12, "a")),
        ("12a", HouseNumber(12, 12, "a")),
        ("12-14", HouseNumber(12, 14, "")),
        ("12 – 14", HouseNumber(12, 14, "")),
        ("14-12", HouseNumber(14, 14, "")),
        ("A12", None),
        ("", None),
    ],
)
def test_house_numbers(text: str, expected: HouseNumber | None) -> None:
    """Letters and ranges, and what is no number."""
    assert numbers.parse(text) == expected


def test_a_range_covers_its_own_side_of_the_street() -> None:
    """22-24 holds 22 and 24 but not 23, which is across the street; 22-25 holds all."""
    assert [number for number in range(20, 28) if HouseNumber(22, 24, "").covers(number)] == [22, 24]
    assert [number for number in range(20, 28) if HouseNumber(22, 25, "").covers(number)] == [22, 23, 24, 25]


def test_several_houses_in_one_tag() -> None:
    """25;27 is two houses."""
    assert [house.low for house in numbers.parse_tag("25;27")] == [25, 27]


@pytest.mark.parametrize(
    ("text", "street", "number", "postcode", "place"),
    [
        ("Nørrebrogade 12, 3. tv, 2200 København N", "Nørrebrogade", 12, "2200", "København N"),
        ("12 rue de la Paix, 75002 Paris", "rue de la Paix", 12, "75002", "Paris"),
        ("12, rue de la Paix, 75002 Paris", "rue de la Paix", 12, "75002", "Paris"),
        ("Straße des 17. Juni 135", "Straße des 17. Juni", 135, "", ""),
        ("Storgatan 5, 111 22 Stockholm", "Storgatan", 5, "11122", "Stockholm"),
        ("Kauppakeskus, Kaivokatu 8, Helsinki", "Kaivokatu", 8, "", "Helsinki"),
        ("Rua Augusta 7 1100-048 Lisboa", "Rua Augusta", 7, "1100-048", "Lisboa"),
    ],
)
def test_texts_are_taken_apart(text: str, street: str, number: int, postcode: str, place: str) -> None:
    """Number before or behind the street, doors, odd postcodes, a building's name first."""
    query = queries.parse(text)
    assert (street, number) in [
        (reading.street, reading.number.low) for reading in query.readings if reading.number
    ]
    assert query.postcode == postcode
    assert place in query.place


@given(st.text(max_size=400))
def test_no_text_is_too_strange_to_parse(text: str) -> None:
    """Uploads hold anything; parsing answers, it never raises."""
    assert queries.parse(text).postcode is not None
