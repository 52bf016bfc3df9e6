"""The audit in words: every event, and every verb that the sources publish, in both languages."""

from typing import Any

import pytest
from django.apps import apps
from django.utils import translation

import dispatch.tasks  # noqa: F401  (the server's kinds of job)
from dispatch.admin.fleet import FleetAdmin
from dispatch.views.audit_verbs import ERASED, EXPORTED, JOBS, NOUNS, PERSON, PLANS, VERBS
from dispatch.views.audit_words import KINDS, TOLD, sentence
from lastmile import jobs
from lastmile.kernel import events
from lastmile.models import Event
from tests.dispatch.published import verbs

DURABLE = {name: kind for name, kind in events.vocabulary().items() if kind.durable}
TABLES = {"PersonChanged": PERSON, "DataExported": EXPORTED, "DataErased": ERASED}
FOR_TOKENS = {"made", "issued", "revoked"}  # a sentence each, chosen by the verb
SAMPLES: dict[str, Any] = {
    "what": "deactivated", "person": "anna", "detail": "", "kind": "shop", "label": "web", "noun": "station",
    "changes": {"a": [1, None]}, "rows": 1, "counts": {"orders": 2}, "order_ids": [1], "route_ids": [1],
    "day": "2026-03-10", "method": "GET", "path": "/x/", "state": "done",
}  # fmt: skip


def told(name: str, **changes: Any) -> str:
    fields = [field for field in DURABLE[name].__slots__ if field != "station_id"]
    return sentence(Event(name=name, data={field: SAMPLES.get(field, 1) for field in fields} | changes))


@pytest.mark.parametrize("name", sorted(DURABLE))
def test_every_event_that_is_kept_has_a_sentence_and_a_kind(name: str) -> None:
    """Under "Everything" nothing may stand as the machine calls it, nor in English on a German page."""
    assert name in TOLD
    assert name in KINDS
    english = told(name)
    with translation.override("de"):
        german = told(name)
    assert name not in english
    assert name not in german
    assert german != english


def test_the_walk_finds_what_is_published() -> None:
    """It reads conditions, loops and verbs handed on through functions: else the test below holds nothing."""
    found = {(event, verb) for event, verb, _ in verbs()}
    assert {
        ("DayChanged", "closed"), ("DayChanged", "late_report"), ("RoutesChanged", "locked"),
        ("RoutesChanged", "dropped"), ("RoutesChanged", "dissolved"), ("OrdersChanged", "located"),
        ("OrdersChanged", "rolled_over"), ("OrdersChanged", "updated"), ("StopChanged", "failed"),
        ("SettingsChanged", "added"), ("SettingsChanged", "out of service"), ("SettingsChanged", "removed"),
        ("ExceptionChanged", "snoozed"), ("PersonChanged", "entry_link_made"), ("DataErased", "retention"),
        ("TokenChanged", "revoked"), ("RecipientMessageChanged", "queued"), ("DriverMessageChanged", "sent"),
    } <= found  # fmt: skip
    assert {event for event, _ in found} == {
        kind.__name__ for kind in DURABLE.values() if "what" in kind.__slots__
    }


def test_every_verb_that_is_published_is_in_words_in_both_languages() -> None:
    unsaid, english = [], []
    for event, verb, where in sorted(verbs()):
        table: Any = TABLES.get(event, VERBS)
        if event == "TokenChanged":
            assert verb in FOR_TOKENS, where
        elif verb not in table:
            unsaid.append((event, verb, where))
        else:
            with translation.override("de"):
                german = str(table[verb])
            with translation.override("en"):
                english += [(event, verb, where)] if german == str(table[verb]) else []
    assert not unsaid
    assert not english


def test_nouns_states_and_tasks_are_in_words() -> None:
    """Rows whose changes are kept, ends of a plan, and every kind of task that the server runs."""
    from django.contrib import admin

    kept = [each for each in admin.site._registry.values() if isinstance(each, FleetAdmin) and each.history]
    assert len(kept) > 4
    rows = [each.model for each in kept]
    rows += [apps.get_model("dispatch", name) for name in ("absence", "outage", "shop")]
    assert {str(row._meta.verbose_name) for row in rows} <= NOUNS.keys()
    ours = {kind for kind, work in jobs._kinds.items() if not work.__module__.startswith("tests")}
    assert ours == JOBS.keys()
    with translation.override("de"):
        assert told("job.finished", kind="plan.run", state="done").count("plan.run") == 0
        for state in PLANS:
            assert state not in told("plan.ended", state=str(state))
