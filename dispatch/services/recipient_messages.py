"""Words to recipients: the link to their order's page, by mail, or again; and the end of links that went astray."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from dispatch.models import Order, RecipientMessage
from dispatch.models.recipient_message import MessageState
from dispatch.services.links import link_url
from lastmile import bus, jobs, mail
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError, conflict
from lastmile.models import Job

KIND = "recipient.mail"
MOST_VERSIONS = 32_000
TRIAL = ("trial_order", "This is a trial order.", "Only recipients of real orders are written to.")
ERASED = ("order_erased", "The recipient of this order was erased.", "There is nobody to write to.")


def send_link(*, order: Order, actor: str, now: datetime) -> RecipientMessage:
    """Queue a mail with the recipient's link. A second one while the first waits is the first.

    Raises LastmileError ``no_mail``, ``no_address``, ``order_erased``, ``trial_order``.
    """
    if not settings.MAIL:
        raise LastmileError(
            "no_mail", "This installation sends no mail.", "Copy the link and send it yourself.", status=409
        )
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=order.pk)
        if order.erased_at is not None:
            raise LastmileError(*ERASED, status=409)
        if order.station.sandbox_of_id is not None:
            raise LastmileError(*TRIAL, status=409)
        if not order.email:
            raise LastmileError(
                "no_address",
                f"Order {order.number} has no e-mail address.",
                "Add one, or copy the link and send it yourself.",
                status=409,
            )
        waiting = order.messages.filter(
            kind="link", channel="email", state=MessageState.QUEUED, to=order.email
        ).first()
        return waiting or _queue(order, actor, now)


def _queue(order: Order, actor: str, now: datetime) -> RecipientMessage:
    message = RecipientMessage.objects.create(
        order=order, kind="link", channel="email", to=order.email, actor=actor, at=now
    )
    job = jobs.enqueue(
        kind=KIND,
        key=f"message {message.pk}",
        station_id=order.station_id,
        payload={"message_id": message.pk},
        actor=actor,
        now=now,
    )
    RecipientMessage.objects.filter(pk=message.pk).update(job_id=job.pk)
    _tell(message, "queued", actor, now)
    return message


def _given_up(job: Job) -> None:
    """No try is left: the page says so, and the button may be pressed again."""
    message = (
        RecipientMessage.objects.filter(pk=job.payload.get("message_id")).select_related("order").first()
    )
    waiting = RecipientMessage.objects.filter(pk=job.payload.get("message_id"), state=MessageState.QUEUED)
    cause = str((job.error or {}).get("cause", "")) or "The mail server did not take it."
    with transaction.atomic():
        if message and waiting.update(state=MessageState.FAILED, error=cause[:300]):
            _tell(message, "failed", job.actor, message.order.station.now())


@jobs.kind(KIND, ended=_given_up)
def mail_link(claim: jobs.Claim) -> dict[str, Any]:
    """Send the mail of a message that still waits. The link is made here: a job's row must not hold it."""
    rows = RecipientMessage.objects.select_related("order__station", "order__shop")
    message = rows.filter(pk=claim.job.payload["message_id"], state=MessageState.QUEUED).first()
    if message is None or not message.to or message.order.erased_at is not None:
        return {"sent": False}
    order = message.order
    words = {"order": order, "station": order.station, "shop": order.shop, "link": link_url(order)}
    mail.send(
        to=message.to,
        language=order.station.language,
        template="dispatch/mail/recipient_link.txt",
        words=words | {"zone": order.station.zone},
    )
    with transaction.atomic():
        waiting = RecipientMessage.objects.filter(pk=message.pk, state=MessageState.QUEUED)
        if waiting.update(state=MessageState.SENT, sent_at=timezone.now(), error=""):
            _tell(message, "sent", claim.job.actor, order.station.now())
    return {"sent": True}


def end_links(*, order: Order, link_version: int, actor: str, now: datetime) -> Order:
    """End every link made so far, whoever holds it. Twice from the same page is once."""
    with transaction.atomic():
        order.refresh_from_db(fields=["link_version", "erased_at"])
        if order.erased_at is not None:
            raise LastmileError(*ERASED, status=409)
        if order.link_version != link_version:
            raise conflict("The links were ended already.", "Look at the newest link.")
        if link_version >= MOST_VERSIONS:
            raise LastmileError(
                "too_many_links", "The links were ended too often.", "Make a new order.", status=409
            )
        same = Order.objects.filter(pk=order.pk, link_version=link_version)
        if not same.update(link_version=F("link_version") + 1):
            raise conflict("The links were ended already.", "Look at the newest link.")
        event = events.OrdersChanged(station_id=order.station_id, what="links_ended", order_ids=[order.pk])
        bus.publish(event, actor=actor, at=now)
        order.refresh_from_db(fields=["link_version"])
    return order


def _tell(message: RecipientMessage, what: str, actor: str, now: datetime) -> None:
    event = events.RecipientMessageChanged(
        station_id=message.order.station_id, what=what, message_id=message.pk, order_ids=[message.order_id]
    )
    bus.publish(event, actor=actor, at=now)
