"""Reading orders as shops write them: pure, no database."""

import json
import math
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.services.countries import region_of
from dispatch.services.order_draft import NAMES, Read, Reader

HELSINKI = Reader(ZoneInfo("Europe/Helsinki"), "FI", date(2026, 3, 10))
GOOD = {"external_id": "A-1", "address": "Mannerheimintie 10"}


def read(reader: Reader = HELSINKI, **fields: object) -> Read:
    return reader.read(GOOD | fields)


def codes(result: Read) -> dict[str, str]:
    return {error.field: error.code for error in result.errors}


def test_a_whole_row_is_understood() -> None:
    """Every field at once, as a German or Finnish spreadsheet would write it."""
    draft = read(
        phone="040 123 4567", weight="1,5 kg", volume_l="2,5", pieces="3", skills="Lift; chilled",
        note=" Ring\r\ntwice ",
        priority="80", window="09:00-12:30", day="10.03.2026", service_min="2", kind="Collection",
        email="a.b@example.fi", postcode="00100", place="Helsinki", recipient="Åsa  Öberg",
    ).draft  # fmt: skip
    assert draft is not None
    assert (draft.phone, draft.weight_g, draft.volume_cm3, draft.pieces) == ("+358401234567", 1500, 2500, 3)
    assert (draft.skills, draft.note, draft.priority) == (("chilled", "lift"), "Ring twice", 80)
    assert draft.window_start == datetime(2026, 3, 10, 7, tzinfo=UTC)
    assert draft.window_end == datetime(2026, 3, 10, 10, 30, tzinfo=UTC)
    assert (draft.service_time_s, draft.kind, draft.recipient) == (120, "collection", "Åsa Öberg")


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"external_id": ""}, "external_id", "missing"),
        ({"external_id": "x" * 81}, "external_id", "too_long"),
        ({"external_id": 1.5}, "external_id", "not_text"),
        ({"address": "", "lat": ""}, "address", "missing"),
        ({"address": "x" * 201}, "address", "too_long"),
        ({"lat": 60.1}, "lng", "missing"),
        ({"lat": math.nan, "lng": 24}, "lat", "not_a_number"),
        ({"lat": "1e999", "lng": 24}, "lat", "not_a_number"),
        ({"lat": float("inf"), "lng": 24}, "lat", "not_a_number"),
        ({"lat": True, "lng": 24}, "lat", "not_a_number"),
        ({"lat": 10**5000, "lng": 24}, "lat", "not_a_number"),
        ({"lat": 91, "lng": 24}, "lat", "bad_place"),
        ({"lat": 0, "lng": 0}, "lat", "bad_place"),
        ({"phone": "CALL ME"}, "phone", "bad_phone"),
        ({"phone": "1-800-FLOWERS"}, "phone", "bad_phone"),
        ({"phone": "3.58401E+11"}, "phone", "bad_phone"),
        ({"weight": "1.5"}, "weight", "unit_missing"),
        ({"weight_kg": "1.234,5"}, "weight_kg", "not_a_number"),
        ({"weight_kg": "-1"}, "weight_kg", "out_of_range"),
        ({"weight_kg": 1, "weight_g": 5}, "weight_kg", "given_twice"),
        ({"pieces": 0}, "pieces", "out_of_range"),
        ({"pieces": "2.5"}, "pieces", "not_a_number"),
        ({"pieces": False}, "pieces", "not_a_number"),
        ({"priority": 101}, "priority", "out_of_range"),
        ({"service_time_s": 99999}, "service_time_s", "out_of_range"),
        ({"kind": "return"}, "kind", "bad_choice"),
        ({"day": "03/04/2026"}, "day", "bad_day"),
        ({"day": "46091"}, "day", "bad_day"),
        ({"day": "2026-02-30"}, "day", "bad_day"),
        ({"window": "12:00-09:00"}, "window_end", "window_backwards"),
        ({"window": "09:00-09:00"}, "window_end", "window_backwards"),
        ({"window": "morning"}, "window", "bad_time"),
        ({"window": "25:00-26:00"}, "window", "bad_time"),
        ({"window_start": "2026-03-11T09:00"}, "window_start", "window_other_day"),
        ({"skills": "sharp knife!"}, "skills", "bad_skill"),
        ({"email": "nobody"}, "email", "bad_email"),
        ({"colour": "red"}, "colour", "unknown_field"),
        ({"parcels": [{"barcode": "1"}], "pieces": 2}, "pieces", "pieces_differ"),
        ({"barcodes": "A A"}, "barcodes", "bad_parcels"),
        ({"note": "Caf\ufffd"}, "note", "unreadable"),
    ],
)
def test_each_fault_has_its_code(fields: dict[str, object], field: str, code: str) -> None:
    """F18: a refusal names the field and a stable code; nothing is guessed or rounded away."""
    result = read(**fields)
    assert result.draft is None
    assert codes(result).get(field) == code


