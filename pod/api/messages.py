"""Messages between station and driver, from the driver's side: a phone by its token, or a signed-in browser."""

from typing import Any

from django.urls import path
from rest_framework import permissions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dispatch.access import actor_of
from dispatch.models import Driver, DriverMessage
from dispatch.selectors.driver_messages import history, message_card, message_cards
from dispatch.services.driver_messages import LIMIT, confirm_message, send_to_station
from lastmile.kernel.errors import LastmileError, forbidden, not_found
from pod.access import driver_of


class MessageBody(serializers.Serializer[Any]):
    event_id = serializers.CharField(max_length=64)
    words = serializers.CharField(max_length=LIMIT)


class MessagesView(APIView):
    permission_classes = [permissions.AllowAny]  # decided by who drives

    def get(self, request: Request) -> Response:
        return Response({"messages": message_cards(history(require_driver(request)))})

    def post(self, request: Request) -> Response:
        driver = require_driver(request)
        body = MessageBody(data=request.data)
        body.is_valid(raise_exception=True)
        sent = send_to_station(
            driver=driver, **body.validated_data, actor=actor_of(request), now=driver.station.now()
        )
        return Response(message_card(sent))


class ConfirmView(APIView):
    permission_classes = [permissions.AllowAny]

    def post(self, request: Request, message_id: int) -> Response:
        driver = require_driver(request)
        message = message_for(driver, message_id)
        done = confirm_message(message=message, actor=actor_of(request), now=driver.station.now())
        return Response(message_card(done))


def require_driver(request: Any) -> Driver:
    driver = driver_of(request)
    if driver is not None:
        return driver
    if request.auth is None and not request.user.is_authenticated:
        raise LastmileError("not_signed_in", "Nobody is signed in.", "Sign in first.", status=401)
    raise forbidden("Only drivers have messages here.")


def message_for(driver: Driver, message_id: int) -> DriverMessage:
    """A message of the station to this driver."""
    found = DriverMessage.objects.filter(pk=message_id, driver=driver, from_driver=False).first()
    if found is None:
        raise not_found("The message")
    return found


urlpatterns = [
    path("api/v1/driver/messages/", MessagesView.as_view(), name="driver-messages-api"),
    path(
        "api/v1/driver/messages/<int:message_id>/confirm/", ConfirmView.as_view(), name="driver-confirm-api"
    ),
]
