"""Shops: a new one is added, or one that is there already also sends to another station."""

from datetime import datetime

from django.db import IntegrityError, transaction

from dispatch.models import Shop, Station
from dispatch.services.changes import tell_change, values_of, without_personal
from lastmile.kernel.errors import LastmileError

FIELDS = ("name", "code", "email", "ship_complete")


def add_shop(
    *, station: Station, name: str, code: str, email: str, ship_complete: bool, actor: str, now: datetime
) -> Shop:
    """A new shop that sends to the station."""
    try:
        with transaction.atomic():
            shop = Shop.objects.create(name=name, code=code, email=email, ship_complete=ship_complete)
            shop.stations.add(station)
            changes = {field: [None, value] for field, value in values_of(shop, FIELDS).items()}
            told = without_personal(changes, {"email"})
            tell_change(station_id=station.pk, what="created", row=shop, changes=told, actor=actor, at=now)
    except IntegrityError as error:
        raise LastmileError(
            "shop_exists",
            "A shop with that name or code exists already.",
            "Choose another, or ask an admin to let that shop send to this station.",
            status=409,
        ) from error
    return shop


@transaction.atomic
def attach_shop(*, station: Station, shop: Shop, actor: str, now: datetime) -> None:
    """Let a shop of other stations send to this one too."""
    if station.shops.filter(pk=shop.pk).exists():
        return
    shop.stations.add(station)
    changes = {"stations": [None, station.code]}
    tell_change(station_id=station.pk, what="added", row=shop, changes=changes, actor=actor, at=now)
