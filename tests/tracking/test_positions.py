"""Fixes from phones: what is stored, what is believed, and what is refused, through the real address."""

import gzip
import json
from datetime import UTC, datetime, timedelta

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient
from django.utils import timezone

from dispatch.models import LivePosition, Station
from tests.scenarios import DAY, make_orders, make_route, make_shop, make_station
from tracking.models import Device, Position
from tracking.services.devices import issue_device, revoke_device
from tracking.services.trail import PositionRow, store_rows

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/positions/"


class Phone:
    """A driver's phone whose clock may be wrong by `skew`."""

    def __init__(self, route, skew=timedelta(0)):
        self.route, self.skew = route, skew
        self.token = issue_device(driver=route.driver, now=timezone.now())
        self.station = route.station

    def fix(self, seq, ago=0.0, north_m=0.0, **more):
        at = self.station.now() + self.skew - timedelta(seconds=ago)
        return {"seq": seq, "at": at.isoformat(), "lat": 60.17 + north_m / 111_195, "lng": 24.94, **more}

    def send(self, *fixes, **more):
        body = {"sent_at": (self.station.now() + self.skew).isoformat(), "fixes": list(fixes)} | more
        return self.post(json.dumps(body).encode())

    def post(self, content, **headers):
        return post(content, self.token, **headers)


def post(content, token=None, **headers):
    known = {"authorization": f"Bearer {token}"} if token else {}

    async def call():
        return await AsyncClient().post(
            URL, content, content_type="application/json", headers=known | headers
        )

    return async_to_sync(call)()


def ten_oclock(code="HEL"):
    return make_station(code, clock_business=datetime(2026, 3, 10, 8, tzinfo=UTC))


def make_phone(state="departed", skew=timedelta(0), **fields):
    station = ten_oclock()
    orders = make_orders(station, make_shop(station), 2)
    return Phone(make_route(station, DAY, orders, state=state, **fields), skew)


def counts(response):
    assert response.status_code == 200, response.content
    return response.json()


def pin(phone):
    return LivePosition.objects.get(vehicle=phone.route.vehicle)


def test_fixes_are_stored_once_and_move_the_pin():
    """The answer comes after the commit; what is sent again is counted, not stored."""
    phone = make_phone()
    fixes = [phone.fix(n, ago=30 - n * 10, north_m=n * 50, speed=5, heading=360) for n in range(3)]
    assert counts(phone.send(*fixes)) == {"stored": 3, "duplicates": 0, "flagged": 0, "off_duty": 0}
    assert counts(phone.send(*fixes, fixes[0]))["duplicates"] == 4
    assert Position.objects.count() == 3
    row = Position.objects.get(seq=2)
    assert (row.route_id, row.vehicle_id, row.heading) == (phone.route.pk, phone.route.vehicle_id, 0)
    assert pin(phone).fix_at == row.fix_at
    assert pin(phone).moving_since is not None


def test_rows_hold_what_the_phone_said():
    """They are written past the model: each column by itself, empty ones empty, times in UTC."""
    phone = make_phone()
    full = {"accuracy": 5.5, "speed": 3.25, "heading": 270.5, "battery": 0.5}
    counts(phone.send(phone.fix(7, ago=20, **full), phone.fix(8, ago=10, north_m=100)))
    first, second = Position.objects.order_by("seq")
    said = (first.accuracy_m, first.speed_mps, first.heading, first.battery)
    assert said == (5.5, 3.25, 270.5, 0.5)
    assert (second.accuracy_m, second.speed_mps, second.heading, second.battery) == (None,) * 4
    assert (second.lat, second.lng) == (60.17 + 100 / 111_195, 24.94)
    assert (first.fix_at, first.device.driver) == (first.device_at, phone.route.driver)
    assert timedelta(seconds=9) < second.fix_at - first.fix_at < timedelta(seconds=11)
    assert abs((first.server_at - timezone.now()).total_seconds()) < 20


