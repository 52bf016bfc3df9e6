from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html

from dispatch.access import actor_of
from dispatch.admin.base import Inline, Mine, StationAdmin, is_superuser
from dispatch.models import Shop, ShopToken
from dispatch.selectors.shops import may_manage_tokens
from dispatch.services.shop_tokens import USUAL, make_shop_token, revoke_shop_token
from lastmile.kernel.errors import forbidden


def show_once(request: HttpRequest, token: ShopToken, text: str) -> None:
    words = "Token “{}”: <code class='token-once'>{}</code> Copy it now; it cannot be shown again."
    messages.success(request, format_html(words, token.name, text))


def require_all_stations(request: HttpRequest, shop: Shop) -> None:
    """A token opens every station of its shop: who manages only some of them may neither make nor end one."""
    if not may_manage_tokens(request.user, shop):
        raise forbidden(f"{shop.name} also sends to stations that are not yours to manage.")


class TokenInline(Inline):
    """New tokens by name; existing ones can only be looked at here and revoked on their own page."""

    model = ShopToken
    fields = ("name", "expires_at", "scopes", "prefix", "created_at", "revoked_at", "last_used_at")
    readonly_fields = ("scopes", "prefix", "created_at", "revoked_at", "last_used_at")
    can_delete = False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Shop)
class ShopAdmin(StationAdmin):
    station_path = "stations"
    list_display = ("name", "code", "email", "ship_complete", "sandbox_of")
    list_select_related = ("sandbox_of",)
    list_filter = (("stations", Mine), "ship_complete")
    exclude = ("sandbox_of",)
    search_fields = ("name", "code", "email")
    autocomplete_fields = ("stations",)
    inlines = (TokenInline,)

    def scope(self, rows: QuerySet[Any], station_ids: QuerySet[Any, Any]) -> QuerySet[Any]:
        sends = Shop.stations.through.objects.filter(station__in=station_ids)
        return rows.filter(pk__in=sends.values("shop_id"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # A form that shows only some stations of a shop would drop the others on saving.
        return () if is_superuser(request) else ("code", "stations")

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        if formset.model is not ShopToken:
            super().save_formset(request, form, formset, change)
            return
        formset.save(commit=False)
        formset.save_m2m()
        for drawn in formset.new_objects:
            require_all_stations(request, form.instance)
            token, text = make_shop_token(
                shop=form.instance,
                name=drawn.name,
                now=timezone.now(),
                expires_at=drawn.expires_at or timezone.now() + USUAL,
                actor=actor_of(request),
            )
            show_once(request, token, text)


@admin.register(ShopToken)
class ShopTokenAdmin(StationAdmin):
    station_path = "shop__stations"
    list_display = ("name", "shop", "prefix", "created_at", "expires_at", "revoked_at", "last_used_at")
    list_select_related = ("shop",)
    list_filter = (("shop", Mine), "revoked_at")
    search_fields = ("name", "prefix", "shop__name")
    actions = ("revoke",)
    fields = ("shop", "name", "expires_at", "scopes", "prefix", "created_at", "revoked_at", "last_used_at")
    autocomplete_fields = ("shop",)

    def scope(self, rows: QuerySet[Any], station_ids: QuerySet[Any, Any]) -> QuerySet[Any]:
        sends = Shop.stations.through.objects.filter(station__in=station_ids)
        return rows.filter(shop__in=sends.values("shop_id"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        always = ("scopes", "prefix", "created_at", "revoked_at", "last_used_at")
        return (*always, "shop", "expires_at") if obj else always

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        require_all_stations(request, obj.shop)
        token, text = make_shop_token(
            shop=obj.shop,
            name=obj.name,
            now=timezone.now(),
            expires_at=obj.expires_at or timezone.now() + USUAL,
            actor=actor_of(request),
        )
        obj.pk = token.pk
        show_once(request, token, text)

    @admin.action(description="Revoke at once", permissions=["change"])
    def revoke(self, request: HttpRequest, tokens: QuerySet[ShopToken]) -> None:
        actor, now = actor_of(request), timezone.now()
        mine = [
            token for token in tokens.select_related("shop") if may_manage_tokens(request.user, token.shop)
        ]
        if len(mine) < len(tokens):
            messages.warning(request, "Tokens of shops with stations that are not yours were left alone.")
        ended = sum(revoke_shop_token(token=token, now=now, actor=actor) for token in mine)
        messages.success(request, f"{ended} tokens revoked.")
