"""Telling open recipients' pages that their order's picture changed: few words, and only to those who listen."""

import logging
from collections.abc import Iterable

import redis
from django.core.cache import cache

from dispatch.lifecycle import RouteState
from dispatch.models import StopOrder
from dispatch.models.stop import Outcome
from lastmile import live
from lastmile.models import Event

log = logging.getLogger(__name__)

WATCHED_S = 130  # two rounds of the socket's own minute
QUIET_S = 5  # between two nudges of an order; the page looks once more after that by itself
NUDGE = {"type": "live", "name": "order.changed", "data": {}}


def watch(order_id: int) -> None:
    """Remember that a page of this order is open."""
    try:
        cache.set(_watched(order_id), 1, WATCHED_S)
    except (redis.RedisError, OSError) as error:
        log.warning("recipients' pages are not nudged: %s", type(error).__name__)


def orders_touched(event: Event) -> set[int]:
    """Orders whose picture an event may have changed: those it names, and all still to come on its routes."""
    data = event.data
    routes = {*data.get("route_ids", ()), *([data["route_id"]] if "route_id" in data else [])}
    to_come = StopOrder.objects.filter(
        stop__route__in=routes,
        stop__route__state__in=(RouteState.RELEASED, RouteState.DEPARTED),
        outcome=Outcome.PLANNED,
    )
    return {*data.get("order_ids", ()), *to_come.values_list("order_id", flat=True)}


def nudge(order_ids: Iterable[int]) -> int:
    """Tell the open pages of these orders; returns how many orders were told of. Lost ones are fetched in a minute."""
    try:
        told = _due(set(order_ids))
    except (redis.RedisError, OSError) as error:
        log.warning("recipients' pages are not nudged: %s", type(error).__name__)
        return 0
    for order_id in told:
        live.push(f"order.{order_id}", NUDGE)
    return len(told)


def nudge_touched(event: Event) -> None:
    """The ledger's subscriber."""
    nudge(orders_touched(event))


def _due(order_ids: set[int]) -> list[int]:
    """Those that somebody watches and that were quiet for a while: one question for all of them."""
    watched = cache.get_many([_watched(order_id) for order_id in order_ids])
    listened = [order_id for order_id in sorted(order_ids) if _watched(order_id) in watched]
    return [order_id for order_id in listened if cache.add(f"nudged:{order_id}", 1, QUIET_S)]


def _watched(order_id: int) -> str:
    return f"watched:{order_id}"
