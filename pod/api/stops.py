"""What happens at the door, reported by the driver's phone or a dispatcher."""

from datetime import datetime, timedelta
from typing import Any

from django.urls import path
from rest_framework import permissions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dispatch.access import actor_of
from dispatch.models import Stop
from dispatch.models.attempt import FailureReason
from dispatch.services.visits import Report, Visited, arrive_stop
from lastmile.kernel.errors import LastmileError
from lastmile.kernel.geo import require_point
from pod.access import driver_of, require_stop
from pod.models.proof_file import ProofKind
from pod.rules import Capture
from pod.services.deliveries import Rest, Shown, deliver, fail
from pod.services.proof_files import MOST_FILES, Promise

OLDEST = timedelta(days=2)


def order_ids() -> serializers.ListField:
    some_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    return serializers.ListField(child=some_id, required=False, allow_empty=False, max_length=500)


class PromisedFile(serializers.Serializer[Any]):
    event_id = serializers.CharField(max_length=64)
    kind = serializers.ChoiceField(choices=ProofKind.choices)


class StopReport(serializers.Serializer[Any]):
    """Of every report: its id, when, where. `sent_at` lets a wrong phone clock be set right."""

    event_id = serializers.CharField(max_length=64)
    at = serializers.DateTimeField(required=False)
    sent_at = serializers.DateTimeField(required=False)
    lat = serializers.FloatField(required=False, allow_null=True)
    lng = serializers.FloatField(required=False, allow_null=True)
    accuracy = serializers.FloatField(required=False, allow_null=True, min_value=0, max_value=1e6)
    note = serializers.CharField(required=False, allow_blank=True, max_length=500, default="")
    orders = order_ids()
    files = serializers.ListField(child=PromisedFile(), required=False, max_length=MOST_FILES)


class DeliverReport(StopReport):
    received_by = serializers.CharField(required=False, allow_blank=True, max_length=120, default="")
    relation = serializers.CharField(required=False, allow_blank=True, max_length=60, default="")
    rest = order_ids()
    reason = serializers.ChoiceField(choices=FailureReason.choices, required=False, allow_blank=True)


class FailReport(StopReport):
    reason = serializers.ChoiceField(choices=FailureReason.choices)


class StopView(APIView):
    """One POST at one stop. Who may is decided by the stop, so the door stands open until then."""

    permission_classes = [permissions.AllowAny]
    shape: type[StopReport] = StopReport

    def post(self, request: Request, stop_id: int) -> Response:
        stop = require_stop(request, stop_id)
        shape = self.shape(data=request.data)
        shape.is_valid(raise_exception=True)
        now = stop.route.station.now()
        return Response(self.act(request, stop, shape.validated_data, now))

    def act(self, request: Request, stop: Stop, body: dict[str, Any], now: datetime) -> dict[str, Any]:
        raise NotImplementedError


class ArriveView(StopView):
    def act(self, request: Request, stop: Stop, body: dict[str, Any], now: datetime) -> dict[str, Any]:
        report = read_report(body, now)
        return card(arrive_stop(stop=stop, at=report.at, actor=actor_of(request), now=now))


class DeliverView(StopView):
    shape = DeliverReport

    def act(self, request: Request, stop: Stop, body: dict[str, Any], now: datetime) -> dict[str, Any]:
        return outcome(
            deliver(
                stop=stop,
                report=read_report(body, now),
                capture=Capture(body["received_by"], body["relation"]),
                order_ids=body.get("orders"),
                shown=read_shown(body),
                rest=read_rest(body),
                driver=driver_of(request),
                actor=actor_of(request),
                now=now,
            )
        )


class FailView(StopView):
    shape = FailReport

    def act(self, request: Request, stop: Stop, body: dict[str, Any], now: datetime) -> dict[str, Any]:
        return outcome(
            fail(
                stop=stop,
                report=read_report(body, now),
                reason=body["reason"],
                order_ids=body.get("orders"),
                shown=read_shown(body),
                driver=driver_of(request),
                actor=actor_of(request),
                now=now,
            )
        )


def read_report(body: dict[str, Any], now: datetime) -> Report:
    """The report in the station's time: the phone's clock is corrected by what it showed when it sent."""
    skew = now - body["sent_at"] if "sent_at" in body else timedelta(0)
    at = min(body.get("at", now - skew) + skew, now)
    if now - at > OLDEST:
        raise LastmileError(
            "too_old",
            "The report is more than two days old by the station's clock.",
            "Set the phone's clock, or send `sent_at` with the report.",
            field="at",
        )
    lat, lng = body.get("lat"), body.get("lng")
    if (lat is None) != (lng is None):
        raise LastmileError(
            "bad_place", "Only one of lat and lng is given.", "Send both or neither.", field="lat"
        )
    if lat is not None:
        lat, lng = require_point(lat, lng)
    return Report(event_id=body["event_id"], at=at, lat=lat, lng=lng, note=body["note"])


def read_shown(body: dict[str, Any]) -> Shown:
    """What the phone says it will send by `POST .../proofs/`."""
    promised = [Promise(ProofKind(each["kind"]), each["event_id"]) for each in body.get("files", [])]
    return Shown(accuracy_m=body.get("accuracy"), promised=promised)


def read_rest(body: dict[str, Any]) -> Rest | None:
    """The orders of the visit that were not handed over; they need a reason."""
    if not body.get("rest"):
        return None
    if not body.get("reason"):
        raise LastmileError(
            "no_reason",
            "Some orders were not handed over, and no reason is given.",
            "Choose why they were not handed over.",
            field="reason",
        )
    return Rest(body["rest"], body["reason"])


def outcome(visited: Visited) -> dict[str, Any]:
    return card(visited.stop) | {
        "repeated": visited.repeated,
        "orders": [attempt.order_id for attempt in visited.attempts],
    }


def card(stop: Stop) -> dict[str, Any]:
    return {
        "id": stop.pk,
        "route_id": stop.route_id,
        "state": stop.state,
        "arrived_at": stop.arrived_at.isoformat() if stop.arrived_at else None,
        "departed_at": stop.departed_at.isoformat() if stop.departed_at else None,
    }


urlpatterns = [
    path("api/v1/stops/<int:stop_id>/arrive/", ArriveView.as_view(), name="stop-arrive"),
    path("api/v1/stops/<int:stop_id>/deliver/", DeliverView.as_view(), name="stop-deliver"),
    path("api/v1/stops/<int:stop_id>/fail/", FailView.as_view(), name="stop-fail"),
]
