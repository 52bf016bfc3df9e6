"""Fixes from drivers' phones: the busiest address of the site, so it is plain and asynchronous."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from dispatch.api.authentication import hash_token
from lastmile.api import problem_json
from lastmile.kernel.errors import LastmileError
from tracking.api.body import MOST_BYTES, inflate, parse
from tracking.services.devices import PREFIX
from tracking.services.ingest import Batch
from tracking.services.writer import writer


# A token is asked for and cookies are not looked at, so no other site can make a browser send fixes.
@csrf_exempt
async def positions(request: HttpRequest) -> HttpResponse:
    received = timezone.now()
    if request.method != "POST":
        return _refuse(request, LastmileError("method", "Only POST is answered.", "Use POST.", status=405))
    try:
        token_hash = _token_hash(request)
        if len(request.body) > MOST_BYTES:
            raise LastmileError("too_large", "The body is too large.", "Send fewer fixes.", status=413)
        sent_at, fixes = parse(inflate(request.body, request.headers.get("Content-Encoding", "")))
    except LastmileError as error:
        return _refuse(request, error)
    answer = await writer().put(Batch(token_hash, sent_at, fixes, received))
    if isinstance(answer, LastmileError):
        return _refuse(request, answer)
    return JsonResponse(answer.card())


def _token_hash(request: HttpRequest) -> str:
    words = request.headers.get("Authorization", "").split()
    if len(words) != 2 or words[0].lower() != "bearer" or not words[1].startswith(PREFIX):
        raise LastmileError(
            "not_authenticated",
            "No device token was sent.",
            "Send `Authorization: Bearer lmd_...`.",
            status=401,
        )
    return hash_token(words[1])


def _refuse(request: HttpRequest, error: LastmileError) -> HttpResponse:
    response = problem_json(request, error)
    if error.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    if error.status == 405:
        response["Allow"] = "POST"
    if error.status == 503:
        response["Retry-After"] = "5"
    return response


urlpatterns = [path("api/v1/positions/", positions, name="positions")]
