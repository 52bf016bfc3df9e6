"""Addresses of dispatch: pages, tiles and API."""

from django.urls import URLPattern, path

from dispatch.api import board, plans, routes
from dispatch.views import pages, tiles

urlpatterns: list[URLPattern] = [
    *pages.urlpatterns,
    path("tiles/<str:city>/city.json", tiles.city_json, name="city-json"),
    path("tiles/<str:city>/<str:build>/<int:z>/<int:x>/<int:y>.mvt", tiles.tile, name="tile"),
    *board.urlpatterns,
    *plans.urlpatterns,
    *routes.urlpatterns,
]
