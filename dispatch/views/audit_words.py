"""Events as sentences for people."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from dispatch.models import Role
from dispatch.views.audit_verbs import ERASED, ERASED_COUNTS, EXPORTED, JOBS, NOUNS, PERSON, PLANS, VERBS
from lastmile.models import Event, JobState

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
    "plan.started": lazy("Plans begun"),
    "plan.completed": lazy("Plans found"),
    "plan.ended": lazy("Plans ended"),
    "job.queued": lazy("Tasks of the server queued"),
    "job.finished": lazy("Tasks of the server ended"),
    "eta.changed": lazy("Expected times"),
    "clock.changed": lazy("The station’s clock"),
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
    words = {
        "noun": _noun(data["noun"]),
        "label": data["label"],
        "what": _verb(data["what"]),
        "changes": listed,
    }
    if listed:
        return _("%(noun)s “%(label)s” %(what)s: %(changes)s") % words
    return _("%(noun)s “%(label)s” %(what)s") % words


def _value(value: Any) -> str:
    return "—" if value in (None, "") else str(value)


def _exported(data: dict[str, Any]) -> str:
    what = str(EXPORTED.get(data["what"], data["what"]))
    return _("Exported %(rows)s rows of %(what)s (%(detail)s).") % (data | {"what": what})


def _erased(data: dict[str, Any]) -> str:
    given = (data.get("counts") or {}).items()
    counts = ", ".join(f"{ERASED_COUNTS.get(kind, kind)} {count}" for kind, count in given)
    what = str(ERASED.get(data["what"], data["what"]))
    return _("Erased (%(what)s): %(counts)s.") % {"what": what, "counts": counts or "0"}


def _day(data: dict[str, Any]) -> str:
    return _("The day %(day)s: %(what)s.") % {"day": data["day"], "what": _verb(data["what"])}


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


def _job_queued(data: dict[str, Any]) -> str:
    return _("Task %(number)s of the server waits for its turn.") % {"number": data["job_id"]}


def _job_finished(data: dict[str, Any]) -> str:
    state = JobState(data["state"]).label if data["state"] in JobState.values else data["state"]
    kind = str(JOBS.get(data["kind"], data["kind"]))
    words = {"number": data["job_id"], "kind": kind, "state": state}
    return _("Task %(number)s of the server (%(kind)s) ended: %(state)s.") % words


def _plan_started(data: dict[str, Any]) -> str:
    return _("The search for plan %(number)s began.") % {"number": data["plan_id"]}


def _plan_completed(data: dict[str, Any]) -> str:
    return _("Plan %(number)s was found and is proposed.") % {"number": data["plan_id"]}


def _plan_ended(data: dict[str, Any]) -> str:
    state = str(PLANS.get(data["state"], data["state"]))
    return _("Plan %(number)s: %(state)s.") % {"number": data["plan_id"], "state": state}


def _eta(data: dict[str, Any]) -> str:
    count = len(data["route_ids"])
    words = ngettext(
        "The expected times of %(count)s route changed.",
        "The expected times of %(count)s routes changed.",
        count,
    )
    return words % {"count": count}


def _clock(data: dict[str, Any]) -> str:
    return _("The station’s clock was set.")


def _noun(noun: str) -> str:
    return str(NOUNS.get(noun.replace("_", " ")) or noun.replace("_", " "))


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
    "plan.started": _plan_started,
    "plan.completed": _plan_completed,
    "plan.ended": _plan_ended,
    "job.queued": _job_queued,
    "job.finished": _job_finished,
    "eta.changed": _eta,
    "clock.changed": _clock,
}
