"""Workbooks as people send them: types of cells, date systems, and files that are not what they seem; pure."""

import io
import tracemalloc
import zipfile
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from dispatch.services import xlsx_package
from dispatch.services.order_columns import check_columns, guess_columns
from dispatch.services.order_table import open_table, rows_of
from dispatch.services.xlsx_cells import As, BadCell, Kind, kind_of, number_text, plain
from dispatch.services.xlsx_reading import sheet_heads, sheet_records, sheets_of
from lastmile.kernel.errors import LastmileError
from tests.dispatch.workbooks import by_hand, cell, workbook


def cells(path: Path, sheet: str = "Orders") -> list[tuple[str, ...]]:
    return [record.cells for record in sheet_records(path, sheet)]


def test_a_cell_says_what_a_person_would_have_typed(tmp_path: Path) -> None:
    """Order numbers without ".0", phone numbers with all digits, days and times as our readers know them."""
    rows = [
        ("a", 40123, 358401234567, "00100", 1.5),
        (True, datetime(2026, 5, 4), datetime(2026, 5, 4, 9, 30), time(9, 30), timedelta(hours=26)),
        (date(2026, 5, 4), 0.1 + 0.2, "  two\nlines ", "1,5", -7),
    ]
    assert cells(workbook(tmp_path / "a.xlsx", rows)) == [
        ("a", "40123", "358401234567", "00100", "1.5"),
        ("TRUE", "2026-05-04", "2026-05-04T09:30", "09:30", "26:00"),
        ("2026-05-04", "0.3", "  two\nlines ", "1,5", "-7"),
    ]


@pytest.mark.parametrize(
    ("raw", "kind", "mac", "text"),
    [
        ("46146", As.MOMENT, False, "2026-05-04"),
        ("44684", As.MOMENT, True, "2026-05-04"),
        ("1", As.MOMENT, False, "1900-01-01"),
        ("61", As.MOMENT, False, "1900-03-01"),
        ("0.39583333333333331", As.MOMENT, False, "09:30"),
        ("0.99999999", As.MOMENT, False, "1900-01-01"),
        ("46146.395833333336", As.MOMENT, False, "2026-05-04T09:30"),
        ("1", As.DURATION, False, "24:00"),
        ("0.155", As.PERCENT, False, "15.5 %"),
        ("1.5E-3", As.NUMBER, False, "0.0015"),
        ("3.58401234567E11", As.NUMBER, False, "358401234567"),
        ("12.0", As.NUMBER, False, "12"),
        ("1E300", As.NUMBER, False, "1e+300"),
    ],
)
def test_numbers_by_style(raw: str, kind: As, mac: bool, text: str) -> None:
    """Both date systems: a Macintosh file read by the other is four years off."""
    assert number_text(raw, Kind(kind), epoch_1904=mac) == text


@pytest.mark.parametrize("raw", ["60", "-1", "99999999", "nan", "inf", "", "one"])
def test_there_is_no_such_day(raw: str) -> None:
    """29 February 1900 exists in Excel alone; everything else here is no day at all."""
    with pytest.raises(BadCell):
        number_text(raw, Kind(As.MOMENT), epoch_1904=False)


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("General", As.NUMBER),
        ("0.00", As.NUMBER),
        ("0%", As.PERCENT),
        ("00000", As.PADDED),
        ("[$-40B]d. mmmm yyyy", As.MOMENT),
        ("[h]:mm", As.DURATION),
        ('"Tag "0', As.NUMBER),
        ("hh:mm", As.MOMENT),
    ],
)
def test_number_formats_are_told_apart(code: str, shown: As) -> None:
    """A text in quotes with a d in it is no date."""
    assert kind_of("170", {"170": code}).shown == shown


@given(st.floats(-1e15, 1e15))
def test_plain_numbers_have_no_exponent_and_keep_fifteen_digits(value: float) -> None:
    """What is written as text must be read back by our own readers, which know no exponents."""
    text = plain(value)
    assert "e" not in text.lower()
    assert float(text) == pytest.approx(value, rel=1e-14, abs=1e-300)


def test_a_workbook_of_1904_and_a_postcode_padded_with_zeros(tmp_path: Path) -> None:
    """The date system stands in the workbook, the zeros of 00100 in a style alone."""
    path = by_hand(
        tmp_path / "a.xlsx",
        [(1, cell("A1", "44684", style="1") + cell("B1", "100", style="2") + cell("C1", "1.25", style="3"))],
        formats=("0", "14", "170", "171"),
        workbook_properties='<workbookPr date1904="1"/>',
    )
    assert cells(path, "One") == [("2026-05-04", "00100", "30:00")]