def test_a_fix_that_somebody_stored_meanwhile_costs_nothing_else():
    """Two web processes with the same batch: the database refuses the second row, not the whole beat."""
    phone = make_phone()
    counts(phone.send(phone.fix(1, ago=20)))
    row = Position.objects.get()
    known = PositionRow(**{name: getattr(row, name) for name in PositionRow._fields})
    store_rows([known._replace(lat=61.0), known._replace(seq=2), known._replace(seq=2, lat=61.0)])
    assert list(Position.objects.order_by("seq").values_list("seq", "lat")) == [(1, row.lat), (2, row.lat)]


def test_doubted_fixes_are_kept_with_their_flag_and_move_nothing():
    """Late, imprecise, wild and future fixes are history; the pin stays on the believed one."""
    phone = make_phone()
    counts(phone.send(phone.fix(1, ago=20)))
    before = pin(phone).fix_at
    doubted = [
        phone.fix(2, ago=60),
        phone.fix(3, ago=15, accuracy=900),
        phone.fix(4, ago=10, north_m=50_000),
        phone.fix(5, ago=-600),
    ]
    assert counts(phone.send(*doubted))["flagged"] == 4
    flags = dict(Position.objects.values_list("seq", "flags"))
    assert flags == {1: "", 2: "late", 3: "imprecise", 4: "jump", 5: "future"}
    assert pin(phone).fix_at == before


@pytest.mark.parametrize("skew", [timedelta(days=-1), timedelta(minutes=-5), timedelta(days=1)])
def test_a_wrong_phone_clock_is_corrected(skew):
    """The batch says what the phone's clock showed, so a day's error leaves seconds; what it said is kept too."""
    phone = make_phone(skew=skew)
    counts(phone.send(phone.fix(1, ago=30)))
    row = Position.objects.get()
    off = abs((row.fix_at - (phone.station.now() - timedelta(seconds=30))).total_seconds())
    assert off < 5
    assert row.flags == "skew"
    said = phone.station.now() + skew - timedelta(seconds=30)
    assert abs((row.device_at - said).total_seconds()) < 5


@pytest.mark.parametrize("speed", [1.0, 60.0])
def test_a_slow_batch_does_not_make_the_next_one_late(speed):
    """A second on the way is a minute at sixty times: the fixes keep the hour at which they were made."""
    phone = make_phone()
    Station.objects.update(clock_speed=speed)
    phone.station.refresh_from_db()
    now = phone.station.now()

    def send(seq, made_s, way_wall_s):
        at = (now + timedelta(seconds=made_s)).isoformat()
        sent_at = phone.station.now() - timedelta(seconds=way_wall_s * speed)
        fix = phone.fix(seq) | {"at": at}
        return counts(phone.send(fix, sent_at=sent_at.isoformat()))

    assert send(1, -90, way_wall_s=1.5)["flagged"] == 0
    assert send(2, -80, way_wall_s=0)["flagged"] == 0
    rows = Position.objects.order_by("seq").values_list("fix_at", "flags")
    assert list(rows) == [(now - timedelta(seconds=90), ""), (now - timedelta(seconds=80), "")]


@pytest.mark.parametrize(
    ("state", "fields"),
    [("draft", {}), ("closed", {"closed_at": None}), ("released", {"released_at": None})],
)
def test_off_duty_nothing_is_stored(state, fields):
    """Without a released route a driver's place is nobody's business."""
    if state == "closed":
        fields = {"closed_at": ten_oclock("X").now() - timedelta(hours=1)}
    phone = make_phone(state=state, **fields)
    answer = phone.send(phone.fix(1))
    assert (answer.status_code, answer.json()["code"]) == (403, "off_duty")
    assert not Position.objects.exists()


