"""The driver's page: what it shows, its buttons, and who sees nothing."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dispatch.models import Attempt, Driver, DriverMessage, LivePosition, Order, Route
from dispatch.selectors.fleet import fleet_day
from dispatch.services.driver_messages import send_to_driver
from dispatch.services.orders import cancel_order
from dispatch.services.routes import recall_route
from pod.models import Proof
from pod.views.driver import navigation
from tests.scenarios import DAY, at, make_orders, make_person, make_route, make_shop, make_station

pytestmark = pytest.mark.django_db
REFUSED = '<li class="notice notice--error">'


class Cab:
    """A signed-in driver with a route of two stops."""

    def __init__(self, state="departed", code="HEL", **order_fields):
        self.station = make_station(code)
        fields = {"phone": "+358401234567", "note": "Code 1234 <b>"} | order_fields
        self.orders = make_orders(self.station, make_shop(self.station), 2, **fields)
        self.route = make_route(self.station, DAY, self.orders, state=state)
        self.first, self.second = self.route.stops.order_by("sequence")
        self.user = make_person(f"driver-{code}", "driver", self.station)
        self.route.driver.user = self.user
        self.route.driver.save()
        self.client = Client()
        self.client.force_login(self.user)

    def page(self):
        answer = self.client.get("/driver/", headers={"user-agent": "Android"})
        assert answer.status_code == 200
        return answer.content.decode()

    def stop_page(self, stop=None):
        answer = self.client.get(f"/driver/stops/{(stop or self.first).pk}/")
        assert answer.status_code == 200
        return answer.content.decode()

    def event_id(self):
        found = re.search(r'name="event_id" value="([0-9a-f]{32})"', self.stop_page())
        assert found
        return found[1]

    def press(self, what, pk, **form):
        """Press a button and see the page it leads to."""
        noun, verb = what.split()
        answer = self.client.post(f"/driver/{noun}/{pk}/{verb}/", form)
        if answer.status_code != 302:
            return answer
        assert answer["Location"].startswith("/driver/")
        return self.client.get(answer["Location"])


def test_home_leads_a_driver_to_the_route():
    """Whoever follows a sign-in link lands where the work is."""
    cab = Cab()
    answer = cab.client.get("/", follow=True)
    assert answer.redirect_chain[-1][0] == "/driver/"
    assert answer.status_code == 200


def test_the_next_stop_has_all_that_is_needed_at_the_door():
    """Address, name, note, a way there and a phone; what a shop wrote is shown as text."""
    page = Cab().page()
    first = page[: page.index('id="stops"')]
    assert "Code 1234 &lt;b&gt;" in first
    assert 'href="tel:+358401234567"' in first
    assert re.search(r'href="geo:60\.\d+,24\.\d+\?q=60', first)
    assert page.count("driver__number") == 2


def test_nothing_stands_in_the_page_that_the_content_policy_would_stop():
    """Inline styles and scripts are refused by the browser: they would silently do nothing."""
    cab = Cab()
    written = cab.client.get("/driver/messages/").content.decode()
    for page in (cab.page(), cab.stop_page(), written, cab.client.get("/driver/gone/").content.decode()):
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)


@pytest.mark.parametrize(
    ("agent", "begins"),
    [
        ("Android 14", "geo:60.170000,24.940000?"),
        ("iPhone", "https://maps.apple.com/"),
        ("X11", "https://www.open"),
    ],
)
def test_navigation_opens_the_phones_own_map(agent, begins):
    """Only Android knows geo addresses."""
    assert navigation(agent, 60.17, 24.94).startswith(begins)


def test_a_day_by_buttons():
    """Start, arrive, hand over, fail, finish: each shows the next thing to do."""
    cab = Cab("released")
    assert "Start route" in cab.page()
    assert "Arrived" in cab.press("routes start", cab.route.pk).content.decode()
    page = cab.press("stops arrive", cab.first.pk, event_id=cab.event_id()).content.decode()
    assert "You are here" in page
    place = {"lat": str(cab.first.lat), "lng": str(cab.first.lng), "accuracy": "9"}
    cab.press(
        "stops deliver",
        cab.first.pk,
        event_id=cab.event_id(),
        received_by="Anna",
        relation="recipient",
        **place,
    )
    proof = Proof.objects.get()
    assert (proof.received_by, proof.accuracy_m, proof.attempt.driver) == ("Anna", 9.0, cab.route.driver)
    empty = {"lat": "", "lng": "", "accuracy": ""}
    form = {"event_id": "e2", "reason": "no_one_home", "note": "dog", **empty}
    assert "All stops are done" in cab.press("stops fail", cab.second.pk, **form).content.decode()
    assert "This route is finished" in cab.press("routes finish", cab.route.pk).content.decode()
    assert {order.state for order in Order.objects.all()} == {"delivered", "failed"}
    assert Attempt.objects.get(outcome="failed").note == "dog"
    assert Route.objects.get().state == "closed"


def test_two_taps_are_one():
    """The page's event id makes the second tap the same report, and no error."""
    cab = Cab()
    event_id = cab.event_id()
    for _ in range(2):
        page = cab.press("stops deliver", cab.first.pk, event_id=event_id, received_by="Anna")
        assert REFUSED not in page.content.decode()
    for what in ("finish", "finish"):
        assert REFUSED not in cab.press(f"routes {what}", cab.route.pk).content.decode()
    assert Attempt.objects.count() == Proof.objects.count() == 1


