"""A station's settings, with their history."""

import json
from typing import Any

from django.conf import settings as server
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.dates import WEEKDAYS
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from dispatch.access import MANAGE, actor_of, require_station, roles_at
from dispatch.models import Holiday, Role, ServiceLevel, Station, VehicleType
from dispatch.selectors.settings_history import Change, history_of, section_of
from dispatch.services import promise_rows, station_settings
from dispatch.services.changes import values_of
from dispatch.services.cities import open_city
from dispatch.services.setting_checks import SECTIONS
from dispatch.services.speeds import PERIODS
from dispatch.views.dials_form import said_dials
from dispatch.views.pages import frame, page
from dispatch.views.settings_forms import (
    CENTS,
    LABELS,
    SELECTS,
    TITLES,
    HolidayForm,
    LevelForm,
    SectionForm,
    level_initial,
    suggestions,
)
from lastmile.kernel.errors import LastmileError
from lastmile.refusals import in_words

TYPE_COSTS = ("cost_fixed_cents", "cost_km_cents", "cost_hour_cents")
MAY_READ = (Role.MANAGER, Role.AUDITOR)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def show(request: HttpRequest, station_id: int) -> HttpResponse:
    """All sections; a POST saves the one it names and comes back to it."""
    posts = request.method == "POST"
    station = require_station(request.user, station_id, MANAGE if posts else MAY_READ)
    bound: SectionForm | None = None
    if posts and request.POST.get("section") in SECTIONS:
        bound = SectionForm(request.POST["section"], station, request.POST)
        if bound.is_valid() and _saved(request, station, bound):
            return to_section(station, bound.section)
    return render(request, "dispatch/settings.html", _context(request, station, bound))


def to_section(station: Station, section: str) -> HttpResponse:
    return redirect(f"{reverse('station-settings', args=[station.pk])}#{section}")


def _saved(request: HttpRequest, station: Station, form: SectionForm) -> bool:
    try:
        changes = station_settings.change_settings(
            station=station,
            values=form.values(),
            seen=form.shown(),
            actor=actor_of(request),
            now=station.now(),
        )
    except LastmileError as error:
        if error.code != "conflict":
            form.refuse(error)
            return False
        _tell_conflict(request, error)
        return True  # drawn afresh, with what the other person saved
    told = gettext("Saved.") if changes else gettext("Nothing was different.")
    messages.success(request, f"{TITLES[form.section]}: {told}")
    return True


def _tell_conflict(request: HttpRequest, error: LastmileError) -> None:
    messages.error(request, in_words(error))
    moved = error.data.get("changed")
    for name, value in (moved if isinstance(moved, dict) else {}).items():
        words = gettext("%(field)s is now: %(value)s")
        messages.warning(request, words % {"field": LABELS[name], "value": said(name, value)})


def _context(request: HttpRequest, station: Station, bound: SectionForm | None) -> dict[str, Any]:
    may_edit = Role.MANAGER in roles_at(request.user, station.pk)
    history = history_of(station)
    now = values_of(station, [name for names in SECTIONS.values() for name in names])
    tiles = open_city(station).tiles() | {"online_url": server.TILE_URL or None}
    return frame(request, station, "station-settings") | {
        "tab": "settings",
        "sections": [_section(station, name, bound, history[name], now, may_edit) for name in SECTIONS],
        "bound": bound,
        "may_edit": may_edit,
        "holidays": Holiday.objects.filter(station=station),
        "holiday_form": HolidayForm(auto_id="holiday-%s"),
        "holiday_history": [_line(change, now) for change in history["holidays"]],
        "levels": ServiceLevel.objects.filter(station=station).order_by("-active", "days_after", "cutoff"),
        "level_history": [_line(change, now) for change in history["levels"]],
        "types": [
            {"id": row.pk, "name": row.name, "costs": [said(name, getattr(row, name)) for name in TYPE_COSTS]}
            for row in VehicleType.objects.filter(vehicles__station=station).distinct()
        ],
        "may_edit_types": getattr(request.user, "is_superuser", False),
        "ground": json.dumps({"lat": station.lat, "lng": station.lng, "tiles": tiles}),
        "suggestions": suggestions() if may_edit else {},
    }


def _section(
    station: Station,
    name: str,
    bound: SectionForm | None,
    history: list[Change],
    now: dict[str, Any],
    may_edit: bool,
) -> dict[str, Any]:
    form = bound if bound is not None and bound.section == name else SectionForm(name, station)
    return {
        "name": name,
        "title": TITLES[name],
        "form": form if may_edit else None,
        "values": [(LABELS[field], said(field, now[field])) for field in SECTIONS[name]],
        "history": [_line(change, now) for change in history],
    }


def _line(change: Change, now: dict[str, Any]) -> dict[str, Any]:
    """A change as a line of the history; what it replaced can be restored unless it stands again."""
    restorable = section_of(change.field) is not None and change.field in now and change.what == "changed"
    return {
        "change": change,
        "who": change.actor.removeprefix("user:"),
        "field": LABELS.get(change.field, change.field),
        "before": said(change.field, change.before),
        "after": said(change.field, change.after),
        "restore": restorable and now[change.field] != change.before,
        "seen": json.dumps(now.get(change.field)),
    }


