from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.dates import WEEKDAYS

from dispatch.admin.base import Mine, StationAdmin, is_superuser
from dispatch.admin.fields import SameStationForm
from dispatch.admin.fleet import FleetAdmin, Place
from dispatch.admin.maps import MapMixin
from dispatch.models import Membership, Station
from dispatch.services.order_fields import Bad
from dispatch.services.roster import lock_roster
from dispatch.services.setting_checks import FIELDS, check_together, checked
from dispatch.services.station_settings import require_no_open_routes


class StationForm(SameStationForm):
    """The same rules as on the page of the settings."""

    open_days = forms.TypedMultipleChoiceField(
        choices=list(WEEKDAYS.items()), coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        zone = data.get("time_zone") or self.instance.time_zone
        for name in set(FIELDS) & set(self.changed_data) & data.keys():
            try:
                data[name] = checked(name, data[name], zone)
            except Bad as bad:
                self.add_error(name, bad.cause)
        whole = {name: data.get(name, getattr(self.instance, name)) for name in FIELDS}
        if not self.errors and (wrong := check_together(whole)):
            self.add_error(*wrong)
        return data


@admin.register(Station)
class StationPage(MapMixin, FleetAdmin):
    form = StationForm
    history = (*FIELDS, "code", "city", "active")
    station_path = "pk"
    list_display = ("code", "name", "city", "time_zone", "currency", "active")
    list_filter = ("active", "city")
    search_fields = ("code", "name", "city", "address")
    # The simulated day owns the clock; it is set by `simulate` and `demo`.
    readonly_fields = ("clock_wall", "clock_business", "clock_speed")
    fieldsets = (
        (None, {"fields": ("code", "name", "city", "address", "lat", "lng", "phone", "email", "active")}),
        ("Time, money, language", {"fields": ("time_zone", "currency", "language", "units")}),
        ("Opening", {"fields": ("open_days", "opens_at", "closes_at")}),
        (
            "Targets",
            {
                "fields": (
                    *("target_on_time_pct", "target_first_attempt_pct"),
                    *("target_delivered_pct", "target_stops_per_route"),
                )
            },
        ),
        (
            "Rules",
            {
                "fields": (
                    *("late_after_min", "silent_after_min", "stopped_after_min", "stop_radius_m"),
                    *("service_time_s", "setup_time_s", "loading_time_s", "plan_limit_s"),
                    *("photo_proof", "signature_proof", "cost_order_cents", "cost_failed_cents"),
                )
            },
        ),
        ("Day close", {"fields": ("day_close_at", "auto_close", "after_failure", "max_attempts")}),
        ("Retention", {"fields": ("keep_positions_days", "keep_proofs_days", "keep_people_days")}),
        ("Trial twin", {"classes": ("collapse",), "fields": ("sandbox_of",)}),
        ("Clock", {"classes": ("collapse",), "fields": readonly_fields}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        fields = self.readonly_fields
        if is_superuser(request):
            return fields
        return (*fields, "code", "city", "active", "sandbox_of")

    def places(self, row: Any) -> set[Place]:
        return {(row.pk, None)}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            lock_roster(obj)
            if "time_zone" in form.changed_data:
                require_no_open_routes(obj)
        super().save_model(request, obj, form, change)


@admin.register(Membership)
class MembershipAdmin(StationAdmin):
    """Who may do what: staff read it for their stations, superusers give and take."""

    list_display = ("user", "role", "station")
    list_select_related = ("user", "station")
    list_filter = ("role", ("station", Mine))
    search_fields = ("user__username", "user__full_name", "station__code", "station__name")
    autocomplete_fields = ("user", "station")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_superuser(request)
