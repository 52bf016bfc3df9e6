"""Events as sentences for people."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from dispatch.models import Role
from lastmile.models import Event

KINDS = {
    "person.changed": lazy("People and sign-ins"),
    "access.denied": lazy("Refused"),
    "token.changed": lazy("Tokens and phones"),
    "settings.changed": lazy("Settings"),
    "data.exported": lazy("Exports"),
    "data.erased": lazy("Erased data"),
    "day.changed": lazy("Days closed"),
    "orders.changed": lazy("Orders"),
    "routes.changed": lazy("Routes"),
    "stop.changed": lazy("Stops"),
    "import.completed": lazy("Imports"),
    "exception.changed": lazy("Exceptions"),
    "fleet.changed": lazy("Fleet"),
    "driver_message.changed": lazy("Messages with drivers"),
    "recipient_message.changed": lazy("Messages to recipients"),
    "proof.captured": lazy("Proofs"),
}

PERSON = {
    "signed_in": lazy("%(person)s signed in (%(detail)s)."),
    "signed_out": lazy("%(person)s signed out."),
    "refused": lazy("A sign-in as %(person)s was refused: wrong password (%(detail)s)."),
    "code_refused": lazy("A code of %(person)s was refused."),
    "recovery_code_used": lazy("%(person)s used a recovery code; %(detail)s are left."),
    "recovery_codes_made": lazy("%(person)s made new recovery codes."),
    "second_factor_on": lazy("%(person)s switched the second factor on."),
    "second_factor_off": lazy("The second factor of %(person)s was switched off."),
    "session_ended": lazy("%(person)s was signed out from afar (%(detail)s)."),
    "profile_changed": lazy("%(person)s changed their name or language."),
    "password_changed": lazy("%(person)s changed their password."),
    "password_reset": lazy("%(person)s chose a new password by a link."),
    "reset_asked": lazy("A link for a new password was asked for, for %(person)s."),
    "reset_link_made": lazy("A link for a new password was made for %(person)s."),
    "entry_link_made": lazy("A link to sign in once was made for %(person)s."),
    "invited": lazy("%(person)s was invited as %(role)s."),
    "invitation_renewed": lazy("The invitation of %(person)s as %(role)s got a new link."),
    "invitation_revoked": lazy("The invitation of %(person)s as %(role)s was revoked."),
    "joined": lazy("%(person)s accepted an invitation as %(role)s."),
    "role_given": lazy("%(person)s was given the role %(role)s."),
    "role_taken": lazy("The role %(role)s of %(person)s was taken away."),
    "deactivated": lazy("The account of %(person)s was switched off."),
    "reactivated": lazy("The account of %(person)s was switched on again."),
}

VERBS = {
    "acknowledged": lazy("acknowledged"),
    "arrived": lazy("arrived"),
    "assigned": lazy("given to a driver"),
    "cancelled": lazy("cancelled"),
    "closed": lazy("closed"),
    "completed": lazy("completed"),
    "confirmed": lazy("confirmed"),
    "created": lazy("created"),
    "departed": lazy("departed"),
    "edited": lazy("edited"),
    "failed": lazy("failed"),
    "links_ended": lazy("links ended"),
    "locked": lazy("locked"),
    "planned": lazy("planned"),
    "queued": lazy("waiting to be sent"),
    "raised": lazy("raised"),
    "recalled": lazy("recalled"),
    "recipient_note": lazy("note by the recipient"),
    "released": lazy("released"),
    "reopened": lazy("opened again"),
    "resolved": lazy("resolved"),
    "returned": lazy("returned"),
    "rewalked": lazy("times worked out anew"),
    "sent": lazy("sent"),
    "snoozed": lazy("snoozed"),
    "unlocked": lazy("unlocked"),
    "updated": lazy("changed"),
}


def sentence(event: Event) -> str:
    """What happened, in one line; an event nobody put into words yet is still shown with its data."""
    told = TOLD.get(event.name)
    return told(event.data) if told else _plain(event)


def actor_words(actor: str) -> str:
    """Who did it: "user:anna" as "anna"; the rest as it is."""
    return actor.removeprefix("user:")


def _person(data: dict[str, Any]) -> str:
    words = PERSON.get(data["what"])
    detail = data.get("detail", "")
    role = Role(detail).label if detail in Role.values else detail
    given = {"person": data["person"], "detail": detail, "role": role}
    return str(words) % given if words else f"{data['person']}: {data['what']} {detail}".strip()


def _denied(data: dict[str, Any]) -> str:
    return _("%(person)s asked for what is not theirs: %(method)s %(path)s") % data


def _token(data: dict[str, Any]) -> str:
    kind = _("shop token") if data["kind"] == "shop" else _("phone")
    words = {"kind": kind, "label": data["label"]}
    if data["what"] == "revoked":
        return _("The %(kind)s “%(label)s” was revoked.") % words
    return _("A %(kind)s was let in: “%(label)s”.") % words


def _settings(data: dict[str, Any]) -> str:
    changes = data.get("changes") or {}
    listed = "; ".join(f"{field}: {_value(pair[0])} → {_value(pair[1])}" for field, pair in changes.items())
    words = {"noun": data["noun"], "label": data["label"], "what": data["what"], "changes": listed}
    if listed:
        return _("%(noun)s “%(label)s” %(what)s: %(changes)s") % words
    return _("%(noun)s “%(label)s” %(what)s") % words


def _value(value: Any) -> str:
    return "—" if value in (None, "") else str(value)


def _exported(data: dict[str, Any]) -> str:
    return _("Exported %(rows)s rows of %(what)s (%(detail)s).") % data


def _erased(data: dict[str, Any]) -> str:
    counts = ", ".join(f"{count} {kind}" for kind, count in (data.get("counts") or {}).items())
    return _("Erased (%(what)s): %(counts)s.") % {"what": data["what"], "counts": counts or "0"}


def _day(data: dict[str, Any]) -> str:
    return _("The day %(day)s: %(what)s.") % data


def _orders(data: dict[str, Any]) -> str:
    count = len(data["order_ids"])
    words = {"count": count, "what": _verb(data["what"])}
    return ngettext("%(count)s order: %(what)s.", "%(count)s orders: %(what)s.", count) % words


def _routes(data: dict[str, Any]) -> str:
    count = len(data["route_ids"])
    words = {"count": count, "what": _verb(data["what"])}
    return ngettext("%(count)s route: %(what)s.", "%(count)s routes: %(what)s.", count) % words


def _stop(data: dict[str, Any]) -> str:
    count = len(data["order_ids"])
    words = {"count": count, "what": _verb(data["what"])}
    return (
        ngettext("A stop with %(count)s order: %(what)s.", "A stop with %(count)s orders: %(what)s.", count)
        % words
    )


def _import(data: dict[str, Any]) -> str:
    made = ngettext("%(count)s order made", "%(count)s orders made", data["created"])
    changed = ngettext("%(count)s changed", "%(count)s changed", data["updated"])
    refused = ngettext("%(count)s row refused", "%(count)s rows refused", data["rejected"])
    return _("An import ended: %(made)s, %(changed)s, %(refused)s.") % {
        "made": made % {"count": data["created"]},
        "changed": changed % {"count": data["updated"]},
        "refused": refused % {"count": data["rejected"]},
    }


def _exception(data: dict[str, Any]) -> str:
    return _("Alert %(number)s: %(what)s.") % {"number": data["exception_id"], "what": _verb(data["what"])}


def _fleet(data: dict[str, Any]) -> str:
    return _("Vehicles, drivers or shifts of %(day)s changed.") % data


def _driver_message(data: dict[str, Any]) -> str:
    return _("A message between station and driver: %(what)s.") % {"what": _verb(data["what"])}


def _recipient_message(data: dict[str, Any]) -> str:
    return _("A message to a recipient: %(what)s.") % {"what": _verb(data["what"])}


def _proof(data: dict[str, Any]) -> str:
    if data["kind"] == "signature":
        return _("A signature was added to a proof of delivery.")
    return _("A photo was added to a proof of delivery.")


def _verb(what: str) -> str:
    return str(VERBS.get(what) or what.replace("_", " "))


def _plain(event: Event) -> str:
    words = ", ".join(
        f"{key} {value}" for key, value in event.data.items() if not isinstance(value, list | dict)
    )
    return f"{event.name}: {words}"[:300]


TOLD = {
    "person.changed": _person,
    "access.denied": _denied,
    "token.changed": _token,
    "settings.changed": _settings,
    "data.exported": _exported,
    "data.erased": _erased,
    "day.changed": _day,
    "orders.changed": _orders,
    "routes.changed": _routes,
    "stop.changed": _stop,
    "import.completed": _import,
    "exception.changed": _exception,
    "fleet.changed": _fleet,
    "driver_message.changed": _driver_message,
    "recipient_message.changed": _recipient_message,
    "proof.captured": _proof,
}
