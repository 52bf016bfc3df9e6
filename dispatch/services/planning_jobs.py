"""Orders as the planner's jobs."""

from collections.abc import Mapping
from datetime import datetime, time

from dispatch.models import Order, Station
from dispatch.planning import model
from dispatch.services.planning_vehicles import Clock

PREFERRED_CENTS = 10
"""A minute outside the preferred window, where nobody has said what it is worth."""


def order_key(order_id: int) -> str:
    """An order's id in the planner's sentences and plans."""
    return f"order-{order_id}"


def job_of(
    clock: Clock,
    order: Order,
    station: Station,
    *,
    place: int,
    parking: str,
    current: model.Current | None,
    named: Mapping[str, frozenset[str]],
    zones: frozenset[str],
) -> model.Job:
    """One order: what it asks for at the door, how long that takes, and what else it asks of the plan.

    ``named``: the planner's vehicles by the small letters of a driver's or a vehicle's name.
    """
    load = (order.weight_g, order.volume_cm3, order.pieces)
    collects = order.kind == "collection"
    asks = order.asks

    def those(name: str) -> frozenset[str]:
        return frozenset[str]().union(*(named.get(each.casefold(), ()) for each in asks.get(name, ())))

    aboard, wait = asks.get("max_aboard_min"), asks.get("max_wait_min")
    return model.Job(
        id=order_key(order.pk),
        place=place,
        windows=(_window(clock, order),) if order.window_start or order.window_end else (),
        service_s=station.service_time_s if order.service_time_s is None else order.service_time_s,
        setup_s=station.setup_time_s,
        parking=parking,
        delivery=() if collects else load,
        pickup=load if collects else (),
        skills=frozenset(order.skills),
        current=current,
        priority=order.priority,
        release_s=_second(clock, order, station, asks["ready_at"]) if "ready_at" in asks else 0,
        preferred=_preferred(clock, order, station),
        preferred_price_per_min=asks.get("preferred_price_cents", PREFERRED_CENTS),
        late_price_per_min=asks.get("late_price_cents"),
        leave_price=asks.get("leave_price_cents"),
        max_wait_s=None if wait is None else wait * 60,
        max_aboard_s=None if aboard is None else aboard * 60,
        goods=frozenset(asks.get("goods", ())),
        vehicles=those("only_by") if "only_by" in asks else None,
        preferred_vehicles=those("rather_by"),
        forbidden=those("never_by"),
        position=asks.get("position", ""),
        zones=zones,
    )


def _second(clock: Clock, order: Order, station: Station, written: str) -> int:
    """A time of the station's clock on the order's day."""
    return max(0, clock.seconds(datetime.combine(order.day, time.fromisoformat(written), station.zone)))


def _preferred(clock: Clock, order: Order, station: Station) -> model.Window | None:
    """The preferred window, as far as it lies inside the promised one."""
    if "preferred_window" not in order.asks:
        return None
    start, end = (_second(clock, order, station, each) for each in order.asks["preferred_window"].split("-"))
    if order.window_start or order.window_end:
        promised = _window(clock, order)
        start, end = max(start, promised.start), min(end, promised.end)
    return model.Window(start, end) if start <= end else None


def _window(clock: Clock, order: Order) -> model.Window:
    start = clock.seconds(order.window_start) if order.window_start else 0
    return model.Window(max(0, start), clock.seconds(order.window_end) if order.window_end else model.NEVER)
