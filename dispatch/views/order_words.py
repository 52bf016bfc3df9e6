"""An order's state and its history as sentences."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from dispatch.lifecycle import OrderState
from dispatch.selectors.order_page import OrderPage
from lastmile.models import Event
from lastmile.refusals import said

STATES = {
    OrderState.NEEDS_LOCATION: lazy("needs location"),
    OrderState.OPEN: lazy("in the pool"),
    OrderState.PLANNED: lazy("on a route"),
    OrderState.OUT: lazy("out"),
    OrderState.DELIVERED: lazy("delivered"),
    OrderState.FAILED: lazy("failed"),
    OrderState.RETURNED: lazy("returned"),
    OrderState.CANCELLED: lazy("cancelled"),
}
PARCELS = {
    "announced": lazy("announced"),
    "received": lazy("received"),
    "sorted": lazy("sorted"),
    "loaded": lazy("loaded"),
    "delivered": lazy("delivered"),
    "undelivered": lazy("not delivered"),
    "returned": lazy("returned"),
    "missing": lazy("missing"),
    "damaged": lazy("damaged"),
    "cancelled": lazy("cancelled"),
}
ORDERS = {
    "created": lazy("The order was taken in."),
    "updated": lazy("The order was changed."),
    "edited": lazy("The order was changed in the admin."),
    "located": lazy("It was given its place on the map."),
    "cancelled": lazy("The order was cancelled."),
    "reopened": lazy("It was put back into the pool after the failed attempt."),
    "returned": lazy("It came back to the pool."),
    "moved": lazy("It was moved to another day."),
    "pinned": lazy("It was locked to its route."),
    "unpinned": lazy("It may be moved to another route again."),
    "rolled_over": lazy("It was carried over to the next day."),
    "waits_for_decision": lazy("The day was closed: it waits for a decision."),
    "recipient_note": lazy("The recipient left a note for the driver."),
    "links_ended": lazy("All links of the recipient made so far were ended."),
}
BY_HAND = ("edited", "moved", "arranged", "reversed", "merged", "split", "swapped", "undone", "redone")
ROUTES = {
    "planned": lazy("A plan put it on route %(route)s."),
    **dict.fromkeys(BY_HAND, lazy("It was put on a route, moved or taken off: %(route)s.")),
    "released": lazy("Route %(route)s was released to its driver."),
    "recalled": lazy("Route %(route)s was taken back from its driver."),
    "departed": lazy("The van left with route %(route)s."),
    "closed": lazy("Route %(route)s was closed."),
    "rewalked": lazy("The times of route %(route)s were worked out again."),
    "assigned": lazy("Route %(route)s was given to another driver."),
    "vehicle": lazy("Route %(route)s was given another vehicle."),
    "capacity": lazy("The vehicle of route %(route)s became another."),
    "dissolved": lazy("Its route was dissolved; it came back to the pool."),
    "dropped": lazy("Its route was dropped; it came back to the pool."),
}
STOPS = {
    "arrived": lazy("The van arrived at the door (route %(route)s)."),
    "completed": lazy("The stop was done (route %(route)s)."),
    "failed": lazy("The attempt failed (route %(route)s)."),
    "cancelled": lazy("Its stop on route %(route)s was cancelled."),
    "undone": lazy("The stop was opened again (route %(route)s)."),
}
ALERTS = {
    "raised": lazy("Alert: %(words)s"),
    "acknowledged": lazy("The alert was acknowledged: %(words)s"),
    "snoozed": lazy("The alert was put off: %(words)s"),
    "resolved": lazy("The alert was resolved: %(words)s"),
    "updated": lazy("The alert changed: %(words)s"),
    "reopened": lazy("The alert came back: %(words)s"),
}
MESSAGES = {
    "queued": lazy("The link to the recipient’s page waits to be mailed."),
    "sent": lazy("The link to the recipient’s page was mailed."),
    "failed": lazy("The link could not be mailed."),
}
PROOFS = {
    "photo": lazy("A photo was added to the proof."),
    "signature": lazy("A signature was added to the proof."),
}
MACHINES = {
    "system:demo": lazy("the demo"),
    "system:simulate": lazy("the simulated day"),
    "system:recurring": lazy("the recurring orders"),
    "system:day": lazy("the day’s close"),
    "system:retention": lazy("the nightly retention"),
}


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    words: str
    actor: str


def history_lines(page: OrderPage) -> list[Line]:
    return [
        Line(event.at, sentence(event, page.names), actor_name(event.actor, page.names))
        for event in page.history
    ]


def sentence(event: Event, names: dict[str, dict[Any, str]]) -> str:
    """One event in words; a verb nobody put into words yet is shown as it is."""
    data, what = event.data, str(event.data.get("what", ""))
    if event.name == "orders.changed":
        return str(ORDERS.get(what, "")) or _("Order: %(what)s.") % {"what": what}
    if event.name == "routes.changed":
        return _told(ROUTES, what, {"route": _route_names(data.get("route_ids", ()), names)}, _("Route"))
    if event.name == "stop.changed":
        return _told(STOPS, what, {"route": _route_names([data.get("route_id")], names)}, _("Stop"))
    if event.name == "exception.changed":
        return _told(ALERTS, what, {"words": names["alert"].get(data["exception_id"], "")}, _("Alert"))
    if event.name == "recipient_message.changed":
        return _told(MESSAGES, what, {}, _("Message"))
    if event.name == "proof.captured":
        return str(PROOFS.get(str(data.get("kind")), _("Something was added to the proof.")))
    if event.name == "data.erased":
        return _("The recipient’s data was erased.")
    return f"{event.name} {what}"


def _told(table: dict[str, Any], what: str, words: dict[str, str], noun: str) -> str:
    found = table.get(what)
    return str(found) % words if found else f"{noun}: {what.replace('_', ' ')}."


def _route_names(ids: Any, names: dict[str, dict[Any, str]]) -> str:
    found = [names["route"][pk] for pk in ids if pk in names["route"]]
    return ", ".join(found) if found else _("(gone)")


def actor_name(actor: str, names: dict[str, dict[Any, str]]) -> str:
    if actor in names["actor"]:
        return names["actor"][actor]
    kind, _colon, rest = actor.partition(":")
    if kind == "system":
        return str(MACHINES.get(actor, "Lastmile"))
    return _("the recipient") if kind == "recipient" else rest or actor


def state_sentence(page: OrderPage) -> str:
    """Where the order stands, as one would say it on the phone; clock times are the template's."""
    order, stop = page.order, page.visit.stop if page.visit else None
    words: dict[str, Any] = {
        "day": order.day.isoformat(),
        "route": stop.route.name if stop else "",
        "n": stop.sequence if stop else "",
        "why": said(order.location_note),
        "driver": (stop.route.driver or "") if stop else "",
    }
    match order.state:
        case OrderState.NEEDS_LOCATION:
            return (_("It waits for a place on the map. %(why)s") % words).strip()
        case OrderState.OPEN:
            return _("It is in the pool of %(day)s, on no route yet.") % words
        case OrderState.PLANNED if stop:
            return _("It is stop %(n)s of route %(route)s on %(day)s.") % words
        case OrderState.OUT if stop:
            return _("It is in the van: stop %(n)s of route %(route)s.") % words
        case OrderState.DELIVERED:
            return _("It was handed over.")
        case OrderState.FAILED:
            return _("The attempt failed. Put it back into the pool to try again, or cancel it.")
        case OrderState.RETURNED:
            return _("It went back to the shop.")
        case OrderState.CANCELLED:
            return _("It was cancelled: nobody brings it. To have it brought after all, duplicate it.")
    return str(STATES[OrderState(order.state)])
