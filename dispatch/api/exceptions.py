"""Dispatchers answering delivery exceptions."""

from datetime import datetime
from typing import Any

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dispatch.access import actor_of, require_row
from dispatch.models import DeliveryException
from dispatch.selectors.board import exception_cards
from dispatch.services.exceptions import acknowledge_exception, resolve_exception, snooze_exception


class SnoozeBody(serializers.Serializer[Any]):
    minutes = serializers.IntegerField()


class ExceptionView(APIView):
    def post(self, request: Request, exception_id: int) -> Response:
        rows = DeliveryException.objects.select_related("station")
        row = require_row(request.user, rows, exception_id, "The exception")
        moved = self.act(row, request, actor_of(request), row.station.now())
        return Response(exception_cards(rows.filter(pk=moved.pk))[0])

    def act(self, row: DeliveryException, request: Request, actor: str, now: datetime) -> DeliveryException:
        raise NotImplementedError


class AcknowledgeView(ExceptionView):
    def act(self, row: DeliveryException, request: Request, actor: str, now: datetime) -> DeliveryException:
        return acknowledge_exception(exception=row, actor=actor, now=now)


class ResolveView(ExceptionView):
    def act(self, row: DeliveryException, request: Request, actor: str, now: datetime) -> DeliveryException:
        return resolve_exception(exception=row, actor=actor, now=now)


class SnoozeView(ExceptionView):
    def act(self, row: DeliveryException, request: Request, actor: str, now: datetime) -> DeliveryException:
        shape = SnoozeBody(data=request.data)
        shape.is_valid(raise_exception=True)
        minutes = shape.validated_data["minutes"]
        return snooze_exception(exception=row, minutes=minutes, actor=actor, now=now)


urlpatterns = [
    path("api/v1/exceptions/<int:exception_id>/acknowledge/", AcknowledgeView.as_view()),
    path("api/v1/exceptions/<int:exception_id>/resolve/", ResolveView.as_view()),
    path("api/v1/exceptions/<int:exception_id>/snooze/", SnoozeView.as_view()),
]
