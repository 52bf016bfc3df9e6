"""Verdicts of the floor as sentences, in the language of whoever scans."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dispatch.models import ParcelMove

ACTIVITIES = {
    "receive": gettext_lazy("Receive"),
    "sort": gettext_lazy("Sort"),
    "load": gettext_lazy("Load vans"),
    "back": gettext_lazy("Back"),
    "damage": gettext_lazy("Damaged"),
    "door": gettext_lazy("At the door"),
    "close": gettext_lazy("Day closed"),
}
STATES = {
    "announced": gettext_lazy("Announced"),
    "received": gettext_lazy("Received"),
    "sorted": gettext_lazy("Sorted"),
    "loaded": gettext_lazy("Loaded"),
    "delivered": gettext_lazy("Delivered"),
    "undelivered": gettext_lazy("Not delivered"),
    "returned": gettext_lazy("Returned"),
    "missing": gettext_lazy("Missing"),
    "damaged": gettext_lazy("Damaged"),
    "cancelled": gettext_lazy("Cancelled"),
}
VERDICTS = {
    "received": gettext_lazy("Received"),
    "already_received": gettext_lazy("Was received already"),
    "sorted": gettext_lazy("Put it into %(lane)s"),
    "sorted_anew": gettext_lazy("Its route changed: put it into %(lane)s"),
    "already_sorted": gettext_lazy("Lies in %(lane)s already"),
    "loaded": gettext_lazy("Loaded onto %(lane)s"),
    "already_loaded": gettext_lazy("Is on %(lane)s already"),
    "back": gettext_lazy("Back in the station"),
    "back_not_tried": gettext_lazy("Back in the station, no delivery was tried"),
    "damaged_now": gettext_lazy("Set aside as damaged"),
    "already_damaged": gettext_lazy("Was set aside as damaged already"),
    "unknown_barcode": gettext_lazy("No parcel has this barcode"),
    "other_station": gettext_lazy("Belongs to another station"),
    "already_delivered": gettext_lazy("Was delivered: set it aside and tell a dispatcher"),
    "already_returned": gettext_lazy("Went back to the shop already"),
    "cancelled": gettext_lazy("Was called off: set it aside for its shop"),
    "order_cancelled": gettext_lazy("Its order was called off: set it aside for its shop"),
    "on_a_van": gettext_lazy("Should be on %(lane)s: scan it back first"),
    "damaged": gettext_lazy("Was set aside as damaged"),
    "not_received": gettext_lazy("Was not received yet: receive it first"),
    "never_received": gettext_lazy("Was never received: receive it instead"),
    "no_lane": gettext_lazy("Has no route and lies in no zone yet"),
    "no_route_chosen": gettext_lazy("Choose the route that is loaded"),
    "not_planned": gettext_lazy("Is on no route: back to the shelf"),
    "wrong_route": gettext_lazy("Wrong van: it belongs to %(lane)s"),
    "route_closed": gettext_lazy("%(lane)s is closed"),
}


def verdict_words(move: ParcelMove) -> str:
    """What the screen says about a scan; moves that nobody scanned say the state that came of them."""
    words = VERDICTS.get(move.verdict) or STATES.get(move.verdict)
    return str(words) % {"lane": move.lane or _("its van")} if words else move.verdict
