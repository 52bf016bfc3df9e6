"""The line that a route's van has driven."""

from django.urls import path
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch.access import READ, require_row
from dispatch.models import Route
from dispatch.selectors.masking import masked_at
from tracking.selectors.tracks import track_of


@api_view(["GET"])
def show(request: Request, route_id: int) -> Response:
    """`line`: an encoded polyline. Who may not see the doors does not see the way to them either."""
    route = require_row(request.user, Route.objects.all(), route_id, "The route", READ)
    return Response({"line": "" if masked_at(request.user, route.station_id) else track_of(route)})


urlpatterns = [path("api/v1/routes/<int:route_id>/track/", show)]
