"""Route sheets as PDF: one route, or the routes of a day."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from dispatch.access import FLOOR, actor_of, require_row, require_station
from dispatch.api.board import day_of
from dispatch.lifecycle import RouteState
from dispatch.models import Route, Station
from dispatch.selectors.board import today
from dispatch.services.route_sheets import print_routes
from dispatch.views.pages import page
from lastmile.kernel.errors import not_found


@require_safe
@page
def one(request: HttpRequest, route_id: int) -> HttpResponse:
    """The sheet of a route."""
    route = require_row(request.user, Route.objects.select_related("station"), route_id, "The route", FLOOR)
    return _printed(request, route.station, Route.objects.filter(pk=route.pk), route.name)


@require_safe
@page
def of_a_day(request: HttpRequest, station_id: int) -> HttpResponse:
    """The sheets of a day's routes that are not closed; `routes` names some by their ids."""
    station = require_station(request.user, station_id, FLOOR)
    day = day_of(request.GET.get("day"), today(station))
    routes = Route.objects.filter(station=station, day=day).exclude(state=RouteState.CLOSED).order_by("id")
    wanted = [each for each in request.GET.get("routes", "").split(",") if each.isascii() and each.isdigit()]
    if wanted:
        routes = routes.filter(pk__in=[int(each) for each in wanted[:200] if len(each) < 15])
    if not routes.exists():
        raise not_found("The route")
    return _printed(request, station, routes, str(day))


def _printed(request: HttpRequest, station: Station, routes: QuerySet[Route], name: str) -> HttpResponse:
    content = print_routes(
        station=station,
        routes=routes,
        address=request.build_absolute_uri(reverse("board", args=[station.pk])),
        actor=actor_of(request),
        now=station.now(),
    )
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{station.code}-{name}.pdf"'
    return answer


urlpatterns = [
    path("stations/<int:station_id>/routes/sheets.pdf", of_a_day, name="route-sheets"),
    path("routes/<int:route_id>/sheet.pdf", one, name="route-sheet"),
]
