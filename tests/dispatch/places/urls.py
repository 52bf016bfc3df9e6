"""The two addresses of the map, as the site's own table has them."""

from django.urls import path

from dispatch.views import tiles

urlpatterns = [
    path("tiles/<slug:city>/<slug:build>/<int:z>/<int:x>/<int:y>.mvt", tiles.tile, name="tile"),
    path("cities/<slug:city>.json", tiles.city_json, name="city"),
]
