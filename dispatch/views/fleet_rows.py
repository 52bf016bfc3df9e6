"""Plain pages for a station's drivers and vehicles: managers add and change them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from dispatch.access import MANAGE, READ, actor_of, require_station, roles_at
from dispatch.models import Driver, Role, Station, Vehicle, VehicleType
from dispatch.services import stock
from dispatch.services.stock import DRIVER_FIELDS, VEHICLE_FIELDS, row_mark
from dispatch.views.fleet_forms import DriverForm, VehicleForm
from dispatch.views.pages import frame, page
from lastmile.kernel.errors import LastmileError, not_found


@require_safe
@page
def stock_list(request: HttpRequest, station_id: int) -> HttpResponse:
    """All drivers and vehicles, those no longer in use last."""
    station = require_station(request.user, station_id, READ)
    drivers = Driver.objects.filter(station=station).select_related("carrier", "user")
    vehicles = Vehicle.objects.filter(station=station).select_related("carrier", "type")
    context = frame(request, station, "fleet") | {
        "drivers": drivers.order_by("-active", "name"),
        "vehicles": vehicles.order_by("-active", "name"),
        "types": VehicleType.objects.filter(vehicles__station=station).distinct(),
        "may_manage": Role.MANAGER in roles_at(request.user, station.pk),
    }
    return render(request, "dispatch/fleet_stock.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def driver(request: HttpRequest, station_id: int, driver_id: int | None = None) -> HttpResponse:
    station = require_station(request.user, station_id, MANAGE)
    row = Driver(station=station)
    if driver_id is not None:
        row = _found(Driver.objects.filter(station=station, pk=driver_id).select_related("station").first())
    initial = {name: getattr(row, name) for name in DRIVER_FIELDS}
    form = _bound(request, DriverForm, row, initial, station)
    title = row.name or gettext("Add a driver")
    return _edit(request, station, row, form, stock.save_driver, "driver", title)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def vehicle(request: HttpRequest, station_id: int, vehicle_id: int | None = None) -> HttpResponse:
    station = require_station(request.user, station_id, MANAGE)
    row = Vehicle(station=station)
    if vehicle_id is not None:
        row = _found(Vehicle.objects.filter(station=station, pk=vehicle_id).select_related("station").first())
    initial = {name: getattr(row, name) for name in VEHICLE_FIELDS if name != "type"} | {"type": row.type_id}
    form = _bound(request, VehicleForm, row, initial, station)
    title = row.name or gettext("Add a vehicle")
    return _edit(request, station, row, form, stock.save_vehicle, "vehicle", title)


def _found(row: Any) -> Any:
    if row is None:
        raise not_found("The row")
    return row


def _bound(request: HttpRequest, kind: Any, row: Any, initial: dict[str, Any], station: Station) -> Any:
    mark = row_mark(row) if row.pk else ""
    data = request.POST if request.method == "POST" else None
    return kind(data, station=station, initial=initial | {"mark": mark})


def _edit(
    request: HttpRequest, station: Station, row: Any, form: Any, save: Any, noun: str, title: str
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        values = {name: value for name, value in form.cleaned_data.items() if name != "mark"}
        given = {noun: row, "values": values, "mark": form.cleaned_data["mark"] or None}
        try:
            save(**given, actor=actor_of(request), now=station.now())
        except LastmileError as error:
            form.refuse(error)
        else:
            messages.success(request, gettext("%(name)s was saved.") % {"name": row.name})
            return redirect("fleet-stock", station.pk)
    context = frame(request, station, "fleet") | {
        "form": form,
        "title": title,
        "button": gettext("Save"),
        "back": reverse("fleet-stock", args=[station.pk]),
    }
    return render(request, "dispatch/fleet_form.html", context)


BASE = "stations/<int:station_id>/fleet/"
urlpatterns = [
    path(f"{BASE}stock/", stock_list, name="fleet-stock"),
    path(f"{BASE}drivers/new/", driver, name="fleet-driver-new"),
    path(f"{BASE}drivers/<int:driver_id>/", driver, name="fleet-driver"),
    path(f"{BASE}vehicles/new/", vehicle, name="fleet-vehicle-new"),
    path(f"{BASE}vehicles/<int:vehicle_id>/", vehicle, name="fleet-vehicle"),
]
