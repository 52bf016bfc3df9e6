"""A recipient asks to be forgotten: afterwards no row and no file says who they were; the numbers stay."""

import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from dispatch.lifecycle import OrderState
from dispatch.models import (
    Attempt,
    DeliveryException,
    DriverMessage,
    IdempotencyKey,
    Order,
    OrderImport,
    RecipientMessage,
    RecurringOrder,
    Role,
)
from dispatch.services import retention
from dispatch.services.erasure import erase_recipient, find_by_order, find_by_phone
from dispatch.services.links import order_of, token_of
from dispatch.services.order_export import export_order
from lastmile.kernel.errors import LastmileError
from lastmile.models import Event, Job, JobState, LoginLink
from pod.models import Proof, ProofFile
from tests import scenarios
from tests.lastmile.backup_world import prove, tell
from tracking.models import Position
from tracking.services.devices import issue_device

pytestmark = [pytest.mark.django_db, pytest.mark.database]
NOW = datetime(2026, 3, 11, tzinfo=UTC)
WHO = {
    "recipient": "Canary Birdson", "phone": "+358401119999", "email": "canary@bird.example",
    "address": "Canarystreet 77", "note": "canary note", "note_dispatch": "canary words", "location_note": "canary?",
}  # fmt: skip
SIGNS = ("canary", "+358401119999")


def everything() -> str:
    """All that stands in any table, as text."""
    found = []
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{name}"')  # noqa: S608
            found += [f"{name}: {row}" for row in cursor.fetchall()]
    return "\n".join(found).casefold()


@pytest.fixture
def world() -> Any:
    """A recipient with two delivered orders, a third person's order at the same stop street, and traces all over."""
    station = scenarios.make_station()
    shop = scenarios.make_shop(station)
    mine = scenarios.make_orders(station, shop, 2, **WHO)
    other = scenarios.make_orders(station, shop, 1, recipient="Somebody Else", phone="+358402220000")
    route = scenarios.make_route(station, scenarios.DAY, [*mine, *other], state="closed")
    for order in (*mine, *other):
        prove(order)
        tell(station, order)
    Attempt.objects.filter(order=mine[0]).update(note="canary was asleep", lat=60.171234, lng=24.941234)
    Proof.objects.filter(attempt__order=mine[0]).update(
        received_by="Canary Birdson", lat=60.171234, lng=24.941234
    )
    alert = DeliveryException.objects.create(
        station=station, day=scenarios.DAY, kind="attempt_failed", key="k", raised_at=NOW, route=route,
        words="Route R1 could not hand over at Canarystreet 77: no one home",
    )  # fmt: skip
    alert.orders.add(mine[0])
    DriverMessage.objects.create(
        station=station, driver=route.driver, words="Call CANARY BIRDSON on +358401119999", actor="t", at=NOW,
        client_event_id="m",
    )  # fmt: skip
    RecipientMessage.objects.create(
        order=mine[0], kind="link", channel="email", to=WHO["email"], actor="t", at=NOW
    )
    path = Path(settings.MEDIA_ROOT) / "imports" / "0a.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("canary")
    OrderImport.objects.create(
        station=station, shop=shop, day=scenarios.DAY, file_name="orders.csv", path="imports/0a.csv", actor="t",
        state="done", errors=[{"line": 3, "cause": "Canarystreet 77 is unknown"}],
        diff={"rows": [{"phone": ["", WHO["phone"]]}]},
    )  # fmt: skip
    IdempotencyKey.objects.create(
        holder="s",
        key="k",
        body_hash="",
        status=201,
        answer={"email": WHO["email"], "recipient": "Canary Birdson"},
    )
    return {"station": station, "shop": shop, "mine": mine, "other": other[0], "file": path, "route": route}


def erase(world: Any) -> Any:
    return erase_recipient(
        found=find_by_order(order=world["mine"][0], within=Order.objects.all()), actor="user:mia", now=NOW
    )


