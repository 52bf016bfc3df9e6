"""The dry run of an import: every row compared with the orders there are, before anything is written."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import batched
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from dispatch.models import Order, OrderImport
from dispatch.models.order_import import ImportMode, ImportState
from dispatch.services import order_asks
from dispatch.services.cities import open_city, reach_of
from dispatch.services.import_rows import Read, RowReader
from dispatch.services.order_draft import FieldError, OrderDraft
from dispatch.services.order_store import Taken, compare_drafts
from dispatch.services.order_table import Row
from dispatch.services.placing import Geocoder, Placement, place_drafts
from lastmile import jobs
from lastmile.kernel.errors import LastmileError

CHECK_KIND = "orders.import_check"
AT_ONCE = 2000
CHUNK = 500
CHANGES_KEPT = 200
ERRORS_SHOWN = 200
STATUSES = ("created", "updated", "unchanged", "rejected")
COMPARED = (
    "day",
    "window_start",
    "window_end",
    "address",
    "postcode",
    "place",
    "lat",
    "lng",
    "recipient",
    "phone",
    "email",
    "note",
    "note_dispatch",
    "kind",
    "priority",
    "service_time_s",
    "skills",
    "asks",
    "weight_g",
    "volume_cm3",
    "pieces",
)


@dataclass(frozen=True, slots=True)
class Compared:
    """What would become of one row, and the order as it was and as it would be."""

    row: Row
    status: str
    errors: tuple[FieldError, ...] = ()
    before: Order | None = None
    after: Order | None = None


def compare(
    reader: RowReader, read: Read, geocoder: Geocoder | None, *, search_all: bool = False
) -> list[Compared]:
    """What would become of each row of a chunk. New addresses are searched for only if `search_all`."""
    station, shop = reader.order_import.station, reader.order_import.shop
    asked = [draft for draft in read.drafts if search_all or _moves(draft, read.known.get(draft.external_id))]
    placements = place_drafts(asked, geocoder, reach_of(station))
    placed = {draft.external_id: Placement() for draft in read.drafts}
    placed |= {draft.external_id: p for draft, p in zip(asked, placements, strict=True)}
    verdicts = iter(
        compare_drafts(
            station=station, shop=shop, drafts=read.drafts, placed=placed, seen=set(), now=station.now()
        )
    )
    return [
        _compared(row, *next(verdicts), read) if row.draft else Compared(row, "rejected", row.errors)
        for row in read.rows
    ]


def _moves(draft: OrderDraft, order: Order | None) -> bool:
    """Whether its place must be looked up to know what would change."""
    if order is None:
        return draft.lat is not None
    same = (draft.address, draft.postcode, draft.place) == (order.address, order.postcode, order.place)
    return not same or order.lat is None or draft.lat is not None


def _compared(row: Row, taken: Taken, after: Order | None, read: Read) -> Compared:
    return Compared(row, taken.status, taken.errors, read.known.get(row.external_id), after)


@dataclass(slots=True)
class _Diff:
    """The sums so far, and the first rows of each sort."""

    zone: ZoneInfo
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STATUSES, 0))
    changes: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)

    @property
    def checked(self) -> int:
        return sum(self.counts.values())

    def add(self, found: list[Compared]) -> None:
        for row in found:
            self.counts[row.status] += 1
            if row.status == "updated" and len(self.changes) < CHANGES_KEPT:
                self.changes.append(self.change(row))
            room = ERRORS_SHOWN - len(self.errors)
            self.errors += [{"line": row.row.line, **error.card()} for error in row.errors[: max(0, room)]]

    def change(self, row: Compared) -> dict[str, Any]:
        before, after = row.before, row.after
        fields = []
        if before is not None and after is not None:
            pairs = ((name, self.shown(before, name), self.shown(after, name)) for name in COMPARED)
            fields = [{"field": name, "before": was, "after": now} for name, was, now in pairs if was != now]
            if before.service_level_id != after.service_level_id:
                was = before.service_level.code if before.service_level else ""
                now = row.row.draft.service_level if row.row.draft else ""
                fields.append({"field": "service_level", "before": was, "after": now})
        return {
            "line": row.row.line,
            "external_id": row.row.external_id,
            "order_id": before.pk if before else None,
            "number": before.number if before else "",
            "fields": fields or [{"field": "barcodes", "before": "", "after": ""}],
        }

    def shown(self, order: Order, name: str) -> str:
        value = getattr(order, name)
        if value is None:
            return ""
        if name == "asks":
            return "; ".join(f"{ask}: {order_asks.words(value, ask)}" for ask in value)
        if isinstance(value, datetime):
            return value.astimezone(self.zone).strftime("%Y-%m-%d %H:%M")
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, list | tuple):
            return ", ".join(map(str, value))
        return f"{value:.5f}" if isinstance(value, float) else str(value)[:200]

    def card(self, at: datetime) -> dict[str, Any]:
        return {
            "at": at.isoformat(),
            "checked": self.checked,
            "counts": self.counts,
            "changes": self.changes,
            "errors": self.errors,
        }


def _dry_run(order_import: OrderImport, progress: Callable[[int], None]) -> dict[str, Any]:
    reader = RowReader(order_import)
    geocoder = open_city(order_import.station).geocoder
    diff = _Diff(order_import.station.zone)
    for chunk in batched(reader.rows(), CHUNK):
        progress(diff.checked)
        diff.add(compare(reader, reader.read(chunk), geocoder))
    return diff.card(order_import.station.now())


def choose_mode(*, order_import: OrderImport, mode: str, whole: bool) -> OrderImport:
    """What rows may do to orders, and whether one bad row stops all."""
    if mode not in ImportMode.values:
        raise LastmileError("bad_choice", "There is no such way to import.", "Choose from the list.")
    waiting = OrderImport.objects.filter(pk=order_import.pk, state=ImportState.PREVIEW)
    waiting.update(mode=mode, whole=whole, diff=None, job_id=None)
    order_import.refresh_from_db()
    return order_import


def check_import(*, order_import: OrderImport, actor: str, now: datetime) -> OrderImport:
    """Compare all rows with the orders: at once for up to 2,000, else as a job that the page watches.

    Raises LastmileError where the columns cannot be used.
    """
    order_import = OrderImport.objects.select_related("station", "shop").get(pk=order_import.pk)
    if order_import.state != ImportState.PREVIEW:
        return order_import
    waiting = OrderImport.objects.filter(pk=order_import.pk, state=ImportState.PREVIEW)
    if order_import.rows <= AT_ONCE:
        waiting.update(diff=_dry_run(order_import, lambda done: None), job_id=None)
    else:
        RowReader(order_import)
        if order_import.job_id:
            jobs.cancel(job_id=order_import.job_id)
        with transaction.atomic():
            job = jobs.enqueue(
                kind=CHECK_KIND,
                payload={"import_id": order_import.pk},
                actor=actor,
                now=now,
                station_id=order_import.station_id,
            )
            waiting.update(diff=None, job_id=job.pk)
    order_import.refresh_from_db()
    return order_import


@jobs.kind(CHECK_KIND)
def run_check(claim: jobs.Claim) -> dict[str, Any]:
    """The dry run as a job. Its result counts only while nobody has chosen otherwise or begun the import."""
    mine = OrderImport.objects.select_related("station", "shop").filter(
        pk=claim.job.payload["import_id"], state=ImportState.PREVIEW, job_id=claim.job.pk
    )
    order_import = mine.first()
    if order_import is None:
        raise jobs.Lost

    def progress(done: int) -> None:
        claim.progress(
            min(99, 100 * done // max(1, order_import.rows)), f"{done} of {order_import.rows} rows compared"
        )

    diff = _dry_run(order_import, progress)
    with transaction.atomic():
        claim.guard()
        mine.update(diff=diff)
    return dict(diff["counts"])
