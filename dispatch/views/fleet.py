"""Today's fleet: who and what is out, and its changes during the day."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dispatch.access import BOARD, READ, actor_of, require_station, roles_at
from dispatch.models import Absence, Outage, Role, Shift, Station
from dispatch.selectors.board import today
from dispatch.selectors.fleet import FleetDay, Row, fleet_day
from dispatch.services import absences, fleet, order_fields, outages, swaps
from dispatch.services.fleet import clocks_of
from dispatch.services.station_days import is_closed
from dispatch.views import fleet_rows
from dispatch.views.fleet_forms import (
    AwayForm,
    BackForm,
    CopyForm,
    HoursForm,
    OutageForm,
    PickDriverForm,
    PickShiftForm,
    PickVehicleForm,
    ShiftForm,
    span,
)
from dispatch.views.pages import frame, page
from lastmile.kernel.errors import LastmileError, not_found
from lastmile.refusals import in_words


def asked_day(request: HttpRequest, station: Station) -> date:
    """The day of the address line; what is none is today."""
    try:
        return order_fields.day(request.GET["day"])
    except (KeyError, order_fields.Bad):
        return today(station)


def to_day(station: Station, day: date) -> HttpResponse:
    return redirect(f"{reverse('fleet', args=[station.pk])}?day={day.isoformat()}")


def by(request: HttpRequest, station: Station) -> dict[str, Any]:
    return {"actor": actor_of(request), "now": station.now()}


@require_safe
@page
def show(request: HttpRequest, station_id: int) -> HttpResponse:
    station = require_station(request.user, station_id, READ)
    day = asked_day(request, station)
    return render(request, "dispatch/fleet.html", _context(request, station, day))


def _context(request: HttpRequest, station: Station, day: date) -> dict[str, Any]:
    roles = roles_at(request.user, station.pk)
    found = fleet_day(station, day)
    closed = is_closed(station, day)
    may_act = bool(roles & set(BOARD)) and not closed
    return frame(request, station, "fleet") | {
        "day": day,
        "today": today(station),
        "fleet": found,
        "closed": closed,
        "may_act": may_act,
        "may_manage": Role.MANAGER in roles,
        "needs": _needs(found) if may_act else [],
        "copy": CopyForm(),
    }


def _needs(found: FleetDay) -> list[dict[str, Any]]:
    """What must be decided, each with its one-step answer."""
    return [
        {
            "row": row,
            "driver": PickDriverForm(
                drivers=row.drivers, initial={"mark": row.mark}, auto_id=f"driver-{row.shift.pk}-%s"
            )
            if row.needs_driver
            else None,
            "vehicle": PickVehicleForm(
                vehicles=row.vehicles, initial={"mark": row.mark}, auto_id=f"vehicle-{row.shift.pk}-%s"
            )
            if row.needs_vehicle and row.may_swap
            else None,
        }
        for row in found.needs
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@page
def new_shift(request: HttpRequest, station_id: int) -> HttpResponse:
    """An extra driver, an extra van."""
    station = require_station(request.user, station_id, BOARD)
    day = asked_day(request, station)
    form = ShiftForm(request.POST or None, station=station, initial={"start": "08:00", "end": "16:00"})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            shift = fleet.add_shift(
                station=station,
                day=day,
                vehicle=data["vehicle"],
                driver=data["driver"],
                clocks=form.clocks(),
                **by(request, station),
            )
        except LastmileError as error:
            form.refuse(error)
        else:
            messages.success(request, gettext("%(shift)s was added.") % {"shift": shift})
            return to_day(station, day)
    title = gettext("Add a shift")
    return _form_page(request, station, day, form, title, gettext("Add the shift"))


def _form_page(
    request: HttpRequest, station: Station, day: date, form: Any, title: str, button: str, note: str = ""
) -> HttpResponse:
    context = frame(request, station, "fleet") | {
        "form": form,
        "title": title,
        "button": button,
        "note": note,
        "day": day,
        "back": f"{reverse('fleet', args=[station.pk])}?day={day.isoformat()}",
    }
    return render(request, "dispatch/fleet_form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def shift(request: HttpRequest, station_id: int, shift_id: int) -> HttpResponse:
    """One shift with everything that can be done to it; each part of the page is a form of its own."""
    station = require_station(request.user, station_id, BOARD)
    row = _row(station, shift_id)
    forms = _forms(request, row)
    if request.method == "POST":
        asked = request.POST.get("action", "")
        form = forms.get(asked)
        if form is not None and form.is_valid():
            try:
                _act(request, asked, row.shift, form)
            except LastmileError as error:
                form.refuse(error)
            else:
                return to_day(station, row.shift.day)
        if request.POST.get("next") == "fleet":
            for words in (error for errors in (form.errors.values() if form else ()) for error in errors):
                messages.error(request, words)
            return to_day(station, row.shift.day)
    context = frame(request, station, "fleet") | {
        "row": row,
        "shift": row.shift,
        "forms": forms,
        "day": row.shift.day,
        "closed": is_closed(station, row.shift.day),
        "back": f"{reverse('fleet', args=[station.pk])}?day={row.shift.day.isoformat()}",
    }
    return render(request, "dispatch/fleet_shift.html", context)


def _row(station: Station, shift_id: int) -> Row:
    found = Shift.objects.filter(pk=shift_id, station=station).first()
    if found is None:
        raise not_found("The shift")
    for row in fleet_day(station, found.day).rows:
        if row.shift.pk == shift_id:
            return row
    raise not_found("The shift")


def _forms(request: HttpRequest, row: Row) -> dict[str, Any]:
    """The forms of a shift's page by what they do; the one that was sent is bound."""
    asked = request.POST.get("action") if request.method == "POST" else None
    clocks = clocks_of(row.shift)

    def made(kind: Any, action: str, initial: dict[str, Any] | None = None, **kwargs: Any) -> Any:
        data = request.POST if asked == action else None
        given = {"mark": row.mark} | (initial or {})
        return kind(data, initial=given, auto_id=f"{action}-%s", **kwargs)

    hours = {name: getattr(clocks, name) for name in type(clocks).__slots__}
    return {
        "hours": made(HoursForm, "hours", hours),
        "driver": made(PickDriverForm, "driver", drivers=row.drivers),
        "vehicle": made(PickVehicleForm, "vehicle", vehicles=row.vehicles),
        "exchange": made(PickShiftForm, "exchange", shift=row.shift),
        "remove": made(PickDriverForm, "remove", drivers=[]),
    }


