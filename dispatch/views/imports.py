"""Uploading a file of orders: choose it, see how it is understood, start it, watch it."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dispatch.access import BOARD, READ, actor_of, require_station
from dispatch.forms import FIELD_LABELS, ColumnsForm, ModeForm, ReadingForm, SheetForm, UploadForm
from dispatch.limits import spend
from dispatch.models import OrderImport, Station
from dispatch.models.order_import import ImportState
from dispatch.selectors.imports import head_of, preview_of, sheets_of
from dispatch.services import column_mappings, import_diff, import_files, import_refused, imports
from dispatch.services.csv_writing import csv_lines
from dispatch.views.pages import frame, page
from lastmile import jobs
from lastmile.kernel.errors import LastmileError, not_found
from lastmile.models import ACTIVE_JOB, Job
from lastmile.refusals import in_words, said

RECENT = 20
ERRORS_SHOWN = 200


def _import(request: HttpRequest, station: Station, import_id: int) -> OrderImport:
    found = (
        OrderImport.objects.select_related("station", "shop").filter(pk=import_id, station=station).first()
    )
    if found is None:
        raise not_found("The import")
    return found


def _say(request: HttpRequest, error: LastmileError) -> None:
    messages.error(request, in_words(error))


def _labelled(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With the name that people read for each row's field."""
    return [row | {"label": FIELD_LABELS.get(row["field"], row["field"])} for row in rows]


