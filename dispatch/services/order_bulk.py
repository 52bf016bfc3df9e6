"""One change to many orders, each on its own: what is refused for one says why and stops no other."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from dispatch.lifecycle import OrderState
from dispatch.models import Order, Station
from dispatch.services.order_edit import Edited, move_to_day
from dispatch.services.orders import cancel_order, reopen_order
from lastmile.kernel.errors import LastmileError

MOST = 200


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one order: `error` is empty where it went well; `left_route` is the route it came off."""

    order: Order
    error: str = ""
    left_route: str = ""


def move_many(
    *, station: Station, seen: Mapping[int, int], day: date, actor: str, now: datetime
) -> list[Done]:
    """Put the orders (id -> version seen) on another day; one that failed goes back to the pool with it."""

    def work(order: Order) -> Edited:
        version = seen[order.pk]
        with transaction.atomic():
            if order.state == OrderState.FAILED:
                version = reopen_order(order=order, version=version, actor=actor, now=now).version
            return move_to_day(order=order, day=day, version=version, actor=actor, now=now)

    return _each(station, seen, work)


def cancel_many(
    *, station: Station, seen: Mapping[int, int], reason: str, actor: str, now: datetime
) -> list[Done]:
    """Call the orders (id -> version seen) off."""

    def work(order: Order) -> Edited:
        done = cancel_order(order=order, version=seen[order.pk], reason=reason, actor=actor, now=now)
        return Edited(done, changed=True)

    return _each(station, seen, work)


def chosen(station: Station, ids: Iterable[int]) -> list[Order]:
    """The station's orders among the ids, oldest first; ids of others are passed over in silence."""
    rows = Order.objects.filter(station=station, pk__in=list(ids)[:MOST])
    return list(rows.select_related("shop", "station").order_by("pk"))


def _each(station: Station, seen: Mapping[int, int], work: Callable[[Order], Edited]) -> list[Done]:
    done = []
    for order in chosen(station, seen):
        try:
            edited = work(order)
            done.append(Done(edited.order, left_route=edited.left_route))
        except LastmileError as error:
            done.append(Done(order, error=f"{error.cause} {error.action}".strip()))
    return done
