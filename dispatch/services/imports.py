"""Uploaded files of orders: kept, shown as understood, then taken in by a background job."""

import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import batched, islice
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import F

from dispatch.models import OrderImport, Shop, Station
from dispatch.models.order_import import ImportState
from dispatch.services import csv_reading
from dispatch.services.cities import open_city
from dispatch.services.countries import region_of
from dispatch.services.order_columns import Columns
from dispatch.services.order_draft import FieldError, Reader
from dispatch.services.order_table import Row, guess_delimiter, headings, open_table
from dispatch.services.orders import CHUNK, Intake, take_orders
from dispatch.services.placing import Geocoder
from lastmile import bus, jobs
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError
from lastmile.models import Job, JobState

KIND = "orders.import"
ROWS_SHOWN = 20
ROWS_CHECKED = 2000
ERRORS_KEPT = 5000
FOLDER = "imports"
KEPT_HOURS = 24
FREE_BYTES = 256 * 2**20
STARTABLE = (ImportState.PREVIEW, ImportState.FAILED, ImportState.CANCELLED)
COUNTS = ("created", "updated", "unchanged", "rejected")


class Upload(Protocol):
    """The part of Django's UploadedFile that is needed."""

    name: str | None
    size: int | None

    def chunks(self) -> Iterator[bytes]: ...


def store_upload(
    *, station: Station, shop: Shop, day: date, upload: Upload, actor: str, now: datetime
) -> OrderImport:
    """Keep an uploaded file for preview. Raises LastmileError for what is no CSV or is too large."""
    folder = Path(settings.MEDIA_ROOT) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(folder).free < FREE_BYTES:
        raise LastmileError(
            "disk_full", "The server's disk is nearly full.", "Tell your administrator.", status=507
        )
    path = folder / f"{secrets.token_hex(16)}.csv"
    try:
        _write(path, upload)
        encoding = csv_reading.guess_encoding(path)
        delimiter = guess_delimiter(path, encoding)
        rows = _count(path, encoding, delimiter)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return OrderImport.objects.create(
        station=station,
        shop=shop,
        day=day,
        file_name=Path(upload.name or "orders.csv").name[-200:],
        path=str(path.relative_to(settings.MEDIA_ROOT)),
        encoding=encoding,
        delimiter=delimiter,
        rows=rows,
        actor=actor,
        created_at=now,
    )


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


def _count(path: Path, encoding: str, delimiter: str) -> int:
    rows = csv_reading.count_records(path, encoding, delimiter)
    if rows > csv_reading.MAX_ROWS:
        raise csv_reading.refused(
            "too_many_rows",
            f"The file has more than {csv_reading.MAX_ROWS} rows.",
            "Split it into several files.",
        )
    return rows


def read_otherwise(*, order_import: OrderImport, encoding: str, delimiter: str) -> OrderImport:
    """Read the file with another encoding or delimiter than was guessed."""
    if encoding not in csv_reading.ENCODINGS or delimiter not in csv_reading.DELIMITERS:
        raise LastmileError("bad_choice", "Unknown encoding or delimiter.", "Choose from the lists.")
    rows = _count(file_of(order_import), encoding, delimiter)
    OrderImport.objects.filter(pk=order_import.pk, state=ImportState.PREVIEW).update(
        encoding=encoding, delimiter=delimiter, rows=rows
    )
    order_import.refresh_from_db()
    return order_import


def file_of(order_import: OrderImport) -> Path:
    """The uploaded file. Raises LastmileError where it is no longer kept."""
    path = _path(order_import)
    if not path.is_file():
        raise LastmileError(
            "file_gone",
            f"The file “{order_import.file_name}” is no longer kept: uploads are deleted after {KEPT_HOURS} hours.",
            "Upload it again; orders that are taken already stay as they are.",
            status=410,
        )
    return path


def _path(order_import: OrderImport) -> Path:
    return Path(settings.MEDIA_ROOT) / order_import.path