def test_formulas_count_by_their_last_result_and_errors_by_their_cell(tmp_path: Path) -> None:
    """A program that writes formulas without results sends rows that look right in Excel and are empty here."""
    head = "".join(cell(f"{c}1", t, "is") for c, t in zip("ABC", ("order", "address", "colour"), strict=True))
    path = by_hand(
        tmp_path / "a.xlsx",
        [
            (1, head),
            (2, cell("A2", "N7", "str", "CONCAT(1)") + cell("B2", "Street 1", "is")),
            (3, cell("A3", "", "", "1+1") + cell("B3", "Street 1", "is")),
            (4, cell("A4", "8", "", "4+4") + cell("B4", "#N/A", "e", "NA()")),
            (5, cell("A5", "9") + cell("B5", "Street 1", "is") + cell("C5", "#REF!", "e")),
            (6, cell("A6", "", "str", '""') + cell("B6", "Street 1", "is")),
        ],
    )
    table = open_table(sheet_records(path, "One"))
    rows = list(rows_of(check_columns(table.headings, guess_columns(table.headings)), table.records))
    assert [(row.line, row.external_id, [e.code for e in row.errors]) for row in rows] == [
        (2, "N7", []),
        (3, "=", ["formula_without_value"]),
        (4, "8", ["cell_error"]),
        (5, "9", []),
        (6, "", []),
    ]
    assert rows[1].errors[0].cause.startswith("Cell A3 holds a formula")
    assert rows[2].errors[0].cause == "Cell B4 holds the error #N/A."


def test_merged_blank_and_styled_rows_titles_and_gaps(tmp_path: Path) -> None:
    """A title over merged cells, empty rows with borders, a column left out: people's sheets are no tables."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(["Orders of Monday"])
    page.merge_cells("A1:E1")
    page.append([])
    page.append(["Bestellnummer", None, "Adresse", "PLZ"])
    page.append(["A1", None, "Teststreet 1", 100])
    page.append([None, " ", None])
    page.append(["A2", None, "Teststreet 3"])
    page.cell(row=5000, column=1).number_format = "0.00"
    book.save(tmp_path / "a.xlsx")
    table = open_table(sheet_records(tmp_path / "a.xlsx", "Sheet"))
    assert (table.line, table.headings) == (3, ("Bestellnummer", "", "Adresse", "PLZ"))
    assert [record.line for record in table.records] == [4, 6]


def test_sheets_are_listed_with_the_hidden_ones(tmp_path: Path) -> None:
    book = Workbook()
    book.create_sheet("Secret").sheet_state = "hidden"
    book.create_sheet("Ääkköset & <x>")
    book.save(tmp_path / "a.xlsx")
    assert [(sheet.name, sheet.hidden) for sheet in sheets_of(tmp_path / "a.xlsx")] == [
        ("Sheet", False),
        ("Secret", True),
        ("Ääkköset & <x>", False),
    ]
    assert [records for _, records in sheet_heads(tmp_path / "a.xlsx", 5)] == [[], [], []]


def test_strings_of_cells_keep_their_words_and_lose_what_is_only_spoken(tmp_path: Path) -> None:
    """Rich text comes in runs; Japanese names bring how they are read; _x000D_ is a line end."""
    shared = (
        "<sst><si><r><t>Test</t></r><r><t>street 1</t></r></si>"
        "<si><t>東京</t><rPh><t>トウキョウ</t></rPh></si><si><t>a_x000D_b</t></si></sst>"
    )
    relations = by_hand(tmp_path / "r.xlsx")
    with zipfile.ZipFile(relations) as archive:
        rels = archive.read("xl/_rels/workbook.xml.rels").decode()
    rels = rels.replace(
        "</Relationships>",
        '<Relationship Id="rId3" Type="x/sharedStrings" Target="/xl/sharedStrings.xml"/></Relationships>',
    )
    path = by_hand(
        tmp_path / "a.xlsx",
        [(1, cell("A1", "0", "s") + cell("B1", "1", "s") + cell("C1", "2", "s") + cell("D1", "99", "s"))],
        parts={"xl/sharedStrings.xml": shared, "xl/_rels/workbook.xml.rels": rels},
    )
    assert cells(path, "One") == [("Teststreet 1", "東京", "a\rb")]


def zipped(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return out.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"PK\x03\x04 this is no zip at all", "broken_workbook"),
        (b"PK\x05\x06" + b"\0" * 18, "not_workbook"),
        (OLE, "old_workbook"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (zipped({"readme.txt": b"hello"}), "not_workbook"),
        (zipped({"xl/workbook.xml": b"<a/>", "xl/vbaProject.bin": b"x"}), "macros"),
        (zipped({"xl/workbook.bin": b"x"}), "not_workbook"),
        (zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), "not_workbook"),
        (zipped({"xl/workbook.xml": b"<workbook"}), "broken_workbook"),
        (zipped({"xl/workbook.xml": b"<workbook/>"}), "no_sheet"),
        (zipped({"xl/workbook.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}), "broken_workbook"),
        (zipped({f"xl/{n}": b"" for n in range(2001)}), "workbook_too_large"),
        (zipped({"xl/workbook.xml": b"<a>" + b" " * (40 << 20) + b"</a>"}), "workbook_too_large"),
        (zipped({"xl/workbook.xml": b"<a>" + b" " * (5 << 20) + b"</a>"}), "workbook_too_large"),
    ],
)
def test_what_is_no_harmless_workbook_is_refused_by_name(tmp_path: Path, data: bytes, code: str) -> None:
    """Before anything is unpacked: bombs, macros, passwords, other programs' files, entities."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(data)
    with pytest.raises(LastmileError) as refusal:
        sheets_of(path)
    assert refusal.value.code == code


