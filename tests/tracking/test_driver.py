"""A simulated driver's day without a network, and a phone whose server goes away."""

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.tracking.test_simulation import EIGHT, card, north, stop
from tracking.simulation.driver import Driver
from tracking.simulation.habits import Habits
from tracking.simulation.path import Spot
from tracking.simulation.phone import OfflineError, Phone, Reply


class Clock:
    """Jumps to whatever is waited for, ten seconds at a time."""

    def __init__(self):
        self.time = EIGHT

    def now(self):
        return self.time

    def wait(self, until, most_wall_s):
        self.time = min(until, self.time + timedelta(seconds=10))


class Wire:
    """Stands in for the connection: answers all, or is down."""

    def __init__(self):
        self.asked, self.down = [], False

    def ask(self, method, path, body=None):
        if self.down:
            raise OfflineError("down")
        self.asked.append((path, body))
        return Reply(200, {})


def make_phone():
    phone = Phone("http://127.0.0.1:1", "lmd_x", lambda: EIGHT)
    phone.line = Wire()
    return phone


def test_a_driver_starts_visits_every_stop_in_order_and_comes_back():
    """The API hears the whole day, and fixes keep coming at least every minute."""
    route = card(stop(1, 1000), stop(2, 2000), stop(3, 3000))
    route |= {"id": 9, "day": "2026-03-10", "state": "released", "start_at": EIGHT.isoformat()}
    phone = make_phone()
    zone = ZoneInfo("Europe/Helsinki")
    Driver(card=route, phone=phone, clock=Clock(), habits=Habits(1, "Anna"), zone=zone).live()
    reports = [path for path, body in phone.line.asked if body is not None and "positions" not in path]
    assert reports[0] == "/api/v1/routes/9/start/"
    assert [path.split("/")[4] for path in reports[1:-1]] == ["1", "1", "2", "2", "3", "3"]
    assert reports[-1] == "/api/v1/routes/9/finish/"
    sent = [body["fixes"] for path, body in phone.line.asked if path == "/api/v1/positions/"]
    fixes = [fix for batch in sent for fix in batch]
    assert [fix["seq"] for fix in fixes] == list(range(1, len(fixes) + 1))
    times = [datetime.fromisoformat(fix["at"]) for fix in fixes]
    gaps = [late - early for early, late in itertools.pairwise(times)]
    assert max(gaps) <= timedelta(seconds=125)
    assert min(gaps) >= timedelta(0)


def test_what_could_not_be_sent_is_sent_later_in_order(monkeypatch):
    """A server that restarts must find the arrival before the delivery, then the fixes."""
    phone = make_phone()
    phone.line.down = True
    phone.record(Spot(EIGHT, *north(0), 5.0, 0.0))
    assert phone.report("/arrive/", {"n": 1}) is None
    assert phone.report("/deliver/", {"n": 2}) is None
    phone.line.down = False
    assert phone.flush() is None, "it pauses before it tries again"
    monkeypatch.setattr(phone, "again_at", 0.0)
    assert phone.flush().ok
    assert [path for path, _ in phone.line.asked] == ["/arrive/", "/deliver/", "/api/v1/positions/"]
    assert not phone.outbox
    assert not phone.fixes


def test_each_sending_says_when_it_was_sent():
    """The server corrects the phone's clock by it, so an old report must not carry an old sending time."""
    phone = make_phone()
    phone.report("/arrive/", {})
    assert phone.line.asked[0][1]["sent_at"] == EIGHT.astimezone(UTC).isoformat()


@pytest.mark.parametrize("address", ["ftp://x", "nonsense", "http://"])
def test_an_address_that_is_none_is_refused(address):
    """A typing error should not look like a server that is down."""
    with pytest.raises(ValueError, match="no http address"):
        Phone(address, "lmd_x", lambda: EIGHT)
