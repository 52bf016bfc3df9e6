"""A file of orders as rows: each understood as a draft, or refused with its line and every reason; pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dispatch.services.csv_reading import DELIMITERS, Record, records, refused
from dispatch.services.order_columns import Columns, known_columns, match_columns
from dispatch.services.order_draft import FieldError, OrderDraft, Reader


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line in the file, and a draft or the reasons why there is none."""

    line: int
    cells: tuple[str, ...]
    draft: OrderDraft | None
    errors: tuple[FieldError, ...] = ()


def guess_delimiter(path: Path, encoding: str) -> str:
    """The delimiter that makes most of the header line known; among equals, the one that cuts it most."""

    def worth(delimiter: str) -> tuple[int, int]:
        cells = headings(path, encoding, delimiter)[0]
        return known_columns(cells), len(cells)

    return max(DELIMITERS, key=worth)


def headings(path: Path, encoding: str, delimiter: str) -> tuple[tuple[str, ...], Iterator[Record]]:
    """The cells of the first line, and the records behind it. Excel's `sep=;` line is passed over."""
    rest = records(path, encoding, delimiter)
    for record in rest:
        if record.code == "line_too_long":
            raise refused(record.code, record.cause, "Upload a CSV file with a line for each order.")
        if not (record.cells and record.cells[0].strip().lower().startswith("sep=")):
            return record.cells, rest
    return (), rest


def open_table(path: Path, encoding: str, delimiter: str, reader: Reader) -> tuple[Columns, Iterator[Row]]:
    """The columns and the rows. Raises LastmileError where the header line cannot be used."""
    first, rest = headings(path, encoding, delimiter)
    columns = match_columns(first)
    return columns, _rows(columns, rest, reader)


def _rows(columns: Columns, rest: Iterator[Record], reader: Reader) -> Iterator[Row]:
    first_line: dict[str, int] = {}
    for record in rest:
        row = _row(columns, record, reader)
        if row.draft:
            before = first_line.setdefault(row.draft.external_id, row.line)
            if before != row.line:
                cause = f"The same order number stands in line {before} already."
                row = Row(row.line, row.cells, None, (FieldError("external_id", "duplicate_in_file", cause),))
        yield row


def _row(columns: Columns, record: Record, reader: Reader) -> Row:
    if record.code:
        return Row(record.line, (), None, (FieldError("", record.code, record.cause),))
    if any(cell.strip() for cell in record.cells[len(columns.fields) :]):
        cause = f"The row has {len(record.cells)} cells under {len(columns.fields)} headings."
        return Row(record.line, record.cells, None, (FieldError("", "too_many_cells", cause),))
    read = reader.read(columns.row(record.cells))
    return Row(record.line, record.cells, read.draft, read.errors)
