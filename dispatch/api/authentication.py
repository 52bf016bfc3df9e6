"""Bearer tokens of the API: shops (`lms_...`, trials `lmt_...`) and, registered by the tracking app, drivers' devices
(`lmd_...`)."""

import hashlib
import secrets
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone, translation
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from dispatch.limits import spend
from dispatch.models import Shop, ShopToken
from dispatch.models.shop import all_scopes
from lastmile.kernel.errors import LastmileError
from lastmile.limits import address_of, household_of


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
    """A shop, or a shop's twin with its trial orders, and what its token may do."""

    def __init__(self, shop: Shop, scopes: Iterable[str] | None = None, token_id: int | None = None) -> None:
        self.shop = shop
        self.scopes = frozenset(all_scopes() if scopes is None else scopes)
        self.token_id = token_id
        self.sandbox = shop.sandbox_of_id is not None
        self.actor = f"shop:{shop.code}"

    def require(self, scope: str) -> None:
        """Refuse what the token was not made for. Raises LastmileError ``scope_missing``."""
        if scope not in self.scopes:
            raise LastmileError(
                "scope_missing",
                f"This token was made without the scope {scope}.",
                f"Ask the station for a token with the scope {scope}.",
                status=403,
                data={"scope": scope},
            )


def shop_of(token_hash: str) -> tuple[Any, Principal] | None:
    now = timezone.now()
    tokens = ShopToken.objects.select_related("shop__sandbox_of")
    token = tokens.filter(token_hash=token_hash, revoked_at=None).first()
    if token is None or (token.expires_at and token.expires_at <= now):
        return None
    if token.last_used_at is None or (now - token.last_used_at).total_seconds() > 60:
        ShopToken.objects.filter(pk=token.pk).update(last_used_at=now)
    spend("api", token.pk, at=now)
    return AnonymousUser(), ShopPrincipal(token.shop, token.scopes, token.pk)


register("lms_", shop_of)
register("lmt_", shop_of)


class BearerToken(BaseAuthentication):
    """`Authorization: Bearer TOKEN`; cookies are not looked at when it is present."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        words = self.words(request)
        if not words or words[0].lower() != "bearer":
            return None
        token = words[1] if len(words) == 2 else ""
        lookup = _lookups.get(token[:4])
        found = lookup(hash_token(token)) if lookup else None
        if found is None:
            count_stranger(request)
            raise AuthenticationFailed("The token is unknown, expired or revoked.")
        translation.activate("en")  # programs read the same words whatever their library asks for
        return found

    def words(self, request: Request) -> list[str]:
        return get_authorization_header(request).decode("latin-1").split()

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def count_stranger(request: Any) -> None:
    """Whoever comes without a good name is counted by address. Raises LastmileError ``too_many``."""
    spend("stranger", household_of(address_of(request)), at=timezone.now())


class IsShop(BasePermission):
    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.auth, ShopPrincipal)
