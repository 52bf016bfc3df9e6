"""The recipient's link: plain words to whoever holds it, nothing personal, and nothing at all once it has ended."""

import json
import logging
import re
import time
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.lifecycle import OrderState
from dispatch.models import LivePosition, Order, Stop
from dispatch.services.day_close import close_day
from dispatch.services.links import link_path
from dispatch.services.recipient_notes import leave_note
from dispatch.services.visits import Report, arrive_stop, complete_stop, fail_stop
from lastmile.logs import Redacted
from lastmile.models import Event
from tests.scenarios import DAY, at, make_orders, make_route, make_shop, make_station
from tracking.selectors.recipient import picture_of, rounded, shown_order

pytestmark = pytest.mark.django_db
PERSON = {
    "recipient": "Aino Virtanen",
    "phone": "+358401234567",
    "email": "aino@example.org",
    "note": "Door code 4711",
    "address": "Testikatu 5 B 12",
    "postcode": "00170",
    "note_dispatch": "pays late",
}


@pytest.fixture(autouse=True)
def fresh_counters(valkey):
    """Limits count over tests too: each begins with none used."""
    cache.clear()


@pytest.fixture
def station():
    return make_station(phone="+358912345", language="en")


@pytest.fixture
def order(station):
    return make_orders(station, make_shop(station), 1, **PERSON)[0]


def turn(station, hour, minute=0, days=0):
    station.clock_business = at(station, DAY + timedelta(days=days), hour, minute)
    station.save()


def road(station, orders, state="departed"):
    """The orders' route, its van seen a minute ago."""
    route = make_route(station, DAY, orders, state=state)
    if state == "departed":
        see(route, station.clock_business)
    return route


def see(route, moment):
    LivePosition.objects.update_or_create(
        vehicle=route.vehicle, defaults={"lat": 60.17123, "lng": 24.93871, "fix_at": moment}
    )


def report(station, hour=9, minute=0):
    return Report(event_id=f"e{hour}{minute}", at=at(station, DAY, hour, minute))


def do(service, stop, station, **fields):
    who = {"order_ids": None, "driver": None, "actor": "driver:1", "now": at(station, DAY, 23)}
    return service(stop=stop, report=report(station), **who, **fields)


def card(client, order, **headers):
    response = client.get(f"{link_path(order)}status.json", headers=headers)
    assert response.status_code == 200
    return response.json()


def post(client, order, path, body):
    return client.post(f"{link_path(order)}{path}/", json.dumps(body), content_type="application/json")


def test_each_state_in_plain_words(client, station, order):
    """From the order to the door, the page says what a person wants to know."""
    others = make_orders(station, order.shop, 2)
    assert card(client, order)["title"] == "Ordered"
    route = road(station, [*others, order], "released")
    shown = card(client, order)
    assert shown["title"] == "Being prepared"
    assert re.fullmatch(r"\d\d:\d\d to \d\d:\d\d", shown["expected"])
    type(route).objects.update(state="departed", departed_at=station.clock_business)
    Order.objects.update(state="out")
    assert card(client, order)["title"] == "On its way: 2 stops before you"
    stops = list(route.stops.order_by("sequence"))
    do(complete_stop, stops[0], station)
    assert card(client, order)["title"] == "On its way: 1 stop before you"
    do(complete_stop, stops[1], station)
    assert card(client, order)["title"] == "You are next"
    arrive_stop(stop=stops[2], at=at(station, DAY, 9), actor="x", now=at(station, DAY, 9))
    assert card(client, order)["title"] == "The driver is arriving"
    do(complete_stop, stops[2], station)
    assert card(client, order)["title"] == "Delivered on Tuesday, March 10 at 09:00"


def test_a_failed_attempt_says_what_comes_next(client, station, order):
    """Nobody home: first the station decides; once the day is closed the page names the next day."""
    route = road(station, [order])
    do(fail_stop, route.stops.get(), station, reason="no_one_home")
    shown = card(client, order)
    assert (shown["title"], shown["done"]) == ("Not delivered", False)
    assert "decides what happens next" in shown["more"]
    close_day(station=station, day=DAY, actor="x", now=at(station, DAY, 23, 30), vans_out_too=True)
    shown = card(client, order)
    assert shown["title"] == "We will try again"
    assert "Wednesday, March 11" in shown["more"]


