"""Uploaded files of orders: kept for a day, and how each is read."""

import secrets
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings

from dispatch.models import OrderImport, Shop, Station
from dispatch.models.order_import import ImportState
from dispatch.services import csv_reading, xlsx_reading
from dispatch.services.column_mappings import guess_for
from dispatch.services.csv_reading import Record
from dispatch.services.order_columns import known_columns
from dispatch.services.order_table import HEAD_LINES, Table, guess_delimiter, open_table
from dispatch.services.xlsx_package import is_workbook
from lastmile.kernel.errors import LastmileError

FOLDER = "imports"
KEPT_HOURS = 24
FREE_BYTES = 256 * 2**20


class Upload(Protocol):
    """The part of Django's UploadedFile that is needed."""

    name: str | None
    size: int | None

    def chunks(self) -> Iterator[bytes]: ...


def store_upload(
    *, station: Station, shop: Shop, day: date, upload: Upload, actor: str, now: datetime
) -> OrderImport:
    """Keep an uploaded file for preview. Raises LastmileError for what is no table or is too large."""
    folder = Path(settings.MEDIA_ROOT) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(folder).free < FREE_BYTES:
        raise LastmileError(
            "disk_full", "The server's disk is nearly full.", "Tell your administrator.", status=507
        )
    path = folder / f"{secrets.token_hex(16)}.upload"
    made = OrderImport(
        station=station,
        shop=shop,
        day=day,
        file_name=Path(upload.name or "orders").name.replace("\0", "")[-200:],
        path=str(path.relative_to(settings.MEDIA_ROOT)),
        actor=actor,
        created_at=now,
    )
    try:
        _write(path, upload)
        _guess_reading(made, path)
        _read_head(made)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    made.save()
    return made


def _write(path: Path, upload: Upload) -> None:
    written = 0
    with path.open("xb") as file:
        for block in upload.chunks():
            written += len(block)
            if written > csv_reading.MAX_BYTES:
                raise csv_reading.refused(
                    "too_large",
                    f"The file is larger than {csv_reading.MAX_BYTES >> 20} MB.",
                    "Split it into several files.",
                )
            file.write(block)


def _guess_reading(made: OrderImport, path: Path) -> None:
    """What the file is, by its content: names and endings say anything."""
    with path.open("rb") as file:
        workbook = is_workbook(file.read(8))
    if workbook:
        made.format = "xlsx"
        made.sheet = _likely_sheet(path)
    else:
        made.encoding = csv_reading.guess_encoding(path)
        made.delimiter = guess_delimiter(path, made.encoding)


def _likely_sheet(path: Path) -> str:
    """The sheet with most known headings; among equals one that people see, then the first."""

    def worth(heads: tuple[Any, list[Record]]) -> tuple[int, bool, bool]:
        sheet, records = heads
        known = max((known_columns(record.cells) for record in records), default=0)
        return known, not sheet.hidden, bool(records)

    heads = xlsx_reading.sheet_heads(path, HEAD_LINES)
    sheet, records = max(heads, key=worth)
    if not records and not any(rows for _, rows in heads):
        raise csv_reading.refused(
            "empty_file", "The workbook is empty.", "Choose a file with a heading line and orders."
        )
    return sheet.name


def _read_head(made: OrderImport) -> None:
    """Count the rows and guess the columns; a first line that cannot be read is told on the preview."""
    try:
        table = table_of(made)
    except LastmileError:
        made.rows, made.mapping = 0, []
        return
    made.mapping = list(guess_for(made.shop, table.headings))
    made.rows = _count(table)


def _count(table: Table) -> int:
    rows = 0
    for _ in table.records:
        rows += 1
        if rows > csv_reading.MAX_ROWS:
            raise csv_reading.refused(
                "too_many_rows",
                f"The file has more than {csv_reading.MAX_ROWS} rows.",
                "Split it into several files.",
            )
    return rows


def records_of(order_import: OrderImport) -> Iterator[Record]:
    """Every record of the file, read as it was chosen."""
    path = file_of(order_import)
    if order_import.format == "xlsx":
        return xlsx_reading.sheet_records(path, order_import.sheet)
    return csv_reading.records(path, order_import.encoding, order_import.delimiter)


def table_of(order_import: OrderImport) -> Table:
    """The headings and the records behind them. Raises LastmileError where the file cannot be read."""
    return open_table(records_of(order_import))


def read_otherwise(
    *, order_import: OrderImport, encoding: str = "", delimiter: str = "", sheet: str = ""
) -> OrderImport:
    """Read the file another way than was guessed: encoding and delimiter of text, sheet of a workbook."""
    if order_import.format == "xlsx":
        known = sheet in {s.name for s in xlsx_reading.sheets_of(file_of(order_import))}
    else:
        known = encoding in csv_reading.ENCODINGS and delimiter in csv_reading.DELIMITERS
    if not known:
        raise LastmileError("bad_choice", "The file cannot be read like this.", "Choose from the lists.")
    tried = OrderImport.objects.select_related("shop").get(pk=order_import.pk)
    tried.encoding, tried.delimiter, tried.sheet = encoding, delimiter, sheet
    _read_head(tried)
    names = ("encoding", "delimiter", "sheet", "rows", "mapping")
    changed: dict[str, Any] = {name: getattr(tried, name) for name in names}
    OrderImport.objects.filter(pk=tried.pk, state=ImportState.PREVIEW).update(
        **changed, diff=None, job_id=None
    )
    order_import.refresh_from_db()
    return order_import


def file_of(order_import: OrderImport) -> Path:
    """The uploaded file. Raises LastmileError where it is no longer kept."""
    path = upload_path(order_import)
    if not path.is_file():
        raise LastmileError(
            "file_gone",
            f"The file “{order_import.file_name}” is no longer kept: uploads are deleted after {KEPT_HOURS} hours.",
            "Upload it again; orders that are taken already stay as they are.",
            status=410,
        )
    return path


def upload_path(order_import: OrderImport) -> Path:
    return Path(settings.MEDIA_ROOT) / order_import.path


def refused_path(order_import: OrderImport) -> Path:
    """Where the refused rows of an import are kept, as long as an upload is."""
    return upload_path(order_import).with_suffix(".refused")


def sweep_uploads(*, now: datetime) -> int:
    """Delete the files of uploads older than a day that no job is reading; `now` is wall time. Returns how many.

    What is in the folder decides, not the rows: a file whose row is gone holds people's addresses too.
    """
    oldest = now - timedelta(hours=KEPT_HOURS)
    folder = Path(settings.MEDIA_ROOT) / FOLDER
    old = [path for path in folder.glob("*") if path.is_file() and _written(path) < oldest]
    names = {str(path.with_suffix(".upload").relative_to(settings.MEDIA_ROOT)) for path in old}
    running = set(
        OrderImport.objects.filter(path__in=names, state=ImportState.RUNNING).values_list("path", flat=True)
    )
    kept = {Path(settings.MEDIA_ROOT) / name for name in running}
    gone = [path for path in old if path.with_suffix(".upload") not in kept]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def _written(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:  # its import was done a moment ago
        return datetime.max.replace(tzinfo=UTC)
