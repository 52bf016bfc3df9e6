"""Recurring orders: list and form."""

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dispatch.access import BOARD, actor_of, require_station
from dispatch.models import RecurringOrder, Station
from dispatch.recurring_forms import RecurringForm, initial_day, initial_of
from dispatch.services.promises import Calendar, calendar_of
from dispatch.services.recurring import end_recurring, save_recurring, set_active
from dispatch.services.recurring_days import days_of
from dispatch.views.closed_days import warn_of_weekdays
from dispatch.views.pages import frame, page
from lastmile.kernel.errors import LastmileError, not_found
from lastmile.refusals import in_words, said

PAGE = 50
DAYS_SHOWN = 4
LOOK = timedelta(days=60)
WHY = {
    "closed_weekday": gettext_lazy("closed on this weekday"),
    "holiday": gettext_lazy("holiday"),
    "closed": gettext_lazy("day closed"),
}


def _today(station: Station, now: datetime) -> date:
    return now.astimezone(station.zone).date()


@require_safe
@page
def recurring(request: HttpRequest, station_id: int) -> HttpResponse:
    station = require_station(request.user, station_id, BOARD)
    today = _today(station, station.now())
    found = RecurringOrder.objects.filter(station=station).select_related("shop")
    shown = Paginator(found, PAGE).get_page(request.GET.get("page"))
    calendar = calendar_of(station, today)
    context = frame(request, station, "orders") | {
        "rows": [_row(series, calendar, today) for series in shown],
        "shown": shown,
    }
    return render(request, "dispatch/recurring_list.html", context)


def _row(series: RecurringOrder, calendar: Calendar, today: date) -> dict[str, Any]:
    ended = series.last_day is not None and series.last_day < today
    first = max(today, series.first_day)
    coming = [] if ended or not series.active else days_of(series, calendar, first, first + LOOK)
    return {
        "series": series,
        "ended": ended,
        "weekdays": ", ".join(str(WEEKDAYS_ABBR[day]) for day in series.weekdays),
        "days": [{"day": each.day, "why": WHY.get(each.skipped, "")} for each in coming[:DAYS_SHOWN]],
    }


def _series(station: Station, series_id: int) -> RecurringOrder:
    found = RecurringOrder.objects.select_related("shop", "station")
    series = found.filter(pk=series_id, station=station).first()
    if series is None:
        raise not_found("The series")
    return series


@require_http_methods(["GET", "HEAD", "POST"])
@page
def new(request: HttpRequest, station_id: int) -> HttpResponse:
    station = require_station(request.user, station_id, BOARD)
    form = RecurringForm(
        request.POST or None, station=station, initial=initial_day(_today(station, station.now()))
    )
    return _form(request, station, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def edit(request: HttpRequest, station_id: int, series_id: int) -> HttpResponse:
    station = require_station(request.user, station_id, BOARD)
    series = _series(station, series_id)
    form = RecurringForm(request.POST or None, station=station, series=series, initial=initial_of(series))
    return _form(request, station, form, series)


def _form(
    request: HttpRequest, station: Station, form: RecurringForm, series: RecurringOrder | None
) -> HttpResponse:
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                saved = _save(request, station, form, series)
            except LastmileError as error:
                _refuse(form, error)
                status = error.status if error.status == 412 else 422
            else:
                words = _("“%(name)s” is saved. Its orders are being brought up to date.")
                messages.success(request, words % {"name": saved.name})
                warn_of_weekdays(request, station, saved.weekdays)
                return redirect("recurring", station.pk)
    context = frame(request, station, "orders") | {"form": form, "series": series}
    return render(request, "dispatch/recurring_form.html", context, status=status)


def _save(
    request: HttpRequest, station: Station, form: RecurringForm, series: RecurringOrder | None
) -> RecurringOrder:
    given = form.cleaned_data
    return save_recurring(
        station=station,
        shop=given["shop"],
        name=given["name"],
        fields=form.order_row(),
        weekdays=given["weekdays"],
        first_day=given["first_day"],
        last_day=given["last_day"],
        actor=actor_of(request),
        now=station.now(),
        recurring=series,
        version=given["version"] or (series.version if series else None),
    )


def _refuse(form: RecurringForm, error: LastmileError) -> None:
    """Every reason at its field, or at the top where the form has no such field."""
    reasons: Any = error.data.get("errors")
    told = reasons or [{"field": error.field, "cause": in_words(error)}]
    for reason in told:
        field = {"window": "window_start", "weight_g": "weight_kg"}.get(reason["field"], reason["field"])
        form.add_error(field if field in form.fields else None, said(reason["cause"]))


@require_POST
@page
def change(request: HttpRequest, station_id: int, series_id: int) -> HttpResponse:
    """Pause, resume or end, on the version that the page showed."""
    station = require_station(request.user, station_id, BOARD)
    series = _series(station, series_id)
    word = request.POST.get("version", "")
    version = int(word) if word.isascii() and word.isdigit() and len(word) < 10 else 0
    common: dict[str, Any] = {
        "recurring": series,
        "version": version or -1,
        "actor": actor_of(request),
        "now": station.now(),
    }
    try:
        _change(request.POST.get("do", ""), station, common)
        messages.success(request, _("“%(name)s” is changed.") % {"name": series.name})
    except LastmileError as error:
        messages.error(request, in_words(error))
    return redirect("recurring", station.pk)


def _change(verb: str, station: Station, common: dict[str, Any]) -> None:
    if verb in ("pause", "resume"):
        set_active(active=verb == "resume", **common)
    elif verb == "end":
        end_recurring(last_day=_today(station, common["now"]), **common)
    else:
        raise LastmileError(
            "bad_choice", "There is no such change.", "Use the buttons of the page.", field="do"
        )


BASE = "stations/<int:station_id>/recurring/"
urlpatterns = [
    path(BASE, recurring, name="recurring"),
    path(f"{BASE}new/", new, name="recurring-new"),
    path(f"{BASE}<int:series_id>/", edit, name="recurring-edit"),
    path(f"{BASE}<int:series_id>/change/", change, name="recurring-change"),
]
