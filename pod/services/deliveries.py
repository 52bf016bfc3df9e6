"""Handing over at the door, with its proof."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from dispatch.models import Driver, Order, Stop
from dispatch.models.stop import Outcome
from dispatch.services.visits import Report, Visited, complete_stop
from lastmile.kernel.errors import LastmileError
from lastmile.kernel.geo import distance_m
from pod.models import Proof
from pod.rules import Capture, missing, needs


def deliver(
    *,
    stop: Stop,
    report: Report,
    capture: Capture,
    order_ids: Sequence[int] | None,
    accuracy_m: float | None,
    driver: Driver | None,
    actor: str,
    now: datetime,
) -> Visited:
    """Complete the stop (or some of its orders); keep who took it, when, and how far from the address."""
    orders = _orders(stop, order_ids)
    lacking = missing(needs(skill for order in orders for skill in order.skills), capture)
    if lacking:
        raise LastmileError(
            "proof_incomplete",
            "The proof of delivery is not complete.",
            " ".join(each.words for each in lacking),
            field="received_by",
            status=422,
            data={"missing": [each.code for each in lacking]},
        )
    with transaction.atomic():
        visited = complete_stop(
            stop=stop, report=report, order_ids=order_ids, driver=driver, actor=actor, now=now
        )
        if not visited.repeated:
            _prove(visited, report, capture, accuracy_m)
    return visited


def _orders(stop: Stop, order_ids: Sequence[int] | None) -> list[Order]:
    here = Order.objects.filter(visits__stop=stop)
    if order_ids is None:
        return list(here.filter(visits__stop=stop, visits__outcome=Outcome.PLANNED))
    return list(here.filter(pk__in=order_ids))


def _prove(visited: Visited, report: Report, capture: Capture, accuracy_m: float | None) -> None:
    stop = visited.stop
    away = None
    if report.lat is not None and report.lng is not None:
        away = distance_m(report.lat, report.lng, stop.lat, stop.lng)
    Proof.objects.bulk_create(
        Proof(
            attempt=attempt,
            received_by=capture.received_by.strip()[:120],
            relation=capture.relation.strip()[:60],
            captured_at=attempt.at,
            lat=attempt.lat,
            lng=attempt.lng,
            accuracy_m=accuracy_m,
            distance_m=away,
        )
        for attempt in visited.attempts
    )
