"""Why this driver, and why not that one: an order held against every van of its day."""

from dataclasses import dataclass
from datetime import datetime

from dispatch.lifecycle import OrderState
from dispatch.models import Order, Route, Shift
from dispatch.planning.evaluate import evaluate
from dispatch.planning.explain import why
from dispatch.services.day_sketch import sketch
from dispatch.services.mapping import pk_of
from dispatch.services.planning_jobs import order_key
from lastmile.kernel.errors import LastmileError

ASKABLE = (OrderState.OPEN, OrderState.PLANNED)


@dataclass(frozen=True)
class Choice:
    """One van. `cents`: what the day costs more with the order at its best place there; None: `words` say which rule
    is in the way. `start`: when it would be served.
    """

    shift: Shift
    route: Route | None
    current: bool
    cents: int | None
    start: datetime | None
    code: str
    words: str


def choices_for(*, order: Order, now: datetime) -> tuple[list[Choice], int]:
    """Every van of the order's day that has not left yet, the cheapest first, and how many have left.

    Raises LastmileError ``order_not_movable`` for an order that cannot be planned.
    """
    if order.state not in ASKABLE:
        raise LastmileError(
            "order_not_movable",
            f"{order.number} is {order.state.replace('_', ' ')} and cannot be planned on {order.day}.",
            "Reload the board.",
            status=409,
        )
    day = sketch(station=order.station, day=order.day, order=order, now=now)
    found = why(day.problem, evaluate(day.problem, day.plan), order_key(order.pk))
    return [
        Choice(
            shift=day.frame.shift_by_id[pk_of(each.vehicle)],
            route=day.routes.get(pk_of(each.vehicle)),
            current=each.current,
            cents=each.cents,
            start=None if each.cents is None else day.frame.moment(each.start),
            code=each.code,
            words=day.frame.say(each.words),
        )
        for each in found
    ], day.on_the_road
