"""Forms of the shops page."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from dispatch.models.shop import Scope, all_scopes

OWN_DATE = "date"
LIVES = {
    "30": _("30 days"),
    "90": _("90 days"),
    "365": _("One year"),
    OWN_DATE: _("Until a day I choose"),
}
SCOPES = [
    (str(Scope.ORDERS_READ), _("Read orders (orders:read)")),
    (str(Scope.ORDERS_WRITE), _("Send, change and cancel orders (orders:write)")),
    (str(Scope.OPTIMIZE), _("Solve planning problems of its own (optimize)")),
]


class ShopForm(forms.Form):
    """A new shop; where no code is given, its name makes one."""

    name = forms.CharField(
        label=_("Name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "organization"})
    )
    code = forms.SlugField(
        label=_("Code"),
        max_length=30,
        required=False,
        help_text=_("Short name in files and the API, like corner-books. Empty: guessed from the name."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off"}),
    )
    email = forms.EmailField(label=_("E-mail"), required=False)
    ship_complete = forms.BooleanField(
        label=_("Deliver whole orders only"),
        required=False,
        initial=True,
        help_text=_("An order that was loaded in part goes back whole."),
    )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        if cleaned.get("name") and not cleaned.get("code") and not self.has_error("code"):
            cleaned["code"] = slugify(cleaned["name"])[:30].strip("-_")
            if not cleaned["code"]:
                self.add_error("code", _("Write it with at least one letter from a to z."))
        return cleaned


class TokenForm(forms.Form):
    """A new token: what it is for, what it may do, how long it lives, for real or for trials."""

    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        help_text=_("What will use it, such as “web shop”: you will know which one to revoke."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("It may"), choices=SCOPES, initial=all_scopes, widget=forms.CheckboxSelectMultiple
    )
    lives = forms.ChoiceField(label=_("Works for"), choices=list(LIVES.items()), initial="365")
    expires_on = forms.DateField(
        label=_("Last day"),
        required=False,
        help_text=_("Only with “Until a day I choose”."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )
    sandbox = forms.BooleanField(
        label=_("Sandbox: for trying the API out"),
        required=False,
        help_text=_("Orders sent with it are checked like real ones, but nobody plans or delivers them."),
    )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        if (
            cleaned.get("lives") == OWN_DATE
            and not cleaned.get("expires_on")
            and not self.has_error("expires_on")
        ):
            self.add_error("expires_on", _("Choose the last day on which it works."))
        return cleaned

    def expires_at(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The moment it stops: so many days from now, or the end of the chosen day on the station's clock."""
        if self.cleaned_data["lives"] != OWN_DATE:
            return now + timedelta(days=int(self.cleaned_data["lives"]))
        day: date = self.cleaned_data["expires_on"]
        try:
            return datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
        except OverflowError:  # the last day of the calendar: the service says that it is too late
            return datetime.combine(day, time(), tzinfo=zone)
