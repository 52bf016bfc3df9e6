"""The board's log as JSON: a sentence for each event, in the reader's language."""

from typing import Any

from django.urls import path
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch.access import BOARD, require_station
from dispatch.api.body import query_integer
from dispatch.selectors.dispatch_log import PAGE, dispatch_log
from dispatch.views.audit_words import actor_words, sentence
from lastmile.models import Event


@api_view(["GET"])
def log(request: Request, station_id: int) -> Response:
    """Newest first; `before` an entry's id gives what came before it."""
    station = require_station(request.user, station_id, BOARD)
    rows = list(dispatch_log(station, before=query_integer(request, "before"))[: PAGE + 1])
    return Response({"entries": [_entry(row) for row in rows[:PAGE]], "more": len(rows) > PAGE})


def _entry(event: Event) -> dict[str, Any]:
    return {
        "id": event.pk,
        "at": event.at.isoformat(),
        "actor": actor_words(event.actor),
        "words": sentence(event),
        "route_ids": [*event.data.get("route_ids", ()), *filter(None, [event.data.get("route_id")])][:20],
        "order_ids": event.data.get("order_ids", [])[:20],
    }


urlpatterns = [path("api/v1/stations/<int:station_id>/log/", log)]
