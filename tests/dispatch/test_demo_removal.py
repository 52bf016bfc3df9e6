"""The demo goes, whole and alone: other stations' rows, files and people stay as they were."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import connection, transaction

from dispatch.models import Attempt, Driver, Membership, Order, Role, Shop, Station
from dispatch.services.demo import lay_demo
from dispatch.services.demo_removal import remove_demo
from dispatch.services.people import grant_role
from lastmile import bus
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError
from lastmile.models import User
from pod.models import Proof, ProofFile
from tests import scenarios
from tests.dispatch.test_demo import DOORS, NOON
from tracking.models import Position
from tracking.services.devices import issue_device

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 11, tzinfo=UTC)


def row_counts() -> dict[str, int]:
    with connection.cursor() as cursor:
        counts = {}
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT count(*) FROM "{name}"')  # noqa: S608
            counts[name] = cursor.fetchone()[0]
    return counts


def lived(station: Station, shop: Shop) -> Path:
    """A day with everything that can hang on a station."""
    orders = scenarios.make_orders(station, shop, 3)
    shift = scenarios.make_fleet(station, n=1).shifts[0]
    route = scenarios.make_route(station, scenarios.DAY, orders, shift=shift, state="closed")
    attempt = Attempt.objects.create(
        order=orders[0],
        stop=orders[0].stops.get(),
        outcome="delivered",
        at=NOW,
        client_event_id=f"e{station.pk}",
    )
    proof = Proof.objects.create(attempt=attempt, captured_at=NOW)
    path = Path(settings.MEDIA_ROOT) / f"proofs/{station.code}.jpg"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    ProofFile.objects.create(
        proof=proof, kind="photo", path=f"proofs/{station.code}.jpg", sha256="", bytes=1, width=1, height=1,
        client_event_id="f",
    )  # fmt: skip
    driver = shift.driver
    assert driver is not None
    issue_device(driver=driver, now=NOW, name="phone")
    Position.objects.create(
        device=driver.devices.get(), seq=1, vehicle=route.vehicle, route=route, fix_at=NOW, device_at=NOW,
        server_at=NOW, lat=60, lng=24,
    )  # fmt: skip
    with transaction.atomic():
        event = events.OrdersChanged(station_id=station.pk, what="created", order_ids=[orders[0].pk])
        bus.publish(event, actor="t", at=NOW)
    bus.number()
    return path


@pytest.fixture
def neighbour() -> Station:
    """Another station with its own people, and an admin of one's own."""
    station = scenarios.make_station("TKU")
    scenarios.make_person("real", Role.MANAGER, station)
    scenarios.make_person("boss", is_superuser=True)
    lived(station, scenarios.make_shop(station))
    return station


def test_the_demo_goes_and_nothing_else(neighbour: Station) -> None:
    """Rows of every table are counted before the demo came and after it went."""
    Permission.objects.exists()  # made with the tables, not by us
    call_command("demo", remove=True)  # nothing there: no error
    grant_role(user=User.objects.get(username="real"), station=neighbour, role=Role.MANAGER)
    before = row_counts()
    demo = lay_demo(doors=DOORS, wall=NOON)
    path = lived(demo.station, Shop.objects.get(code="demo-market"))
    counts = remove_demo(actor="user:boss", now=NOW)
    assert counts["orders"] == 603
    assert counts["people"] == 4
    assert not path.exists()
    assert (Path(settings.MEDIA_ROOT) / "proofs/TKU.jpg").exists()
    after = row_counts()
    # Vehicle types are shared by all stations, and that the demo was removed is itself an event.
    kept = {"dispatch_vehicletype", "lastmile_event", "lastmile_stream", "sqlite_sequence"}
    assert {name: after[name] for name in before if name not in kept} == {
        name: before[name] for name in before if name not in kept
    }
    assert after["lastmile_event"] == before["lastmile_event"] + 1


def test_removed_twice_is_removed_once(neighbour: Station) -> None:
    lay_demo(doors=DOORS, wall=NOON)
    remove_demo(actor="t", now=NOW)
    assert remove_demo(actor="t", now=NOW) == {}
    assert User.objects.filter(username="boss").exists()


def test_a_removal_that_was_cut_short_goes_on(neighbour: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between two batches: the station is still found, and the next call ends it."""
    demo = lay_demo(doors=DOORS, wall=NOON)
    with monkeypatch.context() as patch:
        patch.setattr("dispatch.services.demo_removal._finish", lambda *a: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            remove_demo(actor="t", now=NOW)
    assert not Order.objects.filter(station=demo.station).exists()
    assert not Station.objects.get(pk=demo.station.pk).active
    assert remove_demo(actor="t", now=NOW)["stations"] == 1


def test_what_somebody_made_of_the_demo_is_not_thrown_away(neighbour: Station) -> None:
    """Orders of a real shop, or somebody who works nowhere else: refused, and nothing is touched."""
    demo = lay_demo(doors=DOORS, wall=NOON)
    shop = Shop.objects.get(code="shop-tku")
    order = scenarios.make_orders(demo.station, shop, 1)[0]
    with pytest.raises(LastmileError, match="demo_in_use"):
        remove_demo(actor="t", now=NOW)
    order.parcels.all().delete()
    order.delete()
    scenarios.make_person("newcomer", Role.DISPATCHER, demo.station)
    with pytest.raises(LastmileError, match="newcomer"):
        remove_demo(actor="t", now=NOW)
    assert Order.objects.filter(station=demo.station).count() == 600
    assert Driver.objects.filter(station=demo.station).exists()


def test_a_demo_account_that_became_somebodys_stays(neighbour: Station) -> None:
    """A password or a role elsewhere: no longer the demo's."""
    lay_demo(doors=DOORS, wall=NOON)
    admin, dispatcher = (User.objects.get(username=name) for name in ("admin", "dispatcher"))
    admin.set_password("a password of one's own")
    admin.save()
    Membership.objects.create(user=dispatcher, station=neighbour, role=Role.DISPATCHER)
    remove_demo(actor="t", now=NOW)
    left = set(User.objects.values_list("username", flat=True))
    assert left == {"real", "boss", "admin", "dispatcher"}


def test_a_demo_that_was_never_laid_out_by_us_is_left_alone() -> None:
    """A station of somebody's that only shares the code."""
    station = scenarios.make_station("HEL")
    scenarios.make_shop(station)
    assert remove_demo(actor="t", now=NOW) == {}
    assert Station.objects.filter(pk=station.pk).exists()
