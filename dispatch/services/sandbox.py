"""Sandboxes: a shop's twin and the twins of its stations, where trial orders are taken and nobody delivers them.

Twins are made when they are first needed and follow their originals: whoever tries an order out must meet the same
city, clock and rules. No person belongs to a twin, so that its orders stand on no board, list or plan.
"""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from dispatch.models import Shop, Station
from lastmile import bus
from lastmile.kernel import events

OWN = {"id", "code", "name", "sandbox_of"}  # what a twin does not take over from its original
MARK = " (sandbox)"
TRIES = 3


def sandbox_shop(*, shop: Shop, actor: str) -> Shop:
    """The shop's twin, made if there is none."""
    twin = Shop.objects.filter(sandbox_of=shop).first()
    for _ in range(TRIES):
        if twin is not None:
            return twin
        try:
            with transaction.atomic():
                twin = Shop.objects.create(
                    sandbox_of=shop,
                    code=_free_code(Shop, shop.code, 30),
                    name=f"{shop.name[: 80 - len(MARK)]}{MARK}",
                    ship_complete=shop.ship_complete,
                )
                for station_id in shop.stations.values_list("pk", flat=True):
                    _tell(station_id, "shop", twin.pk, str(twin), actor)
        except IntegrityError:  # two first calls at once, or a name that is taken
            twin = Shop.objects.filter(sandbox_of=shop).first()
    return twin or _named_by_code(shop)


def _named_by_code(shop: Shop) -> Shop:
    """Where the usual name is somebody else's."""
    code = _free_code(Shop, shop.code, 30)
    return Shop.objects.get_or_create(sandbox_of=shop, defaults={"code": code, "name": f"{code}{MARK}"})[0]


def sandbox_station(*, station: Station, shop: Shop, actor: str) -> Station:
    """The station's twin, as its original is set today; `shop`, a twin too, may send to it from then on."""
    twin = Station.objects.filter(sandbox_of=station).first() or _new_station(station, actor)
    settings = {name: getattr(station, name) for name in _followed()}
    old = [name for name, value in settings.items() if getattr(twin, name) != value]
    if old:
        Station.objects.filter(pk=twin.pk).update(**{name: settings[name] for name in old})
        for name in old:
            setattr(twin, name, settings[name])
    shop.stations.add(twin)
    return twin


def _new_station(station: Station, actor: str) -> Station:
    try:
        with transaction.atomic():
            twin = Station.objects.create(
                sandbox_of=station,
                code=_free_code(Station, station.code, 20),
                name=f"{station.name[: 80 - len(MARK)]}{MARK}",
                **{name: getattr(station, name) for name in _followed()},
            )
            _tell(station.pk, "station", twin.pk, str(twin), actor)
            return twin
    except IntegrityError:  # two first trials at once: the other one made it
        return Station.objects.get(sandbox_of=station)


def _followed() -> list[str]:
    return [field.name for field in Station._meta.concrete_fields if field.name not in OWN]


def _free_code(model: Any, code: str, longest: int) -> str:
    """`code-trial`, or with a number behind it where somebody has that."""
    for number in range(1, 100):
        ending = "-trial" if number == 1 else f"-trial{number}"
        drawn = f"{code[: longest - len(ending)]}{ending}"
        if not model.objects.filter(code=drawn).exists():
            return drawn
    raise AssertionError("a hundred originals share the beginning of their codes")


def _tell(station_id: int, noun: str, row_id: int, label: str, actor: str) -> None:
    event = events.SettingsChanged(
        station_id=station_id, what="created", noun=f"sandbox {noun}", row_id=row_id, label=label, changes={}
    )
    bus.publish(event, actor=actor, at=timezone.now())
