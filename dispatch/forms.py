"""Forms of dispatch's pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dispatch.models import Shop, Station
from dispatch.services.csv_reading import DELIMITERS, ENCODINGS


class UploadForm(forms.Form):
    """A file of orders, for which shop and day."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV with a heading line: at most 50,000 rows and 20 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv,text/plain"}),
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
    """How a file is to be read, where the guess was wrong."""

    encoding = forms.ChoiceField(label=_("Encoding"), choices=list(ENCODINGS.items()))
    delimiter = forms.ChoiceField(
        label=_("Delimiter"), choices=[(mark, word) for mark, word in DELIMITERS.items()]
    )

    def clean_delimiter(self) -> str:
        return str(self.cleaned_data["delimiter"])