@pytest.mark.parametrize(
    ("state", "title"), [("cancelled", "Cancelled"), ("returned", "Returned to the sender")]
)
def test_orders_that_will_not_come(client, order, state, title):
    """No false hope: the page says that nothing will come, and whom to ask."""
    Order.objects.update(state=state)
    shown = card(client, order)
    assert (shown["title"], shown["done"]) == (title, True)


def test_first_view_holds_nothing_personal(client, station, order):
    """The link may be opened by a scanner, a neighbour, anybody: town and status only, in every state."""
    leaked = [value for name, value in PERSON.items() if value]
    for state in OrderState:
        Order.objects.update(state=state)
        for path in ("", "status.json"):
            text = client.get(link_path(order) + path).content.decode()
            assert not [secret for secret in leaked if secret in text], state
    assert "Helsinki" in client.get(link_path(order)).content.decode()


def test_looking_changes_nothing(client, station, order, django_assert_max_num_queries):
    """A mail scanner follows every link: GET and HEAD write no row, set no cookie, and leave no session."""
    road(station, [order])
    before = Event.objects.count(), Order.objects.get().version
    for path in ("", "status.json"):
        for ask in (client.get, client.head):
            with django_assert_max_num_queries(9) as asked:
                response = ask(link_path(order) + path)
            assert response.status_code == 200
            assert not response.cookies
            assert all(query["sql"].startswith("SELECT") for query in asked.captured_queries)
    assert (Event.objects.count(), Order.objects.get().version) == before
    assert client.get(f"{link_path(order)}details/").status_code == 405


def test_headers_keep_the_link_to_its_reader(client, order):
    """Not stored, not indexed, not told to the next site, on pages that exist and on those that do not."""
    for path in (link_path(order), f"{link_path(order)}status.json", "/t/1-aaaaaaaaaaaaaaaaaaaaaa/"):
        headers = client.get(path).headers
        assert headers["Cache-Control"] == "no-store"
        assert "noindex" in headers["X-Robots-Tag"]
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "cookie" not in headers.get("Vary", "").lower()


def test_links_that_show_nothing_are_all_alike(client, station, order):
    """Unknown, revoked, ended, erased, mistyped: one answer, so that nobody learns which numbers exist."""
    shop = order.shop
    old = link_path(order)
    Order.objects.filter(pk=order.pk).update(link_version=2)
    erased, done, gone = make_orders(station, shop, 3)
    Order.objects.filter(pk=erased.pk).update(erased_at=station.now())
    road(station, [done])
    do(complete_stop, done.stops.get(), station)
    Order.objects.filter(pk=gone.pk).update(day=DAY - timedelta(days=31))
    turn(station, 9, 1, days=1)
    links = [old, link_path(erased), link_path(done), link_path(gone)]
    links += ["/t/zzz-aaaaaaaaaaaaaaaaaaaaaa/", "/t/x/", "/t/zzzzzzzzzzzzz-aaaaaaaaaaaaaaaaaaaaaa/"]
    answers = [client.get(link) for link in links]
    assert {answer.status_code for answer in answers} == {404}
    bodies = {re.sub(rb"nonce-[^\"]+", b"", answer.content) for answer in answers}
    assert len(bodies) == 1
    assert {client.get(f"{link}status.json").status_code for link in links} == {404}


def test_a_link_ends_a_day_after_the_delivery(client, station, order):
    """At 23 hours it still says when; after 24 it is gone."""
    road(station, [order])
    do(complete_stop, order.stops.get(), station)
    turn(station, 8, 59, days=1)
    assert client.get(link_path(order)).status_code == 200
    turn(station, 9, 1, days=1)
    assert client.get(link_path(order)).status_code == 404


