"""A file of orders as rows: what stands under which field, or why a row cannot be read; pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

from dispatch.services.csv_reading import DELIMITERS, Record, records, refused
from dispatch.services.csv_writing import unguarded
from dispatch.services.order_columns import FIELD_OF, Columns, key, known_columns
from dispatch.services.order_draft import FieldError, OrderDraft
from dispatch.services.order_fields import clean

HEAD_LINES = 10
UNREADABLE = ("line_too_long", "too_many_columns", "row_too_long")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line, its cells and the fields they fill; once read, its draft or the reasons for none."""

    line: int
    cells: tuple[str, ...]
    values: dict[str, str]
    errors: tuple[FieldError, ...] = ()
    draft: OrderDraft | None = None

    @property
    def external_id(self) -> str:
        """The shop's number as it is compared."""
        return clean(self.values.get("external_id", ""))

    def refused(self, *errors: FieldError) -> "Row":
        return replace(self, errors=errors, draft=None)


@dataclass(frozen=True)
class Table:
    """The headings and where they stand, and what comes behind them."""

    line: int
    headings: tuple[str, ...]
    records: Iterator[Record]


def guess_delimiter(path: Path, encoding: str) -> str:
    """The delimiter that makes most of the heading line known; among equals, the one that cuts it most."""

    def worth(delimiter: str) -> tuple[int, int]:
        best = _heading(list(islice(records(path, encoding, delimiter), HEAD_LINES)))
        cells = best.cells if best else ()
        return known_columns(cells), len(cells)

    return max(DELIMITERS, key=worth)


def open_table(found: Iterator[Record]) -> Table:
    """Find the heading line: the first, unless one of the next nine has clearly more known names.

    So titles and blank rows above it, and Excel's `sep=;` line, are passed over. Raises LastmileError where the
    first line cannot be read at all.
    """
    head = list(islice(found, HEAD_LINES))
    best = _heading(head)
    if best is None:
        return Table(0, (), iter(()))
    if best.code in UNREADABLE:
        action = "Upload a file with a row for each order, and at most 200 columns."
        raise refused(best.code, best.cause, action)
    return Table(best.line, best.cells, chain(head[head.index(best) + 1 :], found))


def _heading(head: list[Record]) -> Record | None:
    lines = [r for r in head if not (r.cells and r.cells[0].strip().lower().startswith("sep="))]
    if not lines:
        return None
    best = max(lines, key=lambda record: known_columns(record.cells))
    clearly = known_columns(best.cells) >= known_columns(lines[0].cells) + 2
    return best if clearly else lines[0]


def rows_of(columns: Columns, found: Iterator[Record]) -> Iterator[Row]:
    """The rows behind the headings. Of a number that stands more than once only the first row counts."""
    first_line: dict[str, int] = {}
    for record in found:
        row = _row(columns, record)
        number = row.external_id
        if number and not row.errors:
            before = first_line.setdefault(number, row.line)
            if before != row.line:
                cause = f"The same order number stands in line {before} already."
                row = row.refused(FieldError("external_id", "duplicate_in_file", cause))
        yield row


def _row(columns: Columns, record: Record) -> Row:
    if record.code:
        return Row(record.line, record.cells, {}, (FieldError("", record.code, record.cause),))
    row = Row(record.line, record.cells, {})
    if any(cell.strip() for cell in record.cells[len(columns.fields) :]):
        cause = f"The row has {len(record.cells)} cells under {len(columns.fields)} headings."
        return row.refused(FieldError("", "too_many_cells", cause))
    values = {field: unguarded(cell) for field, cell in columns.row(record.cells).items() if cell.strip()}
    if _is_heading(values):
        cause = "This line is a second line of headings, not an order."
        return row.refused(FieldError("", "second_heading", cause))
    wrong = tuple(
        FieldError(columns.fields[p.column], p.code, p.cause)
        for p in record.problems
        if p.column < len(columns.fields) and columns.fields[p.column]
    )
    return Row(record.line, record.cells, values, wrong)


def _is_heading(values: dict[str, str]) -> bool:
    """Whether every cell is itself the name of its column's field: headings again, in another language perhaps."""
    return len(values) > 1 and all(FIELD_OF.get(key(cell)) == field for field, cell in values.items())
