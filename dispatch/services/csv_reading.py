"""Reading a file of comma, semicolon or tab separated text, a record at a time; pure.

What the file is (encoding, delimiter) is guessed for a person to see and change, never silently. Memory stays
at a few records, whatever is sent; a quote that never closes or a broken row costs only itself.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lastmile.kernel.errors import LastmileError

MAX_BYTES = 20 * 2**20
MAX_ROWS = 50_000
MAX_LINE = 64 * 1024
MAX_COLUMNS = 200
MAX_QUOTED_LINES = 50
HEAD = 256 * 1024
ENCODINGS = {
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16, little end first",
    "utf-16-be": "UTF-16, big end first",
    "cp1252": "Western European (Windows 1252)",
    "cp1250": "Central European (Windows 1250)",
    "cp1251": "Cyrillic (Windows 1251)",
    "iso8859-15": "Western European (ISO 8859-15)",
    "shift_jis": "Japanese (Shift JIS)",
}
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
BINARY = {
    b"PK\x03\x04": "a zip file or an Excel workbook (XLSX)",
    b"PK\x05\x06": "an empty zip file",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (XLS)",
    b"\x1f\x8b": "a gzip file",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"7z\xbc\xaf": "a 7z file",
    b"Rar!": "a RAR file",
    b"SQLite format": "a database",
}
UNCLOSED = ("quote_not_closed", "A quotation mark is opened and never closed.")
MISPLACED = ("bad_quotes", "Quotation marks are in the wrong places.")
# Bytes that are letters in one of the two code pages and hardly ever stand inside a word in the other.
CENTRAL = frozenset(
    b"\xa3\xa5\xaf\xb3\xb9\xbe\xbf\x8c\x8f\x9c\x9d\x9f\xcc\xd8\xd9\xdb\xec\xf8\xf9\xfb\xe8\xef"
)
WESTERN = frozenset(b"\xe5\xc5\xe6\xc6\xe0\xe3\xc0\xc3\xd1\xf1\xe8\xea\xef\xf8\xd8\xf2\xf9\xfb")
IN_WORD = re.compile(rb"(?<=[A-Za-z\x80-\xff])[\x80-\xff]|[\x80-\xff](?=[A-Za-z\x80-\xff])")


def refused(code: str, cause: str, action: str) -> LastmileError:
    return LastmileError(code, cause, action, field="file")


def guess_encoding(path: Path) -> str:
    """One of `ENCODINGS`. Raises LastmileError for what is no text: workbook, picture, binary, nothing."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    _refuse_binary(head)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head.startswith(codecs.BOM_UTF8) or _is_utf8(path):
        return "utf-8-sig"
    for encoding, nul in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if nul.count(0) * 3 > len(nul):
            return encoding
    return _code_page(head)


def _refuse_binary(head: bytes) -> None:
    kind = next((name for magic, name in BINARY.items() if head.startswith(magic)), "")
    if kind:
        action = "Save the sheet as XLSX or CSV and upload that file."
        raise refused("not_csv", f"The file is {kind}, not CSV.", action)
    if not head.strip(b"\0\r\n\t ,;\xef\xbb\xbf\xff\xfe"):
        raise refused("empty_file", "The file is empty.", "Choose a file with a header line and orders.")
    control = sum(head.count(bytes([byte])) for byte in range(32) if byte not in b"\0\t\n\r\v\f\x1a\x1b")
    even, odd = head[::2].count(0), head[1::2].count(0)
    wide = max(even, odd) * 3 > len(head) // 2 and min(even, odd) * 20 < len(head)
    if not wide and (control * 50 > len(head) or (even + odd) * 10 > len(head)):
        raise refused("not_csv", "The file is binary data, not text.", "Upload a CSV file.")


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    nul = 0
    try:
        with path.open("rb") as file:
            while block := file.read(HEAD):
                nul += block.count(0)
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return nul * 10 < path.stat().st_size


def _code_page(head: bytes) -> str:
    """Western or Central European: by letters that only one of them has inside words."""
    letters = [match[0][0] for match in IN_WORD.finditer(head)]
    central = sum(byte in CENTRAL for byte in letters)
    western = sum(byte in WESTERN for byte in letters)
    return "cp1250" if central > western else "cp1252"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one cell (its column counted from 0), though its row could be read."""

    column: int
    code: str
    cause: str


@dataclass(frozen=True, slots=True)
class Record:
    """One record: the number of its first line, its cells, or the reason why it could not be read.

    Where quotation marks are wrong, the only cell is the line as it stands.
    """

    line: int
    cells: tuple[str, ...] = ()
    code: str = ""
    cause: str = ""
    problems: tuple[Problem, ...] = ()


def records(path: Path, encoding: str, delimiter: str) -> Iterator[Record]:
    """Every record that is not blank. A line beyond 64 KiB ends the reading with `line_too_long`."""
    with path.open("rb") as raw:
        text = io.TextIOWrapper(raw, encoding=encoding, errors="replace", newline="")
        yield from _records(_Lines(text), delimiter)


class _Lines:
    """Numbered lines with a way back: what an unclosed quote swallowed is read again as lines of its own."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self.text = text
        self.number = 0
        self.back: list[str] = []

    def next(self) -> str | None:
        line = self.back.pop() if self.back else self.text.readline(MAX_LINE + 2)
        if not line:
            return None
        self.number += 1
        return line

    def give_back(self, lines: list[str]) -> None:
        self.back.extend(reversed(lines))
        self.number -= len(lines)


def _records(lines: _Lines, delimiter: str) -> Iterator[Record]:
    while (line := lines.next()) is not None:
        start = lines.number
        if len(line) > MAX_LINE:
            cause = f"The line is longer than {MAX_LINE // 1024} KiB; nothing behind it was read."
            yield Record(start, code="line_too_long", cause=cause)
            return
        if line.strip():
            record = _record(lines, line, start, delimiter)
            if record.code or any(cell.strip() for cell in record.cells):
                yield record


def _record(lines: _Lines, line: str, start: int, delimiter: str) -> Record:
    whole = line
    more: list[str] = []
    while True:
        try:
            cells = _cells(whole, delimiter)
        except csv.Error as error:
            if "unexpected end" not in str(error):
                lines.give_back(more)
                return Record(start, (line.rstrip("\r\n"),), *(UNCLOSED if more else MISPLACED))
        else:
            if len(cells) > MAX_COLUMNS:
                cause = f"The line has {len(cells)} columns; {MAX_COLUMNS} is the limit."
                return Record(start, cells[:MAX_COLUMNS], code="too_many_columns", cause=cause)
            return Record(start, cells)
        if not _join(lines, more, len(whole)):
            lines.give_back(more)
            return Record(start, (line.rstrip("\r\n"),), *UNCLOSED)
        whole = line + "".join(more)


def _join(lines: _Lines, more: list[str], length: int) -> bool:
    """Add lines up to the next one with a quotation mark; False where the record would become too long."""
    while len(more) < MAX_QUOTED_LINES and length <= MAX_LINE:
        line = lines.next()
        if line is None:
            return False
        more.append(line)
        length += len(line)
        if '"' in line:
            return True
    return False


def _cells(text: str, delimiter: str) -> tuple[str, ...]:
    # One reader a record: its state ends with the record, so a broken one cannot swallow the next.
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    return tuple(rows[0]) if rows else ()