def test_a_document_type_in_a_sheet_is_refused(tmp_path: Path) -> None:
    """Entities that grow tenfold each turn a kilobyte into a gigabyte."""
    path = by_hand(tmp_path / "a.xlsx", [(1, cell("A1", "1"))], prolog='<!DOCTYPE x [<!ENTITY a "b">]>')
    with pytest.raises(LastmileError, match="broken_workbook"):
        cells(path, "One")


def test_a_zip_that_is_cut_or_lies_about_sizes_is_one_refusal(tmp_path: Path) -> None:
    """Uploads break off; a directory may name a size that is not there."""
    whole = workbook(
        tmp_path / "a.xlsx", [("order", "address")] + [(n, "x" * 50) for n in range(500)]
    ).read_bytes()
    for length in range(10, len(whole), max(1, len(whole) // 40)):
        path = tmp_path / "cut.xlsx"
        path.write_bytes(whole[:length])
        with pytest.raises(LastmileError):
            cells(path)


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=8))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_workbook_with_bytes_changed_is_rows_or_a_refusal(tmp_path: Path, at: int, data: bytes) -> None:
    """Fuzz: whatever a damaged file holds, it is a coded refusal or rows, never a crash."""
    source = tmp_path / "whole.xlsx"
    if not source.exists():
        workbook(source, [("order", "address"), (1, "Street"), (datetime(2026, 1, 2), True)])
    whole = bytearray(source.read_bytes())
    at %= len(whole)
    whole[at : at + len(data)] = data
    path = tmp_path / "changed.xlsx"
    path.write_bytes(whole)
    with suppress(LastmileError):
        for sheet in sheets_of(path):
            list(sheet_records(path, sheet.name))


XML = st.text(alphabet='<>/c="rvtsABZ019 .-eEn#', max_size=60)


@given(st.lists(XML, max_size=4))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_cells_are_rows_or_a_refusal(tmp_path: Path, found: list[str]) -> None:
    """Fuzz of the sheet's XML itself, beyond the zip's checksums."""
    path = by_hand(tmp_path / "a.xlsx", list(enumerate(found, 1)), formats=("14", "171"))
    with suppress(LastmileError):
        list(sheet_records(path, "One"))


def test_a_sheet_that_pretends_a_million_rows_costs_little_memory(tmp_path: Path) -> None:
    """Its dimension and 200,000 formatted blank rows say so; three rows hold something, one at the very end."""
    blank = "".join(f'<row r="{n}" s="1" customFormat="1"/>' for n in range(4, 200_000))
    head = cell("A1", "order", "is") + cell("B1", "address", "is")
    rows = [(1, head), (2, cell("A2", "1")), (3, cell("A3", "2") + "</row>" + blank + "<row>")]
    rows.append((1_048_576, cell("A1048576", "3")))
    path = by_hand(tmp_path / "a.xlsx", rows, dimension='<dimension ref="A1:XFD1048576"/>')
    tracemalloc.start()
    found = [record.line for record in sheet_records(path, "One")]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == [1, 2, 3, 1_048_576]
    assert peak < 3 * 2**20


def test_too_many_columns_and_too_much_text_cost_only_their_row(tmp_path: Path) -> None:
    rows: list[Any] = [
        ("order", "address"),
        tuple(range(400)),
        (1, *("x" * 30_000 for _ in range(3))),
        (2, "ok"),
    ]
    found = list(sheet_records(workbook(tmp_path / "a.xlsx", rows), "Orders"))
    assert [record.code for record in found] == ["", "too_many_columns", "row_too_long", ""]


def test_a_size_limit_names_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path / "a.xlsx", [("order", "address")])
    monkeypatch.setattr(xlsx_package, "MAX_UNPACKED", 100)
    with pytest.raises(LastmileError, match="unpacks to"):
        sheets_of(path)
