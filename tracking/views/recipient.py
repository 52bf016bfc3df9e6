"""The recipient's page: status for whoever holds the link, name and address for who knows the phone number.

No cookie is set or read: what the digits open lives in the page's memory. A GET changes nothing, so that a mail
scanner which follows the link does no harm.
"""

import json
import logging
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone, translation
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import trans_real
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from dispatch.models import Order
from dispatch.services.cities import open_city
from dispatch.services.recipient_notes import LONGEST, leave_note, words_of
from lastmile import limits
from lastmile.api import problem_json
from lastmile.kernel.errors import LastmileError
from tracking.selectors.recipient import picture_of, shown_order
from tracking.views.recipient_words import card_of

log = logging.getLogger(__name__)

PER_MINUTE = 60
TRIES = 5
HOUR = 3600
DIGITS = 4
ALARM = 100  # misses in a minute over the whole site that are told in the log
BODY_LIMIT = 4096
HEADERS = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
}

View = Callable[..., HttpResponse]


def linked(view: View) -> View:
    """Find what a link shows, in the reader's language; every link that shows nothing gets one and the same page."""

    @wraps(view)
    def shown(request: HttpRequest, token: str) -> HttpResponse:
        with translation.override(_asked_language(request) or translation.get_language()):
            try:
                _limit(request)
                found = shown_order(token)
                response = _nothing(request) if found is None else _answer(view, request, *found)
            except LastmileError as error:
                response = _refusal(request, error)
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response

    return shown


def _answer(view: View, request: HttpRequest, order: Order, now: datetime) -> HttpResponse:
    language = _asked_language(request) or order.station.language
    with translation.override(language):
        response = view(request, order, now)
    response.headers["Content-Language"] = language
    return response


def _asked_language(request: HttpRequest) -> str | None:
    """The first language the browser asks for that we speak."""
    for code, _weight in trans_real.parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        try:
            return translation.get_supported_language_variant(code)
        except LookupError:
            continue
    return None


def _limit(request: HttpRequest) -> None:
    household = limits.household_of(limits.address_of(request))
    limits.take("recipient", household, amount=PER_MINUTE, per_s=60, at=timezone.now())


def _nothing(request: HttpRequest) -> HttpResponse:
    """Unknown, ended, revoked, erased: nobody can tell which."""
    missed = limits.take("recipient-miss", "all", amount=10**9, per_s=60, at=timezone.now())
    if missed and missed % ALARM == 0:
        log.warning("recipient links: %s of the last minute showed nothing; somebody may be guessing", missed)
    return render(request, "tracking/nothing.html", status=404)


def _refusal(request: HttpRequest, error: LastmileError) -> HttpResponse:
    if request.method == "POST" or request.path.endswith(".json"):
        return problem_json(request, error)
    response = render(request, "tracking/wait.html", {"error": error}, status=error.status)
    for name, value in limits.retry_after(error).items():
        response.headers[name] = value
    return response


@require_safe
@linked
def show(request: HttpRequest, order: Order, now: datetime) -> HttpResponse:
    """The page itself, complete without its script."""
    context = {
        "card": card_of(order, picture_of(order, now)),
        "order": order,
        "station": order.station,
        "has_phone": bool(order.phone),
        "longest": LONGEST,
        "tiles": json.dumps(open_city(order.station).tiles()),
    }
    return render(request, "tracking/recipient.html", context)


@require_safe
@linked
def status(request: HttpRequest, order: Order, now: datetime) -> HttpResponse:
    """What the page's script shows when something changed: words in the reader's language."""
    return JsonResponse(card_of(order, picture_of(order, now)))


@csrf_exempt  # there is no cookie that a foreign page could ride on: link and digits are all that counts
@require_POST
@linked
def details(request: HttpRequest, order: Order, now: datetime) -> HttpResponse:
    """Name, address and note, for who knows the last digits of the recipient's phone."""
    _require_digits(order, _body(request))
    return JsonResponse(_details(order, now))


@csrf_exempt  # as above
@require_POST
@linked
def note(request: HttpRequest, order: Order, now: datetime) -> HttpResponse:
    """The recipient's words to the driver, until the van has left."""
    body = _body(request)
    _require_digits(order, body)
    text = body.get("note")
    if not isinstance(text, str):
        raise LastmileError("bad_note", _("The note is missing."), _("Write a note."), field="note")
    leave_note(order=order, text=text, actor=f"recipient:{order.number}", now=now)
    return JsonResponse(_details(order, now))


def _details(order: Order, now: datetime) -> dict[str, Any]:
    return {
        "recipient": order.recipient,
        "address": order.address,
        "postcode": order.postcode,
        "place": order.place,
        "note": words_of(order.note),
        "may_note": picture_of(order, now).notes,
    }


def _body(request: HttpRequest) -> dict[str, Any]:
    wrong = LastmileError("bad_body", _("The request is not understood."), _("Load the page again."))
    if request.content_type != "application/json" or len(request.body) > BODY_LIMIT:
        raise wrong
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise wrong from error
    if not isinstance(body, dict):
        raise wrong
    return body


def _require_digits(order: Order, body: dict[str, Any]) -> None:
    """Few tries an hour for an order, whoever asks; without the counter nobody is let in."""
    given, at = body.get("digits"), timezone.now()
    if not order.phone:
        raise LastmileError(
            "no_phone", _("This order has no phone number."), _("Call the station."), status=404
        )
    if not limits.take("recipient-digits", str(order.pk), amount=TRIES, per_s=HOUR, at=at):
        raise LastmileError("not_now", _("This does not work just now."), _("Try again later."), status=503)
    known = order.phone[-DIGITS:]
    if not isinstance(given, str) or not constant_time_compare(given.strip(), known):
        raise LastmileError(
            "wrong_digits",
            _("These are not the last four digits we know."),
            _("Check the phone number you ordered with."),
            status=403,
            field="digits",
        )
    limits.give_back("recipient-digits", str(order.pk), per_s=HOUR, at=at)


urlpatterns = [
    path("t/<str:token>/", show, name="track"),
    path("t/<str:token>/status.json", status, name="track-status"),
    path("t/<str:token>/details/", details, name="track-details"),
    path("t/<str:token>/note/", note, name="track-note"),
]
