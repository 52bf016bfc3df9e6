"""What every API answer shares: problem+json errors with code, cause and action, and pages."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from django.utils import timezone
from rest_framework import exceptions, pagination
from rest_framework.response import Response

from lastmile.denials import record_denial
from lastmile.kernel.errors import LastmileError
from lastmile.limits import retry_after
from lastmile.refusals import said

PROBLEM = "application/problem+json"


class Pages(pagination.PageNumberPagination):
    page_size_query_param = "page_size"
    max_page_size = 200


def problem(error: LastmileError) -> dict[str, Any]:
    """RFC 9457 body of a refused request, its words in the active language (English for tokens)."""
    cause = said(error.cause)
    body: dict[str, Any] = {
        "type": f"urn:lastmile:{error.code}",
        "status": error.status,
        "code": error.code,
        "title": cause,
        "cause": cause,
        "action": said(error.action),
    }
    if error.field:
        body["field"] = error.field
    return body | ({"data": _told(error.data)} if error.data else {})


def _told(data: dict[str, Any]) -> dict[str, Any]:
    """What goes with a refusal; where it lists a reason for each field, those in the same words."""
    reasons = data.get("errors")
    if not isinstance(reasons, list):
        return data
    each = [
        r | {"cause": said(str(r["cause"]))} if isinstance(r, dict) and "cause" in r else r for r in reasons
    ]
    return data | {"errors": each}


def problem_json(request: HttpRequest, error: LastmileError) -> JsonResponse:
    return JsonResponse(problem(error), status=error.status, content_type=PROBLEM, headers=retry_after(error))


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every refusal in the one shape; None lets a real fault become a 500."""
    if isinstance(error, LastmileError):
        _note_denial(error, context)
        return Response(problem(error), status=error.status, content_type=PROBLEM, headers=retry_after(error))
    if isinstance(error, exceptions.ValidationError):
        fields = list(_flat(error.get_full_details()))
        first = fields[0] if fields else {"field": None, "cause": "The input was refused."}
        refused = LastmileError(
            "invalid", str(first["cause"]), "Correct the named field and send again.", field=first["field"]
        )
        return Response(problem(refused) | {"errors": fields}, status=error.status_code, content_type=PROBLEM)
    known = _known(error)
    if known is None:
        return None
    response = Response(problem(known), status=known.status, content_type=PROBLEM)
    wait = getattr(error, "wait", None)
    if wait:
        response["Retry-After"] = str(int(wait) + 1)
    challenge = getattr(error, "auth_header", None)
    if challenge:
        response["WWW-Authenticate"] = challenge
    return response


def _note_denial(error: LastmileError, context: dict[str, Any]) -> None:
    if error.status == 403 and context.get("request") is not None:
        station_id = (context.get("kwargs") or {}).get("station_id")
        record_denial(request=context["request"], station_id=station_id, now=timezone.now())


def nothing_there() -> LastmileError:
    """An address that leads nowhere, or nowhere this caller may look."""
    return LastmileError("not_found", "Not found.", "Check the address or your station.", status=404)


def _known(error: Exception) -> LastmileError | None:
    if isinstance(error, Http404):
        return nothing_there()
    if isinstance(error, PermissionDenied):
        return LastmileError("forbidden", "This is not yours to do.", "Ask a station manager.", status=403)
    if isinstance(error, exceptions.APIException):
        code = error.get_codes()
        return LastmileError(
            code if isinstance(code, str) else "refused",
            str(error.detail),
            "Check the request against the API documentation.",
            status=error.status_code,
        )
    return None


def _flat(details: Any, path: str = "") -> Any:
    """DRF's nested details as a flat list of {field, code, cause}."""
    if isinstance(details, dict) and "message" in details and "code" in details:
        yield {"field": path or None, "code": details["code"], "cause": str(details["message"])}
    elif isinstance(details, dict):
        for key, value in details.items():
            yield from _flat(value, path if key == "non_field_errors" else f"{path}.{key}".strip("."))
    elif isinstance(details, list):
        leaf = all(isinstance(item, dict) and "message" in item for item in details)
        for index, item in enumerate(details):
            yield from _flat(item, path if leaf else f"{path}.{index}".strip("."))
