"""Run the table: every case, every limit, every peer, one after the other on the same machine."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator

from .case import Case
from .judge import Row, run
from .options import Options, read
from .peers import peer_of
from .results import Book
from .sets import Library
from .table import HEAD, line, summary
from .warm import warm_up


def main() -> int:
    """Print each run as it ends, and the summary."""
    options = read()
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    print(f"warm after {warm_up():.1f} s")
    book = Book(options.out)
    print(f"{book.path}\n{HEAD}", flush=True)
    rows: list[Row] = []
    for name, case in _cases(options):
        for seconds in options.seconds:
            rows += _beside(name, case, seconds, options, book)
    print()
    for text in summary(rows, options.peers):
        print(text)
    return 0


def _cases(options: Options) -> Iterator[tuple[str, Case]]:
    library = Library(options.data, options.out / "city", options.quick, options.fewest_vehicles)
    for name in options.sets:
        for recipe in library.of(name, options.instances):
            yield name, recipe.make()


def _beside(name: str, case: Case, seconds: float, options: Options, book: Book) -> list[Row]:
    rows: list[Row] = []
    for peer in options.peers:
        row = run(name, case, peer, peer_of(peer), seconds=seconds, seed=options.seed)
        rows.append(row)
        book.add(row)
        ours = next((r for r in rows if r.peer == "ours"), None)
        print(line(row, None if peer == "ours" else ours), flush=True)
    return rows


if __name__ == "__main__":
    sys.exit(main())
