"""The demo station: Helsinki, people to sign in as, a day that is lived and the next one to plan."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction

from dispatch.lifecycle import RouteState
from dispatch.models import Driver, Role, Route, Shift, Station
from dispatch.places.sample import Door
from dispatch.services.clocks import set_clock
from dispatch.services.days import DayMade, is_laid_out, make_day
from dispatch.services.people import ensure_person
from dispatch.services.station_days import is_closed
from lastmile.models import Event, User

CODE, CITY = "HEL", "helsinki"
ORDERS, VEHICLES, SEED = 300, 8, 1  # enough for most vans to go out: a city centre is small
OPENS = 8  # o'clock
DAYS = 2  # the one that is driven, and the next one, left to whoever wants to press Optimize
ALIVE = timedelta(seconds=60)  # something happened this recently: somebody is at work, leave the clock alone
ACTOR = "system:demo"
STATION = {
    "name": "Helsinki Centre",
    "city": CITY,
    "address": "Mannerheiminaukio 1",
    "lat": 60.1712,
    "lng": 24.9379,
    "time_zone": "Europe/Helsinki",
    "currency": "EUR",
}


@dataclass(frozen=True, slots=True)
class Demo:
    station: Station
    day: date
    people: list[User]
    made: dict[date, DayMade]


def lay_demo(*, doors: Sequence[Door], wall: datetime) -> Demo:
    """Bring the demo station up to the day that `wall` falls on, or the first after it that is not driven yet,
    and the day after. A second call on that day adds nothing."""
    with transaction.atomic():
        station, new = Station.objects.get_or_create(code=CODE, defaults=STATION)
        day = _day(station, wall)
        days = [day + timedelta(days=ahead) for ahead in range(DAYS)]
        made = {each: _lay_day(station, each, doors) for each in days if not is_laid_out(station, each)}
        people = _people(station, day)
        elsewhere = station.clock.at(wall).astimezone(station.zone).date() != day
        if new or elsewhere or not _alive(station, wall):
            set_clock(station=station, business=_resume_at(station, day), speed=1, wall=wall, actor=ACTOR)
    return Demo(station, day, people, made)


def _day(station: Station, wall: datetime) -> date:
    """A day whose every route is closed has nothing left to show: the next one begins."""
    day = wall.astimezone(station.zone).date()
    while _driven(station, day):
        day += timedelta(days=1)
    return day


def _driven(station: Station, day: date) -> bool:
    if is_closed(station, day):
        return True
    states = set(Route.objects.filter(station=station, day=day).values_list("state", flat=True))
    return states == {RouteState.CLOSED}


def _lay_day(station: Station, day: date, doors: Sequence[Door]) -> DayMade:
    shifts = Shift.objects.filter(station=station, day=day, active=True).count()
    return make_day(
        station=station,
        day=day,
        orders=ORDERS,
        vehicles=max(VEHICLES, shifts),
        seed=SEED,
        doors=doors,
        actor=ACTOR,
        now=_opening(station, day),
    )


def _people(station: Station, day: date) -> list[User]:
    driver = ensure_person(username="driver", full_name="", role=Role.DRIVER, station=station)
    _bind_driver(driver, station, day)
    return [
        ensure_person(
            username="dispatcher", full_name="Demo dispatcher", role=Role.DISPATCHER, station=station
        ),
        ensure_person(username="manager", full_name="Demo manager", role=Role.MANAGER, station=station),
        ensure_person(username="admin", full_name="Demo admin", superuser=True),
        driver,
    ]


def _bind_driver(user: User, station: Station, day: date) -> None:
    """The demo's driver is one of the station's drivers, with a shift on the day."""
    if Driver.objects.filter(user=user).exists():
        return
    on_duty = Driver.objects.filter(station=station, user=None, shifts__day=day, shifts__active=True)
    driver = on_duty.order_by("pk").first()
    if driver is None:
        return
    Driver.objects.filter(pk=driver.pk, user=None).update(user=user)
    if not user.full_name:
        user.full_name = driver.name
        user.save(update_fields=["full_name"])


def _opening(station: Station, day: date) -> datetime:
    return datetime.combine(day, time(OPENS), tzinfo=station.zone)


def _alive(station: Station, wall: datetime) -> bool:
    return Event.objects.filter(station_id=station.pk, recorded_at__gt=wall - ALIVE).exists()


def _resume_at(station: Station, day: date) -> datetime:
    """Opening time; once vans have left, the last thing that happened: nobody drove while it was off."""
    opening = _opening(station, day)
    if not Route.objects.filter(station=station, day=day, departed_at__isnull=False).exists():
        return opening
    today = Event.objects.filter(station_id=station.pk, at__gte=opening, at__lt=opening + timedelta(hours=16))
    last = today.order_by("-at").first()
    return last.at if last else opening
