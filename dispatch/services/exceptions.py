"""Delivery exceptions: one per cause while it lasts."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Prefetch, QuerySet

from dispatch.lifecycle import ExceptionState, sources
from dispatch.models import DeliveryException, Order, Route, Station, Stop
from lastmile import bus
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError, not_found

LONGEST_SNOOZE_MIN = 24 * 60


def unresolved(station: Station) -> QuerySet[DeliveryException]:
    return DeliveryException.objects.filter(station=station).exclude(state=ExceptionState.RESOLVED)


def with_orders(rows: QuerySet[DeliveryException]) -> QuerySet[DeliveryException]:
    """For `raise_exception(known=...)`: read with their orders, in one query more."""
    return rows.prefetch_related(Prefetch("orders", queryset=Order.objects.only("id")))


def raise_exception(
    *,
    station: Station,
    day: date,
    kind: str,
    severity: int,
    key: str,
    words: str,
    route: Route | None,
    stop: Stop | None,
    order_ids: Sequence[int],
    now: datetime,
    actor: str,
    known: DeliveryException | None = None,
) -> DeliveryException:
    """Raise it, or bring the one that is open for this cause up to date; tells screens only what changed.

    `known` is that one as it was read a moment ago, with its orders: where it says the same, the database is
    left in peace. Whoever looks every few seconds would lock it each time for nothing.
    """
    fields = {"words": words[:300], "severity": severity, "stop_id": stop.pk if stop else None}
    if known is not None and not _differs(known, fields, order_ids):
        return known
    made = {"station": station, "day": day, "kind": kind, "key": key, "route": route, "raised_at": now}
    with transaction.atomic():
        row = unresolved(station).filter(key=key).first()
        if row is None:
            try:
                with transaction.atomic():
                    row = DeliveryException.objects.create(**made, **fields)
                    row.orders.set(order_ids)
                    _tell(row, "raised", actor, now)
                    return row
            except IntegrityError:  # somebody raised it at the same moment
                row = unresolved(station).get(key=key)
        if _differs(row, fields, order_ids):
            DeliveryException.objects.filter(pk=row.pk).update(**fields)
            row.orders.set(order_ids)
            row.refresh_from_db()
            _tell(row, "updated", actor, now)
    return row


def _differs(row: DeliveryException, fields: dict[str, object], order_ids: Sequence[int]) -> bool:
    if any(getattr(row, name) != value for name, value in fields.items()):
        return True
    return {order.pk for order in row.orders.all()} != set(order_ids)


def resolve_exception(*, exception: DeliveryException, actor: str, now: datetime) -> DeliveryException:
    """The cause has ended, or somebody dealt with it. Resolving twice is once."""
    return _move(exception, ExceptionState.RESOLVED, "resolved", actor, now, resolved_at=now)


def acknowledge_exception(*, exception: DeliveryException, actor: str, now: datetime) -> DeliveryException:
    """Somebody has seen it and takes care. The first one to say so is named."""
    return _move(
        exception,
        ExceptionState.ACKNOWLEDGED,
        "acknowledged",
        actor,
        now,
        acknowledged_by=actor[:80],
        acknowledged_at=now,
        snoozed_until=None,
    )


def snooze_exception(
    *, exception: DeliveryException, minutes: int, actor: str, now: datetime
) -> DeliveryException:
    """Out of sight for some minutes of the station's time; then open again unless its cause ended."""
    if not 1 <= minutes <= LONGEST_SNOOZE_MIN:
        raise LastmileError(
            "bad_minutes",
            f"{minutes} minutes are not possible.",
            f"Choose 1 to {LONGEST_SNOOZE_MIN} minutes.",
            field="minutes",
        )
    until = now + timedelta(minutes=minutes)
    row = _move(exception, ExceptionState.SNOOZED, "snoozed", actor, now, snoozed_until=until)
    if row.snoozed_until != until and row.state == ExceptionState.SNOOZED:
        DeliveryException.objects.filter(pk=row.pk, state=ExceptionState.SNOOZED).update(snoozed_until=until)
        row.snoozed_until = until
    return row


def wake_exceptions(*, station: Station, now: datetime, actor: str = "system:watch") -> int:
    """Open again what was snoozed until now."""
    due = unresolved(station).filter(state=ExceptionState.SNOOZED, snoozed_until__lte=now)
    rows = list(due)
    for row in rows:
        _move(row, ExceptionState.OPEN, "reopened", actor, now, snoozed_until=None)
    return len(rows)


def _move(
    row: DeliveryException, state: ExceptionState, what: str, actor: str, now: datetime, **fields: object
) -> DeliveryException:
    """The conditional UPDATE decides between two who press at once; who comes second sees what is there."""
    with transaction.atomic():
        rows = DeliveryException.objects.filter(pk=row.pk)
        moved = rows.filter(state__in=sources(ExceptionState, state)).update(state=state, **fields)
        fresh = rows.first()
        if fresh is None:
            raise not_found("The exception")
        if not moved and fresh.state != state:
            raise LastmileError(
                "illegal_move",
                f"The exception is {fresh.state}; it cannot become {state}.",
                "Reload to see its present state.",
                status=409,
            )
        if moved:
            _tell(fresh, what, actor, now)
    return fresh


def _tell(row: DeliveryException, what: str, actor: str, now: datetime) -> None:
    event = events.ExceptionChanged(station_id=row.station_id, what=what, exception_id=row.pk)
    bus.publish(event, actor=actor, at=now)
