"""The ledger, which is the outbox: nothing committed may be lost, doubled in number, or told out of order."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import OperationalError, transaction

from lastmile import bus, live
from lastmile.kernel import events
from lastmile.management.commands import publish
from lastmile.models import DeadLetter, Event, Stream, Subscription

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only this test's subscribers and patches; the doorbell is not what is tested."""
    monkeypatch.setattr(bus, "_subscribers", {})
    monkeypatch.setattr(bus, "_patches", [])
    monkeypatch.setattr(bus, "ring", lambda: None)


@pytest.fixture
def pushed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, dict[str, Any]]]:
    frames: list[tuple[int, dict[str, Any]]] = []
    monkeypatch.setattr(live, "push", lambda station_id, frame: frames.append((station_id, frame)))
    return frames


def changed(station_id: int | None, *order_ids: int) -> events.OrdersChanged:
    return events.OrdersChanged(station_id=station_id, what="created", order_ids=list(order_ids))


def tell(station_id: int | None, *order_ids: int) -> None:
    with transaction.atomic():
        bus.publish(changed(station_id, *order_ids), actor="test", at=NOW)


@pytest.mark.django_db(transaction=True)
def test_publishing_needs_a_transaction() -> None:
    """A row written by itself would be told although the change it tells was rolled back."""
    with pytest.raises(transaction.TransactionManagementError, match=r"orders\.changed must be published"):
        bus.publish(changed(1), actor="test", at=NOW)


@pytest.mark.django_db
def test_a_rolled_back_change_tells_nothing() -> None:
    """The outbox's whole point: the row lives and dies with the change."""
    with transaction.atomic():
        bus.publish(changed(1), actor="test", at=NOW)
        transaction.set_rollback(True)
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_numbers_have_no_gaps_within_a_station(pushed: list[Any]) -> None:
    """A page notices a lost frame by a gap, so there must be none of our own making: also over several rounds."""
    for station_id, count in ((1, 3), (2, 2), (1, 2), (None, 1)):
        for number in range(count):
            tell(station_id, number)
        bus.drain()
    rows = Event.objects.order_by("position")
    assert [row.position for row in rows] == list(range(1, 9))
    assert [row.seq for row in rows if row.station_id == 1] == [1, 2, 3, 4, 5]
    assert [row.seq for row in rows if row.station_id == 2] == [1, 2]
    assert [row.seq for row in rows if row.station_id == 0] == [None]
    assert Stream.objects.get(station_id=1).last == 5
    assert [frame["seq"] for station, frame in pushed if station == 1] == [1, 2, 3, 4, 5]


@pytest.mark.django_db
def test_more_rows_than_one_batch_are_numbered_in_the_order_they_were_written() -> None:
    """After a pause of the publisher the backlog is larger than a batch: order and count must hold."""
    for number in range(7):
        tell(1, number)
    numbered = [*bus.number(limit=3), *bus.number(limit=3), *bus.number(limit=3)]
    assert [row.data["order_ids"][0] for row in numbered] == list(range(7))
    assert bus.number() == []


@pytest.mark.django_db
def test_screens_get_the_changed_cards_with_the_event(pushed: list[Any]) -> None:
    """One frame carries event and cards: a page never has to ask what an event means."""
    bus.add_patch(lambda rows: {row.pk: {"orders": row.data["order_ids"]} for row in rows})
    bus.add_patch(lambda rows: {row.pk: {"routes": []} for row in rows})
    tell(4, 8, 9)
    bus.drain()
    station, frame = pushed[0]
    assert (station, frame["name"], frame["actor"]) == (4, "orders.changed", "test")
    assert frame["patch"] == {"orders": [8, 9], "routes": []}


@pytest.mark.django_db
def test_a_station_less_event_reaches_no_screen(pushed: list[Any]) -> None:
    """Events of the installation itself (the job queue) are nobody's screen's business."""
    tell(None, 1)
    assert bus.drain() == 1
    assert pushed == []


@pytest.mark.django_db
def test_live_only_events_are_pushed_and_never_stored(pushed: list[Any]) -> None:
    """A position is worth nothing a second later; storing it in the ledger would only make it slow."""
    bus.publish(events.VehiclesMoved(station_id=3, vehicles=[]), actor="test", at=NOW)
    assert pushed == [(3, {"type": "live", "name": "vehicles.moved", "data": {"vehicles": []}})]
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_a_subscriber_hears_its_kinds_once_and_in_order(pushed: list[Any]) -> None:
    heard: list[int] = []
    bus.subscribe("listener", {events.OrdersChanged}, lambda row: heard.append(row.data["order_ids"][0]))
    tell(1, 10)
    with transaction.atomic():
        bus.publish(events.ClockChanged(station_id=1), actor="test", at=NOW)
    tell(2, 11)
    bus.drain()
    bus.drain()
    assert heard == [10, 11]
    assert Subscription.objects.get(name="listener").position == 3


@pytest.mark.django_db
def test_a_crash_between_handling_and_noting_means_hearing_it_again(pushed: list[Any]) -> None:
    """At least once: the cursor moves after the work, so a kill in between repeats and never skips."""
    heard: list[int] = []

    def handle(row: Event) -> None:
        heard.append(row.data["order_ids"][0])
        if len(heard) == 2:
            raise KeyboardInterrupt  # no Exception: stands for the process being killed here

    bus.subscribe("listener", {events.OrdersChanged}, handle)
    tell(1, 10)
    tell(1, 11)
    with pytest.raises(KeyboardInterrupt):
        bus.drain()
    bus.drain()
    assert heard == [10, 11, 10, 11]


