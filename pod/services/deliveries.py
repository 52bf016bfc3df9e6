"""What a driver reports of a visit: handed over with its proof, not handed over and why, or some of each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from dispatch.models import Attempt, Driver, Order, Stop
from dispatch.models.order import OrderKind
from dispatch.models.stop import Outcome
from dispatch.services.visits import Report, Visited, complete_stop, fail_stop
from lastmile.kernel.errors import LastmileError
from lastmile.kernel.geo import distance_m
from pod.models import Proof
from pod.models.proof_file import ProofKind
from pod.rules import Capture, missing, needs
from pod.services.proof_files import Picture, Promise, attach_pictures, placed, proofs_of

REST = "-rest"


@dataclass(frozen=True, slots=True)
class Shown:
    """What shows the visit besides words: pictures that came along, and those the phone will send."""

    accuracy_m: float | None = None
    pictures: Sequence[Picture] = ()
    promised: Sequence[Promise] = ()

    def count(self, kind: ProofKind) -> int:
        """How many of a kind there are or will be; one that is promised and came along is one."""
        given = {each.event_id for each in self.pictures if each.kind == kind}
        return len(given | {each.event_id for each in self.promised if each.kind == kind})


@dataclass(frozen=True, slots=True)
class Rest:
    """The orders of the same visit that could not be handed over, and why."""

    order_ids: Sequence[int]
    reason: str


def deliver(
    *,
    stop: Stop,
    report: Report,
    capture: Capture,
    order_ids: Sequence[int] | None,
    shown: Shown,
    driver: Driver | None,
    actor: str,
    now: datetime,
    rest: Rest | None = None,
) -> Visited:
    """Complete the stop (or some of its orders); keep who took it, when, how far from the address, what it looked
    like. With `rest`, what was not handed over fails in the same breath.
    """
    capture = replace(
        capture, photos=shown.count(ProofKind.PHOTO), signed=shown.count(ProofKind.SIGNATURE) > 0
    )
    if not Attempt.objects.filter(stop=stop, client_event_id=report.event_id).exists():
        _require_proof(stop, order_ids, capture)
    with placed(shown.pictures, now) as kept, transaction.atomic():
        visited = complete_stop(
            stop=stop, report=report, order_ids=order_ids, driver=driver, actor=actor, now=now
        )
        if not visited.repeated:
            _prove(visited, report, capture, shown)
        attach_pictures(visited.attempts, kept, actor=actor, now=now)
        if rest is not None and rest.order_ids:
            visited = _fail_rest(visited, report, rest, driver, actor, now)
    return visited


def fail(
    *,
    stop: Stop,
    report: Report,
    reason: str,
    order_ids: Sequence[int] | None,
    shown: Shown,
    driver: Driver | None,
    actor: str,
    now: datetime,
) -> Visited:
    """Orders could not be handed over; a picture may show why."""
    with placed(shown.pictures, now) as kept, transaction.atomic():
        visited = fail_stop(
            stop=stop,
            report=report,
            reason=reason,
            order_ids=order_ids,
            driver=driver,
            actor=actor,
            now=now,
        )
        if shown.promised and not visited.repeated:
            proofs = proofs_of(visited.attempts)
            Proof.objects.filter(pk__in=[proof.pk for proof in proofs]).update(promised=_promised(shown))
        attach_pictures(visited.attempts, kept, actor=actor, now=now)
    return visited


def _fail_rest(
    visited: Visited, report: Report, rest: Rest, driver: Driver | None, actor: str, now: datetime
) -> Visited:
    failed = fail_stop(
        stop=visited.stop,
        report=replace(report, event_id=report.event_id[: 64 - len(REST)] + REST),
        reason=rest.reason,
        order_ids=rest.order_ids,
        driver=driver,
        actor=actor,
        now=now,
    )
    return Visited(failed.stop, visited.attempts + failed.attempts, visited.repeated)


def _require_proof(stop: Stop, order_ids: Sequence[int] | None, capture: Capture) -> None:
    station = stop.route.station
    orders = _orders(stop, order_ids)
    wanted = needs(
        [skill for order in orders for skill in order.skills],
        collects=any(order.kind == OrderKind.COLLECTION for order in orders),
        photo=station.photo_proof,
        signature=station.signature_proof,
    )
    lacking = missing(wanted, capture)
    if lacking:
        raise LastmileError(
            "proof_incomplete",
            "The proof of delivery is not complete.",
            " ".join(each.words for each in lacking),
            field="received_by",
            status=422,
            data={"missing": [each.code for each in lacking]},
        )


def _orders(stop: Stop, order_ids: Sequence[int] | None) -> list[Order]:
    here = Order.objects.filter(visits__stop=stop)
    if order_ids is None:
        return list(here.filter(visits__stop=stop, visits__outcome=Outcome.PLANNED))
    return list(here.filter(pk__in=order_ids))


def _prove(visited: Visited, report: Report, capture: Capture, shown: Shown) -> None:
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
            accuracy_m=shown.accuracy_m,
            distance_m=away,
            promised=_promised(shown),
        )
        for attempt in visited.attempts
    )


def _promised(shown: Shown) -> list[dict[str, str]]:
    return [{"event_id": each.event_id, "kind": str(each.kind)} for each in shown.promised]
