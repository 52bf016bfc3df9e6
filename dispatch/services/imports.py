"""Taking a file of orders in, as a background job that can be stopped, killed and gone on with."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import batched, islice
from typing import Any

from django.db import transaction
from django.db.models import F

from dispatch.models import Order, OrderImport
from dispatch.models.order_import import ImportState
from dispatch.places.match import Answer
from dispatch.services.cities import open_city
from dispatch.services.import_diff import compare
from dispatch.services.import_files import refused_path, upload_path
from dispatch.services.import_refused import RefusedRows
from dispatch.services.import_rows import Read, RowReader
from dispatch.services.order_draft import FieldError
from dispatch.services.order_store import Taken
from dispatch.services.order_table import Row
from dispatch.services.orders import CHUNK, Intake, take_orders
from dispatch.services.placing import Geocoder
from lastmile import bus, jobs
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError
from lastmile.models import Job, JobState

KIND = "orders.import"
ERRORS_KEPT = 5000
WHOLE_ROWS = 10_000
TRIES = 5
STARTABLE = (ImportState.PREVIEW, ImportState.FAILED, ImportState.CANCELLED)
COUNTS = ("created", "updated", "unchanged", "rejected")


class Stale(Exception):
    """An order was changed between being read and being written over: read it again."""


class Refused(Exception):
    """A row was refused while all or none were to be taken."""

    def __init__(self, rows: list[Row]) -> None:
        super().__init__(f"{len(rows)} rows")
        self.rows = rows


def start_import(*, order_import: OrderImport, actor: str, now: datetime) -> OrderImport:
    """Begin, or go on with one that stopped: rows already taken are not taken again."""
    if order_import.state in STARTABLE:
        RowReader(order_import)  # a file or columns that cannot be used are told now, not by a failed job
    if order_import.whole and order_import.rows > WHOLE_ROWS:
        raise LastmileError(
            "too_many_rows",
            f"All or nothing is possible for up to {WHOLE_ROWS} rows.",
            "Split the file, or take the good rows.",
        )
    with transaction.atomic():
        waiting = OrderImport.objects.filter(pk=order_import.pk, state__in=STARTABLE)
        if not waiting.update(state=ImportState.RUNNING):
            raise LastmileError(
                "illegal_move", "This import is running or done.", "Reload the page.", status=409
            )
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
    run = _Run(claim, order_import)
    if order_import.whole:
        run.take_all_or_none()
    else:
        run.take_good()
    return _finish(claim, order_import)


def _counts(order_import: OrderImport) -> dict[str, int]:
    return {name: getattr(order_import, name) for name in COUNTS}


class _Run:
    """One worker's way through a file."""

    def __init__(self, claim: jobs.Claim, order_import: OrderImport) -> None:
        self.claim = claim
        self.order_import = order_import
        self.geocoder: Geocoder | None = open_city(order_import.station).geocoder
        self.reader = RowReader(order_import)
        self.refused: RefusedRows

    def progress(self, done: int, words: str) -> None:
        total = self.order_import.rows
        self.claim.progress(min(99, 100 * done // max(1, total)), f"{done} of {total} rows {words}".strip())

    def take_good(self) -> None:
        """A bad row hides no other: each chunk is stored with its counts, or not at all."""
        rows = self.reader.rows()
        done = sum(_counts(self.order_import).values())
        last = 0
        for row in islice(rows, done):
            last = row.line
        self.refused = RefusedRows(self.order_import, self.reader.table.headings, after=last)
        for chunk in batched(rows, CHUNK):
            self.progress(done, "")
            self.take(chunk)
            done += len(chunk)

    def take(self, chunk: Sequence[Row]) -> None:
        for attempt in range(1, TRIES + 1):
            try:
                self.write(self.reader.read(chunk), self.store)
                break
            except Stale:
                if attempt == TRIES:
                    raise
        self.order_import.refresh_from_db(fields=[*COUNTS, "errors"])

    def write(self, read: Read, keep: Any) -> None:
        if not read.drafts:
            with transaction.atomic():
                keep(read, Intake())
            return
        take_orders(
            station=self.order_import.station,
            shop=self.order_import.shop,
            drafts=read.drafts,
            actor=self.claim.job.actor,
            now=self.order_import.station.now(),
            geocoder=self.geocoder,
            within=partial(keep, read),
        )

    def store(self, read: Read, intake: Intake) -> None:
        """In the transaction of the orders: a worker that lost its lease must store neither."""
        self.claim.guard()
        _refuse_stale(read, intake)
        bad = _bad_rows(read, intake)
        self.refused.add(bad)
        self.count(intake, bad)

    def count(self, intake: Intake, bad: list[Row]) -> None:
        room = ERRORS_KEPT - len(self.order_import.errors)
        errors = list(islice(_errors(bad), room)) if room > 0 else []
        OrderImport.objects.filter(pk=self.order_import.pk).update(
            created=F("created") + intake.created,
            updated=F("updated") + intake.updated,
            unchanged=F("unchanged") + intake.unchanged,
            rejected=F("rejected") + len(bad),
            **({"errors": [*self.order_import.errors, *errors]} if errors else {}),
        )

    def take_all_or_none(self) -> None:
        """Everything is checked and searched for first, then written in one transaction."""
        self.geocoder = Remembering(self.geocoder) if self.geocoder else None
        for attempt in range(1, TRIES + 1):
            self.reader = RowReader(self.order_import)
            self.refused = RefusedRows(self.order_import, self.reader.table.headings, after=0)
            self.reset()
            try:
                self.check_all()
                self.write_all()
                break
            except Refused as refusal:
                self.refuse_all(refusal.rows)
            except Stale:
                if attempt == TRIES:
                    raise
        self.order_import.refresh_from_db(fields=[*COUNTS, "errors"])

    def reset(self) -> None:
        """Nothing was taken by an attempt before this one."""
        blank: dict[str, Any] = dict.fromkeys(COUNTS, 0) | {"errors": []}
        OrderImport.objects.filter(pk=self.order_import.pk).update(**blank)
        self.order_import.refresh_from_db(fields=[*COUNTS, "errors"])

    def check_all(self) -> None:
        bad: list[Row] = []
        done = 0
        for chunk in batched(self.reader.rows(), CHUNK):
            self.progress(done // 2, "checked")
            found = compare(self.reader, self.reader.read(chunk), self.geocoder, search_all=True)
            bad += [one.row.refused(*one.errors) for one in found if one.errors]
            done += len(chunk)
        if bad:
            raise Refused(bad)
        self.progress(done // 2, "checked; now they are written")

    def write_all(self) -> None:
        reader = RowReader(self.order_import)
        with transaction.atomic():
            for chunk in batched(reader.rows(), CHUNK):
                self.write(reader.read(chunk), self.store_whole)
            self.claim.guard()

    def store_whole(self, read: Read, intake: Intake) -> None:
        _refuse_stale(read, intake)
        bad = _bad_rows(read, intake)
        if bad:
            raise Refused(bad)
        self.count(intake, [])

    def refuse_all(self, bad: list[Row]) -> None:
        self.refused.add(bad)
        with transaction.atomic():
            self.claim.guard()
            self.count(Intake(), bad)
        raise LastmileError(
            "rows_refused",
            f"{len(bad)} rows were refused, so nothing was taken in.",
            "Mend them and upload the file again, or import it without “all or nothing”.",
        )


def _refuse_stale(read: Read, intake: Intake) -> None:
    """Rows were laid over orders as they were: one that was changed meanwhile must not lose that change."""
    wrote = {row.order_id: row for row in intake.rows if row.order_id and row.status != "created"}
    versions = dict(Order.objects.filter(pk__in=wrote).values_list("pk", "version"))
    for order_id, row in wrote.items():
        before = read.known.get(row.external_id)
        if before is None or versions[order_id] != before.version + (row.status == "updated"):
            raise Stale


def _bad_rows(read: Read, intake: Intake) -> list[Row]:
    """The refused rows of a chunk in the file's order: those not understood, and those not taken."""
    taken: dict[int, Taken] = {
        row.line: verdict for row, verdict in zip(read.good, intake.rows, strict=True) if verdict.errors
    }
    wrong = ((row, taken[row.line].errors if row.line in taken else row.errors) for row in read.rows)
    return [replace(row, errors=errors, draft=None) for row, errors in wrong if errors]


def _errors(rows: Iterable[Row]) -> Iterable[dict[str, Any]]:
    return (_error(row.line, error) for row in rows for error in row.errors)


def _error(line: int, error: FieldError) -> dict[str, Any]:
    return {"line": line, **error.card()}


def _finish(claim: jobs.Claim, order_import: OrderImport) -> dict[str, Any]:
    done_with = [upload_path(order_import)] + ([] if order_import.rejected else [refused_path(order_import)])
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
        for path in done_with:
            transaction.on_commit(partial(path.unlink, missing_ok=True))
    return _counts(order_import)


class Remembering:
    """A geocoder that is asked for each address once, so that no transaction waits for a search."""

    def __init__(self, geocoder: Geocoder) -> None:
        self.geocoder = geocoder
        self.known: dict[str, Answer] = {}

    def geocode_many(self, texts: Iterable[str], limit: int = 3) -> list[Answer]:
        asked = list(texts)
        new = list(dict.fromkeys(text for text in asked if text not in self.known))
        self.known.update(zip(new, self.geocoder.geocode_many(new, limit), strict=True))
        return [self.known[text] for text in asked]
