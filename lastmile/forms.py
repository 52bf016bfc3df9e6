"""Forms of signing in and of one's own account."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import SetPasswordForm
from django.utils.translation import gettext_lazy as _

TYPED = {"autocapitalize": "none", "autocorrect": "off", "spellcheck": "false"}


class SignInForm(forms.Form):
    username = forms.CharField(
        label=_("User name or e-mail"),
        max_length=254,
        widget=forms.TextInput(attrs=TYPED | {"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=32,
        widget=forms.TextInput(
            attrs=TYPED | {"autocomplete": "one-time-code", "autofocus": True, "class": "code-input"}
        ),
    )


class ForgottenForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True})
    )


class NewPasswordForm(SetPasswordForm):
    """Twice the same, at least 12 characters; no rules about which ones."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first, again = self.fields["new_password1"], self.fields["new_password2"]
        first.label, again.label = _("New password"), _("The same again")
        first.help_text = _("At least 12 characters, for example four words. No signs are prescribed.")
        again.help_text = ""
        for field in (first, again):
            field.widget.attrs["maxlength"] = "1000"


class ChangePasswordForm(NewPasswordForm):
    """With the password of now, unless there is none."""

    old_password = forms.CharField(
        label=_("Your password now"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ["old_password", "new_password1", "new_password2"]

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        if not user.has_usable_password():
            del self.fields["old_password"]


class ProfileForm(forms.Form):
    full_name = forms.CharField(
        label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
