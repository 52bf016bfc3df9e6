"""Optimize, follow, cancel, accept, discard."""

from typing import Any

from django.urls import path
from django.utils import timezone
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch.access import BOARD, READ, actor_of, require_row, require_station
from dispatch.api.board import day_of
from dispatch.api.body import body_of, integer, integers, mapping, text
from dispatch.limits import spend
from dispatch.models import Plan, Role
from dispatch.selectors import board
from dispatch.selectors.masking import mask_plans, masked_at
from dispatch.services import plan_goals, plan_scopes, plans, proposals

MAX_TIME_LIMIT_S = 120
FIELDS = {"day", "scope", "route_ids", "order_ids", "preset", "weights", "time_limit_s", "seed"}


@api_view(["POST"])
def optimize(request: Request, station_id: int) -> Response:
    station = require_station(request.user, station_id, BOARD)
    spend("optimize", request.user.pk, at=timezone.now())
    data = body_of(request, FIELDS)
    plan = plans.start_plan(
        about=plan_scopes.asked(
            station,
            day_of(data.get("day"), board.today(station)),
            text(data, "scope", "all", most=20),
            integers(data, "route_ids") if data.get("route_ids") else [],
            integers(data, "order_ids") if data.get("order_ids") else [],
        ),
        goals=plan_goals.checked_goals(
            text(data, "preset", "station", most=20), mapping(data, "weights", int)
        ),
        time_limit_s=integer(data, "time_limit_s", low=1, high=MAX_TIME_LIMIT_S),
        seed=integer(data, "seed") or 1,
        actor=actor_of(request),
        now=station.clock.at(timezone.now()),
    )
    return Response(board.plan_card(plan), status=202)


def _plan(request: Request, plan_id: int, roles: tuple[Role, ...] = BOARD) -> Plan:
    return require_row(request.user, Plan.objects.select_related("station"), plan_id, "The plan", roles)


@api_view(["GET"])
def show(request: Request, plan_id: int) -> Response:
    plan = _plan(request, plan_id, READ)
    card = board.plan_card(plan, whole=True)
    return Response(mask_plans([card])[0] if masked_at(request.user, plan.station_id) else card)


@api_view(["POST"])
def cancel(request: Request, plan_id: int) -> Response:
    return Response(board.plan_card(plans.cancel_plan(plan=_plan(request, plan_id))))


@api_view(["POST"])
def accept(request: Request, plan_id: int) -> Response:
    """The whole proposal, or with `shift_ids` only these routes of it."""
    plan = _plan(request, plan_id)
    data = body_of(request, {"shift_ids"})
    common: dict[str, Any] = {"plan": plan, "actor": actor_of(request), "now": plan.station.now()}
    if data.get("shift_ids"):
        outcome = proposals.accept_routes(shift_ids=integers(data, "shift_ids"), **common)
    else:
        outcome = proposals.accept_plan(**common)
    return Response(board.plan_card(plan) | outcome)


@api_view(["POST"])
def discard(request: Request, plan_id: int) -> Response:
    plan = _plan(request, plan_id)
    proposals.discard_plan(plan=plan, actor=actor_of(request), now=plan.station.now())
    return Response(board.plan_card(plan))


urlpatterns = [
    path("api/v1/stations/<int:station_id>/optimize/", optimize),
    path("api/v1/plans/<int:plan_id>/", show),
    path("api/v1/plans/<int:plan_id>/cancel/", cancel),
    path("api/v1/plans/<int:plan_id>/accept/", accept),
    path("api/v1/plans/<int:plan_id>/discard/", discard),
]
