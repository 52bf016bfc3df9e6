"""Form fields and the base form of the admin."""

from typing import Any

from django import forms
from django.db.models import Model

from dispatch.services import order_fields
from dispatch.services.order_fields import Bad


class SameStationForm(forms.ModelForm):
    """Refuses a row that ties things of two stations together."""

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        station = data.get("station") or getattr(self.instance, "station", None)
        for name, value in list(data.items()):
            other = getattr(value, "station_id", None) if isinstance(value, Model) else None
            if station is not None and other is not None and other != station.pk:
                self.add_error(name, f"This belongs to another station than {station}.")
        return data


class WordsField(forms.CharField):
    """A JSON list of words, written with commas between them."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        try:
            return list(order_fields.skills(value or ""))
        except Bad as bad:
            raise forms.ValidationError(bad.cause) from bad

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return sorted(initial or []) != self.to_python(data)
        except forms.ValidationError:
            return True


class PhoneField(forms.CharField):
    """A phone number with its country code, kept as E.164."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"max_length": 40} | kwargs))

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        try:
            return order_fields.phone(text, None)
        except Bad as bad:
            raise forms.ValidationError(bad.cause) from bad


FIELDS: dict[str, type[forms.Field]] = {"skills": WordsField, "phone": PhoneField}
