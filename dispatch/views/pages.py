"""The pages people land on: where one's home is, and the board."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_safe

from dispatch.access import READ, require_station, roles_at, stations_of
from dispatch.models import Role, Station
from lastmile.kernel.errors import LastmileError

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
            if error.status in (403, 404):
                return render(request, f"{error.status}.html", status=error.status)
            messages.error(request, f"{error.cause} {error.action}")
            return redirect("orders", kwargs["station_id"])

    return shown


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Send people to where their work is."""
    stations = list(stations_of(request.user))
    for station in stations:
        if roles_at(request.user, station.pk) & set(READ):
            return redirect("board", station.pk)
    if any(Role.DRIVER in roles_at(request.user, station.pk) for station in stations):
        return redirect("/driver/")
    if request.user.is_staff and not stations:
        return redirect("admin:index")
    return render(request, "dispatch/no_station.html", status=403)


@require_safe
@login_required
def board(request: HttpRequest, station_id: int) -> HttpResponse:
    """The board of a station: an empty frame that its script fills from the API."""
    try:
        station = require_station(request.user, station_id, READ)
    except LastmileError as error:
        return render(request, f"{error.status}.html", status=error.status)
    context = frame(request, station, "board")
    context["may_edit"] = bool(roles_at(request.user, station.pk) & {Role.DISPATCHER, Role.MANAGER})
    return render(request, "dispatch/board.html", context)


urlpatterns = [
    path("", home, name="home"),
    path("stations/<int:station_id>/", board, name="board"),
]
