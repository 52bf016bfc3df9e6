import math
from typing import Any

from django import forms
from django.contrib import admin

from dispatch.admin.base import Mine, StationAdmin
from dispatch.admin.fields import SameStationForm
from dispatch.admin.maps import MapMixin
from dispatch.models import Zone


class ZoneForm(SameStationForm):
    def clean_polygon(self) -> Any:
        """A ring of at least three places on the globe, or nothing."""
        ring = self.cleaned_data["polygon"] or []
        if not isinstance(ring, list) or len(ring) in (1, 2) or not all(map(on_globe, ring)):
            raise forms.ValidationError("An area is a list of three or more [latitude, longitude] pairs.")
        return ring


def on_globe(pair: object) -> bool:
    return (
        isinstance(pair, list)
        and len(pair) == 2
        and all(isinstance(value, int | float) and not isinstance(value, bool) for value in pair)
        and all(map(math.isfinite, pair))
        and abs(pair[0]) <= 90
        and abs(pair[1]) <= 180
    )


@admin.register(Zone)
class ZoneAdmin(MapMixin, StationAdmin):
    form = ZoneForm
    list_display = ("name", "station", "colour", "corners")
    list_select_related = ("station",)
    list_filter = (("station", Mine),)
    search_fields = ("name",)

    @admin.display(description="corners")
    def corners(self, zone: Zone) -> int:
        return len(zone.polygon)
