"""Which proof a hand-over needs."""

import pytest

from pod.rules import Capture, missing, needs


@pytest.mark.parametrize(
    ("skills", "capture", "codes"),
    [
        ([], Capture(), ["needs_recipient"]),
        ([], Capture("Anna"), []),
        ([], Capture("  "), ["needs_recipient"]),
        ([], Capture(relation="safe_place"), []),
        (["chilled"], Capture(relation="neighbour"), ["needs_recipient"]),
        (["age_check"], Capture("Anna"), []),
        (["age_check"], Capture(relation="safe_place"), ["needs_name"]),
        (["age_check"], Capture("Anna", "safe_place"), ["needs_name"]),
        (["age_check"], Capture(), ["needs_name", "needs_recipient"]),
    ],
)
def test_what_a_capture_lacks(skills, capture, codes):
    """Beer left in the shed is no delivery; a book there is one."""
    assert [each.code for each in missing(needs(skills), capture)] == codes


@pytest.mark.parametrize(
    ("capture", "codes"),
    [
        (Capture("Anna"), []),
        (Capture(), ["needs_giver"]),
        (Capture(relation="safe_place"), ["needs_giver"]),
        (Capture("Anna", "safe_place"), ["needs_giver"]),
    ],
)
def test_a_collection_is_handed_over_by_somebody(capture, codes):
    """Goods cannot be taken from nobody: without a giver nothing shows that they were there."""
    assert [each.code for each in missing(needs([], collects=True), capture)] == codes
