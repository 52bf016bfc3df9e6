"""Refused rows of an import as they stood in the file, to be mended and sent again."""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from dispatch.models import OrderImport
from dispatch.services.csv_writing import csv_lines
from dispatch.services.import_files import KEPT_HOURS, refused_path
from dispatch.services.order_columns import WHY, key
from dispatch.services.order_table import Row
from lastmile import bus
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError


class RefusedRows:
    """The file beside the upload that refused rows are added to, a line of JSON each."""

    def __init__(self, order_import: OrderImport, headings: Sequence[str], *, after: int) -> None:
        """Begin behind line `after` of the upload: what a worker that died wrote beyond it is forgotten."""
        self.path = refused_path(order_import)
        kept = [row for row in _lines(self.path) if 0 < row.get("line", 0) <= after]
        self.path.write_text("", "utf-8")
        self._append([{"headings": list(headings)}, *kept])

    def add(self, rows: Iterable[Row]) -> None:
        """Called inside the transaction that counts these rows, so that none is counted and not kept."""
        self._append([{"line": row.line, "cells": row.cells, "why": _why(row)} for row in rows if row.errors])

    def _append(self, rows: Sequence[dict[str, Any]]) -> None:
        if not rows:
            return
        with self.path.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
            file.flush()
            os.fsync(file.fileno())


def _why(row: Row) -> str:
    return "; ".join(f"{error.field}: {error.cause}" if error.field else error.cause for error in row.errors)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if not path.is_file():
        return
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.endswith("\n"):  # else a worker died while it wrote; that row is read and written again
                yield json.loads(line)


def is_kept(order_import: OrderImport) -> bool:
    """Whether the refused rows can still be downloaded."""
    return order_import.rejected > 0 and refused_path(order_import).is_file()


def export_refused(*, order_import: OrderImport, actor: str, now: datetime) -> Iterator[str]:
    """The refused rows as lines of CSV: why each was refused, then its cells under the file's own headings.

    People's addresses leave the system, so the ledger is told. Raises LastmileError where the rows are gone.
    """
    if not is_kept(order_import):
        raise LastmileError(
            "file_gone",
            f"The refused rows are no longer kept: uploads are deleted after {KEPT_HOURS} hours.",
            "Upload the file again; orders that are taken already stay as they are.",
            status=410,
        )
    with transaction.atomic():
        event = events.DataExported(
            station_id=order_import.station_id,
            what="refused rows",
            rows=order_import.rejected,
            detail=f"import {order_import.pk}",
        )
        bus.publish(event, actor=actor, at=now)
    return _csv(refused_path(order_import))


def _csv(path: Path) -> Iterator[str]:
    lines = _lines(path)
    headings = _texts(next(lines, {}).get("headings"))
    old = {index for index, heading in enumerate(headings) if key(heading) == WHY}
    rows = ([row["why"], *_without(_texts(row.get("cells")), old)] for row in lines)
    yield from csv_lines([WHY, *_without(headings, old)], rows)


def _texts(cells: object) -> list[str]:
    return [str(cell) for cell in cells] if isinstance(cells, list) else []


def _without(cells: list[str], old: set[int]) -> list[str]:
    return [cell for index, cell in enumerate(cells) if index not in old]
