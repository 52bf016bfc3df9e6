"""Django admin: fleets, people and what happened. Staff see their own stations, superusers everything."""

from django.contrib import admin

from dispatch.admin import (  # noqa: F401 - importing registers
    carrier,
    driver,
    exception,
    idempotency,
    ledger,
    order,
    order_import,
    person,
    plan,
    route,
    shift,
    shop,
    station,
    vehicle,
    zone,
)

admin.site.site_header = "Lastmile"
admin.site.site_title = "Lastmile"
admin.site.index_title = "Stations, fleets, people"
