"""Who did what: the ledger to read, and to take away as a file."""

from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from dispatch.access import actor_of, require_station
from dispatch.models import Role, Station
from dispatch.selectors.audit import PAGE, Asked, audit
from dispatch.services.csv_writing import csv_lines
from dispatch.views.audit_words import KINDS, actor_words, sentence
from dispatch.views.imports import csv_response
from dispatch.views.pages import frame, page
from lastmile import bus
from lastmile.kernel import events
from lastmile.models import Event

LOOK = (Role.MANAGER, Role.AUDITOR)
MOST = 100_000  # rows of one file


def read_asked(request: HttpRequest) -> Asked:
    """The filter in the address; what makes no sense there is as if it were not asked."""
    given = {name: request.GET.get(name, "").replace("\x00", "").strip()[:100] for name in request.GET}
    kind = given.get("kind", "")
    before = given.get("before", "")
    return Asked(
        kind=kind if kind in KINDS or kind == "all" else "",
        actor=given.get("actor", ""),
        day=_day(given.get("day", "")),
        text=given.get("text", ""),
        before=int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None,
    )


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1970 < found.year < 9999 else None


def _rows(request: HttpRequest, station: Station, asked: Asked) -> Any:
    return audit(station, asked, everywhere=bool(getattr(request.user, "is_superuser", False)))


@require_safe
@page
def show(request: HttpRequest, station_id: int) -> HttpResponse:
    """Fifty at a time, newest first."""
    station = require_station(request.user, station_id, LOOK)
    asked = read_asked(request)
    found = list(_rows(request, station, asked)[: PAGE + 1])
    query = {"kind": asked.kind, "actor": asked.actor, "day": asked.day or "", "text": asked.text}
    context = frame(request, station, "people") | {
        "tab": "audit",
        "asked": asked,
        "kinds": KINDS.items(),
        "lines": [
            {"event": event, "who": actor_words(event.actor), "words": sentence(event)}
            for event in found[:PAGE]
        ],
        "query": urlencode({name: value for name, value in query.items() if value}),
        "older": found[PAGE - 1].pk if len(found) > PAGE else None,
    }
    return render(request, "dispatch/audit.html", context)


@require_safe
@page
def export(request: HttpRequest, station_id: int) -> HttpResponseBase:
    """The same as a file; that it was taken is an event too."""
    station = require_station(request.user, station_id, LOOK)
    asked = read_asked(request)
    rows = _rows(request, station, asked)
    count = min(rows.count(), MOST)
    detail = ", ".join(f"{name} {value}" for name, value in request.GET.items() if value)
    detail = detail.replace("\0", "")[:200]  # PostgreSQL keeps no NUL
    with transaction.atomic():
        event = events.DataExported(station_id=station.pk, what="audit", rows=count, detail=detail)
        bus.publish(event, actor=actor_of(request), at=station.clock.at(timezone.now()))
    return csv_response(
        csv_lines(["time", "who", "kind", "what"], _lines(rows, station)), f"audit-{station.code}.csv"
    )


def _lines(rows: Any, station: Station) -> Iterator[list[str]]:
    found: Iterator[Event] = islice(rows.iterator(chunk_size=1000), MOST)
    for event in found:
        at = event.recorded_at.astimezone(station.zone).isoformat(timespec="seconds")
        yield [at, actor_words(event.actor), event.name, sentence(event)]


BASE = "stations/<int:station_id>/audit/"
urlpatterns = [
    path(BASE, show, name="audit"),
    path(f"{BASE}audit.csv", export, name="audit-export"),
]
