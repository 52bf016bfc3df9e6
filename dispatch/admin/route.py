from django.contrib import admin

from dispatch.admin.base import Mine, ReadOnlyAdmin, ReadOnlyInline
from dispatch.admin.maps import PlaceShown
from dispatch.models import Route, Stop, StopOrder


class StopInline(ReadOnlyInline):
    model = Stop
    fields = (
        "sequence",
        "address",
        "state",
        "window_start",
        "window_end",
        "planned_arrival",
        "eta",
        "arrived_at",
    )


class StopOrderInline(ReadOnlyInline):
    model = StopOrder
    fields = ("order", "outcome")
    show_change_link = False


@admin.register(Route)
class RouteAdmin(ReadOnlyAdmin):
    """Routes are changed on the board, where times and rules are recomputed at once."""

    list_display = (
        "name",
        "day",
        "state",
        "station",
        "driver",
        "vehicle",
        "start_at",
        "end_at",
        "distance_m",
    )
    list_select_related = ("station", "driver", "vehicle")
    list_filter = (("station", Mine), "state", ("driver", Mine), "day")
    search_fields = ("name", "driver__name", "vehicle__name", "vehicle__plate")
    date_hierarchy = "day"
    inlines = (StopInline,)


@admin.register(Stop)
class StopAdmin(PlaceShown, ReadOnlyAdmin):
    station_path = "route__station"
    list_display = ("address", "route", "sequence", "state", "planned_arrival", "eta", "arrived_at")
    list_select_related = ("route", "route__station")
    list_filter = ("state", ("route__station", Mine))
    search_fields = ("address", "route__name", "orders__number")
    inlines = (StopOrderInline,)
    readonly_fields = ("map",)


@admin.register(StopOrder)
class StopOrderAdmin(ReadOnlyAdmin):
    station_path = "stop__route__station"
    list_display = ("order", "stop", "outcome")
    list_select_related = ("order", "stop__route")
    list_filter = ("outcome", ("stop__route__station", Mine))
    search_fields = ("order__number", "stop__address")
