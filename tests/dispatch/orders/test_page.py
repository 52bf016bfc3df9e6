"""The page of one order: what it tells, its buttons, the recipient's link."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client

from dispatch.models import Attempt, Order, RecipientMessage, StationDay
from dispatch.services.links import link_url, order_of, token_of
from dispatch.services.recipient_messages import KIND
from lastmile import jobs
from lastmile.models import Job
from pod.models import Proof, ProofFile
from tests.dispatch.orders.conftest import Desk
from tests.scenarios import DAY, make_fleet, make_orders, make_person, make_route

pytestmark = pytest.mark.django_db


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def test_everything_about_an_order_is_told(desk: Desk) -> None:
    """Parcels, stop, attempt with reason and distance, proof with its picture, events as sentences with people."""
    fleet = make_fleet(desk.station)
    orders = make_orders(desk.station, desk.shop, 2, note_dispatch="VIP")
    route = make_route(desk.station, DAY, orders, fleet.shifts[0], state="closed")
    attempt = Attempt.objects.create(
        order=orders[0], stop=route.stops.first(), driver=route.driver, outcome="failed", reason="refused",
        note="dog", at=desk.station.now(), lat=orders[0].lat, lng=orders[0].lng, client_event_id="a",
    )  # fmt: skip
    proof = Proof.objects.create(attempt=attempt, captured_at=desk.station.now(), received_by="Pekka")
    file = ProofFile.objects.create(
        proof=proof,
        kind="photo",
        path="x.jpg",
        sha256="0" * 64,
        bytes=1,
        width=4,
        height=3,
        client_event_id="f",
    )
    Order.objects.filter(pk=orders[0].pk).update(state="failed")
    desk.client.post(desk.url("order-reopen", orders[0].pk), {"version": 1})
    page = text_of(desk.client.get(desk.url("order-show", orders[0].pk)))
    for words in (
        "in the pool", f"P{orders[0].number}-1", "refused", "dog", "0 m from the pin", "Taken by Pekka",
        f"/proofs/{file.pk}/", "put back into the pool after the failed attempt", "Dora", "VIP", route.name,
        link_url(orders[0]),
    ):  # fmt: skip
        assert words in page, words


def test_cancelling_asks_and_keeps_the_reason(desk: Desk) -> None:
    order = make_orders(desk.station, desk.shop, 1)[0]
    url = desk.url("order-cancel", order.pk)
    assert "cannot be undone" in text_of(desk.client.get(url))
    desk.client.post(url, {"version": 1, "reason": "recipient", "words": "moved away"})
    order.refresh_from_db()
    assert (order.state, order.note_dispatch) == (
        "cancelled",
        "Cancelled: The recipient asked for it, moved away",
    )
    assert "cannot be cancelled" in text_of(desk.client.get(url))


def test_cancelling_what_changed_meanwhile_is_refused(desk: Desk) -> None:
    """The page said something that is not true any more: look again."""
    order = make_orders(desk.station, desk.shop, 1, version=3)[0]
    for version in ("1", "", "x", "²", "9" * 30):
        answer = desk.client.post(desk.url("order-cancel", order.pk), {"version": version}, follow=True)
        assert "changed meanwhile" in text_of(answer)
    full = make_orders(desk.station, desk.shop, 1, note_dispatch="x" * 490)[0]
    sent = {"version": 1, "words": "much to say"}
    assert desk.client.post(desk.url("order-cancel", full.pk), sent).status_code == 422
    assert not Order.objects.filter(state="cancelled").exists()


def test_a_stale_page_reopens_nothing(desk: Desk) -> None:
    order = make_orders(desk.station, desk.shop, 1, state="failed", version=2)[0]
    answer = desk.client.post(desk.url("order-reopen", order.pk), {"version": 1}, follow=True)
    assert "changed meanwhile" in text_of(answer)


def test_what_waits_on_a_closed_day_goes_on_from_its_page(desk: Desk) -> None:
    """Day close leaves it to a person; without the button it would stay there for ever."""
    order = make_orders(desk.station, desk.shop, 1, state="failed")[0]
    StationDay.objects.create(station=desk.station, day=DAY, closed_at=desk.station.now(), actor="system:day")
    assert desk.url("order-reopen", order.pk) in text_of(desk.client.get(desk.url("order-show", order.pk)))
    desk.client.post(desk.url("order-reopen", order.pk), {"version": order.version})
    order.refresh_from_db()
    assert (order.state, order.day > DAY) == ("open", True)


def test_the_link_is_mailed_by_a_job(desk: Desk, settings: Any) -> None:
    """Once while it waits; the row says what became of it; the job holds no link."""
    settings.MAIL = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    order = make_orders(desk.station, desk.shop, 1, email="anna@example.org")[0]
    for _ in range(2):
        desk.client.post(desk.url("order-link-send", order.pk))
    job = Job.objects.get(kind=KIND)
    assert token_of(order) not in str(job.payload)
    jobs.run(job.pk)
    message = RecipientMessage.objects.get()
    assert message.state == "sent"
    assert (mail.outbox[0].to, link_url(order) in mail.outbox[0].body) == (["anna@example.org"], True)
    assert "mailed to anna@example.org" in text_of(desk.client.get(desk.url("order-show", order.pk)))


def test_without_mail_the_page_helps_to_send_it(desk: Desk, settings: Any) -> None:
    settings.MAIL = None
    order = make_orders(desk.station, desk.shop, 1, email="a@example.org", phone="+358401234567")[0]
    page = text_of(desk.client.get(desk.url("order-show", order.pk)))
    assert "mailto:a%40example.org" in page
    assert "sms:+358401234567" in page
    answer = desk.client.post(desk.url("order-link-send", order.pk), follow=True)
    assert "sends no mail" in text_of(answer)
    assert not RecipientMessage.objects.exists()


def test_old_links_end(desk: Desk) -> None:
    """Twice from one page is once, or the link that was just sent would end."""
    order = make_orders(desk.station, desk.shop, 1)[0]
    old = token_of(order)
    for _ in range(2):
        desk.client.post(desk.url("order-link-end", order.pk), {"link_version": 1})
    order.refresh_from_db()
    assert (order.link_version, order_of(old)) == (2, None)
    assert order_of(token_of(order)) == order


def test_an_auditor_follows_the_order_without_knowing_the_person(desk: Desk) -> None:
    """Name, phone, house, notes and the link, which would show the rest, stay with those who work there."""
    order = make_orders(
        desk.station, desk.shop, 1, recipient="Anna Virtanen", phone="+358401234567", note="code 4512",
        note_dispatch="VIP", email="anna@example.org", address="Testikatu 77",
    )[0]  # fmt: skip
    client = Client()
    client.force_login(make_person("aki", "auditor", desk.station))
    page = text_of(client.get(desk.url("order-show", order.pk)))
    assert order.number in page
    for secret in ("Virtanen", "1234567", "4512", "VIP", "anna@", "Testikatu 77", token_of(order)):
        assert secret not in page, secret