@pytest.mark.django_db
def test_what_cannot_be_taken_is_laid_aside_after_three_tries(pushed: list[Any]) -> None:
    """One poisonous event must stop neither the events after it nor the other subscribers."""
    tries: list[int] = []
    heard: list[int] = []

    def poisoned(row: Event) -> None:
        tries.append(row.data["order_ids"][0])
        if row.data["order_ids"][0] == 10:
            raise ValueError("cannot digest 10")

    bus.subscribe("poisoned", {events.OrdersChanged}, poisoned)
    bus.subscribe("healthy", {events.OrdersChanged}, lambda row: heard.append(row.data["order_ids"][0]))
    tell(1, 10)
    tell(1, 11)
    bus.drain()
    assert tries == [10, 10, 10, 11]
    assert heard == [10, 11]
    letter = DeadLetter.objects.get()
    assert (letter.subscriber, letter.event.data["order_ids"]) == ("poisoned", [10])
    assert letter.error == "ValueError: cannot digest 10"


@pytest.mark.django_db
def test_drain_also_delivers_what_handlers_publish(pushed: list[Any]) -> None:
    """A chain of events ends in the same drain, not a poll later."""
    heard: list[str] = []

    def chain(row: Event) -> None:
        heard.append(row.name)
        if row.name == "orders.changed":
            with transaction.atomic():
                bus.publish(events.ClockChanged(station_id=1), actor="test", at=NOW)

    bus.subscribe("chain", {events.OrdersChanged, events.ClockChanged}, chain)
    tell(1, 1)
    bus.drain()
    assert heard == ["orders.changed", "clock.changed"]


@pytest.mark.django_db(transaction=True)
def test_a_missing_server_delays_and_never_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker may be down for minutes: writes still succeed, the publisher polls."""
    monkeypatch.undo()
    monkeypatch.setattr(bus, "_client", None)
    monkeypatch.setattr("django.conf.settings.LEDGER_DOORBELL_URL", "unix:///nowhere/at/all.sock?db=2")
    tell(1, 1)
    assert Event.objects.count() == 1
    monkeypatch.setattr(bus, "_client", None)


def test_every_event_has_a_name_of_its_own() -> None:
    """Webhooks, pages and logs know events by name alone."""
    names = {kind.__name__: kind.name for kind in events.Event.__subclasses__()}
    assert len(set(names.values())) == len(names)
    assert all(name.count(".") == 1 for name in names.values())
    assert events.vocabulary()["orders.changed"] is events.OrdersChanged


@pytest.mark.django_db
def test_a_fault_in_a_card_ends_neither_publisher_nor_delivery(pushed: list[Any]) -> None:
    """Pages notice the missing number and take a snapshot; jobs and webhooks must not wait for a screen's fault."""
    heard: list[str] = []

    def fault(rows: list[Event]) -> dict[int, dict[str, Any]]:
        raise KeyError("a card of a deleted row")

    bus.add_patch(fault)
    bus.subscribe("listener", {events.OrdersChanged}, lambda row: heard.append(row.name))
    tell(1, 1)
    assert bus.drain() == 1
    assert pushed == []
    assert heard == ["orders.changed"]


@pytest.mark.django_db
def test_a_subscriber_reads_past_batches_that_are_not_for_it(pushed: list[Any]) -> None:
    """A job queued behind a thousand order events must not wait a poll for each batch of them."""
    heard: list[int] = []
    bus.subscribe("jobs", {events.JobQueued}, lambda row: heard.append(row.data["job_id"]))
    for number in range(501):
        Event.objects.create(station_id=1, name="orders.changed", data={"n": number}, actor="test", at=NOW)
    with transaction.atomic():
        bus.publish(events.JobQueued(station_id=None, job_id=7), actor="test", at=NOW)
    bus.drain()
    assert heard == [7]


@pytest.mark.django_db
def test_a_number_whose_frame_was_lost_is_told_by_the_next_beat(
    pushed: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database went away between numbering and building the cards: the row is numbered, so no later round shows
    it, and only the beat lets a page know that there is something to fetch."""
    reached = True

    def build(rows: list[Event]) -> dict[int, dict[str, Any]]:
        if not reached:
            raise OperationalError("the database went away")
        return {}

    bus.add_patch(build)
    tell(1, 1)
    bus.drain()
    reached = False
    tell(1, 2)
    with pytest.raises(OperationalError):
        bus.drain()
    reached = True
    bus.drain()
    assert [frame["seq"] for _, frame in pushed] == [1], "number 2 was never shown"
    publish.beat()
    station, beat = pushed[-1]
    assert (station, beat["type"], beat["seq"]) == (1, "beat", 2)
    assert beat["epoch"] == Stream.objects.get(station_id=1).epoch
    tell(1, 3)
    bus.drain()
    assert pushed[-1][1]["seq"] == 3, "and the next event shows the gap as well"


@pytest.mark.django_db
def test_screens_learn_no_more_of_a_guarded_event_than_its_number(pushed: list[Any]) -> None:
    """Who signed in from where is for the audit page; without the number every open board would see a gap."""
    signed_in = events.PersonChanged(station_id=1, what="signed_in", person="maija", detail="10.0.0.7")
    with transaction.atomic():
        bus.publish(signed_in, actor="user:maija", at=NOW)
    bus.screen(bus.number())
    [(_, frame)] = pushed
    assert (frame["seq"], frame["actor"], frame["data"]) == (1, "", {})
    assert "maija" not in str(frame)