def test_each_page_makes_a_new_event_id():
    """A reused one would swallow the next report."""
    cab = Cab()
    assert cab.event_id() != cab.event_id()


@pytest.mark.parametrize(
    ("what", "form", "words"),
    [
        ("stops deliver", {"relation": "recipient"}, "Write who took it"),
        ("stops deliver", {"received_by": "A", "lat": "99", "lng": "1"}, "lat"),
        ("stops fail", {"reason": ""}, "reason"),
        ("stops fail", {"reason": "bad mood"}, "reason"),
    ],
)
def test_a_refusal_is_said_on_the_page_and_changes_nothing(what, form, words):
    """A driver at a door needs to know what to do, not a status code."""
    cab = Cab()
    page = cab.press(what, cab.first.pk, event_id=cab.event_id(), **form).content.decode()
    said = re.search(r'notice--error">(.*?)</li>', page, re.S)
    assert said
    assert words in said[1]
    assert not Attempt.objects.exists()


def test_nothing_is_reported_before_the_start():
    """The buttons are not there, and a stale page that has them is told why not."""
    cab = Cab("released")
    assert "Save as delivered" not in cab.page()
    page = cab.press("stops deliver", cab.first.pk, event_id="e", received_by="A").content.decode()
    assert "Start the route first." in page
    assert "has not departed" in cab.press("routes finish", cab.route.pk).content.decode()


@pytest.mark.parametrize("state", ["draft", "closed"])
def test_without_a_route_to_drive_the_page_says_so(state):
    """A draft is nobody's yet; a closed route is over."""
    page = Cab(state).page()
    assert ("No route for you yet" if state == "draft" else "This route is finished") in page
    assert "Save as delivered" not in page


def test_what_is_another_drivers_does_not_exist():
    """Not at another station, not at one's own, not even for a driver who also works the board."""
    other, cab = Cab(code="TKU"), Cab()
    neighbour = make_route(
        cab.station, DAY, make_orders(cab.station, cab.orders[0].shop, 1), state="departed"
    )
    for route in (other.route, neighbour):
        stop = route.stops.first()
        assert cab.press("stops deliver", stop.pk, event_id="e", received_by="A").status_code == 404
        assert cab.press("routes finish", route.pk).status_code == 404
    cab.user.memberships.create(station=cab.station, role="dispatcher")
    assert cab.press("routes finish", neighbour.pk).status_code == 404
    draft = make_route(cab.station, DAY, make_orders(cab.station, cab.orders[0].shop, 1), state="draft")
    Route.objects.filter(pk=draft.pk).update(driver=cab.route.driver)
    assert cab.press("routes start", draft.pk).status_code == 404
    assert not Attempt.objects.exists()


def test_who_is_no_driver_is_told_so():
    """A dispatcher has no route; a stranger signs in first."""
    cab = Cab()
    client = Client()
    assert client.get("/driver/")["Location"].startswith("/sign-in/?next=")
    client.force_login(make_person("anna", "dispatcher", cab.station))
    assert client.get("/driver/").status_code == 403
    assert client.post(f"/driver/stops/{cab.first.pk}/arrive/", {"event_id": "e"}).status_code == 403


