"""Forms of the fleet's pages."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dispatch.models import Carrier, Driver, Shift, Station, Vehicle, VehicleType, Zone
from dispatch.services import order_fields
from dispatch.services.countries import region_of
from dispatch.services.order_fields import Bad
from dispatch.services.roster import Clocks
from lastmile.kernel.errors import LastmileError
from lastmile.refusals import in_words, said


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ClockInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


def day_field(label: Any, **kwargs: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=DayInput(), input_formats=["%Y-%m-%d"], **kwargs)


def clock_field(label: Any, **kwargs: Any) -> forms.TimeField:
    return forms.TimeField(label=label, widget=ClockInput(), **kwargs)


class Answering(forms.Form):
    """A form that shows the refusal of a service where it belongs."""

    def refuse(self, error: LastmileError) -> None:
        """Whether it is a field's fault or the whole's; somebody's lack of rights is neither."""
        if error.status in (403, 404):
            raise error
        self.add_error(error.field if error.field in self.fields else None, in_words(error))


class MarkedForm(Answering):
    """A form that sends back what it was drawn from."""

    mark = forms.CharField(widget=forms.HiddenInput, required=False, max_length=16)


class HoursForm(MarkedForm):
    start = clock_field(_("Start"))
    end = clock_field(_("End"), help_text=_("Before the start: the next morning."))
    break_minutes = forms.IntegerField(
        label=_("Break, minutes"), min_value=0, max_value=600, required=False, initial=0
    )
    break_from = clock_field(_("Break not before"), required=False)
    break_to = clock_field(
        _("Break over by"), required=False, help_text=_("Empty: at any time of the shift.")
    )

    def clocks(self) -> Clocks:
        data = self.cleaned_data
        return Clocks(
            data["start"], data["end"], data["break_minutes"] or 0, data["break_from"], data["break_to"]
        )