def test_duty_is_judged_by_when_the_fix_was_made():
    """A phone that was offline may send its day after the close; what came later is dropped."""
    station_now = ten_oclock("X").now()
    closed_at = station_now - timedelta(minutes=5)
    released = station_now - timedelta(minutes=40)
    phone = make_phone(state="closed", closed_at=closed_at, released_at=released)
    answer = counts(phone.send(phone.fix(1, ago=600), phone.fix(2, ago=0), phone.fix(3, ago=3600 * 3)))
    assert (answer["stored"], answer["off_duty"]) == (1, 2)


def test_what_is_no_fix_is_refused_with_its_field_by_the_address_too():
    """NaN ends in a problem with a field, not in a row and not in a fault."""
    phone = make_phone()
    fix = '{"seq":1,"at":"2026-03-10T06:00:00Z","lat":NaN,"lng":24}'
    answer = phone.post(f'{{"sent_at":"2026-03-10T06:00:00Z","fixes":[{fix}]}}'.encode())
    assert (answer.status_code, answer.json()["field"]) == (400, "fixes.0.lat")
    assert phone.post(b"[" * 100_000).status_code == 400
    assert not Position.objects.exists()


def test_more_than_500_fixes_are_refused():
    """One phone must not hold the writer for long."""
    phone = make_phone()
    assert phone.send(*(phone.fix(n) for n in range(501))).status_code == 400


def test_gzip_is_opened_and_a_bomb_is_not():
    """A day offline travels small; a megabyte of zeros inside a kilobyte is refused."""
    phone = make_phone()
    body = {"sent_at": phone.station.now().isoformat(), "fixes": [phone.fix(1)]}
    packed = gzip.compress(json.dumps(body).encode())
    assert counts(phone.post(packed, content_encoding="gzip"))["stored"] == 1
    assert phone.post(gzip.compress(b" " * 5_000_000), content_encoding="gzip").status_code == 413
    assert phone.post(b"no gzip", content_encoding="gzip").status_code == 400
    assert phone.post(packed[:-9], content_encoding="gzip").status_code == 400
    assert phone.post(packed, content_encoding="br").status_code == 415


def test_only_a_living_token_is_heard():
    """Nothing but a device's token counts: no cookie, no shop, no revoked phone."""
    phone = make_phone()
    assert post(b"{}").status_code == 401
    assert post(b"{}", "lms_shop").status_code == 401
    body = json.dumps({"sent_at": phone.station.now().isoformat(), "fixes": [phone.fix(1)]}).encode()
    assert post(body, "lmd_unknown").status_code == 401
    assert revoke_device(device=Device.objects.get(), now=timezone.now())
    assert phone.post(body).status_code == 401
    assert not Position.objects.exists()


def test_batches_in_any_order_end_at_the_same_pin():
    """A phone's later batch may overtake the earlier one."""
    phone = make_phone()
    batches = [
        [phone.fix(n * 2 + m, ago=60 - n * 10 - m, north_m=n * 90) for m in range(2)] for n in range(5)
    ]
    for batch in (batches[2], batches[0], batches[4], batches[1], batches[4], batches[3]):
        counts(phone.send(*reversed(batch)))
    assert Position.objects.count() == 10
    assert pin(phone).fix_at == Position.objects.get(seq=9).fix_at


def test_two_phones_at_once_share_a_flush():
    """Requests that meet in one beat are written together and each is answered for itself."""
    phone = make_phone()
    bodies = [
        json.dumps({"sent_at": phone.station.now().isoformat(), "fixes": [phone.fix(n)]}).encode()
        for n in range(8)
    ]

    async def all_at_once():
        import asyncio

        headers = {"authorization": f"Bearer {phone.token}"}
        client = AsyncClient()
        calls = [client.post(URL, body, content_type="application/json", headers=headers) for body in bodies]
        return await asyncio.gather(*calls)

    answers = async_to_sync(all_at_once)()
    assert [counts(answer)["stored"] for answer in answers] == [1] * 8
    assert Position.objects.count() == 8
