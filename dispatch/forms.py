"""Forms of dispatch's pages."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dispatch.models import Shop, Station
from dispatch.models.order_import import ImportMode
from dispatch.services.csv_reading import DELIMITERS, ENCODINGS


class UploadForm(forms.Form):
    """A file of orders, for which shop and day."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("Excel (XLSX) or CSV with a heading line: at most 50,000 rows and 20 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv,.txt,.tsv,text/csv,text/plain"}),
    )
    shop = forms.ModelChoiceField(Shop.objects.none(), label=_("Shop"), empty_label=None)
    day = forms.DateField(
        label=_("Day"),
        help_text=_("For rows that name no day of their own."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )

    def __init__(self, *args: Any, station: Station, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shops: forms.ModelChoiceField = self.fields["shop"]  # type: ignore[assignment]
        shops.queryset = station.shops.all()


class ReadingForm(forms.Form):
    """How a text file is to be read, where the guess was wrong."""

    encoding = forms.ChoiceField(label=_("Encoding"), choices=list(ENCODINGS.items()))
    delimiter = forms.ChoiceField(
        label=_("Delimiter"), choices=[(mark, word) for mark, word in DELIMITERS.items()]
    )


class SheetForm(forms.Form):
    """Which sheet of a workbook is to be read."""

    sheet = forms.ChoiceField(label=_("Sheet"))

    def __init__(self, *args: Any, sheets: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: forms.ChoiceField = self.fields["sheet"]  # type: ignore[assignment]
        choice.choices = list(sheets)


class ColumnsForm(forms.Form):
    """For each column of a file the field it means."""

    def __init__(self, *args: Any, headings: Sequence[str], fields: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("— not used —")), *sorted(FIELD_LABELS.items(), key=lambda item: str(item[1]))]
        for index, (heading, field) in enumerate(zip(headings, fields, strict=True)):
            self.fields[f"column{index}"] = forms.ChoiceField(
                label=heading, choices=choices, required=False, initial=field
            )

    @property
    def chosen(self) -> list[str]:
        return [self.cleaned_data[name] for name in self.fields]


class ModeForm(forms.Form):
    """What the rows may do to orders."""

    mode = forms.ChoiceField(
        label=_("Rows may"),
        choices=[
            (ImportMode.MERGE, _("add new orders and change those that are there")),
            (ImportMode.CREATE, _("only add new orders")),
            (ImportMode.UPDATE, _("only change orders that are there")),
        ],
        widget=forms.RadioSelect,
    )
    whole = forms.BooleanField(
        label=_("All or nothing"),
        required=False,
        help_text=_("One refused row stops the whole import. For up to 10,000 rows."),
    )


FIELD_LABELS = {
    "external_id": _("Order number"),
    "address": _("Address"),
    "house_number": _("House number"),
    "postcode": _("Postcode"),
    "place": _("Town"),
    "lat": _("Latitude"),
    "lng": _("Longitude"),
    "recipient": _("Recipient"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "note": _("Note to the driver"),
    "note_dispatch": _("Note to the dispatcher"),
    "day": _("Day"),
    "window": _("Time window"),
    "window_start": _("Window from"),
    "window_end": _("Window until"),
    "service_level": _("Service level"),
    "service_time_s": _("Time at the door, seconds"),
    "service_min": _("Time at the door, minutes"),
    "weight": _("Weight with unit"),
    "weight_g": _("Weight, g"),
    "weight_kg": _("Weight, kg"),
    "weight_lb": _("Weight, lb"),
    "volume": _("Volume with unit"),
    "volume_cm3": _("Volume, cm³"),
    "volume_ft3": _("Volume, cu ft"),
    "volume_l": _("Volume, l"),
    "volume_m3": _("Volume, m³"),
    "pieces": _("Parcels, number"),
    "barcodes": _("Barcodes"),
    "skills": _("Skills"),
    "priority": _("Priority"),
    "kind": _("Delivery or collection"),
}
