"""Made-up days: the same for the same seed, believable, and never laid out twice; the demo on top of them."""

import random
import re
import sqlite3
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
import pytest

from dispatch.models import Driver, Order, Parcel, Shift, Station, Vehicle
from dispatch.places.addresses import SCHEMA
from dispatch.places.errors import PlacesError
from dispatch.places.sample import Door, doors, draw
from dispatch.services import fiction
from dispatch.services.days import make_day
from dispatch.services.demo import lay_demo
from dispatch.services.people import ensure_person
from lastmile.kernel.errors import LastmileError
from lastmile.models import Event, User
from tests import scenarios

DOORS = [
    Door(
        f"Street {n // 20}",
        str(n % 20 + 1),
        f"001{n % 9}0",
        "Helsinki",
        60.16 + n / 20_000,
        24.93 + n / 20_000,
    )
    for n in range(300)
]
HELSINKI = ZoneInfo("Europe/Helsinki")
NOON = datetime(2026, 3, 10, 12, tzinfo=HELSINKI)


def lay(
    station: Station, orders: int = 30, vehicles: int = 4, seed: int = 1, day: date = scenarios.DAY
) -> Any:
    return make_day(
        station=station,
        day=day,
        orders=orders,
        vehicles=vehicles,
        seed=seed,
        doors=DOORS,
        actor="t",
        now=NOON,
    )


def rows(station: Station) -> list[dict[str, Any]]:
    """All that is drawn, without what the database gives."""
    own = ("id", "station_id", "shop_id", "number", "external_id", "created_at")
    found = Order.objects.filter(station=station).order_by("id").values()
    return [{key: value for key, value in row.items() if key not in own} for row in found]


@pytest.mark.django_db
def test_the_same_seed_gives_the_same_day_and_another_gives_another() -> None:
    """A bug seen on a made-up day must be seen again by whoever lays out the same one."""
    first, second, third = (scenarios.make_station(code) for code in ("A", "B", "C"))
    lay(first), lay(second), lay(third, seed=2)
    assert rows(first) == rows(second)
    assert rows(first) != rows(third)
    plates = [
        list(Vehicle.objects.filter(station=s).order_by("id").values_list("plate")) for s in (first, second)
    ]
    assert plates[0] == plates[1]


