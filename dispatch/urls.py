"""Addresses of dispatch: pages, tiles and API."""

from django.urls import URLPattern, path

from dispatch.api import addresses, board, exceptions, jobs, plans, routes
from dispatch.api import orders as orders_api
from dispatch.views import imports, orders, pages, tiles

urlpatterns: list[URLPattern] = [
    *pages.urlpatterns,
    *imports.urlpatterns,
    *orders.urlpatterns,
    path("tiles/<str:city>/city.json", tiles.city_json, name="city-json"),
    path("tiles/<str:city>/<str:build>/<int:z>/<int:x>/<int:y>.mvt", tiles.tile, name="tile"),
    *addresses.urlpatterns,
    *board.urlpatterns,
    *exceptions.urlpatterns,
    *jobs.urlpatterns,
    *orders_api.urlpatterns,
    *plans.urlpatterns,
    *routes.urlpatterns,
]
