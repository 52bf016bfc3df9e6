"""Drivers' phones: listed, let in, and shut out."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from dispatch.access import MANAGE, actor_of, require_station
from dispatch.models import Driver, Station
from dispatch.views.pages import frame, page
from lastmile.kernel.errors import not_found
from tracking.models import Device
from tracking.services.devices import issue_device, revoke_device


class PhoneForm(forms.Form):
    driver = forms.ModelChoiceField(
        Driver.objects.none(), label=gettext_lazy("Driver"), empty_label=gettext_lazy("Choose")
    )
    name = forms.CharField(
        label=gettext_lazy("Phone"),
        max_length=60,
        initial=gettext_lazy("phone"),
        help_text=gettext_lazy("A name to know it by. A phone of the same driver and name is replaced."),
    )

    def __init__(self, *args: object, station: Station, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        rows: forms.ModelChoiceField = self.fields["driver"]  # type: ignore[assignment]
        rows.queryset = Driver.objects.filter(station=station, active=True)


@require_safe
@page
def phones(request: HttpRequest, station_id: int) -> HttpResponse:
    """Every phone that is let in, by driver."""
    station = require_station(request.user, station_id, MANAGE)
    return _page(request, station, PhoneForm(station=station))


def _page(request: HttpRequest, station: Station, form: PhoneForm, status: int = 200) -> HttpResponse:
    rows = Device.objects.filter(driver__station=station, revoked_at=None).select_related("driver")
    context = frame(request, station, "people") | {
        "tab": "phones",
        "phones": rows.order_by("driver__name", "name", "pk"),
        "form": form,
    }
    return render(request, "tracking/phones.html", context, status=status)


@sensitive_variables("token")
@require_POST
@page
def issue(request: HttpRequest, station_id: int) -> HttpResponse:
    """Let one more phone in; its token is shown this once."""
    station = require_station(request.user, station_id, MANAGE)
    form = PhoneForm(request.POST, station=station)
    if not form.is_valid():
        return _page(request, station, form, 422)
    driver, name = form.cleaned_data["driver"], form.cleaned_data["name"]
    token = issue_device(driver=driver, now=timezone.now(), name=name, actor=actor_of(request))
    context = frame(request, station, "people") | {
        "title": _("A phone’s token"),
        "words": _("Type it into the tracking app on the phone of %(name)s.") % {"name": driver.name},
        "label": _("The token, shown this once"),
        "link": token,
        "back": reverse("phones", args=[station.pk]),
    }
    return render(request, "dispatch/people_link.html", context)


@require_POST
@page
def revoke(request: HttpRequest, station_id: int, device_id: int) -> HttpResponse:
    """Shut a phone out: its next position is refused."""
    station = require_station(request.user, station_id, MANAGE)
    rows = Device.objects.filter(driver__station=station).select_related("driver__station")
    device = rows.filter(pk=device_id).first()
    if device is None:
        raise not_found(_("The phone"))
    if revoke_device(device=device, now=timezone.now(), actor=actor_of(request)):
        messages.success(request, _("The phone is shut out."))
    return redirect("phones", station.pk)


BASE = "stations/<int:station_id>/people/phones/"
urlpatterns = [
    path(BASE, phones, name="phones"),
    path(f"{BASE}new/", issue, name="phone-issue"),
    path(f"{BASE}<int:device_id>/revoke/", revoke, name="phone-revoke"),
]
