"""The pages people land on: where one's home is, and the board."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from dispatch.access import READ, require_station, roles_at, stations_of
from dispatch.models import Role, Station
from lastmile.denials import record_denial
from lastmile.kernel.errors import LastmileError
from lastmile.pages import wait_page
from lastmile.refusals import in_words

View = Callable[..., HttpResponseBase]


def frame(request: HttpRequest, station: Station, active: str) -> dict[str, Any]:
    """What base.html needs to draw its header around a station's page; `roles` are the person's roles there."""
    return {
        "station": station,
        "stations": list(stations_of(request.user)),
        "active": active,
        "roles": roles_at(request.user, station.pk),
        "zone": station.zone,
    }


def page(view: View) -> View:
    """A page of people who are signed in; a refusal of the services below becomes the page that says so."""

    @login_required
    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except LastmileError as error:
            if error.status == 403:
                record_denial(request=request, station_id=kwargs.get("station_id"), now=timezone.now())
            if error.status in (403, 404):
                return render(request, f"{error.status}.html", status=error.status)
            if error.status == 429:
                return wait_page(request, error)
            messages.error(request, in_words(error))
            return redirect("orders", kwargs["station_id"])

    return shown


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Send people to where their work is."""
    held = [(station, roles_at(request.user, station.pk)) for station in stations_of(request.user)]
    for station, roles in held:
        if roles & set(READ):
            return redirect("board", station.pk)
    if any(Role.DRIVER in roles for station, roles in held):
        return redirect("/driver/")
    for station, roles in held:
        if Role.FLOOR in roles:
            return redirect("floor", station.pk)
    if request.user.is_staff and not held:
        return redirect("setup" if request.user.is_superuser else "admin:index")
    return render(request, "dispatch/no_station.html", status=403)


@require_safe
@page
def board(request: HttpRequest, station_id: int) -> HttpResponse:
    """The board of a station: an empty frame that its script fills from the API."""
    station = require_station(request.user, station_id, READ)
    context = frame(request, station, "board")
    context["may_edit"] = bool(roles_at(request.user, station.pk) & {Role.DISPATCHER, Role.MANAGER})
    return render(request, "dispatch/board.html", context)


urlpatterns = [
    path("", home, name="home"),
    path("stations/<int:station_id>/", board, name="board"),
]
