"""Reading shops of a station and their tokens."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from dispatch.models import Membership, Role, Shop, ShopToken, Station
from lastmile.kernel.errors import not_found
from lastmile.models import User


def shops_of(station: Station, now: datetime) -> QuerySet[Shop]:
    """The shops that send to a station, with how many of their tokens work and when one was last used."""
    works = Q(tokens__revoked_at=None) & (Q(tokens__expires_at=None) | Q(tokens__expires_at__gt=now))
    shops = station.shops.filter(sandbox_of=None)
    return shops.annotate(working=Count("tokens", filter=works), used_at=Max("tokens__last_used_at"))


def shop_at(station: Station, shop_id: int) -> Shop:
    shop = station.shops.filter(pk=shop_id, sandbox_of=None).first()
    if shop is None:
        raise not_found("The shop")
    return shop


def shops_elsewhere(station: Station, name: str, code: str) -> list[Shop]:
    """The shops of other stations that have the code or the name already: two, where one has each.

    Which of the two was meant only a person can say, so none goes before the other but by the order shown: the code's.
    """
    found = Shop.objects.filter(Q(code=code) | Q(name=name), sandbox_of=None).exclude(stations=station)
    return sorted(found, key=lambda shop: shop.code != code)


def tokens_of(shop: Shop) -> QuerySet[ShopToken]:
    """Tokens of a shop and of its sandbox, newest first."""
    tokens = ShopToken.objects.filter(Q(shop=shop) | Q(shop__sandbox_of=shop)).select_related("shop")
    return tokens.order_by("-created_at", "-id")


def may_manage_tokens(user: Any, shop: Shop) -> bool:
    """An admin, or a manager of every station the shop sends to: its token opens all of them."""
    if not isinstance(user, User) or not user.is_active:
        return False
    if user.is_superuser:
        return True
    stations = set(shop.stations.values_list("pk", flat=True))
    managed = Membership.objects.filter(user=user, role=Role.MANAGER, station__in=stations)
    return bool(stations) and stations == set(managed.values_list("station_id", flat=True))