def test_buttons_need_the_pages_token_and_a_post():
    """Another site must not press them, nor a mail scanner follow them."""
    cab = Cab()
    assert cab.client.get(f"/driver/stops/{cab.first.pk}/arrive/").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cab.user)
    assert strict.post(f"/driver/stops/{cab.first.pk}/arrive/", {"event_id": "e"}).status_code == 403


def in_time(page):
    """What the page tells as changed."""
    found = re.search(r'class="notice notice--warning driver__news".*?</section>', page, re.S)
    return found[0] if found else ""


def test_a_change_is_told_until_it_is_understood():
    """A stop that vanishes without a word sends a driver looking for it."""
    cab = Cab()
    assert not in_time(cab.page()), "the first look is no news"
    cancel_order(order=cab.orders[0], actor="test", now=at(cab.station, DAY, 9))
    for _ in range(2):
        assert "Cancelled:" in in_time(cab.page())
        assert cab.orders[0].address in in_time(cab.page())
    cab.press("routes understood", cab.route.pk)
    assert not in_time(cab.page())


def test_two_stops_that_change_places_are_told():
    cab = Cab()
    cab.page()
    for stop, sequence in ((cab.first, 2), (cab.second, 1)):
        stop.sequence = sequence
        stop.save()
    assert "another order" in in_time(cab.page())


def test_a_route_taken_back_is_told_and_gone_at_once():
    """It is a draft again: its addresses are not the driver's any more."""
    cab = Cab("released")
    assert "Start route" in cab.page()
    recall_route(route=cab.route, version=cab.route.version, actor="t", now=at(cab.station, DAY, 9))
    page = cab.page()
    assert f"Route {cab.route.name} was taken back" in page
    assert cab.orders[0].address not in page
    assert cab.press("routes start", cab.route.pk).status_code == 404
    assert (
        f"Route {cab.route.name} was taken back"
        not in cab.press("routes understood", cab.route.pk).content.decode()
    )


def test_an_order_called_off_under_way_is_asked_about():
    """The driver may stand there with an empty hand: the station has to know what became of it."""
    cab = Cab()
    cab.page()
    cancel_order(order=cab.orders[0], actor="test", now=at(cab.station, DAY, 9))
    answer = cab.press(
        "stops deliver", cab.first.pk, event_id="e", received_by="A", orders=[cab.orders[0].pk]
    )
    assert answer.status_code == 404
    assert cab.orders[0].number in answer.content.decode()
    told = {"orders": [cab.orders[0].pk], "saying": "handed_over", "note": "at 9", "event_id": "x"}
    for _ in range(2):
        cab.client.post("/driver/lost/", told)
    message = DriverMessage.objects.get()
    assert message.from_driver
    assert message.words == f"{cab.orders[0].number}: I had already handed it over. at 9"
    cab.client.post("/driver/lost/", told | {"saying": "nonsense", "event_id": "y"})
    assert DriverMessage.objects.count() == 1


def test_orders_never_shown_are_not_named():
    """Numbers in an address must not tell of other drivers' orders."""
    other, cab = Cab(code="TKU"), Cab()
    cab.page()
    page = cab.client.get(f"/driver/gone/?orders={other.orders[0].pk},{2**70},x").content.decode()
    assert other.orders[0].number not in page


def both(cab):
    """Two orders at the first stop."""
    cab.second.visits.update(stop=cab.first)
    cab.second.delete()
    return [order.pk for order in cab.orders]


def test_one_of_two_neighbours_is_at_home():
    """What is ticked is delivered, the rest fails with its reason, in one breath, once."""
    cab = Cab()
    here, there = both(cab)
    form = {"event_id": "e", "here": [here, there], "orders": [here], "received_by": "Anna"}
    assert "no reason" in cab.press("stops deliver", cab.first.pk, **form).content.decode()
    assert not Attempt.objects.exists()
    for _ in range(2):
        cab.press("stops deliver", cab.first.pk, **form, reason="no_one_home")
    found = set(Attempt.objects.values_list("order_id", "outcome", "reason"))
    assert found == {(here, "delivered", ""), (there, "failed", "no_one_home")}
    assert Attempt.objects.count() == 2
    assert Proof.objects.count() == 1


