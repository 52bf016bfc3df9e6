"""A signature as the points of a finger, or a name that was typed: checked, and drawn as a picture. Pure.

Points are shares of the pad (0 to 1, right and down). No markup is ever accepted: what is shown later is what was
drawn here.
"""

import io
import itertools
import math
import unicodedata
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from lastmile.kernel.errors import LastmileError

WIDTH, HEIGHT = 800, 320
INK, PAPER = (16, 24, 40), (255, 255, 255)
MOST_STROKES, MOST_POINTS = 200, 8000
LEAST_LENGTH = 0.1  # of the pad's width: a tap is no signature
NAME_LIMIT = 120

Point = tuple[float, float]


def drawn(given: Any) -> bytes:
    """The PNG of ``{"strokes": [[[x, y], ...], ...]}`` or ``{"typed": "name"}``; LastmileError (422) otherwise."""
    if not isinstance(given, dict) or set(given) not in ({"strokes"}, {"typed"}):
        raise _bad("A signature is a list of strokes, or a typed name.")
    if "typed" in given:
        return _typed(given["typed"])
    return _strokes(read_strokes(given["strokes"]))


def read_strokes(given: Any) -> list[list[Point]]:
    """The strokes as floats on the pad. Raises LastmileError for anything else, or for less than a stroke."""
    if not isinstance(given, list) or not 0 < len(given) <= MOST_STROKES:
        raise _bad(f"A signature has 1 to {MOST_STROKES} strokes.")
    if not all(isinstance(stroke, list) for stroke in given):
        raise _bad("A stroke is a list of points.")
    if sum(map(len, given)) > MOST_POINTS:
        raise _bad(f"A signature has at most {MOST_POINTS} points.")
    strokes = [[_point(point) for point in stroke] for stroke in given]
    if sum(map(_length, strokes)) < LEAST_LENGTH:
        raise _bad("The signature is only a dot.")
    return strokes


def _point(given: Any) -> Point:
    if not isinstance(given, list) or len(given) != 2:
        raise _bad("A point is a pair of numbers.")
    if not all(type(value) in (int, float) and 0 <= value <= 1 for value in given):
        raise _bad("Points lie on the pad, from 0 to 1.")
    return float(given[0]), float(given[1])


def _length(stroke: list[Point]) -> float:
    return sum(math.dist(before, after) for before, after in itertools.pairwise(stroke))


def _strokes(strokes: list[list[Point]]) -> bytes:
    image = Image.new("RGB", (WIDTH * 2, HEIGHT * 2), PAPER)  # drawn at double size, so that edges are smooth
    pen = ImageDraw.Draw(image)
    for stroke in strokes:
        line = [(x * WIDTH * 2, y * HEIGHT * 2) for x, y in stroke]
        if len(line) > 1:
            pen.line(line, fill=INK, width=8, joint="curve")
        for x, y in (line[0], line[-1]) if line else ():
            pen.ellipse((x - 4, y - 4, x + 4, y + 4), fill=INK)
    return _png(image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS))


def _typed(given: Any) -> bytes:
    name = given.strip() if isinstance(given, str) else ""
    if not name or len(name) > NAME_LIMIT:
        raise _bad(f"A typed signature is a name of up to {NAME_LIMIT} characters.")
    if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in name):
        raise _bad("The name has signs in it that cannot be written.")
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pen = ImageDraw.Draw(image)
    size = min(72.0, 1.6 * (WIDTH - 80) / len(name))
    pen.text((40, HEIGHT / 2), name, fill=INK, font=ImageFont.load_default(size), anchor="lm")
    pen.text((40, HEIGHT - 40), "typed, not drawn", fill=(90, 100, 115), font=ImageFont.load_default(22))
    return _png(image)


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.convert("L").quantize(16).save(out, "PNG", optimize=True)
    return out.getvalue()


def _bad(cause: str) -> LastmileError:
    return LastmileError(
        "bad_signature",
        cause,
        "Sign again with a finger, or type the name.",
        field="signature",
        status=422,
    )
