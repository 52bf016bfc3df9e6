"""API tokens of shops: made, shown once, revoked. Only their hash is kept."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from dispatch.api.authentication import new_token
from dispatch.models import Shop, ShopToken
from dispatch.models.shop import Scope, all_scopes
from lastmile import bus
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError

LIVE_PREFIX, SANDBOX_PREFIX = "lms_", "lmt_"
USUAL = timedelta(days=365)
LONGEST = timedelta(days=5 * 366)


def make_shop_token(
    *,
    shop: Shop,
    name: str,
    now: datetime,
    actor: str,
    expires_at: datetime | None = None,
    scopes: Sequence[str] | None = None,
) -> tuple[ShopToken, str]:
    """A new token of a shop and its text, which is nowhere else and cannot be shown again; `now` is wall time.

    A token of a shop's twin (`Shop.sandbox_of`) begins with `lmt_` and reaches trial orders only.
    """
    chosen = _checked(name, now, expires_at, all_scopes() if scopes is None else list(scopes))
    text, hashed = new_token(SANDBOX_PREFIX if shop.sandbox_of_id else LIVE_PREFIX)
    with transaction.atomic():
        _name_free(shop, name.strip(), now)
        token = ShopToken.objects.create(
            shop=shop,
            name=name.strip(),
            prefix=text[:10],
            token_hash=hashed,
            scopes=chosen,
            created_at=now,
            expires_at=expires_at,
        )
        _tell(token, "made", actor, now)
    return token, text


def _name_free(shop: Shop, name: str, now: datetime) -> None:
    """A form sent twice is one token; and of two with one name nobody knows which to revoke."""
    Shop.objects.select_for_update().get(pk=shop.pk)
    live = ShopToken.objects.filter(shop=shop, name=name, revoked_at=None).exclude(expires_at__lte=now)
    if live.exists():
        raise LastmileError(
            "name_taken",
            "The shop has a token of this name that still works.",
            "Choose another name, or revoke the other one first.",
            field="name",
            status=422,
        )


def _checked(name: str, now: datetime, expires_at: datetime | None, scopes: list[str]) -> list[str]:
    """The scopes in their usual order; LastmileError names what is wrong."""
    if not name.strip() or len(name.strip()) > 60:
        raise LastmileError(
            "name_missing",
            "The token has no name, or one of more than 60 characters.",
            "Say what it is for, such as 'web shop'.",
            field="name",
        )
    if expires_at is not None and expires_at <= now:
        raise LastmileError(
            "expired_already",
            "The token would be expired from the start.",
            "Choose a later moment.",
            field="expires_at",
        )
    if expires_at is not None and expires_at > now + LONGEST:
        raise LastmileError(
            "expires_too_late",
            "The token would live longer than five years.",
            "Choose an earlier day and make a new token in time.",
            field="expires_at",
        )
    if not scopes or set(scopes) - set(Scope.values):
        raise LastmileError(
            "bad_scopes",
            "The token needs one or more of the known scopes.",
            f"Choose from {', '.join(Scope.values)}.",
            field="scopes",
        )
    return [scope for scope in Scope.values if scope in scopes]


def revoke_shop_token(*, token: ShopToken, now: datetime, actor: str) -> bool:
    """End a token at once; False where it was revoked before. `now` is wall time."""
    with transaction.atomic():
        if not ShopToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
            return False
        _tell(token, "revoked", actor, now)
    return True


def _tell(token: ShopToken, what: str, actor: str, now: datetime) -> None:
    """At every station the shop sends to, for each has its own ledger of who may reach in."""
    label = f"{token.shop.code}: {token.name} ({token.prefix}…)"
    shop = token.shop.sandbox_of or token.shop
    stations: list[int | None] = list(shop.stations.order_by("pk").values_list("pk", flat=True))
    for station_id in stations or [None]:
        event = events.TokenChanged(
            station_id=station_id, what=what, kind="shop", token_id=token.pk, label=label
        )
        bus.publish(event, actor=actor, at=now)