def _act(request: HttpRequest, asked: str, shift: Shift, form: Any) -> None:
    data = form.cleaned_data
    common = {"shift": shift, "mark": data["mark"] or None, **by(request, shift.station)}
    if asked == "hours":
        fleet.change_hours(clocks=form.clocks(), **common)
        messages.success(request, gettext("The hours were changed."))
    elif asked == "driver":
        changed = swaps.replace_driver(driver=data["driver"], **common)
        messages.success(request, str(changed))
    elif asked == "vehicle":
        changed = swaps.swap_vehicle(vehicle=data["vehicle"], **common)
        messages.success(request, str(changed))
        _show_violations(request, [changed])
    elif asked == "exchange":
        marks = (common.pop("mark"), None)
        traded = swaps.exchange_vehicles(other=data["other"], marks=marks, **common)
        messages.success(request, gettext("The vehicles were exchanged."))
        _show_violations(request, list(traded))
    else:
        returned = fleet.remove_shift(**common)
        words = gettext("The shift was taken out.")
        if returned:
            words += " " + ngettext(
                "%(n)s order went back into the pool.", "%(n)s orders went back into the pool.", len(returned)
            ) % {"n": len(returned)}
        messages.success(request, words)


def _show_violations(request: HttpRequest, shifts: list[Shift]) -> None:
    """What the other vehicle cannot do is said at once, not found at the ramp."""
    for shift in shifts:
        route = fleet.current_route(shift)
        for violation in route.violations if route else ():
            messages.warning(request, f"{route}: {violation['words']}")


