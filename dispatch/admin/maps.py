"""Small maps in the admin: a place to set by a click, an area to draw, a place to look at. Leaflet, no GDAL."""

import json
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.forms.widgets import Media, Script
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from dispatch.access import stations_of
from dispatch.admin.base import StationAdmin
from dispatch.models import Station
from dispatch.services.cities import open_city

MEDIA = Media(
    css={"all": ["leaflet/leaflet.css", "css/map.css"]},
    js=[
        "leaflet/leaflet.js",
        "vendor/protomaps-leaflet/protomaps-leaflet.js",
        Script("js/pages/admin-map.js", type="module"),  # type: ignore[list-item]
    ],
)
ANYWHERE = {"lat": 30.0, "lng": 0.0, "tiles": {}}


def ground(station: Station | None) -> str:
    """Centre and tiles of a station's city as JSON, for the script that draws the map."""
    if station is None:
        return json.dumps(ANYWHERE)
    tiles = open_city(station).tiles() | {"online_url": settings.TILE_URL or None}
    return json.dumps({"lat": station.lat, "lng": station.lng, "tiles": tiles})


class PlaceInput(forms.NumberInput):
    """The longitude's input, with a map below it that sets latitude and longitude together."""

    ground = json.dumps(ANYWHERE)

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        words = '{}<div class="admin-map" data-input="id_{}" data-ground="{}"></div>'
        return format_html(words, super().render(name, value, attrs, renderer), name, self.ground)

    @property
    def media(self) -> Media:
        return MEDIA


class AreaInput(forms.Textarea):
    """The JSON of a ring of [lat, lng] pairs, with a map on which its corners are set and dragged."""

    ground = json.dumps(ANYWHERE)

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        words = '{}<div class="admin-map" data-area="id_{}" data-ground="{}"></div><div class="help">{}</div>'
        help_text = _(
            "Click on the map to add a corner, drag a corner to move it, click on it to take it out."
        )
        return format_html(words, super().render(name, value, attrs, renderer), name, self.ground, help_text)

    @property
    def media(self) -> Media:
        return MEDIA


class MapMixin(admin.ModelAdmin):
    """Puts the map where a form has `lng` (or `polygon`), on the ground of the row's station."""

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "lng":
            kwargs["widget"] = PlaceInput(attrs={"step": "any"})
        elif db_field.name == "polygon":
            kwargs["widget"] = AreaInput(attrs={"rows": 3})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        station = obj if isinstance(obj, Station) else getattr(obj, "station", None)
        shown = ground(station or stations_of(request.user).first())
        for name in ("lng", "polygon"):
            if name in form.base_fields:
                form.base_fields[name].widget.ground = shown
        return form


class PlaceShown(StationAdmin):
    """A read-only `map` field for rows with a place, on the ground of their station."""

    @property
    def media(self) -> Media:
        return super().media + MEDIA

    @admin.display(description="map")
    def map(self, row: Any) -> SafeString | str:
        if row.lat is None or row.lng is None:
            return "No place."
        return format_html(
            '<div class="admin-map" data-place="{},{}" data-ground="{}"></div>',
            row.lat,
            row.lng,
            ground(self.station_of(row)),
        )
