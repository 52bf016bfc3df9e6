"""Django admin: fleets, people and what happened. Staff see their own stations, superusers everything."""

from django.contrib import admin

from dispatch.admin import (  # noqa: F401 - importing registers
    absence,
    board_edit,
    carrier,
    column_mapping,
    driver,
    driver_message,
    exception,
    holiday,
    idempotency,
    invitation,
    ledger,
    order,
    order_event,
    order_import,
    outage,
    person,
    plan,
    recipient_message,
    recurring_order,
    road_event,
    route,
    service_level,
    shift,
    shop,
    station,
    station_day,
    vehicle,
    zone,
)

admin.site.site_header = "Lastmile"
admin.site.site_title = "Lastmile"
admin.site.index_title = "Stations, fleets, people"
