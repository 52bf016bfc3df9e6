"""Bearer tokens of the API: shops (`lms_...`) and, registered by the tracking app, drivers' devices (`lmd_...`)."""

import hashlib
import secrets
from collections.abc import Callable
from typing import Any, Protocol

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from dispatch.models import Shop, ShopToken


class Principal(Protocol):
    """Who holds a token; `actor` is how the ledger names them."""

    @property
    def actor(self) -> str: ...


Lookup = Callable[[str], tuple[Any, Principal] | None]
_lookups: dict[str, Lookup] = {}


def register(prefix: str, lookup: Lookup) -> None:
    """Let `lookup(token hash)` answer for tokens that begin with `prefix`: (user, principal), or None."""
    _lookups[prefix] = lookup


def new_token(prefix: str) -> tuple[str, str]:
    """A fresh token (160 random bits) and the hash that is stored of it."""
    token = prefix + secrets.token_urlsafe(20)
    return token, hash_token(token)


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class ShopPrincipal:
    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.actor = f"shop:{shop.code}"


def shop_of(token_hash: str) -> tuple[Any, Principal] | None:
    now = timezone.now()
    token = ShopToken.objects.select_related("shop").filter(token_hash=token_hash, revoked_at=None).first()
    if token is None or (token.expires_at and token.expires_at < now):
        return None
    if token.last_used_at is None or (now - token.last_used_at).total_seconds() > 60:
        ShopToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return AnonymousUser(), ShopPrincipal(token.shop)


register("lms_", shop_of)


class BearerToken(BaseAuthentication):
    """`Authorization: Bearer TOKEN`; cookies are not looked at when it is present."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        words = get_authorization_header(request).decode("latin-1").split()
        if not words or words[0].lower() != "bearer":
            return None
        token = words[1] if len(words) == 2 else ""
        lookup = _lookups.get(token[:4])
        found = lookup(hash_token(token)) if lookup else None
        if found is None:
            raise AuthenticationFailed("The token is unknown, expired or revoked.")
        return found

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class IsShop(BasePermission):
    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.auth, ShopPrincipal)