def test_nothing_ticked_is_no_delivery():
    cab = Cab()
    here = both(cab)
    form = {"event_id": "e", "here": here, "received_by": "Anna"}
    assert "No order is ticked" in cab.press("stops deliver", cab.first.pk, **form).content.decode()
    assert not Attempt.objects.exists()


def test_a_stop_can_be_done_out_of_turn():
    """The street is closed, the neighbour waves: the order of stops is the driver's."""
    cab = Cab()
    assert "Out of turn" in cab.stop_page(cab.second)
    cab.press("stops deliver", cab.second.pk, event_id="e", received_by="Anna", orders=[cab.orders[1].pk])
    assert Attempt.objects.get().order == cab.orders[1]
    assert "1 of 2 stops" in cab.page()


def test_two_phones_of_one_driver():
    """The second is told that it is done, and nothing is done twice."""
    cab = Cab()
    other = Client()
    other.force_login(cab.user)
    cab.press("stops deliver", cab.first.pk, event_id="a", received_by="A")
    form = {"event_id": "b", "received_by": "B"}
    answer = other.post(f"/driver/stops/{cab.first.pk}/deliver/", form, follow=True)
    assert "already recorded" in answer.content.decode()
    assert Attempt.objects.count() == 1


def test_tomorrows_route_stands_below_when_it_is_released():
    cab = Cab()
    tomorrow = DAY + timedelta(days=1)
    orders = make_orders(cab.station, cab.orders[0].shop, 2, tomorrow)
    route = make_route(cab.station, tomorrow, orders, state="draft")
    Route.objects.filter(pk=route.pk).update(driver=cab.route.driver)
    assert f"Route {route.name}" not in cab.page()
    Route.objects.filter(pk=route.pk).update(state="released")
    page = cab.page()
    assert f"Route {route.name}" in page
    assert page.index(f"Route {cab.route.name}") < page.index(f"Route {route.name}")


def test_messages_stand_on_top_until_understood():
    """On every page of the driver, in the order they were sent, as text."""
    cab = Cab()
    now = cab.station.now()
    sent = send_to_driver(
        driver=cab.route.driver, words="Use the <yard>", event_id="m", actor="user:dora", now=now
    )
    for page in (cab.page(), cab.stop_page(), cab.client.get("/driver/messages/").content.decode()):
        assert page.index("Use the &lt;yard&gt;") < page.index("</main>")
    cab.client.post(f"/driver/messages/{sent.pk}/confirm/")
    assert "Use the &lt;yard&gt;" not in cab.page()
    assert "understood" in cab.client.get("/driver/messages/").content.decode()
    other = Cab(code="TKU")
    assert other.client.post(f"/driver/messages/{sent.pk}/confirm/").status_code == 404


def test_parts_are_for_the_same_eyes():
    """What a script fetches is no side door."""
    other, cab = Cab(code="TKU"), Cab()
    assert cab.client.get("/driver/now/").status_code == 200
    assert cab.client.get(f"/driver/stops/{other.first.pk}/now/").status_code == 404
    assert Client().get("/driver/now/").status_code == 302
    assert Client().get("/driver/messages/now/").status_code == 302


def test_the_page_takes_the_same_queries_for_two_and_forty_stops():
    """A hundred phones fetch it whenever something moves."""
    small = Cab()
    large = Cab(code="TKU")
    more = make_orders(large.station, large.orders[0].shop, 40)
    route = make_route(large.station, DAY, more, state="departed")
    Route.objects.filter(pk=large.route.pk).delete()
    Route.objects.filter(pk=route.pk).update(driver=large.route.driver)

    def count(cab):
        cab.page()
        with CaptureQueriesContext(connection) as asked:
            assert cab.client.get("/driver/now/").status_code == 200
        return len(asked)

    assert count(small) == count(large)


