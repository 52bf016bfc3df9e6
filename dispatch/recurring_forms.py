"""The form of a recurring order: an order's fields, without a day, and the days it comes on."""

from datetime import date
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from dispatch.models import RecurringOrder, ServiceLevel, Shop, Station

ORDER = (
    *("kind", "recipient", "phone", "email", "address", "postcode", "place", "service_level"),
    *("window_start", "window_end", "pieces", "weight_kg", "note", "note_dispatch"),
)
TIME = "%H:%M"


def _day(label: Any, **options: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, input_formats=["%Y-%m-%d"], **options)


def _time(label: Any, **options: Any) -> forms.TimeField:
    widget = forms.TimeInput(attrs={"type": "time"}, format=TIME)
    return forms.TimeField(
        label=label, required=False, widget=widget, input_formats=[TIME, "%H:%M:%S"], **options
    )


class RecurringForm(forms.Form):
    """Values are words as people write them; the service reads them as it reads every order."""

    name = forms.CharField(
        label=_("Name of the series"), max_length=80, help_text=_("Such as “Bread, workdays”.")
    )
    shop = forms.ModelChoiceField(Shop.objects.none(), label=_("Shop"), empty_label=None)
    kind = forms.ChoiceField(
        label=_("Kind"), choices=[("delivery", _("Delivery")), ("collection", _("Collection"))]
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Weekdays"), coerce=int, choices=list(WEEKDAYS.items()), widget=forms.CheckboxSelectMultiple
    )
    first_day = _day(_("First day"))
    last_day = _day(_("Last day"), required=False, help_text=_("Empty: until somebody ends it."))
    recipient = forms.CharField(label=_("Recipient"), max_length=120, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=60, required=False)
    email = forms.CharField(label=_("E-mail"), max_length=254, required=False)
    address = forms.CharField(label=_("Street and number"), max_length=200)
    postcode = forms.CharField(label=_("Postcode"), max_length=12, required=False)
    place = forms.CharField(label=_("Town"), max_length=80, required=False)
    service_level = forms.ChoiceField(
        label=_("Service level"), required=False, help_text=_("Gives the window where none is set here.")
    )
    window_start = _time(_("From"))
    window_end = _time(_("Until"))
    pieces = forms.CharField(label=_("Pieces"), max_length=6, required=False)
    weight_kg = forms.CharField(label=_("Weight in kg"), max_length=12, required=False)
    note = forms.CharField(label=_("Note for the driver"), max_length=500, required=False)
    note_dispatch = forms.CharField(label=_("Note for dispatchers only"), max_length=500, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**31 - 1)

    def __init__(
        self, *args: Any, station: Station, series: RecurringOrder | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        shops: forms.ModelChoiceField = self.fields["shop"]  # type: ignore[assignment]
        shops.queryset = station.shops.all()
        if series is not None:
            shops.queryset = Shop.objects.filter(pk=series.shop_id)
        levels: forms.ChoiceField = self.fields["service_level"]  # type: ignore[assignment]
        sold = ServiceLevel.objects.filter(station=station, active=True)
        levels.choices = [("", _("None")), *sold.values_list("code", "name")]

    def order_row(self) -> dict[str, Any]:
        """The order's fields by their API names, empty ones left out."""
        found = {name: self.cleaned_data[name] for name in ORDER}
        for name in ("window_start", "window_end"):
            found[name] = f"{found[name]:{TIME}}" if found[name] is not None else ""
        return {name: value for name, value in found.items() if value}


def initial_of(series: RecurringOrder) -> dict[str, Any]:
    """A series as the form shows it."""
    shown = {name: series.fields.get(name, "") for name in ORDER}
    columns = ("name", "shop", "weekdays", "first_day", "last_day", "version")
    return shown | {name: getattr(series, name) for name in columns}


def initial_day(today: date) -> dict[str, Any]:
    return {"first_day": today, "weekdays": list(range(5))}
