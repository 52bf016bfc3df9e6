"""Files as people send them: encodings, delimiters, broken quotes, endless lines; pure, and the export."""

import csv
import io
import tracemalloc
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.services.csv_reading import ENCODINGS, Record, guess_encoding, records
from dispatch.services.csv_writing import csv_lines, safe
from dispatch.services.order_columns import check_columns, guess_columns
from dispatch.services.order_draft import FieldError, OrderDraft, Reader
from dispatch.services.order_table import Row, guess_delimiter, open_table, rows_of
from lastmile.kernel.errors import LastmileError

HELSINKI = Reader(ZoneInfo("Europe/Helsinki"), "FI", date(2026, 3, 10))
WESTERN = "Åke Sjöström; Königstraße 5; Käpyläntie 3; Æblevej 7; Señor Muñoz"
CENTRAL = "Łukasz Żółć; Příčná ulice 5; Święty Krzyż; Őrség; Škoda žlutý kůň"


def write(tmp_path: Path, data: bytes | str) -> Path:
    path = tmp_path / "orders.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


@dataclass(frozen=True)
class Found:
    line: int
    draft: OrderDraft | None
    errors: tuple[FieldError, ...]


def table(path: Path, delimiter: str = "") -> list[Found]:
    """The rows of a file, each read as a new order."""
    encoding = guess_encoding(path)
    found = open_table(records(path, encoding, delimiter or guess_delimiter(path, encoding)))
    columns = check_columns(found.headings, guess_columns(found.headings))
    return [understood(row) for row in rows_of(columns, found.records)]


def understood(row: Row) -> Found:
    if row.errors:
        return Found(row.line, None, row.errors)
    read = HELSINKI.read(row.values)
    return Found(row.line, read.draft, read.errors)


def read(path: Path, delimiter: str = ",") -> list[Record]:
    return list(records(path, "utf-8-sig", delimiter))


@pytest.mark.parametrize(
    ("text", "encoding", "guessed"),
    [
        (WESTERN, "utf-8", "utf-8-sig"),
        (WESTERN, "utf-8-sig", "utf-8-sig"),
        (WESTERN, "utf-16", "utf-16"),
        (WESTERN, "utf-16-le", "utf-16-le"),
        (WESTERN, "utf-16-be", "utf-16-be"),
        (WESTERN, "cp1252", "cp1252"),
        (CENTRAL, "cp1250", "cp1250"),
        ("plain ascii only", "ascii", "utf-8-sig"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_and_shapes_are_recognised(
    tmp_path: Path, text: str, encoding: str, guessed: str, end: str, delimiter: str
) -> None:
    """F33: each spreadsheet program writes its own dialect; the umlauts must arrive."""
    name = text.replace(";", " ")
    lines = [
        ["Order No", "Address", "Recipient"],
        ["A1", "Teststreet 1", name],
        ["A2", "Teststreet 3", "x, y; z"],
    ]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(lines)
    path = write(tmp_path, out.getvalue().encode(encoding))
    assert guess_encoding(path) == guessed
    rows = table(path)
    assert [row.draft.recipient for row in rows if row.draft] == [" ".join(name.split()), "x, y; z"]


def test_every_encoding_on_offer_can_be_read(tmp_path: Path) -> None:
    """A choice in the list that raises would be worse than none."""
    for encoding in ENCODINGS:
        path = write(tmp_path, "external_id,address\nA,Street 1\n".encode(encoding))
        assert len(list(records(path, encoding, ","))) == 2


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"PK\x03\x04rest of a workbook", "not_csv"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old workbook", "not_csv"),
        (b"\x1f\x8b\x08gzip", "not_csv"),
        (b"%PDF-1.7", "not_csv"),
        (bytes(range(256)) * 20, "not_csv"),
        (b"", "empty_file"),
        (b"\xef\xbb\xbf\r\n\r\n", "empty_file"),
        (b"\0" * 5000, "empty_file"),
    ],
)
def test_what_is_no_text_is_refused_by_name(tmp_path: Path, data: bytes, code: str) -> None:
    with pytest.raises(LastmileError) as refusal:
        guess_encoding(write(tmp_path, data))
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("heading", "code"),
    [
        ("name,address", "no_order_column"),
        ("order,phone", "no_address_column"),
        ("order,id,address", "column_twice"),
        ("", "no_order_column"),
    ],
)
def test_a_heading_line_that_cannot_be_used_says_why(tmp_path: Path, heading: str, code: str) -> None:
    with pytest.raises(LastmileError) as refusal:
        table(write(tmp_path, f"{heading}\nA,B,C\n"), ",")
    assert refusal.value.code == code


