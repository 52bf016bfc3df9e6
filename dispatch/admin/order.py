from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.db.models import F
from django.http import HttpRequest

from dispatch.access import actor_of
from dispatch.admin.base import Mine, ReadOnlyAdmin, ReadOnlyInline, StationAdmin
from dispatch.admin.fields import SameStationForm
from dispatch.admin.maps import MapMixin, PlaceShown
from dispatch.models import Attempt, Order, Parcel, ParcelMove
from dispatch.services.orders import LOCATABLE, locate_order
from dispatch.services.station_days import require_open
from lastmile import bus
from lastmile.kernel import events
from lastmile.kernel.errors import conflict

CONTACT = ("recipient", "phone", "email", "note")
TASK = (
    *("day", "window_start", "window_end", "priority", "service_time_s", "skills"),
    *("weight_g", "volume_cm3"),
)
PLACE = ("lat", "lng")


class OrderForm(SameStationForm):
    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or {}
        half = (data.get("lat") is None) != (data.get("lng") is None)
        emptied = self.instance.lat is not None and "lat" in data and data["lat"] is None
        if half or emptied:
            self.add_error("lat", "Give latitude and longitude together.")
        return data


class ParcelInline(ReadOnlyInline):
    model = Parcel
    fields = ("barcode", "state", "lane", "aboard", "weight_g", "volume_cm3")


class AttemptInline(ReadOnlyInline):
    model = Attempt
    fields = ("at", "outcome", "reason", "driver", "note")


@admin.register(Order)
class OrderAdmin(MapMixin, StationAdmin):
    """Orders come from shops and are planned on the board; here they are looked up and corrected."""

    form = OrderForm
    list_display = ("number", "state", "day", "recipient", "address", "postcode", "shop", "station", "pieces")
    list_select_related = ("shop", "station")
    list_filter = (("station", Mine), "state", ("shop", Mine), "day", "kind")
    search_fields = ("number", "external_id", "recipient", "phone", "address", "postcode", "parcels__barcode")
    date_hierarchy = "day"
    inlines = (ParcelInline, AttemptInline)
    fieldsets = (
        (None, {"fields": ("number", "state", "station", "shop", "external_id", "kind", "version")}),
        ("Recipient", {"fields": CONTACT}),
        (
            "Place",
            {"fields": ("address", "postcode", "place", "location_note", "located_by", *PLACE)},
        ),
        ("Task", {"fields": (*TASK, "pieces", "left_out", "created_at")}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Once on a route, only what does not change the route may be corrected."""
        every = flatten_fieldsets(self.fieldsets)
        free = (*CONTACT, *TASK, *PLACE) if obj is not None and obj.state in LOCATABLE else CONTACT
        return tuple(name for name in every if name not in free)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        changed = set(form.changed_data)
        now, actor = obj.station.now(), actor_of(request)
        for day in {form.initial.get("day", obj.day), obj.day}:
            require_open(obj.station, day)
        if changed & set(PLACE):
            lat, lng = form.cleaned_data["lat"], form.cleaned_data["lng"]
            locate_order(order=obj, lat=lat, lng=lng, version=obj.version, actor=actor, now=now)
            obj.version += 1
        values = {name: form.cleaned_data[name] for name in changed - set(PLACE)}
        if not values:
            return
        still = Order.objects.filter(pk=obj.pk, version=obj.version)
        if not still.update(version=F("version") + 1, **values):
            raise conflict("The order was changed meanwhile.", "Reload the page and change it again.")
        event = events.OrdersChanged(station_id=obj.station_id, what="edited", order_ids=[obj.pk])
        bus.publish(event, actor=actor, at=now)


@admin.register(Parcel)
class ParcelAdmin(ReadOnlyAdmin):
    station_path = "order__station"
    list_display = ("barcode", "order", "state", "weight_g", "volume_cm3")
    list_select_related = ("order",)
    list_filter = ("state", ("order__station", Mine))
    search_fields = ("barcode", "order__number")


@admin.register(ParcelMove)
class ParcelMoveAdmin(ReadOnlyAdmin):
    list_display = ("at", "barcode", "activity", "verdict", "after", "lane", "route", "actor")
    list_select_related = ("route",)
    list_filter = ("activity", "ok", "verdict", ("station", Mine))
    search_fields = ("barcode", "actor")


@admin.register(Attempt)
class AttemptAdmin(PlaceShown, ReadOnlyAdmin):
    station_path = "order__station"
    list_display = ("at", "order", "outcome", "reason", "driver", "note")
    list_select_related = ("order", "order__station", "driver")
    list_filter = ("outcome", "reason", ("order__station", Mine))
    search_fields = ("order__number", "order__recipient", "driver__name", "note")
    date_hierarchy = "at"
    readonly_fields = ("map",)
