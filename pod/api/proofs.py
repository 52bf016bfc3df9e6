"""Pictures of a visit, sent by the phone after the report, as soon as it has a connection."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.urls import path
from rest_framework import permissions, serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dispatch.access import actor_of
from dispatch.api.json import StrictJSON
from lastmile.kernel.errors import LastmileError
from pod.access import require_stop
from pod.models import ProofFile
from pod.services.proof_files import Picture, add_picture, photo, signed


class PictureReport(serializers.Serializer[Any]):
    """`report` is the event id of the visit; a photo comes as `photo`, a signature as `signature`."""

    event_id = serializers.CharField(max_length=64)
    report = serializers.CharField(max_length=64)
    photo = serializers.FileField(required=False, allow_empty_file=True)
    signature = serializers.JSONField(required=False)


class ProofsView(APIView):
    """One picture: multipart with a photo, or JSON with a signature's strokes."""

    permission_classes = [permissions.AllowAny]  # decided by the stop
    parser_classes = [MultiPartParser, StrictJSON]

    def post(self, request: Request, stop_id: int) -> Response:
        stop = require_stop(request, stop_id)
        shape = PictureReport(data=request.data)
        shape.is_valid(raise_exception=True)
        body = shape.validated_data
        files = add_picture(
            stop=stop,
            report_id=body["report"],
            picture=_picture(body),
            actor=actor_of(request),
            now=stop.route.station.now(),
        )
        return Response({"files": [card(file) for file in files]})


def _picture(body: dict[str, Any]) -> Picture:
    given: UploadedFile | None = body.get("photo")
    if (given is None) == ("signature" not in body):
        raise LastmileError(
            "no_picture",
            "The request has no picture, or two.",
            "Send either a photo (multipart) or a signature (JSON).",
            field="photo",
        )
    if given is None:
        return signed(body["event_id"], body["signature"])
    return photo(body["event_id"], given.read())


def card(file: ProofFile) -> dict[str, Any]:
    return {
        "id": file.pk,
        "kind": file.kind,
        "event_id": file.client_event_id,
        "sha256": file.sha256,
        "bytes": file.bytes,
        "width": file.width,
        "height": file.height,
        "url": f"/proofs/{file.pk}/",
    }


urlpatterns = [path("api/v1/stops/<int:stop_id>/proofs/", ProofsView.as_view(), name="stop-proofs")]
