"""Searching the village: every kind of answer, and the verdict that goes with it."""

import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.places.errors import PlacesError
from dispatch.places.geocoder import Geocoder
from dispatch.places.match import CONFIDENT, Kind, Verdict

from .village import at


@pytest.mark.parametrize(
    ("text", "number", "kind"),
    [
        ("Nørrebrogade 3, 2200 Strandby", "3", Kind.EXACT),
        ("norrebrogade 3", "3", Kind.EXACT),
        ("Noerrebrogade 3", "3", Kind.EXACT),
        ("Nørrebrog. 3", "3", Kind.EXACT),
        ("Nørebrogade 3", "3", Kind.EXACT),
        ("3 Nørrebrogade Strandby", "3", Kind.EXACT),
        ("North Bridge Street 3", "3", Kind.EXACT),
        ("Nørrebrogade 12 B, 2. tv", "12B", Kind.EXACT),
        ("Nørrebrogade 24", "22-24", Kind.EXACT),
        ("Nørrebrogade 22-24", "22-24", Kind.EXACT),
        ("Nørrebrogade 31", "31", Kind.EXACT),
        ("Nørrebrogade 33", "33", Kind.EXACT),
        ("HC Ørsteds Vej 27", "25;27", Kind.EXACT),
        ("Straße des 17. Juni 135", "135", Kind.EXACT),
        ("Nørrebrogade 5A", "5", Kind.NEAREST_NUMBER),
        ("Nørrebrogade 7", "5", Kind.NEAREST_NUMBER),
        ("Nørrebrogade 8", "4", Kind.NEAREST_NUMBER),
    ],
)
def test_finds_the_house(geocoder: Geocoder, text: str, number: str, kind: Kind) -> None:
    """Spelling, order, letters, ranges, buildings; a missing number keeps its side (8 to 4, not to 9)."""
    answer = geocoder.geocode(text)
    assert answer.best is not None
    assert (answer.best.number, answer.best.kind, answer.verdict) == (number, kind, Verdict.FOUND)


def test_exact_beats_fuzzy_beats_nearest_in_confidence(geocoder: Geocoder) -> None:
    """Confidence orders answers as a person would."""
    texts = ("Nørrebrogade 3", "Nørebrogade 3", "Nørrebrogade 8", "Nørrebrogade")
    shares = [geocoder.search(text)[0].confidence for text in texts]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] == 1.0
    assert shares[-1] < CONFIDENT


def test_a_building_is_found_at_its_middle(geocoder: Geocoder) -> None:
    """A way has no place of its own: its centre stands for it."""
    best = geocoder.search("Nørrebrogade 31")[0]
    assert (best.lng, best.lat) == pytest.approx(at(510, 520), abs=1e-6)


def test_a_shop_in_a_numbered_house_is_no_second_answer(geocoder: Geocoder) -> None:
    """The bakery repeats the number of its house; the address point itself wins."""
    found = geocoder.search("Nørrebrogade 5")
    assert len(found) == 1
    assert (found[0].lng, found[0].lat) == pytest.approx(at(100, 510), abs=1e-6)


def test_one_name_in_two_towns_is_ambiguous_until_the_postcode_decides(geocoder: Geocoder) -> None:
    """Two Kirkegade 5, 900 m apart: the system must ask, or use the postcode."""
    assert geocoder.geocode("Kirkegade 5").verdict is Verdict.AMBIGUOUS
    decided = geocoder.geocode("Kirkegade 5, 2300 Havnby")
    assert decided.verdict is Verdict.FOUND
    assert decided.best is not None
    assert decided.best.postcode == "2300"


@pytest.mark.parametrize(
    "text", ["Kirkevej 3, 5000 Odense", "Mannerheimintie 10", "Nørrebrogade 3, 9999 Skagen", "Søndergade 3"]
)
def test_what_is_elsewhere_is_said_to_be(geocoder: Geocoder, text: str) -> None:
    """No match and a reason: an unknown street, or a known one with postcode and place of another city."""
    answer = geocoder.geocode(text)
    assert (answer.verdict, answer.matches) == (Verdict.NOT_IN_CITY, ())
    assert answer.reason


