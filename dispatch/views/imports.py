"""Uploading a file of orders: choose it, see how it is understood, start it, watch it."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dispatch.access import BOARD, READ, actor_of, require_station
from dispatch.forms import ReadingForm, UploadForm
from dispatch.models import OrderImport, Station
from dispatch.models.order_import import ImportState
from dispatch.services import imports
from dispatch.services.csv_reading import DELIMITERS, ENCODINGS
from dispatch.services.csv_writing import csv_lines
from dispatch.services.order_draft import OrderDraft
from dispatch.views.pages import frame, page
from lastmile import jobs
from lastmile.kernel.errors import LastmileError, not_found
from lastmile.models import Job

RECENT = 10
ERRORS_SHOWN = 200


def _import(request: HttpRequest, station: Station, import_id: int) -> OrderImport:
    found = (
        OrderImport.objects.select_related("station", "shop").filter(pk=import_id, station=station).first()
    )
    if found is None:
        raise not_found("The import")
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@page
def new(request: HttpRequest, station_id: int) -> HttpResponse:
    """Choose a file."""
    station = require_station(request.user, station_id, BOARD)
    today = station.now().astimezone(station.zone).date()
    form = UploadForm(request.POST or None, request.FILES or None, station=station, initial={"day": today})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = imports.store_upload(
                    station=station,
                    shop=form.cleaned_data["shop"],
                    day=form.cleaned_data["day"],
                    upload=form.cleaned_data["file"],
                    actor=actor_of(request),
                    now=station.now(),
                )
                return redirect("import-show", station.pk, made.pk)
            except LastmileError as error:
                form.add_error("file", f"{error.cause} {error.action}")
                status = error.status if error.status > 422 else 422
    recent = OrderImport.objects.filter(station=station).select_related("shop").defer("errors")[:RECENT]
    context = frame(request, station, "import") | {"form": form, "recent": recent}
    return render(request, "dispatch/import_new.html", context, status=status)


@require_safe
@page
def show(request: HttpRequest, station_id: int, import_id: int) -> HttpResponse:
    """Before the start the preview, after it how far it is and what came of it."""
    station = require_station(request.user, station_id, BOARD)
    found = _import(request, station, import_id)
    context = frame(request, station, "import") | {
        "import": found,
        "encoding": ENCODINGS.get(found.encoding, found.encoding),
        "delimiter": DELIMITERS.get(found.delimiter, found.delimiter),
    }
    if found.state == ImportState.PREVIEW:
        return render(request, "dispatch/import_preview.html", context | _preview(found))
    job = Job.objects.filter(pk=found.job_id or 0).first()
    context |= {"job": job, "errors": found.errors[:ERRORS_SHOWN], "error_count": len(found.errors)}
    return render(request, "dispatch/import_show.html", context)


def _preview(found: OrderImport) -> dict[str, Any]:
    form = ReadingForm(initial={"encoding": found.encoding, "delimiter": found.delimiter})
    seen = imports.preview(found)
    used = seen.columns.used if seen.columns else ()
    rows = [
        {
            "line": row.line,
            "cells": [_understood(row.draft, field, found.station.zone) for field in used],
            "errors": row.errors,
        }
        for row in seen.rows
    ]
    bad = [(row.line, error) for row in seen.bad for error in row.errors]
    return {
        "form": form,
        "preview": seen,
        "used": used,
        "rows": rows,
        "bad": bad[:ERRORS_SHOWN],
        "bad_rows": len(seen.bad),
        "good_rows": seen.checked - len(seen.bad),
    }


SOURCE = {
    "house_number": "address",
    "service_min": "service_time_s",
    "weight": "weight_g",
    "weight_kg": "weight_g",
    "volume": "volume_cm3",
    "volume_l": "volume_cm3",
    "volume_m3": "volume_cm3",
}
UNITS = {"weight_g": "g", "volume_cm3": "cm³", "service_time_s": "s"}


def _understood(draft: OrderDraft | None, field: str, zone: ZoneInfo) -> str:
    """What a field came to, in words: the preview shows how the file is understood, not what it says."""
    if draft is None:
        return ""
    if field == "window":
        ends = (draft.window_start, draft.window_end)
        return "–".join(_clock(at, zone) for at in ends) if any(ends) else ""
    if field == "barcodes":
        return ", ".join(parcel.barcode for parcel in draft.parcels)
    name = SOURCE.get(field, field)
    value = getattr(draft, name)
    if value is None:
        return ""
    if isinstance(value, datetime):
        return _clock(value, zone)
    if isinstance(value, tuple):
        return ", ".join(value)
    return f"{value} {UNITS[name]}" if name in UNITS else str(value)


def _clock(at: datetime | None, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%H:%M") if at else ""


@require_POST
@page
def reading(request: HttpRequest, station_id: int, import_id: int) -> HttpResponse:
    """Read the file with another encoding or delimiter."""
    station = require_station(request.user, station_id, BOARD)
    found = _import(request, station, import_id)
    form = ReadingForm(request.POST)
    if form.is_valid():
        try:
            imports.read_otherwise(order_import=found, **form.cleaned_data)
        except LastmileError as error:
            messages.error(request, f"{error.cause} {error.action}")
    else:
        messages.error(request, _("Choose an encoding and a delimiter from the lists."))
    return redirect("import-show", station.pk, found.pk)


@require_POST
@page
def start(request: HttpRequest, station_id: int, import_id: int) -> HttpResponse:
    """Begin, or go on with one that stopped."""
    station = require_station(request.user, station_id, BOARD)
    found = _import(request, station, import_id)
    try:
        imports.start_import(order_import=found, actor=actor_of(request), now=station.now())
    except LastmileError as error:
        messages.error(request, f"{error.cause} {error.action}")
    return redirect("import-show", station.pk, found.pk)


@require_POST
@page
def cancel(request: HttpRequest, station_id: int, import_id: int) -> HttpResponse:
    """Stop a running import; what is taken stays taken."""
    station = require_station(request.user, station_id, BOARD)
    found = _import(request, station, import_id)
    if found.job_id and found.state == ImportState.RUNNING:
        jobs.cancel(job_id=found.job_id)
    return redirect("import-show", station.pk, found.pk)


@require_safe
@page
def errors(request: HttpRequest, station_id: int, import_id: int) -> HttpResponseBase:
    """The refused rows with line, code and cause, for a spreadsheet."""
    station = require_station(request.user, station_id, READ)
    found = _import(request, station, import_id)
    rows = ([e["line"], e["field"], e["code"], e["cause"]] for e in found.errors)
    return csv_response(csv_lines(["line", "field", "code", "cause"], rows), f"import-{found.pk}-errors.csv")


def csv_response(lines: Any, name: str) -> HttpResponseBase:
    return StreamingHttpResponse(
        lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


BASE = "stations/<int:station_id>/imports/"
urlpatterns = [
    path(f"{BASE}new/", new, name="import"),
    path(f"{BASE}<int:import_id>/", show, name="import-show"),
    path(f"{BASE}<int:import_id>/reading/", reading, name="import-reading"),
    path(f"{BASE}<int:import_id>/start/", start, name="import-start"),
    path(f"{BASE}<int:import_id>/cancel/", cancel, name="import-cancel"),
    path(f"{BASE}<int:import_id>/errors.csv", errors, name="import-errors"),
]
