"""Expected arrivals of stops still to come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from dispatch.lifecycle import StopState
from dispatch.models import Route, Stop
from lastmile import bus
from lastmile.kernel import events

WORTH_TELLING_S = 60
TO_COME = (StopState.PLANNED, StopState.ARRIVED)


@dataclass(frozen=True, slots=True)
class StopEta:
    stop_id: int
    eta: datetime
    slack_s: int | None


def set_etas(*, route: Route, etas: Sequence[StopEta], now: datetime, actor: str = "system:etas") -> bool:
    """Store and tell new expectations, all together, once one of them moved by a minute; whether it did.

    Less is not even stored: rows and screens always show the same.
    """
    # Read before the transaction: on SQLite that would lock the database every time for nothing.
    stops = {stop.pk: stop for stop in Stop.objects.filter(route=route, state__in=TO_COME)}
    known = [new for new in etas if new.stop_id in stops]
    if not any(_worth_telling(stops[new.stop_id], new) for new in known):
        return False
    with transaction.atomic():
        for new in known:
            # A stop that was done since the read keeps what it had.
            Stop.objects.filter(pk=new.stop_id, state__in=TO_COME).update(eta=new.eta, slack_s=new.slack_s)
        event = events.EtaChanged(station_id=route.station_id, route_ids=[route.pk])
        bus.publish(event, actor=actor, at=now)
    return True


def _worth_telling(stop: Stop, new: StopEta) -> bool:
    if stop.eta is None or (stop.slack_s is None) != (new.slack_s is None):
        return True
    turned = stop.slack_s is not None and new.slack_s is not None and (stop.slack_s < 0) != (new.slack_s < 0)
    return turned or abs((new.eta - stop.eta).total_seconds()) >= WORTH_TELLING_S
