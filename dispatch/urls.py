"""Addresses of dispatch: pages, tiles and API."""

from django.urls import URLPattern, path

from dispatch.api import (
    addresses,
    board,
    choices,
    exceptions,
    jobs,
    messages,
    moves,
    optimize,
    plans,
    routes,
    slots,
)
from dispatch.api import day as day_api
from dispatch.api import fleet as fleet_api
from dispatch.api import orders as orders_api
from dispatch.views import (
    audit,
    day,
    dispatch_log,
    fleet,
    imports,
    order,
    orders,
    pages,
    people,
    recurring,
    roads,
    route_sheets,
    settings,
    setup,
    shops,
    tiles,
)

urlpatterns: list[URLPattern] = [
    *pages.urlpatterns,
    *imports.urlpatterns,
    *orders.urlpatterns,
    *order.urlpatterns,
    *recurring.urlpatterns,
    *fleet.urlpatterns,
    *day.urlpatterns,
    *settings.urlpatterns,
    *roads.urlpatterns,
    *people.urlpatterns,
    *shops.urlpatterns,
    *audit.urlpatterns,
    *route_sheets.urlpatterns,
    *dispatch_log.urlpatterns,
    *setup.urlpatterns,
    path("tiles/<str:city>/city.json", tiles.city_json, name="city-json"),
    path("tiles/<str:city>/<str:build>/<int:z>/<int:x>/<int:y>.mvt", tiles.tile, name="tile"),
    *addresses.urlpatterns,
    *board.urlpatterns,
    *exceptions.urlpatterns,
    *day_api.urlpatterns,
    *fleet_api.urlpatterns,
    *jobs.urlpatterns,
    *messages.urlpatterns,
    *orders_api.urlpatterns,
    *choices.urlpatterns,
    *slots.urlpatterns,
    *optimize.urlpatterns,
    *plans.urlpatterns,
    *moves.urlpatterns,
    *routes.urlpatterns,
]
