"""Erasing a recipient on their request: everything that says who they are, wherever we keep it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.models import Q, QuerySet

from dispatch.models import Order, RecurringOrder
from dispatch.services import recipients
from dispatch.services.holders import holders
from lastmile import bus
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError

MOST = 5000


@dataclass(frozen=True, slots=True)
class Recipient:
    """What an erasure would touch: ended orders, those still on their way, and recurring orders."""

    ended: list[Order]
    active: list[Order]
    recurring: list[RecurringOrder]

    @property
    def anything(self) -> bool:
        return bool(self.ended)


def find_by_order(*, order: Order, within: QuerySet[Order]) -> Recipient:
    """Everything of the order's recipient among `within`. Raises LastmileError ``erased_already``."""
    if order.erased_at is not None:
        raise LastmileError(
            "erased_already", f"The recipient of {order.number} was erased before.", "Nothing is left to erase.",
            status=409,
        )  # fmt: skip
    return _found(within.filter(recipients.same_recipient(order)))


def find_by_phone(*, phone: str, within: QuerySet[Order]) -> Recipient:
    """Everything of whoever was delivered to under this number (E.164)."""
    return _found(within.filter(phone=phone)) if phone else Recipient([], [], [])


def _found(orders: QuerySet[Order]) -> Recipient:
    rows = list(orders.filter(erased_at=None).select_related("station").order_by("pk")[:MOST])
    active = [row for row in rows if row.state not in recipients.ENDED]
    ended = [row for row in rows if row.state in recipients.ENDED]
    return Recipient(ended, active, recipients.recurring_to(rows))


def require_erasable(found: Recipient) -> None:
    """Refuse while something is still to be delivered to them. Raises LastmileError ``still_active``."""
    if found.active:
        numbers = ", ".join(order.number for order in found.active[:10])
        raise LastmileError(
            "still_active", f"{len(found.active)} of their orders are not ended: {numbers}.",
            "Deliver or cancel them first: a driver needs the address.", status=409,
        )  # fmt: skip
    running = [row.name for row in found.recurring if row.active]
    if running:
        raise LastmileError(
            "still_recurring", f"A recurring order still delivers to them: {', '.join(running[:5])}.",
            "End it first.", status=409,
        )  # fmt: skip
    if not found.anything:
        raise LastmileError(
            "nothing_found", "No order of that recipient is kept.", "Check the number.", status=404
        )


def erase_recipient(*, found: Recipient, actor: str, now: datetime) -> Counter[str]:
    """Erase what was found, all of it or nothing; files go once the rows are stored. Returns counts by kind."""
    require_erasable(found)
    with transaction.atomic():
        fresh = _found(Order.objects.select_for_update().filter(pk__in=[order.pk for order in found.ended]))
        require_erasable(fresh)
        counts, files = forget(fresh.ended, now=now)
        counts += recipients.forget_recurring(found.recurring)
        publish(fresh.ended, "recipient", counts, actor, now)
    unlink(files)
    return counts


def forget(orders: Sequence[Order], *, now: datetime) -> tuple[Counter[str], list[Path]]:
    """Inside a transaction: take the recipients out of these orders; the files to delete after it."""
    counts: Counter[str] = Counter()
    files: list[Path] = []
    ids = [order.pk for order in orders]
    for holder in holders():
        found, paths = holder.erase(ids, now)
        counts += found
        files += paths
    for station_id in {order.station_id for order in orders}:
        mine = [order for order in orders if order.station_id == station_id]
        counts += recipients.forget_words(station_id, [order.pk for order in mine], recipients.traces(mine))
    counts += recipients.forget_orders(orders, now)
    counts += recipients.forget_stops(ids)
    imports = recipients.import_files({order.station_id for order in orders})
    counts["import_files"] += len(imports)
    return counts, [*files, *imports]


def publish(orders: Sequence[Order], what: str, counts: Counter[str], actor: str, now: datetime) -> None:
    """Tell each station what was erased at it: how many, which orders, never whose."""
    for station_id in sorted({order.station_id for order in orders}):
        mine = [order.pk for order in orders if order.station_id == station_id]
        event = events.DataErased(station_id=station_id, what=what, counts=dict(counts), order_ids=mine)
        bus.publish(event, actor=actor, at=now)


def unlink(files: Iterable[Path]) -> None:
    for path in files:
        path.unlink(missing_ok=True)


def at_stations(station_ids: Iterable[int]) -> QuerySet[Order]:
    """The orders a manager of these stations may erase."""
    return Order.objects.filter(Q(station_id__in=list(station_ids)))
