"""From nothing to an own station: the first admin, the station, its first fleet and shifts, a trial day."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import asin, cos, radians, sin, sqrt
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.languages import get_official_languages
from babel.numbers import get_territory_currencies
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from dispatch.models import Carrier, Driver, IdempotencyKey, Role, Shift, Station, Vehicle, VehicleType
from dispatch.models.station import Units
from dispatch.places.sample import doors
from dispatch.services import city as cities
from dispatch.services.changes import tell_change
from dispatch.services.countries import places_of_zones, region_of
from dispatch.services.day_orders import Able
from dispatch.services.days import make_day
from dispatch.services.fleet import add_shift
from dispatch.services.people import give_role
from dispatch.services.roster import Clocks
from dispatch.services.swaps import replace_driver
from lastmile import bus, setup_link
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError
from lastmile.models import User

MILES = {"US", "GB", "LR", "MM"}
NEIGHBOUR = 700 / 6371  # an angle: kilometres over the earth's radius
TRIAL_ORDERS, TRIAL_SEED = 60, 1
SPOKEN = [code for code, _name in settings.LANGUAGES]
CREATED = ("code", "name", "city", "address", "lat", "lng", "time_zone", "currency", "language", "units")


def make_admin(
    *, token: str, username: str, full_name: str, email: str, password: str, language: str, now: datetime
) -> User:
    """The first admin, made by whoever holds the set-up address; it is used up. `now` is wall time.

    Raises LastmileError ``setup_spent``, ``name_taken``.
    """
    with transaction.atomic():
        # Two may hold the address: taken under the database's lock, the first admin closes the door for the second.
        if not setup_link.is_good(token, now):
            raise LastmileError(
                "setup_spent", _("This address is no longer good."),
                _("Print a new one on the server: manage.py setup_link."), status=404,
            )  # fmt: skip
        person = User(username=username, full_name=full_name, email=email, language=language,
                      is_superuser=True, is_staff=True)  # fmt: skip
        person.set_password(password)
        try:
            with transaction.atomic():
                person.save()
        except IntegrityError as error:
            raise LastmileError(
                "name_taken", _("Somebody has that user name already."), _("Choose another."), field="username",
                status=422,
            ) from error  # fmt: skip
        event = events.PersonChanged(
            station_id=None, what="first_admin", person=username, user_id=person.pk, detail=""
        )
        bus.publish(event, actor=f"user:{username}", at=now)
    setup_link.use_up()
    return person


@dataclass(frozen=True, slots=True)
class Guess:
    """What a place on the map says about how people live there; every one of them can be changed."""

    time_zone: str
    currency: str
    language: str
    units: str


def guess_of(lat: float, lng: float, now: datetime) -> Guess:
    """The time zone whose principal place is nearest, and its country's money, language and units."""
    zones = places_of_zones()
    return _customs(min(zones, key=lambda name: _apart(lat, lng, *zones[name]), default="UTC"), now)


def guesses_near(lat: float, lng: float, now: datetime) -> list[Guess]:
    """The zones that may hold the place: where the browser's own is one of them, it is the better guess."""
    zones = places_of_zones()
    return [_customs(name, now) for name in zones if _apart(lat, lng, *zones[name]) < NEIGHBOUR]


def _customs(zone: str, now: datetime) -> Guess:
    region = region_of(zone) or ""
    money = get_territory_currencies(region, now.date(), now.date()) if region else []
    units = Units.IMPERIAL if region in MILES else Units.METRIC
    return Guess(zone, money[0] if money else "EUR", _language(region), units)


def _language(region: str) -> str:
    for code in get_official_languages(region, regional=True) if region else ():
        try:
            found = Locale.parse(code).language
        except (ValueError, UnknownLocaleError):
            continue
        if found in SPOKEN:
            return str(found)
    return "en"