@pytest.mark.django_db
def test_a_second_call_adds_nothing_and_a_larger_one_the_rest() -> None:
    """`make run` lays out the day at every start; a longer day begins like the shorter one."""
    station = scenarios.make_station()
    lay(station, 20, 3)
    before, events = rows(station), Event.objects.count()
    again = lay(station, 20, 3)
    assert not again.anything
    assert (rows(station), Event.objects.count()) == (before, events)
    more = lay(station, 35, 5)
    assert (more.orders, more.fleet.shifts, more.fleet.vehicles) == (15, 2, 2)
    assert rows(station)[:20] == before
    fresh = scenarios.make_station("B")
    lay(fresh, 35, 5)
    assert rows(fresh) == rows(station)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"orders": 10}, "day_has_more_orders"),
        ({"vehicles": 1}, "day_has_more_vehicles"),
        ({"seed": 9}, "day_other_seed"),
        ({"orders": -1}, "bad_number"),
        ({"vehicles": 100_000}, "bad_number"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(change: dict[str, int], code: str) -> None:
    """Orders are never taken away, and two made-up days are never mixed."""
    station = scenarios.make_station()
    lay(station, 20, 3)
    with pytest.raises(LastmileError, match=code):
        lay(station, **({"orders": 20, "vehicles": 3} | change))
    assert (Order.objects.count(), Shift.objects.count()) == (20, 3)


@pytest.mark.django_db
def test_another_day_uses_the_same_vans_and_other_orders() -> None:
    """A fleet that doubles every night would not be believed by anybody."""
    station = scenarios.make_station()
    lay(station)
    lay(station, day=scenarios.DAY + timedelta(days=1))
    assert (Vehicle.objects.count(), Driver.objects.count(), Shift.objects.count()) == (4, 4, 8)
    assert rows(station)[:30] != rows(station)[30:]


@pytest.mark.django_db
def test_shares_and_sizes_are_believable() -> None:
    """A plan on nonsense proves nothing: windows, sizes, skills and gaps in the shares we state."""
    station = scenarios.make_station()
    lay(station, 1500, 10)
    every = list(Order.objects.all())
    hours = Counter(
        (o.window_end - o.window_start) // timedelta(hours=1) if o.window_start and o.window_end else 0
        for o in every
    )
    assert set(hours) == {0, 2, 6}
    assert 0.40 < hours[2] / 1500 < 0.50
    assert 0.30 < hours[6] / 1500 < 0.40
    local = [o.window_start.astimezone(HELSINKI).hour for o in every if o.window_start]
    assert set(local) == {8, 10, 12, 14, 16, 18}
    assert sum(o.state == "needs_location" for o in every) == 30
    assert all((o.lat is None) == (o.state == "needs_location") for o in every)
    assert all(o.location_note for o in every if o.lat is None)
    skilled = Counter(skill for o in every for skill in o.skills)
    assert set(skilled) == {"chilled", "lift", "age"}
    assert all(0.005 < count / 1500 < 0.15 for count in skilled.values())
    weights = sorted(o.weight_g for o in every)
    assert 1_000 < weights[750] < 8_000 < weights[-1] < 4 * 31_501
    assert {o.pieces for o in every} == {1, 2, 3, 4}
    assert {o.priority for o in every} == {20, 50, 80}


@pytest.mark.django_db
def test_an_order_is_the_sum_of_its_parcels() -> None:
    """Loads are planned by the order and scanned by the parcel: both must weigh the same."""
    lay(scenarios.make_station(), 60)
    for order in Order.objects.prefetch_related("parcels"):
        parcels = list(order.parcels.all())
        assert len(parcels) == order.pieces
        assert sum(parcel.weight_g for parcel in parcels) == order.weight_g
        assert sum(parcel.volume_cm3 for parcel in parcels) == order.volume_cm3
    assert len(set(Parcel.objects.values_list("barcode", flat=True))) == Parcel.objects.count()


@pytest.mark.django_db
def test_shifts_stand_on_the_stations_clock_with_breaks_inside() -> None:
    """Eight o'clock in Helsinki is not eight in UTC."""
    station = scenarios.make_station()
    lay(station, 0, 6)
    found = [(shift.start.astimezone(HELSINKI).hour, shift) for shift in Shift.objects.all()]
    assert {hour for hour, _ in found} == {8, 12}
    for _, shift in found:
        assert shift.break_from is not None
        assert shift.break_to is not None
        assert shift.start < shift.break_from < shift.break_to < shift.end


@pytest.mark.django_db
def test_every_screen_is_told_in_small_portions() -> None:
    """Ten thousand cards in one frame would stop a browser."""
    lay(scenarios.make_station(), 600, 2)
    told = [event.data["order_ids"] for event in Event.objects.filter(name="orders.changed")]
    assert [len(ids) for ids in told] == [250, 250, 100]
    assert {pk for ids in told for pk in ids} == set(Order.objects.values_list("pk", flat=True))
    assert Event.objects.filter(name="fleet.changed").count() == 1


@pytest.mark.parametrize(
    "country", ["FI", "DE", "DK", "SE", "GB", "US", "FR", "IE", "AU", "NL", "JP", "", "XX"]
)
def test_made_up_numbers_reach_nobody(country: str) -> None:
    """A message to a demo recipient must not wake a real person: reserved for fiction, or not assignable."""
    dice = random.Random(4)
    for _ in range(50):
        number = fiction.phone(country, dice)
        if not number:
            assert country in ("", "XX")
            continue
        assert re.fullmatch(r"\+[0-9]{8,15}", number)
        parsed = phonenumbers.parse(number)
        assert country in phonenumbers.region_codes_for_country_code(parsed.country_code or 0)
        assert country in fiction.FICTION or not phonenumbers.is_valid_number(parsed)


def test_names_have_the_letters_of_the_country() -> None:
    """Pages that break on ä, ø or ß are found by the demo and not by a customer."""
    for country, letters in (("FI", "äö"), ("DE", "üß"), ("DK", "øæ"), ("SE", "åö"), ("ZZ", "É'")):
        names = "".join(fiction.name(country, random.Random(n)) for n in range(200))
        assert all(letter in names for letter in letters)


def address_index(path: Path) -> Path:
    with sqlite3.connect(path) as connection:
        connection.executescript(SCHEMA)
        connection.execute("INSERT INTO streets VALUES (1, 'Aleksanterinkatu', 60.1, 24.9, 4)")
        for number, postcode, place, rank in (
            ("1", "00100", "Helsinki", 0),
            ("1", "", "", 2),
            ("3", "", "7", 1),
        ):
            connection.execute(
                "INSERT INTO addresses (street, label, low, high, letter, postcode, place, lat, lng, rank, cell_y,"
                " cell_x) VALUES (1, ?, ?, ?, '', ?, ?, 60.1, 24.9, ?, 0, 0)",
                (number, int(number), int(number), postcode, place, rank),
            )
        connection.execute(
            "INSERT INTO addresses (street, label, letter, postcode, place, lat, lng, rank, cell_y, cell_x)"
            " VALUES (1, 'by the harbour', '', '', '', 60.1, 24.9, 0, 0, 0)"
        )
    connection.close()
    return path


def test_each_door_of_the_index_comes_once(tmp_path: Path) -> None:
    """A shop and its building share a number: one door. Missing towns come from the neighbour."""
    found = doors(address_index(tmp_path / "addresses.sqlite"))
    assert [(door.address, door.postcode, door.place) for door in found] == [
        ("Aleksanterinkatu 1", "00100", "Helsinki"),
        ("Aleksanterinkatu 3", "00100", "Helsinki"),
    ]


def test_a_missing_or_empty_index_is_said(tmp_path: Path) -> None:
    """A station on a city without addresses can have no made-up day; the reason must be plain."""
    with pytest.raises(PlacesError, match="no_index"):
        doors(tmp_path / "none.sqlite")
    with sqlite3.connect(tmp_path / "empty.sqlite") as connection:
        connection.executescript(SCHEMA)
    connection.close()
    with pytest.raises(PlacesError, match="no_addresses"):
        doors(tmp_path / "empty.sqlite")


def test_doors_repeat_only_when_all_were_used() -> None:
    """Ten orders at one door and none next door is no believable day."""
    drawn = draw(DOORS, "1")
    first = [next(drawn) for _ in range(300)]
    assert len(set(first)) == 300
    assert len({next(drawn) for _ in range(300)}) == 300


@pytest.mark.django_db
def test_nobody_in_the_demo_has_a_password() -> None:
    """A default password is the first thing that is tried on the net."""
    lay_demo(doors=DOORS, wall=NOON)
    people = {person.username: person for person in User.objects.all()}
    assert set(people) == {"dispatcher", "manager", "admin", "driver"}
    assert not any(person.has_usable_password() for person in people.values())
    assert [name for name, person in people.items() if person.is_superuser] == ["admin"]
    assert {name for name, person in people.items() if person.is_staff} == {"admin", "manager"}
    assert people["driver"].driver.name == people["driver"].full_name


@pytest.mark.django_db
def test_a_name_that_is_taken_is_not_given_rights() -> None:
    """On a real installation `admin` may be somebody else already."""
    station = scenarios.make_station()
    ensure_person(username="admin", full_name="Somebody")
    same = ensure_person(username="admin", full_name="Demo", role="manager", station=station, superuser=True)
    assert (same.full_name, same.is_superuser, same.is_staff) == ("Somebody", False, False)
    assert not same.memberships.exists()