def test_a_collection_is_spoken_of_as_one():
    """Nobody receives what is picked up, and it is left nowhere: the words at the door say so."""
    cab = Cab(kind="collection")
    page = cab.stop_page()
    for words in ("Handed over by", "Save as collected", "Save as not collected"):
        assert words in page
    for words in ("Received by", "Save as delivered", "safe_place"):
        assert words not in page
    assert 'outcome=delivered">Collected</a>' in cab.page()
    form = {"event_id": "c1", "relation": "safe_place", "received_by": ""}
    refused = cab.press("stops deliver", cab.first.pk, **form)
    assert "Something here is collected" in refused.content.decode()
    assert not Attempt.objects.exists()
    taken = cab.press(
        "stops deliver", cab.first.pk, **form | {"relation": "recipient", "received_by": "Anna"}
    )
    assert ">collected</span>" in taken.content.decode()


def test_a_stop_with_both_is_judged_order_by_order():
    """The parcel may be left in the shed; the return that is picked up at the same door may not."""
    cab = Cab()
    brought = cab.orders[0]
    taken = cab.orders[1]
    cab.second.visits.update(stop=cab.first)
    Order.objects.filter(pk=taken.pk).update(kind="collection")
    page = cab.stop_page()
    assert "Received or handed over by" in page
    assert "safe_place" in page
    assert page.count(">collect</span>") == 2, "beside the order and beside its tick"
    here = {"here": [brought.pk, taken.pk], "relation": "safe_place", "reason": "no_one_home"}
    both = cab.press("stops deliver", cab.first.pk, event_id="m1", orders=[brought.pk, taken.pk], **here)
    assert "Something here is collected" in both.content.decode()
    cab.press("stops deliver", cab.first.pk, event_id="m2", orders=[brought.pk], **here)
    outcomes = dict(Attempt.objects.values_list("order_id", "outcome"))
    assert outcomes == {brought.pk: "delivered", taken.pk: "failed"}


@pytest.mark.parametrize(
    ("kind", "button", "other"),
    [("collection", "Not collected", "Failed"), ("delivery", "Failed", "Not collected")],
)
def test_a_refusal_names_the_button_that_stands_there(kind, button, other):
    """ "Use Failed" leads nowhere on a page whose button reads "Not collected"."""
    cab = Cab(kind=kind)
    here = both(cab)
    refused = cab.press(
        "stops deliver", cab.first.pk, event_id="e", here=here, received_by="Anna"
    ).content.decode()
    notice = refused[refused.index(REFUSED) :].split("</li>")[0]
    assert f"“{button}”" in notice
    assert f"“{other}”" not in notice
    assert f">{button}<" in cab.stop_page()


def seen_of(cab):
    return fleet_day(cab.station, DAY).rows[0].seen_at


@pytest.mark.parametrize("address", ["/driver/", "/driver/now/", "/driver/messages/"])
def test_the_fleet_page_sees_who_has_only_the_page_open(address):
    """A driver without an app sends no positions; "never" would send somebody looking for a phone that works."""
    cab = Cab()
    manager = Client()
    manager.force_login(make_person("mia", "manager", cab.station))
    fleet = f"/stations/{cab.station.pk}/fleet/?day={DAY}"
    assert seen_of(cab) is None
    assert ">never<" in manager.get(fleet).text
    cab.client.get(address)
    seen = seen_of(cab)
    assert abs(cab.station.now() - seen) < timedelta(seconds=20)
    assert ">never<" not in manager.get(fleet).text


def test_a_report_counts_as_seen_and_looks_are_noted_once_a_minute():
    """Also after the station's clock was set back; and a look at the page writes a row at most once a minute."""
    cab = Cab()
    for wrong in (timedelta(hours=-3), timedelta(hours=3)):
        Driver.objects.filter(pk=cab.route.driver_id).update(seen_at=cab.station.now() + wrong)
        cab.client.post(f"/driver/stops/{cab.first.pk}/arrive/", {"event_id": "a"})
        assert abs(cab.station.now() - seen_of(cab)) < timedelta(seconds=20)
    before = seen_of(cab)
    cab.page()
    assert seen_of(cab) == before


def test_positions_and_the_page_count_alike():
    """Whichever was heard of last is shown."""
    cab = Cab()
    cab.page()
    heard = cab.station.now() + timedelta(minutes=2)
    LivePosition.objects.create(vehicle=cab.route.vehicle, lat=60, lng=24, fix_at=heard)
    assert seen_of(cab) == heard
    LivePosition.objects.update(fix_at=heard - timedelta(hours=1))
    assert seen_of(cab) > heard - timedelta(minutes=3)