def test_no_table_and_no_file_says_who_it_was(world: Any) -> None:
    """Every column of every table is read: what is added tomorrow and forgotten here fails this test."""
    assert all(sign in everything() for sign in SIGNS)
    token = token_of(world["mine"][0])
    counts = erase(world)
    text = everything()
    for sign in SIGNS:
        lines = [line for line in text.splitlines() if sign in line]
        assert not lines, lines
    assert OrderImport.objects.get().errors == [{"line": 3, "cause": "– is unknown"}]
    assert "somebody else" in text
    assert counts["orders"] == 2
    assert not world["file"].exists()
    files = Path(settings.MEDIA_ROOT) / "proofs"
    assert not any((files / f"{order.pk}.jpg").exists() for order in world["mine"])
    assert (files / f"{world['other'].pk}.jpg").exists()
    assert order_of(token) is None
    assert "60.171234" not in text


def test_numbers_and_what_happened_stay(world: Any) -> None:
    """The day page counts on: states, town, times, attempts, the hash of each picture, the ledger."""
    counted = (Attempt, ProofFile, Order)
    before = [model.objects.count() for model in counted]
    erase(world)
    order = Order.objects.get(pk=world["mine"][0].pk)
    assert (order.state, order.place, order.postcode, order.erased_at) == (
        "delivered",
        "Helsinki",
        "00100",
        NOW,
    )
    assert [model.objects.count() for model in counted] == before
    assert all(ProofFile.objects.values_list("sha256", flat=True))
    told = Event.objects.latest("pk")
    assert (told.name, told.actor) == ("data.erased", "user:mia")
    assert sorted(told.data["order_ids"]) == [one.pk for one in world["mine"]]


def test_a_neighbours_stop_keeps_its_address(world: Any) -> None:
    erase(world)
    assert world["other"].stops.get().address == world["other"].address
    assert world["mine"][0].stops.get().address == ""


def test_what_is_still_to_be_delivered_is_refused(world: Any) -> None:
    """A driver needs the address: nothing is erased by halves."""
    late = scenarios.make_orders(world["station"], world["shop"], 1, **WHO)[0]
    with pytest.raises(LastmileError, match="still_active") as refused:
        erase(world)
    assert late.number in refused.value.cause
    assert Order.objects.filter(erased_at=None).count() == 4
    Order.objects.filter(pk=late.pk).update(state=OrderState.CANCELLED)
    assert erase(world)["orders"] == 3


def test_a_recurring_order_is_ended_first_then_forgotten(world: Any) -> None:
    """Or tomorrow it would bring the name back."""
    row = RecurringOrder.objects.create(
        station=world["station"], shop=world["shop"], name="Canary weekly", first_day=scenarios.DAY, actor="t",
        fields={"phone": WHO["phone"], "recipient": "Canary Birdson", "weight_g": 5},
    )  # fmt: skip
    with pytest.raises(LastmileError, match="still_recurring"):
        erase(world)
    RecurringOrder.objects.update(active=False)
    erase(world)
    row.refresh_from_db()
    assert row.fields == {"weight_g": 5}
    assert "canary" not in row.name.casefold()


def test_asked_twice_it_says_so(world: Any) -> None:
    erase(world)
    with pytest.raises(LastmileError, match="erased_already"):
        find_by_order(order=Order.objects.get(pk=world["mine"][0].pk), within=Order.objects.all())
    with pytest.raises(LastmileError, match="nothing_found"):
        erase_recipient(
            found=find_by_phone(phone=WHO["phone"], within=Order.objects.all()), actor="t", now=NOW
        )


