"""Tokens of shops: shown once, kept as a hash, useless once expired or revoked."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.test import APIRequestFactory

from dispatch.api.authentication import BearerToken, IsShop, ShopPrincipal, hash_token, new_token
from dispatch.models import Shop, ShopToken
from dispatch.services.shop_tokens import make_shop_token, revoke_shop_token
from lastmile.kernel.errors import LastmileError
from tests import scenarios

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return scenarios.make_shop(scenarios.make_station())


def authenticate(header: str) -> Any:
    request = (
        APIRequestFactory().get("/", HTTP_AUTHORIZATION=header) if header else APIRequestFactory().get("/")
    )
    return BearerToken().authenticate(request)


def test_a_token_names_its_shop(shop: Shop) -> None:
    """The ledger must say which shop sent an order; nobody is signed in by it."""
    _, text = make_shop_token(shop=shop, name="web", now=timezone.now(), actor="user:m")
    user, principal = authenticate(f"Bearer {text}")
    assert isinstance(user, AnonymousUser)
    assert isinstance(principal, ShopPrincipal)
    assert (principal.shop, principal.actor) == (shop, f"shop:{shop.code}")


def test_only_the_hash_is_kept(shop: Shop) -> None:
    """A stolen backup must not let anybody send orders."""
    token, text = make_shop_token(shop=shop, name="web", now=timezone.now(), actor="user:m")
    row = ShopToken.objects.filter(pk=token.pk).values().get()
    assert row["token_hash"] == hash_token(text)
    assert all(text not in str(value) for value in row.values())
    assert len(row["prefix"]) < len(text) // 2


def test_tokens_are_long_and_never_the_same() -> None:
    """160 bits cannot be guessed; the prefix lets scanners of leaked secrets find them."""
    drawn = {new_token("lms_")[0] for _ in range(200)}
    assert len(drawn) == 200
    assert all(token.startswith("lms_") and len(token) >= 30 for token in drawn)


def test_an_expired_token_is_refused(shop: Shop) -> None:
    """Up to its moment it works, after it does not."""
    now = timezone.now()
    token, text = make_shop_token(
        shop=shop, name="web", now=now, expires_at=now + timedelta(hours=1), actor="user:m"
    )
    assert authenticate(f"Bearer {text}")
    ShopToken.objects.filter(pk=token.pk).update(expires_at=now - timedelta(seconds=1))
    with pytest.raises(AuthenticationFailed):
        authenticate(f"Bearer {text}")


def test_a_revoked_token_is_refused_at_once(shop: Shop) -> None:
    """Revoking is what one does when a token has leaked; doing it twice changes nothing."""
    token, text = make_shop_token(shop=shop, name="web", now=timezone.now(), actor="user:m")
    assert revoke_shop_token(token=token, now=timezone.now(), actor="user:m")
    assert not revoke_shop_token(token=token, now=timezone.now(), actor="user:m")
    with pytest.raises(AuthenticationFailed):
        authenticate(f"Bearer {text}")


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer lms_wrong",
        "Bearer xyz_unknown",
        "Bearer a b",
        "bearer ä",
        "Bearer lmd_none",
    ],
)
def test_anything_else_behind_bearer_is_refused(header: str) -> None:
    """A broken token must never fall through to the session of whoever has a cookie."""
    with pytest.raises(AuthenticationFailed):
        authenticate(header)


@pytest.mark.parametrize("header", ["", "Basic abc", "Token lms_x"])
def test_without_bearer_the_session_decides(header: str) -> None:
    """Pages use cookies and send no such header."""
    assert authenticate(header) is None


def test_last_use_is_noted_once_a_minute(shop: Shop) -> None:
    """Owners see which tokens are still in use, at the price of one write a minute and not one a request."""
    token, text = make_shop_token(shop=shop, name="web", now=timezone.now(), actor="user:m")
    authenticate(f"Bearer {text}")
    first = ShopToken.objects.get(pk=token.pk).last_used_at
    assert first is not None
    authenticate(f"Bearer {text}")
    assert ShopToken.objects.get(pk=token.pk).last_used_at == first


def test_a_token_needs_a_name_and_a_future(shop: Shop) -> None:
    """Nameless tokens are the ones nobody dares to revoke later."""
    now = timezone.now()
    with pytest.raises(LastmileError, match="name_missing"):
        make_shop_token(shop=shop, name=" ", now=now, actor="user:m")
    with pytest.raises(LastmileError, match="expired_already"):
        make_shop_token(shop=shop, name="web", now=now, expires_at=now, actor="user:m")


def test_only_shops_pass_as_shops(shop: Shop) -> None:
    """A signed-in person is no shop, however many rights they have."""
    request = APIRequestFactory().get("/")
    request.auth = None
    assert not IsShop().has_permission(request, None)
    request.auth = ShopPrincipal(shop)
    assert IsShop().has_permission(request, None)
