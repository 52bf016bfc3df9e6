"""Run inside a system under test: `lay` prints a station with a driver, a dispatcher and a released route as JSON."""

import json
import os
import sys
from datetime import date

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lastmile.settings")
django.setup()

from django.utils import timezone  # noqa: E402

from dispatch.models import Order, Role, Route, Stop, StopOrder  # noqa: E402
from dispatch.services.orders import cancel_order  # noqa: E402
from tests.scenarios import DAY, make_orders, make_person, make_route, make_shop, make_station  # noqa: E402


def lay() -> None:
    station = make_station(
        clock_wall=timezone.now(), phone="+358401111111", photo_proof="required", signature_proof="required"
    )
    dora, driver = make_person("dora", Role.DISPATCHER, station), make_person("dan", Role.DRIVER, station)
    orders = make_orders(
        station, make_shop(station), 6, DAY, phone="+358402222222", note="Door code 1234, second floor"
    )
    route = make_route(station, DAY, orders, state="released")
    route.driver.user = driver
    route.driver.save()
    tomorrow = date(DAY.year, DAY.month, DAY.day + 1)
    later = make_orders(station, orders[0].shop, 2, tomorrow)
    following = make_route(station, tomorrow, later, state="released")
    Route.objects.filter(pk=following.pk).update(driver=route.driver)
    together(route, orders)
    print(json.dumps({"station": station.pk, "route": route.pk, "day": str(DAY), "dora": dora.pk}))


def together(route: Route, orders: list[Order]) -> None:
    """Two orders of one house stand at the second stop."""
    second, third = Stop.objects.filter(route=route).order_by("sequence")[1:3]
    StopOrder.objects.filter(stop=third).update(stop=second)
    third.delete()


def cancel(number: str) -> None:
    order = Order.objects.get(number=number)
    cancel_order(order=order, actor="test", now=order.station.now())


if __name__ == "__main__":
    if sys.argv[1] == "lay":
        lay()
    else:
        cancel(sys.argv[2])
