"""A route on paper: what the driver needs at each door, with barcodes that a scanner reads."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from reportlab.graphics.barcode import code128, qr
from reportlab.graphics.shapes import Drawing
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import (
    BaseDocTemplate,
    Frame,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)

from dispatch.printing.fonts import BOLD, PLAIN, drawable, register

MARGIN = 12 * mm
QR_SIDE = 22 * mm
MOST_CODES = 6  # of one stop: what is left is named below them
COLUMNS = (9 * mm, 23 * mm, 62 * mm, 30 * mm, 62 * mm)
EVERY = ((0, 0), (-1, -1))
GREY = colors.HexColor("#666666")


@dataclass(frozen=True)
class SheetStop:
    """One door. ``codes``: what its parcels' labels say, or the orders' numbers."""

    number: str
    times: tuple[str, ...]
    door: tuple[str, ...]
    goods: tuple[str, ...]
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """One route. ``facts``: pairs of a word and what it is. ``headings``: of the five columns."""

    title: str
    code: str
    address: str
    facts: tuple[tuple[str, str], ...]
    headings: tuple[str, ...]
    stops: tuple[SheetStop, ...] = field(default=())


def draw(sheets: Sequence[Sheet], *, paper: str, footer: str, page_words: str) -> bytes:
    """A PDF of the sheets, each on pages of its own.

    ``paper``: ``A4`` or ``LETTER``. ``footer``: at the foot of each page; ``page_words``: "Page {page}".
    """
    register()
    size = LETTER if paper == "LETTER" else A4
    target = BytesIO()
    document = BaseDocTemplate(
        target, pagesize=size, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN,
        title=", ".join(sheet.title for sheet in sheets)[:200], author="Lastmile",
    )  # fmt: skip
    frame = Frame(MARGIN, MARGIN + 6 * mm, size[0] - 2 * MARGIN, size[1] - 2 * MARGIN - 6 * mm, 0, 0, 0, 0)
    templates = [
        PageTemplate(str(at), [frame], onPage=partial(_foot, f"{sheet.title} · {footer}", page_words))
        for at, sheet in enumerate(sheets)
    ]
    document.addPageTemplates(templates)
    story: list[Any] = []
    for at, sheet in enumerate(sheets):
        story += [NextPageTemplate(str(at)), PageBreak()] if at else []
        story += [_head(sheet, size[0] - 2 * MARGIN), _stops(sheet)]
    document.build(story)
    return target.getvalue()


def _style(size: float, *, bold: bool = False, grey: bool = False) -> ParagraphStyle:
    return ParagraphStyle(
        "",
        fontName=BOLD if bold else PLAIN,
        fontSize=size,
        leading=size * 1.25,
        textColor=GREY if grey else colors.black,
    )


def _text(words: str, size: float = 7.5, **how: bool) -> Paragraph:
    return Paragraph(escape(drawable(words)).replace("\n", "<br/>"), _style(size, **how))


def _lines(words: Sequence[str], *, first_bold: bool = False) -> list[Paragraph]:
    return [_text(each, bold=first_bold and at == 0) for at, each in enumerate(words) if each]


def _barcode(value: str) -> code128.Code128:
    """As wide as it needs to be read, no wider than its column."""
    wide = code128.Code128(value, barWidth=0.3 * mm, barHeight=7 * mm, quiet=False)
    narrow = 0.3 * mm * min(1.0, (COLUMNS[-1] - 4 * mm) / wide.width)
    return code128.Code128(value, barWidth=narrow, barHeight=7 * mm, quiet=False)


def _qr(address: str) -> Drawing:
    widget = qr.QrCodeWidget(address, barLevel="M", barWidth=QR_SIDE, barHeight=QR_SIDE)
    drawing = Drawing(QR_SIDE, QR_SIDE)
    drawing.add(widget)
    return drawing


def _head(sheet: Sheet, width: float) -> Table:
    sides = (50 * mm, 28 * mm)
    rest = width - sum(sides)
    facts = Table(
        [[_text(word, grey=True), _text(said, bold=True)] for word, said in sheet.facts],
        colWidths=[28 * mm, rest - 28 * mm],
        style=[
            ("VALIGN", *EVERY, "TOP"),
            ("TOPPADDING", *EVERY, 0.5 * mm),
            ("BOTTOMPADDING", *EVERY, 0.5 * mm),
            ("LEFTPADDING", *EVERY, 0),
        ],
    )
    left = [_text(sheet.title, 20, bold=True), _barcode(sheet.code), _text(sheet.code, 6.5, grey=True)]
    style = [("VALIGN", *EVERY, "TOP"), ("BOTTOMPADDING", *EVERY, 4 * mm), ("LEFTPADDING", *EVERY, 0)]
    return Table([[left, facts, _qr(sheet.address)]], colWidths=[sides[0], rest, sides[1]], style=style)


def _stops(sheet: Sheet) -> Table:
    rows: list[list[Any]] = [[_text(each, bold=True) for each in sheet.headings]]
    rows += [
        [
            _text(stop.number, 12, bold=True),
            _lines(stop.times, first_bold=True),
            _lines(stop.door, first_bold=True),
            _lines(stop.goods),
            _codes(stop.codes),
        ]
        for stop in sheet.stops
    ]
    style: list[Any] = [
        ("VALIGN", *EVERY, "TOP"),
        ("LINEBELOW", *EVERY, 0.4, colors.HexColor("#bbbbbb")),
        ("LINEBELOW", (0, 0), (-1, 0), 1, colors.black),
        ("LEFTPADDING", *EVERY, 1 * mm),
        ("RIGHTPADDING", *EVERY, 1 * mm),
    ]
    return Table(rows, colWidths=COLUMNS, repeatRows=1, splitByRow=1, style=style)


def _codes(codes: Sequence[str]) -> list[Any]:
    found: list[Any] = []
    for code in codes[:MOST_CODES]:
        found += [_barcode(code), _text(code, 6.5), Spacer(1, 1.5 * mm)]
    if len(codes) > MOST_CODES:
        found.append(_text(", ".join(codes[MOST_CODES:]), 6.5))
    return found


def _foot(footer: str, page_words: str, canvas: Any, document: Any) -> None:
    canvas.saveState()
    canvas.setFont(PLAIN, 7)
    canvas.setFillColor(GREY)
    canvas.drawString(MARGIN, MARGIN, drawable(footer))
    canvas.drawRightString(
        document.pagesize[0] - MARGIN, MARGIN, drawable(page_words.format(page=document.page))
    )
    canvas.restoreState()
