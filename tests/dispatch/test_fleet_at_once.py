"""Two people at one roster, one station's settings: whoever is second is told, nothing is there twice."""

import threading
from collections.abc import Callable
from datetime import time
from typing import Any

import pytest
from django.db import connection

from dispatch.models import Absence, Shift, Station, Vehicle
from dispatch.services import absences, fleet, station_settings, swaps
from dispatch.services.roster import Clocks
from lastmile.kernel.errors import LastmileError
from tests.scenarios import DAY, at, make_fleet, make_station

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def at_once(*actions: Callable[[], Any]) -> list[str]:
    """Run all from one starting shot; the code of each one's refusal, or done."""
    results: list[str] = []
    ready = threading.Barrier(len(actions))

    def run(action: Callable[[], Any]) -> None:
        try:
            ready.wait()
            action()
            results.append("done")
        except LastmileError as error:
            results.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(results)


def by(station: Station) -> dict[str, Any]:
    return {"actor": "user:test", "now": at(station, DAY, 8)}


def test_one_driver_is_put_into_two_vans_at_once() -> None:
    """Each request sees a free driver; only the lock says otherwise. Other starts: no constraint would catch it."""
    station = make_station()
    made = make_fleet(station, DAY, 2)
    Shift.objects.all().delete()

    def add(vehicle: Vehicle, start: int) -> Callable[[], Any]:
        return lambda: fleet.add_shift(
            station=station,
            day=DAY,
            vehicle=vehicle,
            driver=made.drivers[0],
            clocks=Clocks(time(start), time(start + 6)),
            **by(station),
        )

    assert at_once(add(made.vehicles[0], 8), add(made.vehicles[1], 9)) == ["done", "driver_double"]
    assert Shift.objects.count() == 1


def test_one_spare_van_is_given_to_two_shifts_at_once() -> None:
    """The morning's only spare: one of two dispatchers gets it."""
    station = make_station()
    made = make_fleet(station, DAY, 2)
    spare = Vehicle.objects.create(station=station, name="Spare", type=made.vehicles[0].type)

    def swap(shift: Shift) -> Callable[[], Any]:
        return lambda: swaps.swap_vehicle(shift=shift, vehicle=spare, mark=None, **by(station))

    assert at_once(swap(made.shifts[0]), swap(made.shifts[1])) == ["done", "vehicle_double"]
    assert Shift.objects.filter(vehicle=spare).count() == 1


def test_a_driver_is_called_sick_and_given_a_shift_at_once() -> None:
    """Whichever comes first: nobody who is away stands in a shift afterwards."""
    station = make_station()
    made = make_fleet(station, DAY, 1)
    van = Vehicle.objects.create(station=station, name="Spare", type=made.vehicles[0].type)
    sick = made.drivers[0]
    results = at_once(
        lambda: absences.report_absence(driver=sick, first_day=DAY, last_day=DAY, reason="", **by(station)),
        lambda: fleet.add_shift(
            station=station,
            day=DAY,
            vehicle=van,
            driver=sick,
            clocks=Clocks(time(17), time(20)),
            **by(station),
        ),
    )
    assert results in (["done", "done"], ["done", "driver_away"])
    assert Absence.objects.count() == 1
    assert not Shift.objects.filter(driver=sick).exists()


def test_two_save_one_setting_at_once() -> None:
    """Both saw nought; one is told."""
    station = make_station()

    def save(minutes: int) -> Callable[[], Any]:
        return lambda: station_settings.change_settings(
            station=Station.objects.get(pk=station.pk),
            values={"late_after_min": minutes},
            seen={"late_after_min": 0},
            **by(station),
        )

    assert at_once(save(5), save(10)) == ["conflict", "done"]