def _apart(lat: float, lng: float, other_lat: float, other_lng: float) -> float:
    """The angle between two places."""
    a, b = radians(lat), radians(other_lat)
    half = sin((a - b) / 2) ** 2 + cos(a) * cos(b) * sin(radians(lng - other_lng) / 2) ** 2
    return 2 * asin(sqrt(min(1.0, half)))


def code_of(name: str) -> str:
    """A short code nobody has, made of the name's first letters."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    base = (re.sub(r"[^A-Za-z0-9]", "", plain)[:3] or "ST").upper()
    taken = {code.upper() for code in Station.objects.values_list("code", flat=True)}
    return next(code for code in (base, *(f"{base}{n}" for n in range(2, 1000))) if code not in taken)


def make_station(*, fields: dict[str, Any], user: User, actor: str, now: datetime) -> Station:
    """A station with its own fleet as carrier; its maker may manage it. `now` is wall time.

    Raises LastmileError ``code_taken``.
    """
    with transaction.atomic():
        station = Station(**fields, clock_wall=now, clock_business=now)
        try:
            with transaction.atomic():
                station.save()
        except IntegrityError as error:
            raise LastmileError(
                "code_taken", _("A station has that code already."), _("Choose another code."), field="code",
                status=422,
            ) from error  # fmt: skip
        Carrier.objects.create(station=station, name=_("Own fleet"), own=True)
        changes = {name: [None, fields[name]] for name in CREATED if name in fields}
        tell_change(station_id=station.pk, what="created", row=station, changes=changes, actor=actor, at=now)
        give_role(user=user, station=station, role=Role.MANAGER, actor=actor, now=now)
        give_role(user=user, station=station, role=Role.DISPATCHER, actor=actor, now=now)
    return station


@dataclass(frozen=True, slots=True)
class Kind:
    """Vehicles of one kind: how many, what each carries, where it may drive and what it costs."""

    name: str
    profile: str
    count: int
    capacity_weight_g: int
    capacity_volume_cm3: int
    capacity_pieces: int
    cost_fixed_cents: int
    cost_km_cents: int
    cost_hour_cents: int

    def columns(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__ if name not in ("name", "count")}


@dataclass(frozen=True, slots=True)
class FleetAdded:
    """What one sending of the form made; `again` where it was sent before and nothing was made."""

    vehicles: list[Vehicle]
    drivers: list[Driver]
    shifts: int
    again: bool = False


def add_fleet(
    *,
    station: Station,
    kinds: Sequence[Kind],
    people: Sequence[tuple[str, str]],
    clocks: Clocks,
    days: Sequence[date],
    once: str = "",
    actor: str,
    now: datetime,
) -> FleetAdded:
    """Vehicles, drivers (name, E.164 phone) and a shift a day for each vehicle, with a driver while there are some.

    All of it or nothing; by a form's mark `once` at most once. `now` is wall time.
    Raises LastmileError ``driver_known``, and what a roster refuses.
    """
    with transaction.atomic():
        Station.objects.select_for_update().get(pk=station.pk)  # names are numbered by what is there
        if once and not _first_time(station, once, now):
            return FleetAdded([], [], 0, again=True)
        vehicles = [vehicle for kind in kinds for vehicle in _vehicles(station, kind)]
        drivers = _drivers(station, people)
        for day in days:
            for index, vehicle in enumerate(vehicles):
                driver = drivers[index] if index < len(drivers) else None
                add_shift(
                    station=station,
                    day=day,
                    vehicle=vehicle,
                    driver=driver,
                    clocks=clocks,
                    actor=actor,
                    now=now,
                )
        _fill(station, days, drivers[len(vehicles) :], actor=actor, now=now)
        for row in (*vehicles, *drivers):
            tell_change(station_id=station.pk, what="created", row=row, changes={}, actor=actor, at=now)
    return FleetAdded(vehicles, drivers, len(days) * len(vehicles))


def _first_time(station: Station, once: str, now: datetime) -> bool:
    """Whether nothing was made of this form yet; said in the transaction that makes it, under the station's lock."""
    _row, first = IdempotencyKey.objects.get_or_create(
        holder=f"fleet form of {station.pk}",
        key=once,
        defaults={"body_hash": "", "status": 201, "began_at": now},
    )
    return first


