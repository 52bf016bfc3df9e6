"""Streets that are closed or slow: the list, the form with its map, taking one off the list."""

import json
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from dispatch.access import BOARD, READ, actor_of, require_station, roles_at
from dispatch.models import RoadEvent, Station
from dispatch.selectors.settings_history import street_history
from dispatch.services import road_events
from dispatch.services.cities import open_city
from dispatch.views.fleet_forms import Answering
from dispatch.views.pages import frame, page
from lastmile.kernel.errors import LastmileError
from lastmile.refusals import in_words

MOMENT = {"type": "datetime-local"}
FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


class StreetForm(Answering):
    name = forms.CharField(
        label=_("Street and reason"), max_length=120, help_text=_("Like: Harbour Street, marathon.")
    )
    percent = forms.IntegerField(
        label=_("Speed left, %"), min_value=0, max_value=99, initial=0, help_text=_("0: closed to all.")
    )
    start = forms.DateTimeField(
        label=_("From"), required=False, input_formats=FORMATS, help_text=_("Empty: from now on."),
        widget=forms.DateTimeInput(attrs=MOMENT, format=FORMATS[0]),
    )  # fmt: skip
    end = forms.DateTimeField(
        label=_("Until"), required=False, input_formats=FORMATS, help_text=_("Empty: until somebody opens it."),
        widget=forms.DateTimeInput(attrs=MOMENT, format=FORMATS[0]),
    )  # fmt: skip
    points = forms.CharField(
        label=_("Points along the street"), max_length=2000,
        help_text=_("Click on the map where it begins and where it ends, and between where it bends."),
    )  # fmt: skip

    def __init__(self, *args: Any, station: Station, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.station = station

    def clean_points(self) -> list[tuple[float, float]]:
        try:
            return [(float(lat), float(lng)) for lat, lng in json.loads(self.cleaned_data["points"])]
        except (ValueError, TypeError) as error:
            raise forms.ValidationError(_("Click the street on the map.")) from error

    def clean_start(self) -> datetime | None:
        return self._on_station_clock("start")

    def clean_end(self) -> datetime | None:
        return self._on_station_clock("end")

    def _on_station_clock(self, name: str) -> datetime | None:
        """Times are written on the station's clock, whatever the server's is."""
        value: datetime | None = self.cleaned_data[name]
        return value and value.replace(tzinfo=self.station.zone)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def streets(request: HttpRequest, station_id: int) -> HttpResponse:
    posts = request.method == "POST"
    station = require_station(request.user, station_id, BOARD if posts else READ)
    form = StreetForm(request.POST if posts else None, station=station)
    if posts and form.is_valid() and _added(request, station, form):
        return redirect("streets", station.pk)
    now = station.now()
    tiles = open_city(station).tiles() | {"online_url": settings.TILE_URL or None}
    context = frame(request, station, "fleet") | {
        "form": form,
        "rows": [(row, row.start <= now) for row in road_events.to_come(station, now)],
        "behind": road_events.behind(station, now),
        "history": street_history(station),
        "may_edit": bool(roles_at(request.user, station.pk) & set(BOARD)),
        "ground": json.dumps({"lat": station.lat, "lng": station.lng, "tiles": tiles}),
    }
    return render(request, "dispatch/streets.html", context, status=422 if form.errors else 200)


def _added(request: HttpRequest, station: Station, form: StreetForm) -> bool:
    given, now = form.cleaned_data, station.now()
    try:
        event = road_events.add_road_event(
            station=station, name=given["name"], points=given["points"], percent=given["percent"],
            start=given["start"] or now, end=given["end"], actor=actor_of(request), now=now,
        )  # fmt: skip
    except LastmileError as error:
        form.refuse(error)
        return False
    messages.success(
        request, gettext("%(name)s: the roads are being made; times follow.") % {"name": event.name}
    )
    return True


@require_POST
@page
def remove(request: HttpRequest, station_id: int, event_id: int) -> HttpResponse:
    station = require_station(request.user, station_id, BOARD)
    event = RoadEvent.objects.filter(station=station, pk=event_id).select_related("station").first()
    if event is None:
        messages.error(request, gettext("That street is open again already."))
        return redirect("streets", station.pk)
    try:
        road_events.remove_road_event(event=event, actor=actor_of(request), now=station.now())
        messages.success(request, gettext("%(name)s is open again.") % {"name": event.name})
    except LastmileError as error:
        messages.error(request, in_words(error))
    return redirect("streets", station.pk)


urlpatterns = [
    path("stations/<int:station_id>/streets/", streets, name="streets"),
    path("stations/<int:station_id>/streets/<int:event_id>/remove/", remove, name="street-remove"),
]
