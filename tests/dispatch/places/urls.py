"""The two addresses of the map, as the site's own table has them."""

from django.urls import path

from dispatch.views import tiles

urlpatterns = [
    path("tiles/<str:city>/city.json", tiles.city_json, name="city-json"),
    path("tiles/<str:city>/<str:build>/<int:z>/<int:x>/<int:y>.mvt", tiles.tile, name="tile"),
]
