"""Storing batches of fixes: one transaction for all that came in during one beat of the writer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from dispatch.models import LivePosition
from dispatch.services.positions import Pin, move_pins
from lastmile.kernel.errors import LastmileError
from tracking.engine.model import Event, Fix, Flagged, Limits, State
from tracking.engine.run import run_batch
from tracking.models import Device, Position
from tracking.services.devices import allowed_devices, note_heard
from tracking.services.duty import Duty, duties
from tracking.services.trail import PositionRow, store_rows

SKEW_NOTED = timedelta(minutes=2)
WAY = timedelta(seconds=5)  # of wall time: a report may take this long to come in
DEVICES_A_QUERY = 100  # each adds a branch to the WHERE, and databases limit their depth
LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class RawFix:
    """A fix as the phone sent it: `at` by the phone's clock."""

    seq: int
    at: datetime
    lat: float
    lng: float
    accuracy: float | None
    speed: float | None
    heading: float | None
    battery: float | None


@dataclass(frozen=True, slots=True)
class Batch:
    """What one request brought: `received` is wall time."""

    token_hash: str
    sent_at: datetime
    fixes: Sequence[RawFix]
    received: datetime


@dataclass(frozen=True, slots=True)
class Stored:
    """The answer to one batch; `off_duty` fixes were not stored."""

    stored: int
    duplicates: int
    flagged: int
    off_duty: int

    def card(self) -> dict[str, int]:
        return {
            "stored": self.stored,
            "duplicates": self.duplicates,
            "flagged": self.flagged,
            "off_duty": self.off_duty,
        }


@dataclass(slots=True)
class Work:
    """A batch on its way: whose it is, its fixes in the station's time, and on which duty each was made."""

    batch: Batch
    device: Device
    skew: timedelta
    now: datetime
    fixes: list[tuple[RawFix, datetime, Duty]] = field(default_factory=list)
    off_duty: int = 0
    duplicates: int = 0
    flagged: int = 0


class Ingest:
    """Stores batches. Keeps each vehicle's engine state between beats; the rows are the truth if they differ."""

    def __init__(self) -> None:
        self.states: dict[int, State] = {}

    def store(self, batches: Sequence[Batch]) -> tuple[list[Stored | LastmileError], list[Pin]]:
        """An answer for each batch, in order, and the pins that moved. All is committed on return."""
        devices = allowed_devices([batch.token_hash for batch in batches])
        works = [self._work(batch, devices.get(batch.token_hash)) for batch in batches]
        known = [work for work in works if work is not None]
        self._assign(known)
        with transaction.atomic():
            pins = self._store(known)
            note_heard([(work.device, work.batch.received) for work in known])
        return [self._answer(work) for work in works], pins

    @staticmethod
    def _work(batch: Batch, device: Device | None) -> Work | None:
        if device is None:
            return None
        clock = device.driver.station.clock
        now = clock.at(batch.received)
        return Work(batch, device, _skew(now - batch.sent_at, clock.speed), now)

    @staticmethod
    def _assign(works: list[Work]) -> None:
        """Correct the phones' clocks and find the duty of each fix."""
        moments = [fix.at + work.skew for work in works for fix in work.batch.fixes]
        if not moments:
            return
        found = duties({work.device.driver_id for work in works}, min(moments), max(moments))
        for work in works:
            hours = found.get(work.device.driver_id, [])
            for raw in work.batch.fixes:
                at = raw.at + work.skew
                duty = next((each for each in hours if each.covers(at)), None)
                if duty is None:
                    work.off_duty += 1
                else:
                    work.fixes.append((raw, at, duty))

    def _store(self, works: list[Work]) -> list[Pin]:
        seen = _known(works)
        rows: list[PositionRow] = []
        changed: dict[int, Pin] = {}
        self._load({duty.vehicle_id for work in works for _, _, duty in work.fixes})
        for work in works:
            fresh = _fresh(work, seen)
            for duty in dict.fromkeys(duty for _, _, duty in fresh):
                fixes = [_fix(raw, at, work.now) for raw, at, own in fresh if own == duty]
                flags = self._judge(work, duty, fixes, changed)
                raws = {raw.seq: raw for raw, _, own in fresh if own == duty}
                rows += [_row(work, duty, raws[fix.seq], fix, flags[fix.seq]) for fix in fixes]
        store_rows(rows)
        return move_pins(pins=list(changed.values()))

    def _load(self, vehicle_ids: set[int]) -> None:
        """Begin from the rows where another process, or an earlier life of this one, knows better."""
        for live in LivePosition.objects.filter(vehicle_id__in=vehicle_ids):
            state = self.states.get(live.vehicle_id)
            if state is None or state.pin is None or state.pin.at != live.fix_at:
                self.states[live.vehicle_id] = _state(live)
            vehicle_ids.discard(live.vehicle_id)
        for unknown in vehicle_ids:
            self.states.pop(unknown, None)

    def _judge(
        self, work: Work, duty: Duty, fixes: list[Fix], changed: dict[int, Pin]
    ) -> dict[int, tuple[str, ...]]:
        """Run the engine over a batch; flags by sequence number."""
        before = self.states.get(duty.vehicle_id, State())
        after, told = run_batch(before, fixes, LIMITS)
        self.states[duty.vehicle_id] = after
        if after.pin is not None and after.pin != before.pin:
            changed[duty.vehicle_id] = _pin(duty.vehicle_id, work.device.driver.station_id, after, after.pin)
        flags = {fix.seq: _flags(events, work.skew) for fix, events in told}
        work.flagged += sum(bool(each) for each in flags.values())
        return flags

    @staticmethod
    def _answer(work: Work | None) -> Stored | LastmileError:
        if work is None:
            return LastmileError(
                "not_authenticated",
                "The token is unknown, expired or revoked.",
                "Ask your dispatcher to connect this phone again.",
                status=401,
            )
        if not work.fixes:
            return LastmileError(
                "off_duty",
                "There is no released route of this driver at that time.",
                "Send positions from the release of a route to its end only.",
                status=403,
            )
        stored = len(work.fixes) - work.duplicates
        return Stored(stored, work.duplicates, work.flagged, work.off_duty)