def test_all_faults_of_a_row_are_told_at_once() -> None:
    """Correcting a file one error a time is what people hate most about uploads."""
    assert codes(read(phone="x", weight="1", priority="high", day="?")).keys() == {
        "phone",
        "weight",
        "priority",
        "day",
    }


def test_control_characters_and_direction_marks_are_stripped() -> None:
    """A name that turns the rest of the screen around, or ends a C string, must not reach a page or a label."""
    draft = read(recipient="\x00Eve\u202e \u2066gnp\x1b[31m", external_id="\ufeffA\x07-1").draft
    assert draft is not None
    assert (draft.recipient, draft.external_id) == ("Eve gnp[31m", "A-1")


def test_a_time_the_clocks_skip_is_refused_and_a_doubled_one_is_wide() -> None:
    """F46: on the nights of the change no window may silently be another one."""
    spring = Reader(ZoneInfo("Europe/Helsinki"), "FI", date(2026, 3, 29))
    assert codes(read(spring, window="03:30-05:00")) == {"window": "no_such_time"}
    autumn = Reader(ZoneInfo("Europe/Helsinki"), "FI", date(2026, 10, 25))
    draft = read(autumn, window="03:30-03:45").draft
    assert draft is not None
    assert draft.window_start == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert draft.window_end == datetime(2026, 10, 25, 1, 45, tzinfo=UTC)


def test_midnight_may_be_written_as_24() -> None:
    draft = read(window="18:00-24:00").draft
    assert draft is not None
    assert draft.window_end == datetime(2026, 3, 10, 22, tzinfo=UTC)


def test_phone_numbers_follow_the_country_of_the_zone() -> None:
    """A national number without its country is refused rather than given a wrong one."""
    assert (region_of("Europe/Helsinki"), region_of("Europe/Berlin"), region_of("UTC")) == ("FI", "DE", None)
    stateless = Reader(ZoneInfo("UTC"), None, date(2026, 3, 10))
    assert codes(read(stateless, phone="040 123 4567")) == {"phone": "bad_phone"}
    draft = read(stateless, phone="+49 30 901820").draft
    assert draft is not None
    assert draft.phone == "+4930901820"


def test_parcels_give_pieces_and_sizes() -> None:
    parcels = [
        {"barcode": "P1", "weight_g": 400, "volume_cm3": 10},
        {"barcode": "P2", "weight_g": 600, "volume_cm3": 20},
    ]
    draft = read(parcels=parcels).draft
    assert draft is not None
    assert (draft.pieces, draft.weight_g, draft.volume_cm3) == (2, 1000, 30)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=5,
)
NEARLY = st.sampled_from(
    ["09:00-12:00", "24:00", "00:00-24:00", "2026-03-10T09:00+02:00", "9999-12-31T23:59:59-12:00", "60.1"]
) | st.sampled_from(
    [
        "0001-01-01T00:00:00+14:00",
        "1,5 kg",
        "1e9",
        "-0",
        "+358401234567",
        "31.12.2100",
        "\u0661\u0662",
        "\u00b2",
    ]
)


@given(st.dictionaries(st.sampled_from(sorted(NAMES)) | st.text(max_size=8), JSON | NEARLY, max_size=12))
@settings(max_examples=400, deadline=None)
def test_whatever_a_row_holds_is_a_draft_or_coded_errors(row: dict[str, object]) -> None:
    """Never an exception, never a draft that the database would refuse, and answers that can be sent."""
    result = HELSINKI.read(row)
    assert (result.draft is None) == bool(result.errors)
    for error in result.errors:
        assert error.code
        assert error.cause
        json.dumps(error.card(), ensure_ascii=False).encode()
    draft = result.draft
    if draft:
        assert draft.external_id
        assert len(draft.address) <= 200
        assert draft.lat is None or (abs(draft.lat) <= 90 and draft.lng is not None and abs(draft.lng) <= 180)
        assert not (draft.window_start and draft.window_end) or draft.window_end > draft.window_start