def _fill(
    station: Station, days: Sequence[date], drivers: Sequence[Driver], *, actor: str, now: datetime
) -> None:
    """Whoever has no new vehicle gets one that was there, of the shifts that nobody drives yet."""
    for day in days:
        empty = Shift.objects.filter(station=station, day=day, active=True, driver=None).order_by(
            "start", "id"
        )
        for shift, driver in zip(empty, drivers, strict=False):
            replace_driver(shift=shift, driver=driver, mark=None, actor=actor, now=now)


def _vehicles(station: Station, kind: Kind) -> list[Vehicle]:
    own = Carrier.objects.filter(station=station, own=True).first()
    taken = set(Vehicle.objects.filter(station=station).values_list("name", flat=True))
    names = (f"{kind.name} {number}" for number in range(1, 10_000))
    free = [
        name for _n, name in zip(range(kind.count + len(taken)), names, strict=False) if name not in taken
    ]
    if not kind.count:
        return []
    type_ = _type(station, kind)
    made = [Vehicle(station=station, type=type_, carrier=own, name=name) for name in free[: kind.count]]
    return list(Vehicle.objects.bulk_create(made))


def _type(station: Station, kind: Kind) -> VehicleType:
    """The type of this name if it says the same, else one of the station's own: types are shared by all stations."""
    for name in (kind.name, f"{kind.name} {station.code}"):
        found, new = VehicleType.objects.get_or_create(name=name, defaults=kind.columns())
        if new or all(getattr(found, key) == value for key, value in kind.columns().items()):
            return found
    own = f"{kind.name} {station.code} {VehicleType.objects.count() + 1}"
    return VehicleType.objects.create(name=own, **kind.columns())


def _drivers(station: Station, people: Sequence[tuple[str, str]]) -> list[Driver]:
    known = set(Driver.objects.filter(station=station).values_list("name", flat=True))
    names = [name for name, _phone in people]
    for name in names:
        if name in known or names.count(name) > 1:
            raise LastmileError(
                "driver_known", _("There are two drivers called %(name)s.") % {"name": name},
                _("Write each driver once, and add something that tells two people apart."), field="drivers",
                status=422,
            )  # fmt: skip
    own = Carrier.objects.filter(station=station, own=True).first()
    return [
        Driver.objects.create(station=station, carrier=own, name=name, phone=phone) for name, phone in people
    ]


def make_trial(*, station: Station, actor: str, now: datetime) -> tuple[date, int]:
    """A believable day to try things on: orders of made-up shops for tomorrow, on the shifts that are there."""
    city = cities.open_city(settings.CITIES_HOME, station.city)
    day = now.astimezone(station.zone).date() + timedelta(days=1)
    shifts = list(station.shifts.filter(day=day, active=True).select_related("driver", "vehicle"))
    made = make_day(
        station=station, day=day, orders=TRIAL_ORDERS, vehicles=max(1, len(shifts)), seed=TRIAL_SEED,
        doors=doors(city.addresses_path), actor=actor, now=now, able=_able(shifts),
    )  # fmt: skip
    return day, made.orders


def _able(shifts: list[Shift]) -> Able | None:
    """A first plan should find room for all: what nobody can do is left for real orders to show."""
    if not shifts:
        return None
    skills = {skill for shift in shifts for skill in shift.vehicle.skills}
    skills |= {skill for shift in shifts if shift.driver for skill in shift.driver.skills}
    opens, closes = min(shift.start for shift in shifts), max(shift.end for shift in shifts)
    return Able(opens, closes, frozenset(skills))


def today_of(station: Station) -> date:
    return station.clock.at(timezone.now()).astimezone(station.zone).date()
