"""Forms of the first run."""

from datetime import time
from typing import Any

from babel.numbers import list_currencies
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from dispatch.models import Station
from dispatch.models.station import Units, require_zone
from dispatch.services import order_fields
from dispatch.services.countries import region_of
from dispatch.services.first_run import Kind
from dispatch.services.roster import Clocks
from lastmile.refusals import said

CLOCK = {"type": "time"}
MOST_OF_A_KIND = 200


class AdminForm(forms.Form):
    full_name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    username = forms.CharField(
        label=_("User name"), max_length=150, validators=[UnicodeUsernameValidator()],
        help_text=_("Letters, digits and @ . + - _"),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )  # fmt: skip
    email = forms.EmailField(
        label=_("E-mail"), required=False, help_text=_("To set a new password one day. May stay empty."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )  # fmt: skip
    password = forms.CharField(
        label=_("Password"), strip=False, max_length=1000, help_text=_("At least 12 characters; a few words do well."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    again = forms.CharField(
        label=_("Password once more"), strip=False, max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        validate_password(password)
        return password

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("password") and given.get("again") and given["password"] != given["again"]:
            self.add_error("again", _("The two passwords differ."))
        return given


class CityForm(forms.Form):
    name = forms.CharField(
        label=_("Name of the city"), max_length=40,
        help_text=_("Any short name; it is kept in small letters, like new-york."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off"}),
    )  # fmt: skip
    source = forms.CharField(
        label=_("OpenStreetMap extract"), max_length=1000,
        help_text=_("An https:// address (download.geofabrik.de has extracts), or the path of a file on the server."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off", "inputmode": "url"}),
    )  # fmt: skip

    def clean_name(self) -> str:
        """People write Lauf an der Pegnitz; folders and addresses want lauf-an-der-pegnitz."""
        name = slugify(self.cleaned_data["name"]).replace("_", "-").strip("-")
        if not name:
            raise forms.ValidationError(_("Write it with at least one letter from a to z."))
        return name


class StationForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("As people call it, like Helsinki Centre.")
    )
    code = forms.SlugField(
        label=_("Code"), max_length=20, help_text=_("Short name of the station in lists and files.")
    )
    address = forms.CharField(
        label=_("Address"), max_length=200, help_text=_("Search it, or click the place on the map.")
    )
    lat = forms.FloatField(label=_("Latitude"), min_value=-90, max_value=90)
    lng = forms.FloatField(label=_("Longitude"), min_value=-180, max_value=180)
    time_zone = forms.CharField(
        label=_("Time zone"),
        max_length=40,
        help_text=_("This and the next three are guessed from the place: look at them."),
        validators=[require_zone],
        widget=forms.TextInput(attrs={"list": "zones"}),
    )
    currency = forms.CharField(label=_("Currency"), max_length=3, min_length=3)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    units = forms.ChoiceField(label=_("Units"), choices=Units.choices)

    def __init__(self, *args: Any, bounds: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bounds = bounds
        for name in ("lat", "lng"):
            self.fields[name].widget.attrs |= {"step": "any", "inputmode": "decimal"}

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"]).upper()
        if Station.objects.filter(code__iexact=code).exists():
            raise forms.ValidationError(_("A station has that code already."))
        return code

    def clean_currency(self) -> str:
        code = str(self.cleaned_data["currency"]).upper()
        if code not in list_currencies():
            raise forms.ValidationError(_("That is no currency code; write it like EUR."))
        return code

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        lat, lng, box = given.get("lat"), given.get("lng"), self.bounds
        if box is not None and lat is not None and lng is not None:
            inside = box.south <= lat <= box.north and box.west <= lng <= box.east
            if not inside:
                self.add_error(
                    "address", _("That place is outside of the city's map: no street of it is known.")
                )
        return given


class ManagerForm(forms.Form):
    who = forms.ChoiceField(
        label=_("Who manages the station?"), initial="self", widget=forms.RadioSelect,
        choices=[("self", _("I do")), ("other", _("Somebody else, by an invitation"))],
    )  # fmt: skip
    full_name = forms.CharField(label=_("Their name"), max_length=120, required=False)
    email = forms.EmailField(label=_("Their e-mail"), required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("who") == "other" and not given.get("full_name") and "full_name" not in self.errors:
            self.add_error("full_name", _("Say who it is."))
        return given


class KindForm(forms.Form):
    """Vehicles of one kind; weights in kilograms, volumes in cubic metres, money in the station's currency."""

    count = forms.IntegerField(label=_("How many"), min_value=0, max_value=MOST_OF_A_KIND)
    weight = forms.DecimalField(label=_("Load, kg"), min_value=1, max_value=40_000, decimal_places=1)
    volume = forms.DecimalField(label=_("Volume, m³"), min_value=0, max_value=200, decimal_places=2)
    pieces = forms.IntegerField(label=_("Pieces"), min_value=1, max_value=10_000)
    fixed = forms.DecimalField(label=_("Cost a day"), min_value=0, max_value=100_000, decimal_places=2)
    km = forms.DecimalField(label=_("a kilometre"), min_value=0, max_value=1000, decimal_places=2)
    hour = forms.DecimalField(label=_("an hour"), min_value=0, max_value=10_000, decimal_places=2)

    def kind(self, name: str, profile: str) -> Kind:
        given = self.cleaned_data
        return Kind(
            name=name, profile=profile, count=given["count"],
            capacity_weight_g=int(given["weight"] * 1000), capacity_volume_cm3=int(given["volume"] * 1_000_000),
            capacity_pieces=given["pieces"], cost_fixed_cents=int(given["fixed"] * 100),
            cost_km_cents=int(given["km"] * 100), cost_hour_cents=int(given["hour"] * 100),
        )  # fmt: skip


class RosterForm(forms.Form):
    """Drivers and their shifts; `once` marks one showing of the page, so that sending it twice adds once."""

    once = forms.UUIDField(required=False, widget=forms.HiddenInput)
    drivers = forms.CharField(
        label=_("Drivers"), required=False, max_length=20_000,
        help_text=_("One a line: name, then a comma and the phone number, which may be left out. "
                    "Routes are released to drivers: name at least one, if only yourself."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )  # fmt: skip
    invite = forms.BooleanField(
        label=_("Make an invitation link for each driver"), required=False, initial=True
    )
    start = forms.TimeField(
        label=_("Shift from"), initial=time(8), widget=forms.TimeInput(attrs=CLOCK, format="%H:%M")
    )
    end = forms.TimeField(
        label=_("until"), initial=time(16), widget=forms.TimeInput(attrs=CLOCK, format="%H:%M")
    )
    break_minutes = forms.IntegerField(label=_("Break, minutes"), min_value=0, max_value=240, initial=30)
    today = forms.BooleanField(label=_("Today"), required=False, initial=True)
    tomorrow = forms.BooleanField(label=_("Tomorrow"), required=False, initial=True)

    def __init__(self, *args: Any, station: Station, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.region = region_of(station.time_zone)

    def clean_drivers(self) -> list[tuple[str, str]]:
        people = []
        for number, line in enumerate(self.cleaned_data["drivers"].splitlines(), 1):
            name, _comma, phone = (part.strip() for part in line.partition(","))
            if not name:
                continue
            try:
                people.append(
                    (order_fields.text(name, 80), order_fields.phone(phone, self.region) if phone else "")
                )
            except order_fields.Bad as bad:
                raise forms.ValidationError(
                    _("Line %(n)s: %(cause)s"), params={"n": number, "cause": said(bad.cause)}
                ) from bad
        return people

    def clocks(self) -> Clocks:
        given = self.cleaned_data
        return Clocks(given["start"], given["end"], given["break_minutes"])
