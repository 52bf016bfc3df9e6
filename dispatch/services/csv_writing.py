"""Writing tables for spreadsheets: streamed, and nothing in them runs as a formula; pure."""

import csv
from collections.abc import Iterable, Iterator

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\0")
BOM = "\ufeff"  # without it Excel reads UTF-8 as the local code page


def safe(value: object) -> str:
    """A cell as text; one that a spreadsheet would calculate gets an apostrophe in front (ASVS 1.2.10)."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(DANGEROUS) else text


class _Line:
    """What csv.writer needs of a file: the line it wrote last."""

    def write(self, text: str) -> str:
        return text


def csv_lines(heading: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The lines of a CSV file, one at a time."""
    writer = csv.writer(_Line())
    yield BOM + str(writer.writerow([safe(cell) for cell in heading]))
    for row in rows:
        yield str(writer.writerow([safe(cell) for cell in row]))


def unguarded(text: str) -> str:
    """A cell as it was before `safe`, so that a list we wrote can be taken in again."""
    return text[1:] if text.startswith("'") and text[1:].startswith(DANGEROUS) else text
