"""A recipient's own words to the driver: one line in the order's note, replaced when they write again."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from dispatch.lifecycle import OrderState
from dispatch.models import Order
from lastmile import bus
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError, conflict

LONGEST = 200
NOTE_LENGTH = 500
MARK = "Recipient: "
BEFORE_THE_VAN_LEFT = (OrderState.NEEDS_LOCATION, OrderState.OPEN, OrderState.PLANNED)


def words_of(note: str) -> str:
    """What the recipient wrote, out of an order's note."""
    lines = [line for line in note.splitlines() if line.startswith(MARK)]
    return lines[-1].removeprefix(MARK) if lines else ""


def leave_note(*, order: Order, text: str, actor: str, now: datetime) -> Order:
    """Put the recipient's words into the note, while the van has not left; empty words take them back.

    Raises LastmileError ``note_too_long``, ``note_no_room``, ``van_left``, ``conflict``.
    """
    words = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if len(words) > LONGEST:
        raise LastmileError(
            "note_too_long",
            _("The note is too long."),
            _("Use at most %(n)d characters.") % {"n": LONGEST},
            field="note",
        )
    with transaction.atomic():
        order.refresh_from_db(fields=["note", "state", "version"])
        note = _merged(order.note, words)
        if note == order.note:
            return order
        free = Order.objects.filter(pk=order.pk, version=order.version, state__in=BEFORE_THE_VAN_LEFT)
        if not free.update(note=note, version=F("version") + 1):
            raise _refused(order)
        event = events.OrdersChanged(station_id=order.station_id, what="recipient_note", order_ids=[order.pk])
        bus.publish(event, actor=actor, at=now)
        order.refresh_from_db(fields=["note", "state", "version"])
    return order


def _merged(note: str, words: str) -> str:
    lines = [line for line in note.splitlines() if not line.startswith(MARK)]
    merged = "\n".join([*lines, f"{MARK}{words}"] if words else lines)
    if len(merged) > NOTE_LENGTH:
        raise LastmileError(
            "note_no_room",
            _("There is no room for so long a note on this order."),
            _("Write less, or call the station."),
            field="note",
        )
    return merged


def _refused(order: Order) -> LastmileError:
    if order.state in BEFORE_THE_VAN_LEFT:
        return conflict(_("The order was changed at this moment."), _("Try again."))
    return LastmileError(
        "van_left",
        _("The van has left, so a note would not reach the driver any more."),
        _("Call the station."),
        status=409,
    )
