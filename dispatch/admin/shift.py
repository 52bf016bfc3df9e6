from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from dispatch.admin.base import Mine
from dispatch.admin.fields import SameStationForm
from dispatch.admin.fleet import FleetAdmin
from dispatch.lifecycle import RouteState
from dispatch.models import Shift
from dispatch.services.roster import SHIFT_FIELDS, lock_roster, require_shift
from lastmile.kernel.errors import LastmileError


class ShiftForm(SameStationForm):
    """The same rules of a roster as everywhere."""

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        row = Shift(pk=self.instance.pk)
        for name in SHIFT_FIELDS:
            setattr(row, name, data.get(name, getattr(self.instance, name, None)))
        station = data.get("station") or getattr(self.instance, "station", None)
        if self.errors or station is None:
            return data
        row.station = station
        try:
            require_shift(row)
        except LastmileError as error:
            self.add_error(
                error.field if error.field in self.fields else None, f"{error.cause} {error.action}"
            )
        return data


@admin.register(Shift)
class ShiftAdmin(FleetAdmin):
    form = ShiftForm
    history = SHIFT_FIELDS
    list_display = ("day", "driver", "vehicle", "station", "start", "end", "break_minutes", "active")
    list_display_links = ("day", "driver")
    list_select_related = ("driver", "vehicle", "station")
    list_filter = (("station", Mine), "day", "active")
    search_fields = ("driver__name", "vehicle__name", "vehicle__plate")
    autocomplete_fields = ("driver", "vehicle")
    date_hierarchy = "day"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Checked once more with the roster held: the form was read before somebody else's save."""
        lock_roster(obj.station)
        require_shift(obj)
        super().save_model(request, obj, form, change)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A shift with an open route stays as the route was planned; the board changes it."""
        if obj is not None and obj.routes.exclude(state=RouteState.CLOSED).exists():
            return ("station", "day", "driver", "vehicle", "start", "end", "active")
        return ()
