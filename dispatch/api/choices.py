"""Where an order would fit, and at what price."""

from typing import Any

from django.urls import path
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch.access import BOARD, require_row
from dispatch.models import Order
from dispatch.selectors.board import iso
from dispatch.services.choices import Choice, choices_for


@api_view(["GET"])
def show(request: Request, order_id: int) -> Response:
    """Each van of the order's day: what it costs more with the order, or the rule that is in the way."""
    order = require_row(request.user, Order.objects.select_related("station"), order_id, "The order", BOARD)
    found, on_the_road = choices_for(order=order, now=order.station.now())
    return Response({"choices": [_card(choice) for choice in found], "on_the_road": on_the_road})


def _card(choice: Choice) -> dict[str, Any]:
    return {
        "shift_id": choice.shift.pk,
        "route_id": choice.route.pk if choice.route else None,
        "locked": bool(choice.route and choice.route.locked),
        "current": choice.current,
        "cents": choice.cents,
        "start": iso(choice.start),
        "code": choice.code,
        "words": choice.words,
    }


urlpatterns = [path("api/v1/orders/<int:order_id>/choices/", show)]
