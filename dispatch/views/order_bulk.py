"""Many orders at once: look at them, say what is to happen, and read what became of each."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from dispatch.access import BOARD, actor_of, require_station
from dispatch.models import Station
from dispatch.services import order_bulk, order_fields
from dispatch.services.order_bulk import Done, chosen
from dispatch.views.closed_days import warn_of_day
from dispatch.views.order_cancel import CancelForm
from dispatch.views.pages import frame, page
from lastmile.refusals import said

VERBS = ("move", "cancel")


class DayForm(forms.Form):
    day = forms.CharField(label=lazy("Other day"), widget=forms.TextInput(attrs={"type": "date"}))

    def clean_day(self) -> date:
        try:
            return order_fields.day(self.cleaned_data["day"])
        except order_fields.Bad as bad:
            raise forms.ValidationError(said(bad.cause)) from bad


@require_http_methods(["GET", "HEAD", "POST"])
@page
def bulk(request: HttpRequest, station_id: int) -> HttpResponse:
    """GET: the chosen orders and the question. POST: the change, answered row by row."""
    station = require_station(request.user, station_id, BOARD)
    given = request.POST if request.method == "POST" else request.GET
    verb = given.get("do", "")
    seen = _seen(given.getlist("order"))
    rows = chosen(station, seen)
    if verb not in VERBS or not rows:
        messages.error(request, _("Choose orders in the list first, then what is to happen with them."))
        return redirect("orders", station.pk)
    form = _form(verb, request)
    if request.method == "POST" and form.is_valid():
        done = _carry_out(request, station, verb, seen, form)
        if verb == "move" and not all(each.error for each in done):
            warn_of_day(request, station, form.cleaned_data["day"])
        return _shown(request, station, verb, {"done": done, "failed": sum(bool(d.error) for d in done)})
    picked = [{"order": row, "value": f"{row.pk}:{seen[row.pk] or row.version}"} for row in rows]
    status = 422 if request.method == "POST" else 200
    return _shown(request, station, verb, {"picked": picked, "form": form}, status)


def _form(verb: str, request: HttpRequest) -> forms.Form:
    data = request.POST if request.method == "POST" else None
    return DayForm(data) if verb == "move" else CancelForm(data)


def _seen(values: list[str]) -> dict[int, int]:
    """Ids with the versions the list showed, written `id:version`; what is no such thing is nothing chosen."""
    found: dict[int, int] = {}
    for value in values[: order_bulk.MOST]:
        pk, _colon, version = value.partition(":")
        if (
            all(part.isascii() and part.isdigit() for part in (pk, version))
            and len(pk) < 15
            and len(version) < 10
        ):
            found[int(pk)] = int(version)
    return found


def _carry_out(
    request: HttpRequest, station: Station, verb: str, seen: dict[int, int], form: Any
) -> list[Done]:
    common: dict[str, Any] = {
        "station": station,
        "seen": seen,
        "actor": actor_of(request),
        "now": station.now(),
    }
    if verb == "move":
        return order_bulk.move_many(day=form.cleaned_data["day"], **common)
    return order_bulk.cancel_many(reason=form.said(), **common)


def _shown(
    request: HttpRequest, station: Station, verb: str, more: dict[str, Any], status: int = 200
) -> HttpResponse:
    context = frame(request, station, "orders") | {"verb": verb} | more
    return render(request, "dispatch/orders_bulk.html", context, status=status)
