"""Inviting people to a station: the link is shown once, to be copied."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dispatch.access import MANAGE, actor_of, require_station
from dispatch.models import Invitation, Role, Station
from dispatch.people_forms import InviteForm
from dispatch.services import invitations as service
from dispatch.views.pages import frame, page
from lastmile.kernel.errors import LastmileError, not_found
from lastmile.pages import answer, posted
from lastmile.refusals import in_words


@require_http_methods(["GET", "HEAD", "POST"])
@page
def invite(request: HttpRequest, station_id: int) -> HttpResponse:
    """Choose whom and as what; the answer shows the link."""
    station, now = require_station(request.user, station_id, MANAGE), timezone.now()
    form, refused = InviteForm(posted(request), station=station, now=now), None
    if form.is_valid():
        asked = form.cleaned_data
        try:
            made, link = service.invite(
                station=station,
                role=Role(asked["role"]),
                full_name=asked["full_name"],
                email=asked["email"],
                driver=asked["driver"],
                actor=actor_of(request),
                now=now,
            )
        except LastmileError as error:
            refused = error
        else:
            return _shown(request, station, made, link)
    context = frame(request, station, "people") | {"tab": "people"}
    return answer(request, "dispatch/people_invite.html", context, refused, form)


def _shown(request: HttpRequest, station: Station, made: Invitation, link: str) -> HttpResponse:
    context = frame(request, station, "people") | {
        "tab": "people",
        "title": _("The invitation"),
        "words": _("%(who)s joins as %(role)s with it, within seven days.")
        % {"who": made.full_name or made.email, "role": Role(made.role).label},
        "link": request.build_absolute_uri(link),
        "mailed": made.email if settings.MAIL is not None else "",
    }
    return render(request, "dispatch/people_link.html", context)


def _invitation(station: Station, invitation_id: int) -> Invitation:
    rows = Invitation.objects.select_related("station", "driver")
    found = rows.filter(pk=invitation_id, station=station).first()
    if found is None:
        raise not_found(_("The invitation"))
    return found


@require_POST
@page
def renew(request: HttpRequest, station_id: int, invitation_id: int) -> HttpResponse:
    """A new link; the old one ends."""
    station = require_station(request.user, station_id, MANAGE)
    old = _invitation(station, invitation_id)
    try:
        made, link = service.renew_invitation(invitation=old, actor=actor_of(request), now=timezone.now())
    except LastmileError as error:
        messages.error(request, in_words(error))
        return redirect("people", station.pk)
    return _shown(request, station, made, link)


@require_POST
@page
def revoke(request: HttpRequest, station_id: int, invitation_id: int) -> HttpResponse:
    """End a link before it is used."""
    station = require_station(request.user, station_id, MANAGE)
    found = _invitation(station, invitation_id)
    if service.revoke_invitation(invitation=found, actor=actor_of(request), now=timezone.now()):
        messages.success(request, _("That link works no more."))
    return redirect("people", station.pk)


BASE = "stations/<int:station_id>/people/invitations/"
urlpatterns = [
    path(f"{BASE}new/", invite, name="invite"),
    path(f"{BASE}<int:invitation_id>/renew/", renew, name="invitation-renew"),
    path(f"{BASE}<int:invitation_id>/revoke/", revoke, name="invitation-revoke"),
]
