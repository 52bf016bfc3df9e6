"""What one socket is owed: numbered frames all and in order, live frames only in their newest form."""

import asyncio
import json
from typing import Any

import pytest

from lastmile import live


def put(outbox: live.Outbox, frame: dict[str, Any]) -> None:
    outbox.put(frame, json.dumps(frame))


def take_all(outbox: live.Outbox) -> list[dict[str, Any]]:
    taken = []
    while (text := outbox.take()) is not None:
        taken.append(json.loads(text))
    return taken


def numbered(seq: int) -> dict[str, Any]:
    return {"type": "event", "seq": seq, "name": "orders.changed", "data": {}, "patch": {}}


def moved(vehicle: int, lat: float) -> dict[str, Any]:
    return {"type": "live", "name": "vehicles.moved", "data": {"vehicles": [{"id": vehicle, "lat": lat}]}}


def progressed(plan: int, cost: int) -> dict[str, Any]:
    return {"type": "live", "name": "plan.progressed", "data": {"plan_id": plan, "cost_cents": cost}}


def test_numbered_frames_keep_their_order_and_go_first() -> None:
    """A gap or a swap in the numbers costs the page a whole snapshot."""
    outbox = live.Outbox()
    put(outbox, moved(1, 60.1))
    for seq in (5, 6, 7):
        put(outbox, numbered(seq))
    frames = take_all(outbox)
    assert [frame.get("seq") for frame in frames] == [5, 6, 7, None]


def test_only_the_newest_position_of_each_van_is_kept() -> None:
    """A page that slept a minute gets one frame with where the vans are, not a minute of where they were."""
    outbox = live.Outbox()
    for step in range(1_000):
        put(outbox, moved(step % 3, 60 + step / 10_000))
    (frame,) = take_all(outbox)
    assert {vehicle["id"]: vehicle["lat"] for vehicle in frame["data"]["vehicles"]} == {
        0: 60.0999,
        1: 60.0997,
        2: 60.0998,
    }


def test_progress_is_coalesced_for_each_plan() -> None:
    """Two plans progress side by side: each keeps its newest figure, the older waits first."""
    outbox = live.Outbox()
    for frame in (progressed(1, 900), progressed(2, 800), progressed(1, 700)):
        put(outbox, frame)
    assert [(f["data"]["plan_id"], f["data"]["cost_cents"]) for f in take_all(outbox)] == [(2, 800), (1, 700)]


def test_a_page_that_stopped_reading_is_given_up_not_buffered_for_ever() -> None:
    """Memory per socket is bounded: past the limit the socket is closed and comes back by snapshot."""
    outbox = live.Outbox()
    for seq in range(live.OUTBOX_LIMIT):
        put(outbox, numbered(seq))
    assert not outbox.closing
    put(outbox, moved(1, 60.0))
    put(outbox, progressed(1, 900))
    put(outbox, numbered(live.OUTBOX_LIMIT))
    assert outbox.closing == live.TOO_SLOW
    for frame in (numbered(900), moved(2, 60.0), progressed(2, 800)):
        put(outbox, frame)
    assert (outbox.numbered, outbox.moved, outbox.newest) == ([], {}, {}), "closing takes time: keep nothing"


def test_an_empty_outbox_sleeps_until_something_comes() -> None:
    async def story() -> None:
        outbox = live.Outbox()
        assert outbox.take() is None
        assert not outbox.ready.is_set()
        put(outbox, numbered(1))
        await asyncio.wait_for(outbox.ready.wait(), 10)
        assert outbox.take() is not None

    asyncio.run(story())


def test_a_socket_owing_nothing_numbered_never_overflows_by_positions() -> None:
    """Positions alone must never cost anybody the connection."""
    outbox = live.Outbox()
    for step in range(live.OUTBOX_LIMIT * 3):
        put(outbox, moved(step, 60.0))
    assert not outbox.closing
    assert len(take_all(outbox)) == 1


class Layer:
    """A channel layer that can be out of reach: the one thing a real server cannot be told to be, just once."""

    def __init__(self) -> None:
        self.away = False
        self.queue: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self.groups: set[str] = set()

    async def new_channel(self) -> str:
        await asyncio.sleep(0)
        if self.away:
            raise ConnectionRefusedError("nobody listens")
        return "channel"

    async def group_add(self, group: str, channel: str) -> None:
        self.groups.add(group)

    async def group_discard(self, group: str, channel: str) -> None:
        self.groups.discard(group)
        if self.away:
            raise ConnectionRefusedError("nobody listens")

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        await asyncio.Event().wait()

    async def receive(self, channel: str) -> dict[str, str]:
        return await self.queue.get()


@pytest.fixture
def layer(monkeypatch: pytest.MonkeyPatch) -> Layer:
    made = Layer()
    monkeypatch.setattr(live, "get_channel_layer", lambda: made)
    return made


def test_a_layer_that_is_away_costs_the_first_sockets_and_nobody_after_them(layer: Layer) -> None:
    """A dead reader left in its place made every later screen of the station deaf until a restart."""

    async def story() -> None:
        hub, early, late, again = live.Hub(), live.Outbox(), live.Outbox(), live.Outbox()
        layer.away = True
        refused = await asyncio.gather(hub.join(1, early), hub.join(1, late), return_exceptions=True)
        assert [type(error) for error in refused] == [OSError, OSError], "both waited for the same reader"
        assert (hub.topics, hub.readers) == ({}, {})
        layer.away = False
        await hub.join(1, again)
        layer.queue.put_nowait({"text": json.dumps(numbered(1))})
        await asyncio.wait_for(again.ready.wait(), 10)
        assert [frame["seq"] for frame in take_all(again)] == [1]
        assert (take_all(early), take_all(late)) == ([], [])
        hub.leave(1, again)

    asyncio.run(story())


def test_a_subscription_that_breaks_sends_its_pages_for_a_snapshot(layer: Layer) -> None:
    """What was sent meanwhile is lost, so a page that stayed would show an old day as if it were the present."""

    async def story() -> None:
        hub, before, after = live.Hub(), live.Outbox(), live.Outbox()
        await hub.join(1, before)
        layer.queue.put_nowait({"text": "no frame"})
        await asyncio.wait_for(before.ready.wait(), 10)
        assert before.closing == live.COME_BACK
        await hub.join(1, after)
        hub.leave(1, before)
        layer.queue.put_nowait({"text": json.dumps(numbered(2))})
        await asyncio.wait_for(after.ready.wait(), 10)
        assert [frame["seq"] for frame in take_all(after)] == [2]
        hub.leave(1, after)

    asyncio.run(story())


def test_the_last_to_leave_ends_the_subscription_also_without_a_server(layer: Layer) -> None:
    """Nobody looks at the station any more: its frames must not go on being sent here."""

    async def story() -> None:
        hub, outbox = live.Hub(), live.Outbox()
        await hub.join(1, outbox)
        task = hub.readers[live.topic(1)].task
        layer.away = True
        hub.leave(1, outbox)
        hub.leave(1, outbox)
        await asyncio.wait([task], timeout=1)
        assert task.cancelled()
        assert (hub.topics, hub.readers, layer.groups) == ({}, {}, set())

    asyncio.run(story())


def test_a_server_that_does_not_answer_delays_the_sender_and_no_more(
    layer: Layer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A stopped (not dead) Valkey keeps its connections open: without a limit the publisher would wait for ever."""
    monkeypatch.setattr(live, "SEND_S", 0.05)
    live.push(1, {"type": "beat", "seq": 1, "epoch": "e"})
    assert "live updates delayed" in caplog.text
