"""Reading a sheet of an XLSX workbook, a row at a time, as the text a person would have typed; pure.

What Excel calculated is taken as it was last calculated; a formula nobody ever calculated and an error like #N/A are
told by their cell. Of merged cells the first one holds the value. Memory stays at one block of the sheet and the
workbook's shared strings, whatever the sheet pretends to hold.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from dispatch.services.csv_reading import MAX_COLUMNS, MAX_LINE, Problem, Record
from dispatch.services.xlsx_cells import PLAIN, BadCell, number_text
from dispatch.services.xlsx_package import Package, Sheet, open_package, parsed, unescaped

PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
BOOL = {"1": "TRUE", "0": "FALSE", "true": "TRUE", "false": "FALSE"}


def sheet_heads(path: Path, length: int) -> list[tuple[Sheet, list[Record]]]:
    """The sheets of a workbook in its order, each with its first rows. Raises LastmileError as `open_package`."""
    with open_package(path) as package:
        strings = package.strings()
        return [(sheet, list(islice(_records(package, sheet, strings), length))) for sheet in package.sheets]


def sheets_of(path: Path) -> tuple[Sheet, ...]:
    """The sheets of a workbook in its order."""
    with open_package(path) as package:
        return package.sheets


def sheet_records(path: Path, sheet: str) -> Iterator[Record]:
    """Every row that is not blank; a record's line is the row's number in the sheet."""
    with open_package(path) as package:
        yield from _records(package, package.sheet(sheet), package.strings())


def _records(package: Package, sheet: Sheet, strings: list[str]) -> Iterator[Record]:
    rows = _Rows(package, strings)
    for _ in parsed(package.archive, sheet.part, rows):
        yield from rows.taken()


@dataclass(slots=True)
class _Cell:
    """A cell being read: where it stands, what type its value has."""

    column: int = 0
    type: str = "n"
    style: int = 0
    formula: bool = False
    value: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Rows:
    """Turns a sheet's elements into records."""

    package: Package
    strings: list[str]
    done: list[Record] = field(default_factory=list)
    line: int = 0
    column: int = 0
    length: int = 0
    wide: int = 0
    cells: dict[int, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    cell: _Cell | None = None
    reading: bool = False
    spoken: bool = False

    def taken(self) -> list[Record]:
        found, self.done = self.done, []
        return found

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition("}")[2]
        if name == "c":
            self.begin_cell(attributes)
        elif name == "row":
            self.begin_row(attributes.get("r", ""))
        elif self.cell is not None:
            if name == "f":
                self.cell.formula = True
            elif name == "rPh":
                self.spoken = True
            self.reading = name == "v" or (name == "t" and not self.spoken)

    def begin_row(self, number: str) -> None:
        given = int(number) if number.isdecimal() and len(number) < 9 else 0
        self.line = max(given, self.line + 1)
        self.column, self.length, self.wide = 0, 0, 0
        self.cells, self.problems = {}, []

    def begin_cell(self, attributes: dict[str, str]) -> None:
        place = PLACE.fullmatch(attributes.get("r", ""))
        self.column = _column(place[1]) if place else self.column + 1
        style = attributes.get("s", "")
        number = int(style) if style.isdecimal() and len(style) < 7 else 0
        self.cell = _Cell(self.column, attributes.get("t", "n"), number)

    def data(self, text: str) -> None:
        if self.reading and self.cell is not None and self.length <= MAX_LINE:
            self.length += len(text)
            self.cell.value.append(text)

    def end(self, tag: str) -> None:
        name = tag.rpartition("}")[2]
        self.reading = False
        if name == "c" and self.cell is not None:
            self.end_cell(self.cell)
            self.cell = None
        elif name == "rPh":
            self.spoken = False
        elif name == "row":
            self.end_row()

    def close(self) -> None:
        return None

    def end_cell(self, cell: _Cell) -> None:
        text = self.text_of(cell)
        if not text.strip():
            return
        self.length += len(text) if cell.type == "s" else 0
        if cell.column > MAX_COLUMNS:
            self.wide = max(self.wide, cell.column)
        else:
            self.cells[cell.column] = text

    def text_of(self, cell: _Cell) -> str:
        raw = "".join(cell.value)
        if cell.type == "e":
            return self.problem(cell, "cell_error", f"holds the error {raw[:20]}.", raw)
        if cell.type == "s":
            number = int(raw) if raw.strip().isdecimal() and len(raw) < 9 else len(self.strings)
            return self.strings[number] if number < len(self.strings) else ""
        if cell.type == "inlineStr" or cell.type == "str":
            return unescaped(raw)
        if cell.formula and not raw:
            words = "holds a formula that was never calculated: open the file, save it, upload it again."
            return self.problem(cell, "formula_without_value", words, "=")
        if cell.type == "b":
            return BOOL.get(raw.strip(), raw)
        if cell.type == "d" or not raw.strip():
            return raw.removesuffix("Z").removesuffix("T00:00:00")
        return self.number(cell, raw)

    def number(self, cell: _Cell, raw: str) -> str:
        styles = self.package.styles
        kind = styles[cell.style] if cell.style < len(styles) else PLAIN
        try:
            return number_text(raw, kind, epoch_1904=self.package.epoch_1904)
        except BadCell:
            return self.problem(
                cell, "bad_cell", f"shows {raw[:20]} as a day or time that there is not.", raw
            )

    def problem(self, cell: _Cell, code: str, words: str, shown: str) -> str:
        if cell.column <= MAX_COLUMNS:
            place = f"{_letters(cell.column)}{self.line}"
            self.problems.append(Problem(cell.column - 1, code, f"Cell {place} {words}"))
        return shown

    def end_row(self) -> None:
        if self.wide:
            cause = f"The row has {self.wide} columns; {MAX_COLUMNS} is the limit."
            self.done.append(Record(self.line, code="too_many_columns", cause=cause))
        elif self.length > MAX_LINE:
            cause = f"The row holds more than {MAX_LINE // 1024} KiB of text."
            self.done.append(Record(self.line, code="row_too_long", cause=cause))
        elif self.cells:
            cells = tuple(self.cells.get(column, "") for column in range(1, max(self.cells) + 1))
            self.done.append(Record(self.line, cells, problems=tuple(self.problems)))
        self.cells, self.problems = {}, []


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number


def _letters(column: int) -> str:
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text
