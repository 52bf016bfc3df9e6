"""Edited orders move the times of their routes: a job of its own, because walking asks the road engine."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from dispatch.lifecycle import RouteState
from dispatch.models import Route
from dispatch.models.stop import Outcome
from dispatch.services import routes
from lastmile import jobs
from lastmile.kernel.errors import LastmileError
from lastmile.models import Job

KIND = "routes.rewalk"
TRIES = 3
CHANGED_MEANWHILE = (409, 412)


def queue_rewalk(
    *, order_ids: list[int], station_id: int | None, key: str, actor: str, now: datetime
) -> Job | None:
    """Have the routes of these orders walked afresh; no job when none of them is on a route.

    The key names the change and never the orders: a second change of the same orders, while a job of the first one
    runs, must not be taken for the first.
    """
    if not walkable(order_ids):
        return None
    payload = {"order_ids": order_ids, "now": now.isoformat()}
    return jobs.enqueue(kind=KIND, key=key, station_id=station_id, payload=payload, actor=actor, now=now)


def walkable(order_ids: Iterable[int]) -> list[int]:
    """Routes that have not left and still have a visit to one of the orders before them."""
    found = Route.objects.filter(
        state__in=(RouteState.DRAFT, RouteState.RELEASED),
        stops__visits__order_id__in=list(order_ids),
        stops__visits__outcome=Outcome.PLANNED,
    )
    return list(found.order_by("pk").values_list("pk", flat=True).distinct())


@jobs.kind(KIND)
def rewalk(claim: jobs.Claim) -> dict[str, Any]:
    """The work of such a job: route by route, each in a transaction of its own, so that nobody waits for all."""
    payload = claim.job.payload
    now, walked = datetime.fromisoformat(payload["now"]), 0
    for route_id in walkable(payload["order_ids"]):
        if claim.cancelled.is_set():
            raise jobs.Lost
        walked += _walk(route_id, payload["order_ids"], claim.job.actor, now)
    return {"routes": walked}


def _walk(route_id: int, order_ids: list[int], actor: str, now: datetime) -> bool:
    """Walk one route, again when somebody edited it meanwhile; not when it has left or lost the orders by then."""
    for left in reversed(range(TRIES)):
        if route_id not in walkable(order_ids):
            return False
        route = Route.objects.select_related("station", "vehicle__type").get(pk=route_id)
        try:
            routes.rewalk_route(route=route, actor=actor, now=now)
            return True
        except LastmileError as error:
            if error.status not in CHANGED_MEANWHILE or not left:
                raise
    return False
