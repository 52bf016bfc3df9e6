"""Forms about people: inviting, joining, giving a role."""

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from dispatch.models import Driver, Role, Station
from dispatch.selectors.people import drivers_to_invite
from lastmile.forms import TYPED

ROLE_WORDS = {
    Role.DISPATCHER: _("Dispatcher: plans and watches the day"),
    Role.MANAGER: _("Station manager: also people and settings"),
    Role.FLOOR: _("Floor: scans parcels"),
    Role.DRIVER: _("Driver: their own route"),
    Role.AUDITOR: _("Auditor: reads, changes nothing"),
}


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=list(ROLE_WORDS.items()))


class InviteForm(RoleForm):
    full_name = forms.CharField(label=_("Name"), max_length=120, required=False)
    email = forms.EmailField(label=_("E-mail address"), max_length=254, required=False)
    driver = forms.ModelChoiceField(
        Driver.objects.none(),
        label=_("Drives as"),
        required=False,
        empty_label=_("A new driver"),
        help_text=_("For drivers: whose shifts and routes are theirs."),
    )
    field_order = ["full_name", "email", "role", "driver"]

    def __init__(self, *args: Any, station: Station, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows: forms.ModelChoiceField = self.fields["driver"]  # type: ignore[assignment]
        rows.queryset = drivers_to_invite(station, now)
        if settings.MAIL is not None:
            self.fields["email"].help_text = _("The link is sent there, and shown to you as well.")


class JoinForm(forms.Form):
    full_name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        required=False,
        help_text=_("For signing in and for a forgotten password. You may leave it empty."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        help_text=_("What you sign in with. Letters, digits and @ . + - _"),
        widget=forms.TextInput(attrs=TYPED | {"autocomplete": "username"}),
    )
    new_password1 = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=1000,
        help_text=_("At least 12 characters, for example four words. No signs are prescribed."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    new_password2 = forms.CharField(
        label=_("The same again"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if typed.get("new_password1") != typed.get("new_password2") and typed.get("new_password2"):
            self.add_error("new_password2", _("The two passwords differ."))
        return typed