def _skew(off: timedelta, speed: float) -> timedelta:
    """How wrong a phone's clock is. No more than the way takes is the way: added to the fixes of a slow batch,
    it would put them after those of the next one, and a fast clock makes minutes of a second."""
    return off if abs(off) > WAY * speed else timedelta(0)


def _known(works: list[Work]) -> set[tuple[int, int]]:
    """(device, seq) of fixes that are stored already."""
    spans: dict[int, tuple[int, int]] = {}
    for work in works:
        for raw, _, _ in work.fixes:
            low, high = spans.get(work.device.pk, (raw.seq, raw.seq))
            spans[work.device.pk] = min(low, raw.seq), max(high, raw.seq)
    found: set[tuple[int, int]] = set()
    devices = list(spans.items())
    for start in range(0, len(devices), DEVICES_A_QUERY):
        wanted = Q()
        for device_id, span in devices[start : start + DEVICES_A_QUERY]:
            wanted |= Q(device_id=device_id, seq__range=span)
        found.update(Position.objects.filter(wanted).values_list("device_id", "seq"))
    return found


def _fresh(work: Work, seen: set[tuple[int, int]]) -> list[tuple[RawFix, datetime, Duty]]:
    fresh = []
    for raw, at, duty in work.fixes:
        key = (work.device.pk, raw.seq)
        if key in seen:
            work.duplicates += 1
            continue
        seen.add(key)
        fresh.append((raw, at, duty))
    return fresh


def _fix(raw: RawFix, at: datetime, now: datetime) -> Fix:
    return Fix(
        seq=raw.seq,
        at=at,
        lat=raw.lat,
        lng=raw.lng,
        received=now,
        accuracy_m=raw.accuracy,
        speed_mps=raw.speed,
        heading=raw.heading,
    )


def _row(work: Work, duty: Duty, raw: RawFix, fix: Fix, flags: tuple[str, ...]) -> PositionRow:
    return PositionRow(
        device_id=work.device.pk,
        seq=raw.seq,
        vehicle_id=duty.vehicle_id,
        route_id=duty.route_id,
        fix_at=fix.at,
        device_at=raw.at,
        server_at=work.batch.received,
        lat=raw.lat,
        lng=raw.lng,
        accuracy_m=raw.accuracy,
        speed_mps=raw.speed,
        heading=None if raw.heading is None else raw.heading % 360,
        battery=raw.battery,
        flags=",".join(flags),
    )


def _flags(events: Sequence[Event], skew: timedelta) -> tuple[str, ...]:
    """What the engine doubted; a phone clock far off is noted as well, though its fixes are corrected and used."""
    flags = [flag for event in events if isinstance(event, Flagged) for flag in event.flags]
    return (*flags, "skew") if abs(skew) > SKEW_NOTED else tuple(flags)


def _state(live: LivePosition) -> State:
    pin = Fix(
        seq=-1,
        at=live.fix_at,
        lat=live.lat,
        lng=live.lng,
        received=live.fix_at,
        speed_mps=live.speed_mps,
        heading=live.heading,
    )
    anchor_at = live.still_since or live.fix_at
    return State(pin, live.moving_since, live.still_since, (live.lat, live.lng), anchor_at)


def _pin(vehicle_id: int, station_id: int, state: State, fix: Fix) -> Pin:
    return Pin(
        vehicle_id=vehicle_id,
        station_id=station_id,
        lat=fix.lat,
        lng=fix.lng,
        heading=None if fix.heading is None else fix.heading % 360,
        speed_mps=fix.speed_mps,
        at=fix.at,
        moving_since=state.moving_since,
        still_since=state.still_since,
    )
