"""What the preview of an import shows: its columns with samples, its first rows as understood."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from dispatch.models import OrderImport
from dispatch.services import xlsx_reading
from dispatch.services.csv_reading import Record
from dispatch.services.import_files import file_of, table_of
from dispatch.services.import_rows import RowReader, fitted
from dispatch.services.order_draft import OrderDraft
from dispatch.services.xlsx_package import Sheet
from lastmile.kernel.errors import LastmileError

ROWS_SHOWN = 20
SAMPLES = 3
SAMPLE_LENGTH = 40


@dataclass(frozen=True)
class Preview:
    """The beginning of a file as it is understood; `problem` where its columns cannot be used as chosen."""

    headings: tuple[str, ...] = ()
    heading_line: int = 0
    fields: tuple[str, ...] = ()
    samples: list[str] = field(default_factory=list)
    used: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    problem: LastmileError | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)


def preview_of(order_import: OrderImport) -> Preview:
    """Read the first rows. Raises LastmileError where the file is no longer kept."""
    file_of(order_import)
    try:
        table = table_of(order_import)
    except LastmileError as error:
        return Preview(problem=error)
    fields = fitted(order_import.mapping, table.headings)
    samples = _samples(list(islice(table.records, ROWS_SHOWN)), len(fields))
    shown: dict[str, Any] = {
        "headings": table.headings,
        "heading_line": table.line,
        "fields": fields,
        "samples": samples,
    }
    try:
        reader = RowReader(order_import)
    except LastmileError as error:
        return Preview(**shown, problem=error)
    read = reader.read(list(islice(reader.rows(), ROWS_SHOWN)))
    used = reader.columns.used
    zone = order_import.station.zone
    rows = [
        {
            "line": row.line,
            "cells": [_understood(row.draft, name, zone) for name in used],
            "errors": row.errors,
        }
        for row in read.rows
    ]
    return Preview(**shown, used=used, unused=reader.columns.unused, rows=rows)


def head_of(order_import: OrderImport) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The headings and the fields chosen for them."""
    headings = table_of(order_import).headings
    return headings, fitted(order_import.mapping, headings)


def sheets_of(order_import: OrderImport) -> tuple[Sheet, ...]:
    return xlsx_reading.sheets_of(file_of(order_import))


def _samples(records: list[Record], columns: int) -> list[str]:
    """The first different values of each column."""
    found = []
    for index in range(columns):
        cells = (record.cells[index].strip() for record in records if index < len(record.cells))
        values = list(islice(dict.fromkeys(cell[:SAMPLE_LENGTH] for cell in cells if cell), SAMPLES))
        found.append(" · ".join(values))
    return found


SOURCE = {
    "house_number": "address",
    "service_min": "service_time_s",
    "weight": "weight_g",
    "weight_kg": "weight_g",
    "weight_lb": "weight_g",
    "volume": "volume_cm3",
    "volume_ft3": "volume_cm3",
    "volume_l": "volume_cm3",
    "volume_m3": "volume_cm3",
}
UNITS = {"weight_g": "g", "volume_cm3": "cm³", "service_time_s": "s"}


def _understood(draft: OrderDraft | None, name: str, zone: ZoneInfo) -> str:
    """What a field came to, in words: the preview shows how the file is understood, not what it says."""
    if draft is None:
        return ""
    if name == "window":
        ends = (draft.window_start, draft.window_end)
        return "–".join(_clock(at, zone) for at in ends) if any(ends) else ""
    if name == "barcodes":
        return ", ".join(parcel.barcode for parcel in draft.parcels)
    name = SOURCE.get(name, name)
    value = getattr(draft, name)
    if value is None:
        return ""
    if isinstance(value, datetime):
        return _clock(value, zone)
    if isinstance(value, tuple):
        return ", ".join(value)
    return f"{value} {UNITS[name]}" if name in UNITS else str(value)


def _clock(at: datetime | None, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%H:%M") if at else ""
