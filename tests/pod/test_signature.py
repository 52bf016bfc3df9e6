"""Signatures: points become a picture, all else is refused in words."""

import io
import json
from typing import Any

import pytest
from PIL import Image

from lastmile.kernel.errors import LastmileError
from pod.signature import HEIGHT, WIDTH, drawn

LINE = [[0.1, 0.5], [0.9, 0.5]]


def picture(given: Any) -> Image.Image:
    image = Image.open(io.BytesIO(drawn(given)), formats=("PNG",))
    image.load()
    return image.convert("L")


def test_a_stroke_is_drawn_where_it_was_drawn() -> None:
    image = picture({"strokes": [LINE, [[0.5, 0.1], [0.5, 0.9]]]})
    assert image.size == (WIDTH, HEIGHT)
    for x, y, ink in ((0.5, 0.5, True), (0.2, 0.5, True), (0.5, 0.2, True), (0.2, 0.2, False)):
        assert (image.getpixel((int(x * WIDTH), int(y * HEIGHT))) < 100) == ink


def test_a_typed_name_is_a_picture_that_says_so() -> None:
    """For whoever cannot draw: by keyboard, or with a hand that does not obey."""
    assert picture({"typed": "Åsa"}).getextrema()[0] < 100
    assert picture({"typed": "W" * 120}).getextrema()[0] < 100
    assert picture({"typed": "👩‍🚀 ولد"}).size == (WIDTH, HEIGHT)


@pytest.mark.parametrize(
    "given",
    [
        None,
        "<svg onload=alert(1)>",
        [],
        {},
        {"strokes": []},
        {"strokes": [[]]},
        {"strokes": [[[0.5, 0.5]]]},
        {"strokes": [[[0.5, 0.5], [0.5, 0.5]]]},
        {"strokes": [[[0.1, 0.5, 0.5], [0.9, 0.5]]]},
        {"strokes": [[[-0.1, 0.5], [0.9, 0.5]]]},
        {"strokes": [[[True, 0.5], [0.9, 0.5]]]},
        {"strokes": [[["0.1", 0.5], [0.9, 0.5]]]},
        {"strokes": [[[None, 0.5], [0.9, 0.5]]]},
        {"strokes": "M0 0L1 1"},
        {"strokes": [LINE] * 201},
        {"strokes": [[[0.1, 0.1], [0.9, 0.9]] * 4001]},
        {"strokes": [LINE], "typed": "both"},
        {"svg": "<svg/>"},
        {"typed": ""},
        {"typed": "   "},
        {"typed": 7},
        {"typed": "x" * 121},
        {"typed": "a\0b"},
        {"typed": "\ud800"},
        {"strokes": [[[10**400, 0], [0, 0]]]},
    ],
)
def test_what_is_no_signature_is_refused(given: Any) -> None:
    """Markup is never taken, and nothing makes the drawing run long."""
    with pytest.raises(LastmileError) as refused:
        drawn(given)
    assert (refused.value.status, refused.value.field) == (422, "signature")


def test_numbers_that_are_none_are_refused() -> None:
    """Python's reader of JSON takes them."""
    for word in ("NaN", "Infinity", "-Infinity"):
        with pytest.raises(LastmileError):
            drawn(json.loads(f'{{"strokes": [[[{word}, 0.5], [0.9, 0.5]]]}}'))