def _named(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Preview rows whose errors name the field as people read it."""
    return [
        row | {"errors": [replace(e, field=str(FIELD_LABELS.get(e.field, e.field))) for e in row["errors"]]}
        for row in rows
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@page
def new(request: HttpRequest, station_id: int) -> HttpResponse:
    """Choose a file; below it, the imports before."""
    station = require_station(request.user, station_id, BOARD)
    today = station.now().astimezone(station.zone).date()
    form = UploadForm(request.POST or None, request.FILES or None, station=station, initial={"day": today})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                spend("imports", request.user.pk, at=timezone.now())
                made = import_files.store_upload(
                    station=station,
                    shop=form.cleaned_data["shop"],
                    day=form.cleaned_data["day"],
                    upload=form.cleaned_data["file"],
                    actor=actor_of(request),
                    now=station.now(),
                )
                _check(request, made)
                return redirect("import-show", station.pk, made.pk)
            except LastmileError as error:
                form.add_error("file", in_words(error))
                status = error.status if error.status > 422 else 422
    found = OrderImport.objects.filter(station=station).select_related("shop").defer("errors", "diff")
    shown = Paginator(found, RECENT).get_page(request.GET.get("page"))
    context = frame(request, station, "import") | {"form": form, "recent": shown}
    return render(request, "dispatch/import_new.html", context, status=status)


def _check(request: HttpRequest, found: OrderImport) -> None:
    """Begin the dry run; columns that cannot be used yet are told by the preview itself."""
    try:
        import_diff.check_import(order_import=found, actor=actor_of(request), now=found.station.now())
    except LastmileError as error:
        if error.field != "file":
            raise


@require_safe
@page
def show(request: HttpRequest, station_id: int, import_id: int) -> HttpResponse:
    """Before the start the preview, after it how far it is and what came of it."""
    station = require_station(request.user, station_id, BOARD)
    found = _import(request, station, import_id)
    if found.state == ImportState.PREVIEW:
        return _preview(request, found)
    job = Job.objects.filter(pk=found.job_id or 0).first()
    context = frame(request, station, "import") | {
        "import": found,
        "job": job,
        "errors": _labelled(found.errors[:ERRORS_SHOWN]),
        "error_count": len(found.errors),
        "refused_kept": import_refused.is_kept(found),
    }
    return render(request, "dispatch/import_show.html", context)


def _preview(
    request: HttpRequest, found: OrderImport, columns: ColumnsForm | None = None, status: int = 200
) -> HttpResponse:
    seen = preview_of(found)
    columns = columns or ColumnsForm(headings=seen.headings, fields=seen.fields)
    job = Job.objects.filter(ACTIVE_JOB, pk=found.job_id or 0).first()
    failed = None if job or found.diff else Job.objects.filter(pk=found.job_id or 0).first()
    diff = found.diff or {}
    context = frame(request, found.station, "import") | {
        "import": found,
        "form": _reading_form(found),
        "mode_form": ModeForm(initial={"mode": found.mode, "whole": found.whole}),
        "preview": seen,
        "columns": columns,
        "pairs": list(zip(columns, seen.samples, strict=True)),
        "rows": _named(seen.rows),
        "job": job,
        "failed": failed,
        "diff": diff,
        "counts": diff.get("counts"),
        "used": [FIELD_LABELS.get(name, name) for name in seen.used],
        "bad": _labelled(diff.get("errors", [])),
        "changes": [c | {"fields": _labelled(c["fields"])} for c in diff.get("changes", [])],
    }
    return render(request, "dispatch/import_preview.html", context, status=status)


def _reading_form(found: OrderImport, data: Any = None) -> ReadingForm | SheetForm:
    if found.format == "xlsx":
        sheets = [
            (sheet.name, _("%(name)s (hidden)") % {"name": sheet.name} if sheet.hidden else sheet.name)
            for sheet in sheets_of(found)
        ]
        return SheetForm(data, sheets=sheets, initial={"sheet": found.sheet})
    return ReadingForm(data, initial={"encoding": found.encoding, "delimiter": found.delimiter})


def _changing(change: Callable[[HttpRequest, OrderImport], HttpResponse | None]) -> Any:
    """A POST that changes how an import will go: afterwards the dry run is made again and the preview shown."""

    @require_POST
    @page
    def view(request: HttpRequest, station_id: int, import_id: int) -> HttpResponse:
        station = require_station(request.user, station_id, BOARD)
        found = _import(request, station, import_id)
        try:
            if found.state != ImportState.PREVIEW:
                raise LastmileError(
                    "illegal_move",
                    _("This import has begun already."),
                    _("Upload the file again."),
                    status=409,
                )
            answer = change(request, found)
            if answer is not None:
                return answer
            _check(request, found)
        except LastmileError as error:
            _say(request, error)
        return redirect("import-show", station.pk, found.pk)

    view.__doc__ = change.__doc__
    return view


@_changing
def reading(request: HttpRequest, found: OrderImport) -> None:
    """Read the file with another encoding, delimiter or sheet."""
    form = _reading_form(found, request.POST)
    if form.is_valid():
        import_files.read_otherwise(order_import=found, **form.cleaned_data)
    else:
        messages.error(request, _("Choose from the lists how the file is to be read."))


@_changing
def columns(request: HttpRequest, found: OrderImport) -> HttpResponse | None:
    """Choose what each column means, and remember it for the shop; or forget what was remembered."""
    headings, fields = head_of(found)
    given: dict[str, Any] = {
        "order_import": found,
        "headings": headings,
        "actor": actor_of(request),
        "now": found.station.now(),
    }
    if "forget" in request.POST:
        column_mappings.forget_columns(**given)
        messages.success(request, _("Remembered columns of this shop are forgotten."))
        return None
    form = ColumnsForm(request.POST, headings=headings, fields=fields)
    if form.is_valid():
        try:
            column_mappings.choose_columns(**given, fields=form.chosen)
            messages.success(request, _("The columns are kept for the next file of this shop."))
            return None
        except LastmileError as error:
            if error.field != "file":
                raise
            form.add_error(None, in_words(error))
    return _preview(request, found, form, 422)


@_changing
def mode(request: HttpRequest, found: OrderImport) -> None:
    """Choose what the rows may do, and compare again."""
    _choose_mode(request, found)


def _choose_mode(request: HttpRequest, found: OrderImport) -> bool:
    """Whether the choice is another one than before."""
    form = ModeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose from the list what the rows may do."))
        return True
    before = (found.mode, found.whole)
    import_diff.choose_mode(order_import=found, **form.cleaned_data)
    return (found.mode, found.whole) != before


@require_POST
@page
def start(request: HttpRequest, station_id: int, import_id: int) -> HttpResponse:
    """Begin, or go on with one that stopped."""
    station = require_station(request.user, station_id, BOARD)
    found = _import(request, station, import_id)
    try:
        if "mode" in request.POST and found.state == ImportState.PREVIEW and _choose_mode(request, found):
            _check(request, found)
            messages.warning(
                request, _("You chose another way to import: look at what it would change, then start.")
            )
            return redirect("import-show", station.pk, found.pk)
        imports.start_import(order_import=found, actor=actor_of(request), now=station.now())
    except LastmileError as error:
        _say(request, error)
    return redirect("import-show", station.pk, found.pk)


@require_POST
@page
def cancel(request: HttpRequest, station_id: int, import_id: int) -> HttpResponse:
    """Stop a running import or dry run; what is taken stays taken."""
    station = require_station(request.user, station_id, BOARD)
    found = _import(request, station, import_id)
    if found.job_id and found.state in (ImportState.RUNNING, ImportState.PREVIEW):
        jobs.cancel(job_id=found.job_id)
    return redirect("import-show", station.pk, found.pk)


@require_safe
@page
def errors(request: HttpRequest, station_id: int, import_id: int) -> HttpResponseBase:
    """Why rows were refused, a line for each reason, for a spreadsheet."""
    station = require_station(request.user, station_id, READ)
    found = _import(request, station, import_id)
    rows = [[e["line"], e["field"], e["code"], said(e["cause"])] for e in found.errors]
    return csv_response(csv_lines(["line", "field", "code", "cause"], rows), f"import-{found.pk}-errors.csv")


@require_safe
@page
def refused(request: HttpRequest, station_id: int, import_id: int) -> HttpResponseBase:
    """The refused rows themselves with the reason, to be mended and uploaded again."""
    station = require_station(request.user, station_id, BOARD)
    found = _import(request, station, import_id)
    try:
        lines = import_refused.export_refused(order_import=found, actor=actor_of(request), now=station.now())
    except LastmileError as error:
        _say(request, error)
        return redirect("import-show", station.pk, found.pk)
    return csv_response(lines, f"import-{found.pk}-refused.csv")


def csv_response(lines: Iterable[str], name: str) -> HttpResponseBase:
    return StreamingHttpResponse(
        lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


BASE = "stations/<int:station_id>/imports/"
ONE = f"{BASE}<int:import_id>/"
urlpatterns = [
    path(f"{BASE}new/", new, name="import"),
    path(ONE, show, name="import-show"),
    path(f"{ONE}reading/", reading, name="import-reading"),
    path(f"{ONE}columns/", columns, name="import-columns"),
    path(f"{ONE}mode/", mode, name="import-mode"),
    path(f"{ONE}start/", start, name="import-start"),
    path(f"{ONE}cancel/", cancel, name="import-cancel"),
    path(f"{ONE}errors.csv", errors, name="import-errors"),
    path(f"{ONE}refused.csv", refused, name="import-refused"),
]
