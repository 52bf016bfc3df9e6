"""What one socket is owed: numbered frames all and in order, live frames only in their newest form."""

import asyncio
import json
from typing import Any

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
    assert not outbox.overflown
    put(outbox, numbered(live.OUTBOX_LIMIT))
    assert outbox.overflown


def test_an_empty_outbox_sleeps_until_something_comes() -> None:
    async def story() -> None:
        outbox = live.Outbox()
        assert outbox.take() is None
        assert not outbox.ready.is_set()
        put(outbox, numbered(1))
        await asyncio.wait_for(outbox.ready.wait(), 1)
        assert outbox.take() is not None

    asyncio.run(story())


def test_a_socket_owing_nothing_numbered_never_overflows_by_positions() -> None:
    """Positions alone must never cost anybody the connection."""
    outbox = live.Outbox()
    for step in range(live.OUTBOX_LIMIT * 3):
        put(outbox, moved(step, 60.0))
    assert not outbox.overflown
    assert len(take_all(outbox)) == 1