def test_the_command_shows_first(world: Any, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("erase", phone=WHO["phone"])
    assert "Nothing was erased" in capsys.readouterr().out
    call_command("erase", order=world["mine"][0].number, yes=True)
    assert "2 orders" in capsys.readouterr().out
    with pytest.raises(CommandError, match="nothing_found"):
        call_command("erase", phone=WHO["phone"], yes=True)


@pytest.fixture
def people(world: Any) -> dict[str, Client]:
    clients = {}
    for role in (Role.MANAGER, Role.DISPATCHER, Role.AUDITOR, Role.FLOOR, "stranger"):
        user = scenarios.make_person(f"p-{role}", role if role != "stranger" else None, world["station"])
        clients[str(role)] = Client()
        clients[str(role)].force_login(user)
    return clients


def test_the_page_shows_whom_and_erases_when_confirmed(world: Any, people: dict[str, Client]) -> None:
    """A number typed is the confirmation; a mistyped one changes nothing."""
    order, client = world["mine"][0], people["manager"]
    address = reverse("order-erase", args=[world["station"].pk, order.pk])
    shown = client.get(address)
    assert shown.status_code == 200
    assert "Canary Birdson" in shown.text
    assert "Somebody Else" not in shown.text
    assert client.post(address, {"number": "nonsense"}).status_code == 422
    assert Order.objects.filter(erased_at=None).count() == 3
    assert client.post(address, {"number": order.number}).status_code == 302
    assert Order.objects.filter(erased_at=None).count() == 1
    assert "erased before" in client.get(address).text


def test_who_may_erase_and_export(world: Any, people: dict[str, Client]) -> None:
    """Managers erase and export, auditors see no whole recipient; strangers see nothing there."""
    where = [world["station"].pk, world["mine"][0].pk]
    for name, may in {
        "order-erase": {"manager": 200, "auditor": 403, "dispatcher": 403, "floor": 403, "stranger": 404},
        "order-export": {"manager": 200, "auditor": 403, "dispatcher": 403, "floor": 403, "stranger": 404},
    }.items():
        for role, status in may.items():
            assert people[role].get(reverse(name, args=where)).status_code == status, (name, role)


def test_an_export_has_all_of_one_order_and_nothing_of_others(world: Any) -> None:
    """Fields, parcels, attempts, proof with its picture, events with who and when, the van near the stop."""
    order = world["mine"][0]
    stop = order.stops.get()
    issue_device(driver=world["route"].driver, now=NOW, name="phone")
    device = world["route"].driver.devices.get()
    for seq, minutes in enumerate((-10, -4, 0, 4, 20)):
        Position.objects.create(
            device=device, seq=seq, vehicle=world["route"].vehicle, lat=60, lng=24, device_at=NOW, server_at=NOW,
            fix_at=stop.arrived_at + timedelta(minutes=minutes),
        )  # fmt: skip
    with export_order(order=order, actor="user:mia", now=NOW) as made, zipfile.ZipFile(made) as archive:
        content = json.loads(archive.read("order.json"))
        sheet = archive.read("order.html").decode()
        picture = content["proofs"][0]["files"][0]
        assert archive.read(picture["file"]) == b"picture %d" % order.pk
        assert len(archive.namelist()) == 3
    assert content["order"]["recipient"] == "Canary Birdson"
    assert content["attempts"][0]["note"] == "canary was asleep"
    assert [event["name"] for event in content["events"]] == ["orders.changed"]
    assert content["events"][0]["actor"] == "test"
    assert len(content["positions"]) == 3
    assert content["stops"][0]["route"]["vehicle"] == world["route"].vehicle.name
    assert content["messages"][0]["to"] == WHO["email"]
    assert "Canarystreet 77" in sheet
    assert "Somebody Else" not in json.dumps(content) + sheet
    told = Event.objects.latest("pk")
    assert (told.name, told.data["detail"]) == ("data.exported", order.number)


def test_words_of_recipients_are_only_words_in_the_sheet(world: Any) -> None:
    order = world["mine"][0]
    Order.objects.filter(pk=order.pk).update(recipient="<script>alert(1)</script>")
    order.refresh_from_db()
    with export_order(order=order, actor="t", now=NOW) as made, zipfile.ZipFile(made) as archive:
        assert "<script>" not in archive.read("order.html").decode()


def test_retention_keeps_what_the_station_says(world: Any) -> None:
    """A day too old goes, one that is not stays; a dry run only counts; a second run finds nothing."""
    station = world["station"]
    later = NOW + timedelta(days=366)
    station.clock_wall = station.clock_business = NOW
    station.keep_people_days, station.keep_proofs_days = 365, 30
    station.save()
    LoginLink.objects.create(user=scenarios.make_person("x"), token_hash="h", expires_at=NOW)
    Job.objects.create(kind="k", actor="t", state=JobState.DONE, created_at=NOW)
    young = scenarios.make_orders(
        station, world["shop"], 1, day=later.date(), state=OrderState.CANCELLED, recipient="Young One"
    )[0]

    dry = spend_all(later, dry=True)
    assert (dry["orders"], dry["proof_files"], dry["sign_in_links"], dry["jobs"]) == (3, 3, 1, 1)
    assert "canary" in everything()
    spend_all(later)
    text = everything()
    assert "+358401119999" not in text
    assert "young one" in text
    assert Order.objects.get(pk=young.pk).erased_at is None
    assert not LoginLink.objects.exists()
    assert not spend_all(later)
    assert Event.objects.filter(name="data.erased", actor="system:retention").count() == 1


def spend_all(wall: datetime, *, dry: bool = False) -> dict[str, int]:
    total, _ = retention.spend(retention.keep(wall=wall, dry=dry), lambda *a: None, clock=lambda: 0.0)
    return dict(total)


def test_positions_go_by_the_stations_own_days(world: Any) -> None:
    """`keep_positions_days` of each station, by its own clock: an older fix goes, a younger and a neighbour's stay."""
    station = world["station"]
    other = scenarios.make_station("TKU")
    for row, days in ((station, 30), (other, 60)):
        row.clock_wall = row.clock_business = NOW
        row.keep_positions_days = days
        row.save()
    vehicles = {}
    for row in (station, other):
        shift = scenarios.make_fleet(row, n=1).shifts[0]
        vehicles[row] = shift.vehicle
        issue_device(driver=shift.driver, now=NOW, name="phone")
        for seq, age in enumerate((29, 31, 61)):
            Position.objects.create(
                device=shift.driver.devices.get(), seq=seq, vehicle=shift.vehicle, lat=60, lng=24, device_at=NOW,
                server_at=NOW, fix_at=NOW - timedelta(days=age),
            )  # fmt: skip

    def left(row: Any) -> list[int]:
        fixes = Position.objects.filter(vehicle=vehicles[row]).order_by("-fix_at")
        return [(NOW - fix.fix_at).days for fix in fixes]

    assert spend_all(NOW, dry=True)["positions"] == 3
    assert left(station) == [29, 31, 61]
    assert spend_all(NOW)["positions"] == 3
    assert (left(station), left(other)) == ([29], [29, 31])


def test_a_run_out_of_time_goes_on_in_the_next(world: Any) -> None:
    """Whole batches only; the job says that it is not through, so that an hour later another begins."""
    ticks = iter([0.0, 1.0, 1000.0])
    steps = iter(
        [
            ("HEL", retention.Counter(orders=5)),
            ("HEL", retention.Counter(orders=5)),
            ("", retention.Counter()),
        ]
    )
    total, finished = retention.spend(steps, lambda *a: None, clock=lambda: next(ticks))
    assert (total["orders"], finished) == (10, False)
    assert next(steps) == ("", {})


def test_one_night_has_one_run() -> None:
    """Rung every hour: while one waits it is the same; after one went through there is none until the next day."""
    night = datetime.now(UTC).replace(hour=3)
    first = retention.queue_nightly(wall=night)
    assert first is not None
    again = retention.queue_nightly(wall=night)
    assert again is not None
    assert again.pk == first.pk
    Job.objects.filter(pk=first.pk).update(state=JobState.DONE, result={"finished": False})
    second = retention.queue_nightly(wall=night)
    assert second is not None
    assert second.pk != first.pk
    Job.objects.filter(pk=second.pk).update(state=JobState.DONE, result={"finished": True})
    assert retention.queue_nightly(wall=night) is None
    assert retention.queue_nightly(wall=night + timedelta(days=1)) is not None
