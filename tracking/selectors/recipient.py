"""What a recipient's link shows of an order: where it stands, when it is expected, the van while it is near.

Nothing here names a person or a street: who opens the link may be anybody it was sent on to.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dispatch.lifecycle import OrderState, RouteState, StopState
from dispatch.models import Attempt, LivePosition, Order, Stop, StopOrder
from dispatch.models.attempt import AttemptOutcome
from dispatch.models.stop import Outcome
from dispatch.services.links import order_of
from tracking.services.duty import duties

AFTER_DELIVERY = timedelta(hours=24)
LONGEST = timedelta(days=30)  # a link to an order whose day is that long over shows nothing any more
NEAR = 2  # the van is shown while the stop is among the next so many
FRESH = timedelta(minutes=10)  # an older fix says nothing about where the van is
GRID_M = 100
METRES_PER_DEGREE = 111_320
SLOT = timedelta(minutes=5)
SPREAD = timedelta(minutes=10)  # either side of an expected arrival that is next
SPREAD_PER_STOP = timedelta(minutes=3)
WIDEST = timedelta(minutes=60)
TO_COME = (StopState.PLANNED, StopState.ARRIVED)

# One word for each picture; the page has a sentence for each.
ORDERED, PREPARED, ON_ITS_WAY, NEXT, ARRIVING = "ordered", "prepared", "on_its_way", "next", "arriving"
DELIVERED, FAILED, AGAIN = "delivered", "failed", "again"
CANCELLED, RETURNED = "cancelled", "returned"


@dataclass(frozen=True, slots=True)
class Picture:
    """An order as its link shows it at a moment of the station's time."""

    state: str
    stops_before: int | None = None
    expected: tuple[datetime, datetime] | None = None
    at: datetime | None = None  # delivered, or last tried
    van: tuple[float, float] | None = None  # the middle of its square of 100 m
    notes: bool = False  # whether a note still reaches the driver


def shown_order(token: str) -> tuple[Order, datetime] | None:
    """The order a link shows and the station's time now; None for every link that shows nothing, whatever the cause."""
    order = order_of(token)
    if order is None or order.station.sandbox_of_id is not None:
        return None
    now = order.station.now()
    return None if _over(order, now) else (order, now)


def _over(order: Order, now: datetime) -> bool:
    today = now.astimezone(order.station.zone).date()
    if today - order.day > LONGEST:
        return True
    if order.state != OrderState.DELIVERED:
        return False
    done = _last_attempt(order)
    end = done.at if done else datetime.combine(order.day, datetime.max.time(), tzinfo=UTC)
    return now > end + AFTER_DELIVERY


def _last_attempt(order: Order) -> Attempt | None:
    return Attempt.objects.filter(order=order).order_by("-pk").first()


def picture_of(order: Order, now: datetime) -> Picture:
    """Where the order stands at `now`."""
    if order.state in (OrderState.CANCELLED, OrderState.RETURNED):
        return Picture(CANCELLED if order.state == OrderState.CANCELLED else RETURNED)
    tried = _last_attempt(order)
    if order.state == OrderState.DELIVERED:
        return Picture(DELIVERED, at=tried.at if tried else None)
    if order.state == OrderState.FAILED:
        return Picture(FAILED, at=tried.at if tried else None)
    stop = _stop_of(order)
    if stop is not None and stop.route.state == RouteState.DEPARTED:
        return _on_the_road(order, stop, now)
    expected = None
    if stop is not None and stop.route.state == RouteState.RELEASED:
        expected = expected_range(stop, order, now, _before(stop))
    if tried is not None and tried.outcome == AttemptOutcome.FAILED:
        return Picture(AGAIN, at=tried.at, expected=expected, notes=True)
    return Picture(PREPARED if expected else ORDERED, expected=expected, notes=True)


def _stop_of(order: Order) -> Stop | None:
    visit = (
        StopOrder.objects.filter(order=order, outcome=Outcome.PLANNED)
        .select_related("stop__route__vehicle")
        .first()
    )
    return visit.stop if visit else None


def _before(stop: Stop) -> int:
    """How many stops the van still makes before this one."""
    ahead = Stop.objects.filter(route_id=stop.route_id, state__in=TO_COME, sequence__lt=stop.sequence)
    return ahead.count()


def _on_the_road(order: Order, stop: Stop, now: datetime) -> Picture:
    before = _before(stop)
    here = stop.state == StopState.ARRIVED
    state = ARRIVING if here else NEXT if before == 0 else ON_ITS_WAY
    return Picture(
        state,
        stops_before=0 if here else before,
        expected=None if here else expected_range(stop, order, now, before),
        van=_van(stop, now) if before < NEAR else None,
    )


def _van(stop: Stop, now: datetime) -> tuple[float, float] | None:
    """Where the van is, to 100 m, while its driver is on duty on this route and its phone is heard."""
    route = stop.route
    if route.driver_id is None or route.departed_at is None:
        return None
    seen = LivePosition.objects.filter(vehicle=route.vehicle_id).first()
    if seen is None or not max(route.departed_at, now - FRESH) <= seen.fix_at <= now + FRESH:
        return None
    mine = duties([route.driver_id], now, now).get(route.driver_id, [])
    on_duty = any(duty.route_id == route.pk and duty.covers(now) for duty in mine)
    return rounded(seen.lat, seen.lng) if on_duty else None


def rounded(lat: float, lng: float) -> tuple[float, float]:
    """The middle of the square of 100 m that a place lies in: the same for every place in it."""
    step = GRID_M / METRES_PER_DEGREE
    row = math.floor(lat / step)
    middle = (row + 0.5) * step
    across = step / max(0.01, math.cos(math.radians(middle)))
    return round(middle, 5), round((math.floor(lng / across) + 0.5) * across, 5)


def expected_range(stop: Stop, order: Order, now: datetime, before: int) -> tuple[datetime, datetime]:
    """When to be there: wider the more stops are in between, to full five minutes, never in the past."""
    arrival = max(filter(None, (stop.eta or stop.planned_arrival, order.window_start, now)))
    spread = min(WIDEST, SPREAD + before * SPREAD_PER_STOP)
    earliest = max(filter(None, (arrival - spread, order.window_start, now)))
    return _floor(earliest), _floor(arrival + spread + SLOT)


def _floor(moment: datetime) -> datetime:
    return moment - timedelta(seconds=moment.timestamp() % SLOT.total_seconds())


def topic_of(order: Order) -> str:
    """The name under which an order's page listens."""
    return f"order.{order.pk}"