@require_POST
@page
def copy(request: HttpRequest, station_id: int) -> HttpResponse:
    station = require_station(request.user, station_id, BOARD)
    day = asked_day(request, station)
    form = CopyForm(request.POST)
    if form.is_valid():
        try:
            made, skipped = fleet.copy_roster(
                station=station, source=form.cleaned_data["source"], day=day, **by(request, station)
            )
        except LastmileError as error:
            form.refuse(error)
        else:
            words = ngettext("%(n)s shift was copied.", "%(n)s shifts were copied.", len(made))
            messages.success(request, words % {"n": len(made)})
            for each in skipped:
                words = gettext("Not copied, %(label)s: %(words)s")
                messages.warning(request, words % {"label": each.label, "words": each.words})
    for errors in form.errors.values():
        messages.error(request, " ".join(map(str, errors)))
    return to_day(station, day)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def away(request: HttpRequest, station_id: int) -> HttpResponse:
    """A driver is ill or on leave."""
    station = require_station(request.user, station_id, BOARD)
    day = asked_day(request, station)
    initial = span(day) | {"driver": request.GET.get("driver", "")}
    form = AwayForm(request.POST or None, station=station, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            done = absences.report_absence(**form.cleaned_data, **by(request, station))
        except LastmileError as error:
            form.refuse(error)
        else:
            _tell_away(request, done)
            return to_day(station, day)
    note = gettext(
        "Shifts and draft routes of these days lose the driver. Routes on the way wait for your choice."
    )
    return _form_page(request, station, day, form, gettext("Driver away"), gettext("Note the absence"), note)


def _tell_away(request: HttpRequest, done: absences.Away) -> None:
    words = ngettext(
        "%(name)s is away; %(n)s shift has no driver now.",
        "%(name)s is away; %(n)s shifts have no driver now.",
        len(done.shifts),
    )
    messages.success(request, words % {"name": done.absence.driver.name, "n": len(done.shifts)})
    for route in done.needing:
        words = gettext("%(route)s is %(state)s and needs another driver at once.")
        messages.warning(request, words % {"route": route.name, "state": route.state})


@require_http_methods(["GET", "HEAD", "POST"])
@page
def out_of_service(request: HttpRequest, station_id: int) -> HttpResponse:
    """A vehicle broke down."""
    station = require_station(request.user, station_id, BOARD)
    day = asked_day(request, station)
    initial = span(day) | {"vehicle": request.GET.get("vehicle", "")}
    form = OutageForm(request.POST or None, station=station, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            done = outages.report_outage(**form.cleaned_data, **by(request, station))
        except LastmileError as error:
            form.refuse(error)
        else:
            words = ngettext(
                "%(name)s is out of service; %(n)s shift needs another vehicle.",
                "%(name)s is out of service; %(n)s shifts need another vehicle.",
                len(done.shifts),
            )
            messages.success(request, words % {"name": done.outage.vehicle.name, "n": len(done.shifts)})
            return to_day(station, day)
    note = gettext("The planner leaves the vehicle out; its shifts are listed until they have another.")
    title = gettext("Vehicle out of service")
    return _form_page(request, station, day, form, title, gettext("Take out of service"), note)


@require_POST
@page
def back(request: HttpRequest, station_id: int, absence_id: int) -> HttpResponse:
    station = require_station(request.user, station_id, BOARD)
    rows = Absence.objects.filter(driver__station=station).select_related("driver__station")
    absence = rows.filter(pk=absence_id).first()
    return _end(request, station, absence and (lambda **at: absences.end_absence(absence=absence, **at)))


@require_POST
@page
def in_service(request: HttpRequest, station_id: int, outage_id: int) -> HttpResponse:
    station = require_station(request.user, station_id, BOARD)
    rows = Outage.objects.filter(vehicle__station=station).select_related("vehicle__station")
    outage = rows.filter(pk=outage_id).first()
    return _end(request, station, outage and (lambda **at: outages.end_outage(outage=outage, **at)))


def _end(request: HttpRequest, station: Station, end: Any) -> HttpResponse:
    day = asked_day(request, station)
    form = BackForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("Say on which day."))
    elif end is None:
        messages.error(request, gettext("That was ended already."))
    else:
        try:
            end(back_on=form.cleaned_data["back_on"], **by(request, station))
            messages.success(
                request, gettext("Noted. Shifts that were lost are not given back by themselves.")
            )
        except LastmileError as error:
            messages.error(request, in_words(error))
    return to_day(station, day)


BASE = "stations/<int:station_id>/fleet/"
urlpatterns = [
    path(BASE, show, name="fleet"),
    path(f"{BASE}copy/", copy, name="fleet-copy"),
    path(f"{BASE}shifts/new/", new_shift, name="fleet-shift-new"),
    path(f"{BASE}shifts/<int:shift_id>/", shift, name="fleet-shift"),
    path(f"{BASE}away/", away, name="fleet-away"),
    path(f"{BASE}away/<int:absence_id>/end/", back, name="fleet-back"),
    path(f"{BASE}out/", out_of_service, name="fleet-out"),
    path(f"{BASE}out/<int:outage_id>/end/", in_service, name="fleet-in"),
    *fleet_rows.urlpatterns,
]