class ShiftForm(HoursForm):
    """A new shift."""

    vehicle = forms.ModelChoiceField(Vehicle.objects.none(), label=_("Vehicle"))
    driver = forms.ModelChoiceField(
        Driver.objects.none(), label=_("Driver"), required=False, empty_label=_("Nobody yet")
    )
    field_order = ("driver", "vehicle", "start", "end")

    def __init__(self, *args: Any, station: Station, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limit(self, "vehicle", Vehicle.objects.filter(station=station, active=True))
        limit(self, "driver", Driver.objects.filter(station=station, active=True))


class PickDriverForm(MarkedForm):
    driver = forms.ModelChoiceField(
        Driver.objects.none(), label=_("Driver"), required=False, empty_label=_("Nobody yet")
    )

    def __init__(self, *args: Any, drivers: Sequence[Driver], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limit(self, "driver", Driver.objects.filter(pk__in=[each.pk for each in drivers]))


class PickVehicleForm(MarkedForm):
    vehicle = forms.ModelChoiceField(Vehicle.objects.none(), label=_("Vehicle"))

    def __init__(self, *args: Any, vehicles: Sequence[Vehicle], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limit(self, "vehicle", Vehicle.objects.filter(pk__in=[each.pk for each in vehicles]))


class PickShiftForm(MarkedForm):
    other = forms.ModelChoiceField(Shift.objects.none(), label=_("With"))

    def __init__(self, *args: Any, shift: Shift, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Shift.objects.filter(station=shift.station_id, day=shift.day, active=True)
        limit(self, "other", others.exclude(pk=shift.pk).select_related("driver", "vehicle", "station"))


class AwayForm(Answering):
    driver = forms.ModelChoiceField(Driver.objects.none(), label=_("Driver"))
    first_day = day_field(_("First day"))
    last_day = day_field(_("Last day"))
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=120,
        help_text=_("Seen by dispatchers and managers of this station; not kept in the log."),
    )

    def __init__(self, *args: Any, station: Station, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limit(self, "driver", Driver.objects.filter(station=station, active=True))


class OutageForm(Answering):
    vehicle = forms.ModelChoiceField(Vehicle.objects.none(), label=_("Vehicle"))
    first_day = day_field(_("First day"))
    last_day = day_field(_("Last day"))
    reason = forms.CharField(label=_("What is broken"), required=False, max_length=120)

    def __init__(self, *args: Any, station: Station, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limit(self, "vehicle", Vehicle.objects.filter(station=station, active=True))


class BackForm(Answering):
    back_on = day_field(_("Back on"))


class CopyForm(Answering):
    source = day_field(_("Copy the shifts of"))


class WordsField(forms.CharField):
    """A list of words, written with commas between them."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        try:
            return list(order_fields.skills(value or ""))
        except Bad as bad:
            raise forms.ValidationError(said(bad.cause)) from bad


class ZonesField(forms.TypedMultipleChoiceField):
    """Some of a station's zones; a station without any is asked nothing."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce=int, required=False, widget=forms.CheckboxSelectMultiple, **kwargs)


def offer_zones(form: forms.Form, station: Station, *names: str) -> None:
    """The station's zones to tick, or no such field."""
    choices = list(Zone.objects.filter(station=station).values_list("pk", "name"))
    for name in names:
        if choices:
            form.fields[name].choices = choices  # type: ignore[attr-defined]
        else:
            del form.fields[name]


class DriverForm(MarkedForm):
    name = forms.CharField(label=_("Name"), max_length=80)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    carrier = forms.ModelChoiceField(Carrier.objects.none(), label=_("Carrier"), required=False)
    skills = WordsField(
        label=_("Skills"), required=False, help_text=_("Words with commas between, such as lift, age.")
    )
    home_zones = ZonesField(
        label=_("Knows these zones"), help_text=_("Settings say what leaving them costs; off by default.")
    )
    pace_percent = forms.IntegerField(
        label=_("Time at the door, % of the usual"),
        min_value=30,
        max_value=300,
        initial=100,
        required=False,
        help_text=_("120: takes a fifth longer than others."),
    )
    active = forms.BooleanField(label=_("Works here"), required=False, initial=True)

    def __init__(self, *args: Any, station: Station, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.station = station
        limit(self, "carrier", Carrier.objects.filter(station=station))
        offer_zones(self, station, "home_zones")

    def clean_name(self) -> str:
        return order_fields.clean(self.cleaned_data["name"])

    def clean_pace_percent(self) -> int:
        return self.cleaned_data["pace_percent"] or 100

    def clean_phone(self) -> str:
        if not self.cleaned_data["phone"]:
            return ""
        try:
            return order_fields.phone(self.cleaned_data["phone"], region_of(self.station.time_zone))
        except Bad as bad:
            raise forms.ValidationError(said(bad.cause)) from bad


class VehicleForm(MarkedForm):
    name = forms.CharField(label=_("Name"), max_length=40)
    type = forms.ModelChoiceField(VehicleType.objects.all(), label=_("Type"), empty_label=None)
    plate = forms.CharField(label=_("Plate"), max_length=20, required=False)
    carrier = forms.ModelChoiceField(Carrier.objects.none(), label=_("Carrier"), required=False)
    skills = WordsField(
        label=_("Equipment"), required=False, help_text=_("Words with commas between, such as chilled, lift.")
    )
    zones = ZonesField(label=_("Serves these zones only"), help_text=_("None ticked: everywhere."))
    forbidden_zones = ZonesField(label=_("Never serves these zones"))
    active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, *args: Any, station: Station, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limit(self, "carrier", Carrier.objects.filter(station=station))
        offer_zones(self, station, "zones", "forbidden_zones")

    def clean_name(self) -> str:
        return order_fields.clean(self.cleaned_data["name"])


def limit(form: forms.Form, name: str, rows: Any) -> None:
    """Offer these rows and take no others."""
    field: forms.ModelChoiceField = form.fields[name]  # type: ignore[assignment]
    field.queryset = rows


def span(day: date) -> dict[str, date]:
    return {"first_day": day, "last_day": day}