@pytest.mark.parametrize(
    "text", ["Nørrebrogade", "Møllestræde 4", "Nørrebrogade 3, Skagen", "Nørrebrogade 300"]
)
def test_what_is_only_close_is_doubtful(geocoder: Geocoder, text: str) -> None:
    """No number, a street without numbers, a place that is not here, a number far beyond the last."""
    answer = geocoder.geocode(text)
    assert answer.verdict is Verdict.DOUBTFUL
    assert answer.matches


@pytest.mark.parametrize("text", ["", "   ", "12", "?!,;", "\x00", "2200", "\n\n"])
def test_what_holds_no_street_is_unreadable(geocoder: Geocoder, text: str) -> None:
    """Empty cells of a table get an answer, not an exception."""
    assert geocoder.geocode(text).verdict is Verdict.UNREADABLE


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from("Nørebgad 0123,.-/;ABßé\u0130\t%'\"") | st.characters(), max_size=60))
def test_any_text_gets_an_answer(geocoder: Geocoder, text: str) -> None:
    """Whatever is written, search, suggest and the verdict agree and nothing is raised."""
    answer = geocoder.geocode(text)
    assert bool(answer.matches) == (answer.verdict not in (Verdict.NOT_IN_CITY, Verdict.UNREADABLE))
    assert all(0 <= match.confidence <= 1 for match in answer.matches)
    assert len(geocoder.suggest(text, 3)) <= 3


def test_many_at_once_equal_one_by_one(geocoder: Geocoder) -> None:
    """The batch is a short cut, not another search."""
    texts = ["Nørrebrogade 3", "Kirkegade 5", "", "Nørrebrogade 3", "Elsewhere 1"]
    assert geocoder.geocode_many(texts, 5) == [geocoder.geocode(text) for text in texts]


def test_suggests_streets_then_numbers(geocoder: Geocoder) -> None:
    """Typing ahead: the beginning of any word, then the numbers that begin so."""
    assert geocoder.suggest("nør")[0].street == "Nørrebrogade"
    assert [match.street for match in geocoder.suggest("ørst")] == ["H.C. Ørsteds Vej"]
    assert [match.number for match in geocoder.suggest("nørrebrogade 1")] == ["1", "12A", "12B"]
    assert geocoder.suggest("") == []


def test_reverse_names_the_nearest_house_and_how_far_it_is(geocoder: Geocoder) -> None:
    """Ten metres north of number 3."""
    lng, lat = at(60, 520)
    found = geocoder.reverse(lat, lng)
    assert found is not None
    assert found.label == "Nørrebrogade 3, 2200 Strandby"
    assert found.metres == pytest.approx(10, abs=0.5)


def test_reverse_far_from_everything_is_none(geocoder: Geocoder) -> None:
    """A place in the sea has no address, nor has one that is no place."""
    assert geocoder.reverse(SEA[1], SEA[0]) is None
    assert geocoder.reverse(float("nan"), 12.0) is None
    assert geocoder.reverse(0.0, 0.0) is None


SEA = at(5000, 5000)


def test_threads_share_one_geocoder(geocoder: Geocoder) -> None:
    """SQLite connections belong to their thread: eight threads, one geocoder, equal answers."""
    answers: list[str] = []

    def ask() -> None:
        for number in ("1", "3", "5", "9"):
            answers.append(geocoder.search(f"Nørrebrogade {number}")[0].number)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == sorted(["1", "3", "5", "9"] * 8)


def test_what_is_no_index_is_refused(tmp_path: Path) -> None:
    """A file of something else must not look like a city without addresses."""
    other = tmp_path / "x.sqlite"
    other.write_text("not a database, but long enough to look like one to somebody")
    with pytest.raises(PlacesError) as caught:
        Geocoder(other)
    assert caught.value.code == "no_index"
