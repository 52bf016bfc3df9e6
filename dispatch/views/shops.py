"""Shops of a station and their API tokens."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dispatch.access import MANAGE, actor_of, require_station
from dispatch.models import Shop, ShopToken, Station
from dispatch.selectors.shops import may_manage_tokens, shop_at, shops_elsewhere, shops_of, tokens_of
from dispatch.services.sandbox import sandbox_shop
from dispatch.services.shop_tokens import make_shop_token, revoke_shop_token
from dispatch.services.shops import add_shop, attach_shop
from dispatch.shop_forms import ShopForm, TokenForm
from dispatch.views.pages import frame, page
from lastmile.kernel.errors import LastmileError, forbidden, not_found
from lastmile.refusals import in_words


@require_safe
@page
def shops(request: HttpRequest, station_id: int) -> HttpResponse:
    station = require_station(request.user, station_id, MANAGE)
    context = frame(request, station, "people") | {"tab": "shops", "shops": shops_of(station, timezone.now())}
    return render(request, "dispatch/shops_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def shop_new(request: HttpRequest, station_id: int) -> HttpResponse:
    station = require_station(request.user, station_id, MANAGE)
    if request.method == "POST" and "attach" in request.POST:
        return _attached(request, station)
    form = ShopForm(request.POST or None)
    existing: list[Shop] = []
    if request.method == "POST" and form.is_valid():
        try:
            made = add_shop(station=station, actor=actor_of(request), now=timezone.now(), **form.cleaned_data)
        except LastmileError as error:
            form.add_error(None, in_words(error))
            if getattr(request.user, "is_superuser", False):
                existing = shops_elsewhere(station, form.cleaned_data["name"], form.cleaned_data["code"])
        else:
            messages.success(request, _("The shop “%(name)s” is added.") % {"name": made.name})
            return redirect("shops", station.pk)
    context = frame(request, station, "people") | {"tab": "shops", "form": form, "existing": existing}
    return render(request, "dispatch/shop_new.html", context, status=422 if form.errors else 200)


def _attached(request: HttpRequest, station: Station) -> HttpResponse:
    """A shop of other stations gets this one too: for admins, who alone see them all."""
    if not getattr(request.user, "is_superuser", False):
        raise forbidden("Only an admin lets a shop of another station send to this one.")
    asked = request.POST["attach"]
    found = Shop.objects.filter(pk=int(asked), sandbox_of=None).first() if _is_id(asked) else None
    if found is None:
        raise not_found("The shop")
    attach_shop(station=station, shop=found, actor=actor_of(request), now=timezone.now())
    messages.success(request, _("The shop “%(name)s” sends to this station now.") % {"name": found.name})
    return redirect("shops", station.pk)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@page
def shop(request: HttpRequest, station_id: int, shop_id: int) -> HttpResponse:
    """The tokens of a shop, and the form for another one, which is shown in the answer and nowhere else."""
    station = require_station(request.user, station_id, MANAGE)
    found = shop_at(station, shop_id)
    form = TokenForm(request.POST or None)
    if request.method != "POST":
        return _shown(request, station, found, form)
    _require_manager(request, found)
    if not form.is_valid():
        return _shown(request, station, found, form, status=422)
    try:
        token, text = _make(request, station, found, form)
    except LastmileError as error:
        field = {"expires_at": "expires_on"}.get(error.field or "", error.field)
        form.add_error(field if field in form.fields else None, in_words(error))
        return _shown(request, station, found, form, status=422)
    # Shown by the answer itself: kept anywhere for a page after a redirect, the secret would be stored.
    context = frame(request, station, "people") | {
        "tab": "shops",
        "shop": found,
        "token": token,
        "text": text,
    }
    return render(request, "dispatch/shop_token_made.html", context, status=201)


def _require_manager(request: HttpRequest, found: Shop) -> None:
    if not may_manage_tokens(request.user, found):
        raise forbidden(f"{found.name} also sends to stations that are not yours to manage.")


def _make(request: HttpRequest, station: Station, found: Shop, form: TokenForm) -> tuple[ShopToken, str]:
    now, actor = timezone.now(), actor_of(request)
    expires_at = form.expires_at(now, station.zone)
    with transaction.atomic():  # a token that is refused leaves no empty twin behind
        holder = sandbox_shop(shop=found, actor=actor) if form.cleaned_data["sandbox"] else found
        return make_shop_token(
            shop=holder,
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            expires_at=expires_at,
            now=now,
            actor=actor,
        )


def _shown(
    request: HttpRequest, station: Station, found: Shop, form: TokenForm, status: int = 200
) -> HttpResponse:
    now = timezone.now()
    tokens: list[dict[str, Any]] = [{"row": row, "state": _state(row, now)} for row in tokens_of(found)]
    context = frame(request, station, "people") | {
        "tab": "shops",
        "shop": found,
        "tokens": tokens,
        "form": form,
        "may_manage": may_manage_tokens(request.user, found),
    }
    return render(request, "dispatch/shop_show.html", context, status=status)


def _state(token: ShopToken, now: Any) -> str:
    if token.revoked_at is not None:
        return "revoked"
    return "expired" if token.expires_at is not None and token.expires_at <= now else "works"


@require_POST
@page
def revoke(request: HttpRequest, station_id: int, shop_id: int, token_id: int) -> HttpResponse:
    station = require_station(request.user, station_id, MANAGE)
    found = shop_at(station, shop_id)
    _require_manager(request, found)
    token = tokens_of(found).filter(pk=token_id).first()
    if token is None:
        raise not_found("The token")
    name = {"name": token.name}
    if revoke_shop_token(token=token, now=timezone.now(), actor=actor_of(request)):
        messages.success(request, _("The token “%(name)s” is revoked: it opens nothing any more.") % name)
    else:
        messages.info(request, _("The token “%(name)s” was revoked before.") % name)
    return redirect("shop", station.pk, found.pk)


BASE = "stations/<int:station_id>/shops/"
urlpatterns = [
    path(BASE, shops, name="shops"),
    path(f"{BASE}new/", shop_new, name="shop-new"),
    path(f"{BASE}<int:shop_id>/", shop, name="shop"),
    path(f"{BASE}<int:shop_id>/tokens/<int:token_id>/revoke/", revoke, name="shop-token-revoke"),
]
