"""Reading the ledger as an audit: what was done at a station, by whom, newest first."""

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from dispatch.models import Membership, Station
from lastmile.kernel import events
from lastmile.models import Event

PAGE = 50
# What is looked for in an audit; the rest of the ledger is the day's work and the machinery's.
SENSITIVE = (
    *(events.PersonChanged.name, events.AccessDenied.name, events.TokenChanged.name),
    *(events.SettingsChanged.name, events.DataExported.name, events.DataErased.name, events.DayChanged.name),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A filter; empty fields ask for everything. `kind` is an event's name, or "all" for more than the sensitive."""

    kind: str = ""
    actor: str = ""
    day: date | None = None
    text: str = ""
    before: int | None = None


def audit(station: Station, asked: Asked, *, everywhere: bool) -> QuerySet[Event]:
    """Events of the station and sign-ins of its people; with `everywhere` all that belongs to no station, too.

    By the wall clock: an audit asks when somebody did it, and a station's own clock can be set.
    """
    rows = Event.objects.filter(_visible(station, everywhere))
    if asked.kind and asked.kind != "all":
        rows = rows.filter(name=asked.kind)
    elif not asked.kind:
        rows = rows.filter(name__in=SENSITIVE)
    if asked.day:
        start = datetime.combine(asked.day, time(), tzinfo=station.zone)
        end = datetime.combine(asked.day + timedelta(days=1), time(), tzinfo=station.zone)
        rows = rows.filter(recorded_at__gte=start, recorded_at__lt=end)
    if asked.actor:
        rows = rows.filter(actor__icontains=asked.actor)
    if asked.text:
        rows = rows.annotate(words=Cast("data", TextField()))
        # One database keeps letters beyond ASCII as they are, the other as JSON escapes.
        escaped = json.dumps(asked.text)[1:-1]
        rows = rows.filter(Q(words__icontains=asked.text) | Q(words__icontains=escaped))
    if asked.before:
        rows = rows.filter(pk__lt=asked.before)
    return rows.order_by("-pk")


def _visible(station: Station, everywhere: bool) -> Q:
    here = Q(station_id=station.pk)
    if everywhere:
        return here | Q(station_id=0)
    people = list(Membership.objects.filter(station=station).values_list("user_id", flat=True).distinct())
    return here | Q(station_id=0, name=events.PersonChanged.name, data__user_id__in=people)
