"""Run inside an installation of its own: lays a day in the middle of its work, or goes on writing to it."""

import hashlib
from pathlib import Path
from time import monotonic_ns

from django.conf import settings
from django.db import transaction

from dispatch.models import Attempt, Order, Shop, Station
from lastmile import bus
from lastmile.kernel import events
from pod.models import Proof, ProofFile
from tests.scenarios import DAY, make_orders, make_person, make_route, make_shop, make_station


def lay() -> None:
    """Orders in the pool, on a draft, on the road and delivered; each delivery with a picture."""
    station = make_station()
    shop = make_shop(station)
    make_person("dora", "dispatcher", station)
    orders = make_orders(station, shop, 12)
    for state, some in (("closed", orders[:4]), ("departed", orders[4:8]), ("draft", orders[8:10])):
        make_route(station, DAY, some, state=state)
    for order in orders[:4]:
        prove(order)
    for order in orders:
        tell(station, order)
    bus.number()


def prove(order: Order) -> ProofFile:
    """A delivery with its picture on the disk."""
    at = order.station.now()
    attempt = Attempt.objects.create(
        order=order, stop=order.stops.get(), outcome="delivered", at=at, client_event_id="e"
    )
    proof = Proof.objects.create(attempt=attempt, received_by="A. Virtanen", captured_at=at)
    name = f"proofs/{order.pk}.jpg"
    path = Path(settings.MEDIA_ROOT) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"picture %d" % order.pk)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return ProofFile.objects.create(
        proof=proof, kind="photo", path=name, sha256=digest, bytes=9, width=1, height=1, client_event_id="f"
    )


def tell(station: Station, order: Order) -> None:
    event = events.OrdersChanged(station_id=station.pk, what="created", order_ids=[order.pk])
    with transaction.atomic():
        bus.publish(event, actor="test", at=station.now())


def go_on() -> None:
    """Write orders and number events until killed."""
    station, shop = Station.objects.get(), Shop.objects.get()
    print("writing", flush=True)
    while True:
        mark = f"L{monotonic_ns() % 10**15}"
        with transaction.atomic():
            tell(station, make_orders(station, shop, 1, external_id=mark, number=mark)[0])
        bus.number()