def sweep_uploads(*, now: datetime) -> int:
    """Delete the files of uploads older than a day that no job is reading; `now` is wall time. Returns how many.

    What is in the folder decides, not the rows: a file whose row is gone holds people's addresses too.
    """
    oldest = now - timedelta(hours=KEPT_HOURS)
    old = [path for path in (Path(settings.MEDIA_ROOT) / FOLDER).glob("*.csv") if _written(path) < oldest]
    names = [str(path.relative_to(settings.MEDIA_ROOT)) for path in old]
    running = set(
        OrderImport.objects.filter(path__in=names, state=ImportState.RUNNING).values_list("path", flat=True)
    )
    gone = [path for path, name in zip(old, names, strict=True) if name not in running]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def _written(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:  # its import was done a moment ago
        return datetime.max.replace(tzinfo=UTC)


def _reader(order_import: OrderImport) -> Reader:
    station = order_import.station
    return Reader(station.zone, region_of(station.time_zone), order_import.day)


@dataclass(frozen=True)
class Preview:
    """The beginning of a file as it is understood; `problem` where its header line cannot be used."""

    headings: tuple[str, ...]
    columns: Columns | None
    problem: LastmileError | None
    rows: list[Row]
    bad: list[Row]
    checked: int


def preview(order_import: OrderImport) -> Preview:
    """Check the first 2,000 rows; the job checks all of them."""
    how = (file_of(order_import), order_import.encoding, order_import.delimiter)
    try:
        first = headings(*how)[0]
        columns, rest = open_table(*how, _reader(order_import))
    except LastmileError as error:
        shown = () if error.code == "line_too_long" else first
        return Preview(shown, None, error, [], [], 0)
    rows = list(islice(rest, ROWS_CHECKED))
    return Preview(first, columns, None, rows[:ROWS_SHOWN], [row for row in rows if row.errors], len(rows))


def start_import(*, order_import: OrderImport, actor: str, now: datetime) -> OrderImport:
    """Begin, or go on with one that stopped: rows already taken are not taken again."""
    with transaction.atomic():
        waiting = OrderImport.objects.filter(pk=order_import.pk, state__in=STARTABLE)
        if not waiting.update(state=ImportState.RUNNING):
            raise LastmileError(
                "illegal_move", "This import is running or done.", "Reload the page.", status=409
            )
        file_of(order_import)
        job = jobs.enqueue(
            kind=KIND,
            payload={"import_id": order_import.pk},
            actor=actor,
            now=now,
            key=f"import:{order_import.pk}",
            station_id=order_import.station_id,
        )
        OrderImport.objects.filter(pk=order_import.pk).update(job_id=job.pk)
    order_import.refresh_from_db()
    return order_import


def import_ended(job: Job) -> None:
    """The job failed, died or was cancelled: the import can be gone on with."""
    state = ImportState.CANCELLED if job.state == JobState.CANCELLED else ImportState.FAILED
    OrderImport.objects.filter(pk=job.payload["import_id"], state=ImportState.RUNNING).update(state=state)


@jobs.kind(KIND, ended=import_ended)
def run_import(claim: jobs.Claim) -> dict[str, Any]:
    """Take the file in, 500 rows a transaction; the counts in the row say where to go on after a crash."""
    order_import = OrderImport.objects.select_related("station", "shop").get(
        pk=claim.job.payload["import_id"]
    )
    if order_import.state == ImportState.DONE:
        return _counts(order_import)
    geocoder = open_city(order_import.station).geocoder
    _, rows = open_table(
        file_of(order_import), order_import.encoding, order_import.delimiter, _reader(order_import)
    )
    done = sum(_counts(order_import).values())
    for chunk in batched(islice(rows, done, None), CHUNK):
        claim.progress(
            min(99, 100 * done // max(1, order_import.rows)), f"{done} of {order_import.rows} rows"
        )
        _take_chunk(claim, order_import, chunk, geocoder)
        done += len(chunk)
    return _finish(claim, order_import)


def _counts(order_import: OrderImport) -> dict[str, int]:
    return {name: getattr(order_import, name) for name in COUNTS}


def _take_chunk(
    claim: jobs.Claim, order_import: OrderImport, rows: tuple[Row, ...], geocoder: Geocoder | None
) -> None:
    good = [row for row in rows if row.draft]
    store = partial(_store_progress, claim, order_import, rows, good)
    if not good:
        with transaction.atomic():
            store(Intake())
    else:
        take_orders(
            station=order_import.station,
            shop=order_import.shop,
            drafts=[row.draft for row in good if row.draft],
            actor=claim.job.actor,
            now=order_import.station.now(),
            geocoder=geocoder,
            within=store,
        )
    order_import.refresh_from_db(fields=[*COUNTS, "errors"])


def _store_progress(
    claim: jobs.Claim, order_import: OrderImport, rows: tuple[Row, ...], good: list[Row], intake: Intake
) -> None:
    """In the transaction of the orders: a worker that lost its lease must store neither."""
    claim.guard()
    errors = [_error(row.line, error) for row in rows for error in row.errors]
    errors += [
        _error(row.line, error)
        for row, taken in zip(good, intake.rows, strict=True)
        for error in taken.errors
    ]
    errors.sort(key=lambda error: error["line"])
    OrderImport.objects.filter(pk=order_import.pk).update(
        created=F("created") + intake.created,
        updated=F("updated") + intake.updated,
        unchanged=F("unchanged") + intake.unchanged,
        rejected=F("rejected") + intake.rejected + len(rows) - len(good),
        **({"errors": [*order_import.errors, *errors][:ERRORS_KEPT]} if errors else {}),
    )


def _error(line: int, error: FieldError) -> dict[str, Any]:
    return {"line": line, **error.card()}


def _finish(claim: jobs.Claim, order_import: OrderImport) -> dict[str, Any]:
    path = _path(order_import)
    with transaction.atomic():
        claim.guard()
        OrderImport.objects.filter(pk=order_import.pk).update(state=ImportState.DONE)
        event = events.ImportCompleted(
            station_id=order_import.station_id,
            import_id=order_import.pk,
            created=order_import.created,
            updated=order_import.updated,
            rejected=order_import.rejected,
        )
        bus.publish(event, actor=claim.job.actor, at=order_import.station.now())
        # The orders hold it all now; a second copy of people's addresses is not kept.
        transaction.on_commit(partial(path.unlink, missing_ok=True))
    return _counts(order_import)