def test_excel_s_sep_line_blank_lines_and_nul_are_no_rows(tmp_path: Path) -> None:
    rows = table(write(tmp_path, "sep=;\nexternal_id;address\n\n;;\nA1;Street\0 1\n\n"))
    assert [(row.line, row.draft and row.draft.address) for row in rows] == [(5, "Street 1")]


def test_one_bad_row_hides_no_other(tmp_path: Path) -> None:
    """F32: quotes that never close, too many cells, doubled ids: each is told by its line, the rest is read."""
    rows = table(
        write(
            tmp_path,
            "external_id,address,note\n"
            'A1,"Street 1","two\nlines"\n'
            'A2,"Street 2,never closed\n'
            "A3,Street 3,\n"
            'A4,5" pipe street 4,ok\n'
            'A5,"Street" 5,x\n'
            "A6,Street 6,x,y,z\n"
            "A3,Street 3,again\n"
            "A7,Street 7\n",
        )
    )
    told = [(row.line, row.draft.external_id if row.draft else row.errors[0].code) for row in rows]
    assert told == [
        (2, "A1"),
        (4, "quote_not_closed"),
        (5, "A3"),
        (6, "A4"),
        (7, "bad_quotes"),
        (8, "too_many_cells"),
        (9, "duplicate_in_file"),
        (10, "A7"),
    ]


def test_an_endless_line_is_refused_in_little_memory(tmp_path: Path) -> None:
    """F32: 20 MB without a line end must not become 20 MB of text, twice over."""
    path = write(tmp_path, b"external_id,address\n" + b"x" * (20 * 2**20))
    tracemalloc.start()
    found = read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [record.code for record in found] == ["", "line_too_long"]
    assert peak < 2 * 2**20


def test_ten_thousand_columns_are_refused(tmp_path: Path) -> None:
    assert read(write(tmp_path, ",".join(["a"] * 10_000)))[0].code == "too_many_columns"


def test_open_quotes_in_every_line_do_not_take_for_ever(tmp_path: Path) -> None:
    """The worst file for looking ahead: each line opens a quote that nobody closes."""
    path = write(tmp_path, "external_id,address\n" + 'A,"x\nB,y\n' * 4_000)
    assert len(read(path)) <= 8_001


TEXT = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=20)


@given(st.lists(st.lists(TEXT, min_size=2, max_size=4), min_size=1, max_size=8), st.sampled_from(",;\t|"))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_the_csv_module_writes_is_read_back(
    tmp_path: Path, rows: list[list[str]], delimiter: str
) -> None:
    """Round trip of any cells: quotes, delimiters and line ends inside them included."""
    rows = [[cell or "-" for cell in row] for row in rows]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    expected = [tuple(row) for row in rows if any(cell.strip() for cell in row)]
    found = read(write(tmp_path, "\ufeff" + out.getvalue()), delimiter)
    assert [record.cells for record in found] == expected


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_rows_or_a_coded_refusal(tmp_path: Path, data: bytes) -> None:
    path = write(tmp_path, b"external_id,address\n" + data)
    with suppress(LastmileError):  # the code is part of its type; anything else fails the test
        assert all(row.draft or row.errors for row in table(path))


@given(TEXT)
def test_no_exported_cell_begins_a_formula(text: str) -> None:
    """F34: a recipient called =HYPERLINK(...) must not run on the dispatcher's machine."""
    assert not safe(text).startswith(("=", "+", "-", "@", "\t", "\r", "\0"))
    line = "".join(csv_lines(["a"], [[text]])).removeprefix("\ufeff")
    assert list(csv.reader(io.StringIO(line, newline=""))) == [["a"], [safe(text)]] or not text
