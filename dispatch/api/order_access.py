"""What the views of the order API share: who reads which orders, cards, versions, keys, and the mark of a sandbox."""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dispatch.access import READ, actor_of, stations_of
from dispatch.api.authentication import ShopPrincipal, count_stranger
from dispatch.api.json import StrictJSON
from dispatch.models import Membership, Order
from dispatch.models.shop import Scope
from dispatch.selectors.masking import mask_cards, masked_stations
from dispatch.selectors.orders import order_cards
from dispatch.services.idempotency import Answer, answer_once
from dispatch.services.links import link_url
from lastmile.kernel.errors import LastmileError, forbidden, not_found
from lastmile.models import User

TAG = re.compile(r'"(\d{1,9})(?:-[0-9a-f]{1,64})?"')
HOLDER = 80  # characters of the holder of an idempotency key


class OrderAccess(BasePermission):
    """Members by session, shops by token; drivers' devices have no business here."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.auth, ShopPrincipal) or IsAuthenticated().has_permission(request, view)


class OrderView(APIView):
    """Counts strangers, asks a shop's token for its scope, and says on every answer when it is a sandbox's."""

    permission_classes: Any = (OrderAccess,)
    parser_classes = (StrictJSON,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.auth is None and not request.user.is_authenticated:
            count_stranger(request)
        super().initial(request, *args, **kwargs)
        if isinstance(request.auth, ShopPrincipal):
            reads = request.method in ("GET", "HEAD", "OPTIONS")
            request.auth.require(Scope.ORDERS_READ if reads else Scope.ORDERS_WRITE)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        principal = getattr(request, "_auth", None)  # as far as it is known: the token itself may be refused
        if isinstance(principal, ShopPrincipal) and principal.sandbox and isinstance(response.data, dict):
            response.data = {"sandbox": True} | response.data
        return super().finalize_response(request, response, *args, **kwargs)


def is_inside(request: Request) -> bool:
    """Whether the station's own people ask."""
    return request.auth is None


def by_shop(request: Request) -> bool:
    return isinstance(request.auth, ShopPrincipal)


def orders_of(request: Request) -> QuerySet[Order]:
    """The orders the caller may read: a shop's own, or those of the stations a member works at."""
    if isinstance(request.auth, ShopPrincipal):
        return Order.objects.filter(shop=request.auth.shop)
    if request.auth is not None or not isinstance(request.user, User):
        return Order.objects.none()
    if request.user.is_superuser:
        return Order.objects.filter(station__in=stations_of(request.user))
    here = {"station__active": True, "station__sandbox_of": None}
    reads = Membership.objects.filter(user=request.user, role__in=READ, **here)
    return Order.objects.filter(station__in=reads.values("station"))


def find_order(request: Request, **where: Any) -> Order:
    """One order that the caller may read, or 404."""
    orders = orders_of(request).select_related("shop", "station__sandbox_of")
    order = orders.filter(**where).first()
    if order is None:
        raise not_found("The order")
    return order


def cards(request: Request, orders: list[Order]) -> list[dict[str, Any]]:
    """Cards as the caller may see them: shops get the recipient's link, the station its own notes, auditors masks."""
    found = order_cards(orders, inside=is_inside(request))
    for order, card in zip(orders, found, strict=True):
        card["email"] = order.email
        if by_shop(request):
            card["link"] = link_url(order)
    hidden = masked_stations(request.user) if is_inside(request) else set()
    return [
        mask_cards([card])[0] if order.station_id in hidden else card
        for order, card in zip(orders, found, strict=True)
    ]


def card_of(request: Request, order: Order) -> dict[str, Any]:
    return cards(request, [order])[0]


def etag(card: dict[str, Any]) -> str:
    """Version and content: a plan may move an order to another route without making it another order."""
    body = json.dumps(card, sort_keys=True, default=str).encode()
    return f'"{card["version"]}-{hashlib.sha256(body).hexdigest()[:16]}"'


def shown(request: Request, card: dict[str, Any]) -> Response:
    """The card with its tag, or 304 where the caller has it."""
    tag = etag(card)
    known = [word.strip().removeprefix("W/") for word in request.headers.get("If-None-Match", "").split(",")]
    if request.method in ("GET", "HEAD") and (tag in known or "*" in known):
        return Response(status=304, headers={"ETag": tag})
    return Response(card, headers={"ETag": tag})


def seen_version(request: Request, body_version: int | None = None) -> int | None:
    """The version the caller has seen, by If-Match or in the body; None where a shop leaves it open.

    Raises LastmileError ``version_missing`` (428): people must say what they saw before they change it.
    """
    header = request.headers.get("If-Match", "").strip()
    if header and header != "*":
        found = TAG.fullmatch(header)
        if found is None:
            raise LastmileError(
                "bad_if_match",
                "If-Match must be one version in quotes, as ETag gives it.",
                'Send If-Match: "3", or the ETag of the order as you read it.',
                field="If-Match",
            )
        return int(found[1])
    if body_version is None and not by_shop(request):
        raise LastmileError(
            "version_missing",
            "The request does not say which version of the order it was made for.",
            'Send If-Match: "<version>" with the version of the order as you read it.',
            field="If-Match",
            status=428,
        )
    return body_version


def once(request: Request, body: Any, work: Callable[[], Answer]) -> Response:
    """Carry out a change, or answer as before where its Idempotency-Key was used; refusals carry the newest card."""
    key = request.headers.get("Idempotency-Key")
    replayed = False
    try:
        if key is None:
            status, answer = work()
        else:
            asked = [request.method, request.path, request.headers.get("If-Match", ""), body]
            (status, answer), replayed = answer_once(
                holder=_holder(request), key=key, request=asked, now=timezone.now(), work=work
            )
    except LastmileError as error:
        raise _with_card(request, error) from error
    headers = {"Idempotency-Replayed": "true"} if replayed else {}
    card = answer.get("order", answer)
    if isinstance(card, dict) and "version" in card:
        headers["ETag"] = etag(card)
    return Response(answer, status=status, headers=headers)


def _holder(request: Request) -> str:
    actor = actor_of(request)
    return actor if len(actor) <= HOLDER else f"sha256:{hashlib.sha256(actor.encode()).hexdigest()}"


def _with_card(request: Request, error: LastmileError) -> LastmileError:
    """The card in a refusal is built for whoever asks."""
    card = error.data.get("order")
    if isinstance(card, dict):
        error.data["order"] = card_of(request, find_order(request, pk=card["id"]))
    return error


def shop_of(request: Request) -> ShopPrincipal:
    if not isinstance(request.auth, ShopPrincipal):
        raise forbidden("Only a shop's token may send orders.")
    return request.auth