def said(field: str, value: Any) -> str:
    """A plain value in people's words."""
    if value is None or value == "":
        return gettext("empty")
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if field in CENTS or field in TYPE_COSTS:
        return number_format(value / 100, 2)
    if field in SELECTS:
        return str(dict(SELECTS[field]).get(value, value))
    if field == "dials":
        return said_dials(value)
    if field == "goods_apart":
        return "; ".join(" + ".join(pair) for pair in value) or gettext("empty")
    if field in PERIODS:
        start, end, main, through, local, workdays = value
        days = f" · {gettext('only Monday to Friday')}" if workdays else ""
        return f"{start}–{end} · {main} / {through} / {local} %{days}"
    if isinstance(value, list):
        return ", ".join(str(WEEKDAYS.get(each, each)) for each in value)
    text = str(value)
    return text.removesuffix(":00") if text.count(":") == 2 else text


@require_POST
@page
def restore(request: HttpRequest, station_id: int) -> HttpResponse:
    """Set a field back to what a line of the history says it was."""
    station = require_station(request.user, station_id, MANAGE)
    field, event = request.POST.get("field", ""), request.POST.get("event", "")
    try:
        seen = json.loads(request.POST.get("seen", ""))
    except ValueError:
        seen = None
    try:
        station_settings.restore_setting(
            station=station,
            event_id=int(event) if event.isdecimal() and len(event) < 19 else 0,
            field=field,
            seen=seen,
            actor=actor_of(request),
            now=station.now(),
        )
        messages.success(request, gettext("%(field)s is as it was.") % {"field": LABELS[field]})
    except LastmileError as error:
        if error.code == "conflict":
            _tell_conflict(request, error)
        else:
            messages.error(request, in_words(error))
    return to_section(station, section_of(field) or "identity")


@require_POST
@page
def holiday_new(request: HttpRequest, station_id: int) -> HttpResponse:
    station = require_station(request.user, station_id, MANAGE)
    form = HolidayForm(request.POST, auto_id="holiday-%s")
    if form.is_valid():
        try:
            made = promise_rows.add_holiday(
                station=station, **form.cleaned_data, actor=actor_of(request), now=station.now()
            )
            messages.success(request, gettext("%(name)s was added.") % {"name": made})
            return to_section(station, "holidays")
        except LastmileError as error:
            form.refuse(error)
    return render(
        request, "dispatch/settings.html", _context(request, station, None) | {"holiday_form": form}
    )


@require_POST
@page
def holiday_remove(request: HttpRequest, station_id: int, holiday_id: int) -> HttpResponse:
    station = require_station(request.user, station_id, MANAGE)
    row = Holiday.objects.filter(station=station, pk=holiday_id).select_related("station").first()
    if row is None:
        messages.error(request, gettext("That holiday is gone already."))
        return to_section(station, "holidays")
    try:
        promise_rows.remove_holiday(holiday=row, actor=actor_of(request), now=station.now())
        messages.success(request, gettext("%(name)s was removed.") % {"name": row})
    except LastmileError as error:
        messages.error(request, in_words(error))
    return to_section(station, "holidays")


@require_http_methods(["GET", "HEAD", "POST"])
@page
def level(request: HttpRequest, station_id: int, level_id: int | None = None) -> HttpResponse:
    """Add or change a service level; retiring one is taking the tick away."""
    station = require_station(request.user, station_id, MANAGE)
    row = ServiceLevel(station=station)
    if level_id is not None:
        found = ServiceLevel.objects.filter(station=station, pk=level_id).select_related("station").first()
        if found is None:
            messages.error(request, gettext("There is no such service level."))
            return to_section(station, "levels")
        row = found
    mark = promise_rows.level_mark(row) if row.pk else ""
    title = row.name or gettext("Add a service level")
    form = LevelForm(request.POST or None, initial=level_initial(row) | {"mark": mark})
    if request.method == "POST" and form.is_valid():
        values = {name: value for name, value in form.cleaned_data.items() if name != "mark"}
        try:
            promise_rows.save_level(
                level=row,
                values=values,
                mark=form.cleaned_data["mark"] or None,
                actor=actor_of(request),
                now=station.now(),
            )
            messages.success(request, gettext("%(name)s was saved.") % {"name": row})
            return to_section(station, "levels")
        except LastmileError as error:
            form.refuse(error)
    context = frame(request, station, "station-settings") | {
        "form": form,
        "title": title,
        "button": gettext("Save"),
        "back": f"{reverse('station-settings', args=[station.pk])}#levels",
    }
    return render(request, "dispatch/fleet_form.html", context)


BASE = "stations/<int:station_id>/settings/"
urlpatterns = [
    path(BASE, show, name="station-settings"),
    path(f"{BASE}restore/", restore, name="settings-restore"),
    path(f"{BASE}holidays/", holiday_new, name="settings-holiday-new"),
    path(f"{BASE}holidays/<int:holiday_id>/remove/", holiday_remove, name="settings-holiday-remove"),
    path(f"{BASE}levels/new/", level, name="settings-level-new"),
    path(f"{BASE}levels/<int:level_id>/", level, name="settings-level"),
]
