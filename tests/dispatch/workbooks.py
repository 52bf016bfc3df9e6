"""Workbooks for tests: as openpyxl writes them, and by hand where it would not write what people's programs do."""

import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
HEADING = ("order", "address", "phone", "weight_kg", "pieces")


def workbook(path: Path, rows: Iterable[Sequence[Any]], sheet: str = "Orders") -> Path:
    """A workbook of one sheet."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(list(row))
    book.save(path)
    return path


def cell(place: str, value: str, kind: str = "", formula: str | None = None, style: str = "") -> str:
    """A cell's XML; `kind` is its type, "is" an inline string, a formula may have no value."""
    type_ = f' t="{kind}"' if kind and kind != "is" else ' t="inlineStr"' if kind == "is" else ""
    style_ = f' s="{style}"' if style else ""
    inner = f"<is><t>{value}</t></is>" if kind == "is" else f"<v>{value}</v>" if value else ""
    made = "" if formula is None else f"<f>{formula}</f>"
    return f'<c r="{place}"{type_}{style_}>{made}{inner}</c>'


def by_hand(
    path: Path,
    rows: Iterable[tuple[int, str]] = (),
    *,
    parts: dict[str, str | bytes] | None = None,
    formats: Sequence[str] = ("0",),
    dimension: str = "",
    workbook_properties: str = "",
    prolog: str = "",
) -> Path:
    """A workbook from the XML of its rows; `formats` are number format ids of its styles; `parts` are added."""
    body = "".join(f'<row r="{number}">{cells}</row>' for number, cells in rows)
    styles = "".join(f'<xf numFmtId="{number}"/>' for number in formats)
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">{workbook_properties}'
        '<sheets><sheet name="One" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": "<Relationships>"
        f'<Relationship Id="rId1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{RELATIONS}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts><numFmt numFmtId="170" formatCode="00000"/>'
        f'<numFmt numFmtId="171" formatCode="[h]:mm"/></numFmts><cellXfs>{styles}</cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f'{prolog}<worksheet xmlns="{MAIN}">{dimension}'
        f"<sheetData>{body}</sheetData></worksheet>",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (files | (parts or {})).items():
            archive.writestr(name, data)
    return path