def test_timing_does_not_tell_which_numbers_exist(order):
    """A wrong mark on a real number takes as long as one on a number nobody has (medians)."""
    real, none = re.sub(r"-.*", "-" + "A" * 22, link_path(order)[3:-1]), "zz9-" + "A" * 22
    times = {real: [], none: []}
    for _ in range(300):
        for token, taken in times.items():
            began = time.perf_counter()
            assert shown_order(token) is None
            taken.append(time.perf_counter() - began)
    middle = [sorted(taken)[len(taken) // 2] for taken in times.values()]
    assert abs(middle[0] - middle[1]) < max(0.001, min(middle) / 2)


# --- the van ---------------------------------------------------------------------------------------------------


def test_the_van_shows_only_while_near_and_on_duty(client, station, order):
    """Two stops before the door, on a departed route, heard lately, on duty: else no coordinate leaves."""
    others = make_orders(station, order.shop, 2)
    turn(station, 9)
    route = road(station, [*others, order])
    stops = list(route.stops.order_by("sequence"))
    assert card(client, order)["van"] is None  # third
    do(complete_stop, stops[0], station)
    van = card(client, order)["van"]
    assert van == list(rounded(60.17123, 24.93871))
    assert van != [60.17123, 24.93871]
    see(route, station.now() - timedelta(minutes=30))
    assert card(client, order)["van"] is None  # silent
    see(route, station.now())
    type(route).objects.update(driver=None)
    assert card(client, order)["van"] is None  # nobody's
    type(route).objects.update(driver=route.driver_id)
    turn(station, 21)
    see(route, station.now())
    assert card(client, order)["van"] is None  # long after the shift
    turn(station, 9)
    see(route, station.now())
    assert card(client, order)["van"] is not None
    for stop in stops[1:]:
        do(complete_stop, stop, station)
    assert card(client, order)["van"] is None  # done


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.floats(-80, 80), st.floats(-179, 179), st.floats(-0.4, 0.4), st.floats(-0.4, 0.4))
def test_places_of_a_square_are_one_place(lat, lng, north, east):
    """What is shown is the middle of a fixed square: many answers tell no more than one."""
    middle = rounded(lat, lng)
    assert abs(middle[0] - lat) * 111_320 <= 51
    near = (middle[0] + north * 100 / 111_320, middle[1])
    assert rounded(*near) == middle


def test_no_coordinate_is_in_any_other_state(client, station, order):
    """Whatever the states of order, stop and route are, the body holds the van only when it may."""
    route = road(station, [order])
    for route_state in ("draft", "released", "closed"):
        type(route).objects.update(state=route_state)
        for state in OrderState:
            Order.objects.update(state=state)
            assert card(client, order)["van"] is None, (route_state, state)


def test_expected_times_are_honest(station, order):
    """Wider the more stops come before, never in the past, never before the promised window."""
    others = make_orders(station, order.shop, 9, window_start=None, window_end=None)
    route = road(station, [*others, order])
    now = station.now()
    order.refresh_from_db()
    Stop.objects.update(eta=now + timedelta(hours=2))
    first, last = picture_of(Order.objects.get(pk=others[0].pk), now), picture_of(order, now)
    width = [end - start for start, end in (first.expected, last.expected)]
    assert width[0] < width[1]
    assert first.expected[0] <= now + timedelta(hours=2) <= first.expected[1]
    Stop.objects.update(eta=now - timedelta(hours=1))
    start, end = picture_of(order, now).expected
    assert start <= now < end
    order.window_start = now + timedelta(hours=3)
    start, end = picture_of(order, now).expected
    assert start >= order.window_start - timedelta(minutes=5)
    assert all(moment.minute % 5 == 0 and moment.second == 0 for moment in (start, end))
    assert route.stops.count() == 10


# --- languages --------------------------------------------------------------------------------------------------


def test_the_reader_s_language_else_the_station_s(client, station, order):
    """The browser asks first; without a wish that we know, the station's language speaks."""
    station.language = "de"
    station.save()
    page = client.get(link_path(order), headers={"accept-language": "en-GB,en;q=0.9"})
    assert (page.headers["Content-Language"], b'<html lang="en"' in page.content) == ("en", True)
    for wish in ("", "xx", "tlh;q=0.5"):
        page = client.get(link_path(order), headers={"accept-language": wish})
        assert page.headers["Content-Language"] == "de"
        assert "Dienstag, 10. März" in page.content.decode()


# --- what the digits open ---------------------------------------------------------------------------------------


def test_the_last_digits_open_name_and_address(client, order):
    """Who knows the phone number is asked nothing more, and no cookie remembers it."""
    answer = post(client, order, "details", {"digits": "4567"})
    assert answer.status_code == 200
    body = answer.json()
    assert (body["recipient"], body["address"], body["may_note"]) == (
        "Aino Virtanen",
        "Testikatu 5 B 12",
        True,
    )
    assert (
        "4711" not in answer.content.decode()
    )  # what the shop told the driver is not the recipient's to read
    assert not answer.cookies


def test_few_tries_an_hour(client, order):
    """Four digits are ten thousand guesses: after five wrong ones the order is shut for an hour, right ones too."""
    for guess in ("0000", "0001", "0002", "0003", "0004"):
        assert post(client, order, "details", {"digits": guess}).status_code == 403
    refused = post(client, order, "details", {"digits": "4567"})
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0


def test_right_digits_use_up_no_tries(client, order):
    """Somebody who saves a note again and again is not shut out."""
    for _ in range(8):
        assert post(client, order, "details", {"digits": "4567"}).status_code == 200


def test_without_the_counter_nobody_guesses(client, order, monkeypatch):
    """Where tries cannot be counted they are not allowed: 'everything passes' would be an open door here."""
    monkeypatch.setattr("lastmile.limits.take", lambda *args, **fields: 0)
    assert post(client, order, "details", {"digits": "4567"}).status_code == 503


def test_an_order_without_a_phone_has_no_such_part(client, station):
    """Nothing to prove oneself with: nothing to open."""
    order = make_orders(station, make_shop(station, "x"), 1)[0]
    assert b"digits-form" not in client.get(link_path(order)).content
    assert post(client, order, "details", {"digits": ""}).status_code == 404


@pytest.mark.parametrize(
    "body", ["", "[]", "{", '{"digits": 4567}', '{"digits": ["4567"]}', "[" * 5000, '"4567"']
)
def test_odd_bodies_are_refused(client, order, body):
    """Whatever is sent, the answer is a refusal, never a 500 and never a name."""
    answer = client.post(f"{link_path(order)}details/", body, content_type="application/json")
    assert answer.status_code in (400, 403)
    form = client.post(f"{link_path(order)}details/", {"digits": "4567"})
    assert form.status_code == 400


def test_a_note_reaches_the_driver_until_the_van_has_left(client, station, order):
    """The recipient's words stand beside the shop's, once, under a new version; afterwards it is too late."""
    say = {"digits": "4567", "note": "  Ring twice\n please "}
    assert post(client, order, "note", say).json()["note"] == "Ring twice please"
    fresh = Order.objects.get()
    assert fresh.note == "Door code 4711\nRecipient: Ring twice please"
    assert fresh.version == 2
    assert Event.objects.get(name="orders.changed").data["what"] == "recipient_note"
    post(client, order, "note", say | {"note": "Leave it with the neighbour"})
    assert Order.objects.get().note == "Door code 4711\nRecipient: Leave it with the neighbour"
    post(client, order, "note", say | {"note": ""})
    assert Order.objects.get().note == "Door code 4711"
    assert post(client, order, "note", say | {"note": "x" * 201}).status_code == 400
    assert post(client, order, "note", {"digits": "4567"}).status_code == 400
    road(station, [order])
    late = post(client, order, "note", say)
    assert (late.status_code, late.json()["code"]) == (409, "van_left")
    assert Order.objects.get().note == "Door code 4711"


def test_a_note_and_an_edit_at_once_lose_nothing(station, order, monkeypatch):
    """A dispatcher saves the order while the recipient writes: one of them is told to try again."""
    real = Order.refresh_from_db

    def overtaken(self, *args, **kwargs):
        real(self, *args, **kwargs)
        Order.objects.filter(pk=self.pk).update(note="Changed", version=99)

    monkeypatch.setattr(Order, "refresh_from_db", overtaken)
    with pytest.raises(Exception, match="changed at this moment"):
        leave_note(order=order, text="hello", actor="x", now=station.now())
    assert "hello" not in Order.objects.get().note


# --- limits and logs --------------------------------------------------------------------------------------------


def test_an_address_may_ask_sixty_times_a_minute(order):
    """A scraper is stopped early; the answer says when to come back."""
    client = Client(REMOTE_ADDR="203.0.113.7")
    codes = [client.get(link_path(order)).status_code for _ in range(61)]
    assert codes[:59] == [200] * 59
    assert codes[-1] == 429
    assert "Retry-After" in client.get(link_path(order)).headers
    assert Client(REMOTE_ADDR="203.0.113.8").get(link_path(order)).status_code == 200


def test_logs_hold_no_token(client, order, capsys):
    """Whoever reads the log must not be able to open anybody's page: not from a 404, not from a traceback."""
    token = link_path(order).split("/")[2]
    written = Redacted("%(message)s")
    for words in (
        f"Not Found: /t/{token}/",
        f'"GET /t/{token}/status.json HTTP/1.1" 429',
        f"WebSocket /ws/track/{token}/ refused",
        f"Not Found: /enter/{token}/",
        f"/forgotten/MQ/{token}/",
    ):
        record = logging.LogRecord("django.request", logging.WARNING, "", 0, "%s", (words,), None)
        assert token not in written.format(record), words
    assert "/t/…/" in written.format(
        logging.LogRecord("django.request", logging.WARNING, "", 0, "Not Found: %s", (f"/t/{token}/",), None)
    )
