"""The fonts of everything printed: DejaVu has Latin, Greek, Cyrillic, Arabic and Hebrew letters, and is a package."""

from functools import cache
from pathlib import Path
from typing import Any

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FOLDER = Path(__file__).resolve().parents[2] / "node_modules" / "dejavu-fonts-ttf" / "ttf"
PLAIN, BOLD = "DejaVuSans", "DejaVuSans-Bold"
UNKNOWN = "\N{REPLACEMENT CHARACTER}"


@cache
def register() -> None:
    """Make the fonts known to reportlab, once in a process. Raises FileNotFoundError without `npm ci`."""
    for name in (PLAIN, BOLD):
        path = FOLDER / f"{name}.ttf"
        if not path.is_file():
            raise FileNotFoundError(
                f"{path} is missing: run the set-up, which installs the JavaScript packages."
            )
        pdfmetrics.registerFont(TTFont(name, str(path)))
    pdfmetrics.registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=PLAIN, boldItalic=BOLD)


def drawable(text: str) -> str:
    """The text with a mark in place of each letter that the font does not have: a gap would go unnoticed."""
    register()
    font: Any = pdfmetrics.getFont(PLAIN)
    known = font.face.charToGlyph
    return "".join(each if ord(each) in known or each == "\n" else UNKNOWN for each in text)
