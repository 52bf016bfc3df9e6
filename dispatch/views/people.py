"""The people of a station: who may do what, their sessions, and help for those who are locked out."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from dispatch.access import MANAGE, actor_of, require_station
from dispatch.models import Membership, Role, Station
from dispatch.people_forms import ROLE_WORDS, RoleForm
from dispatch.selectors.people import invitations_waiting, members
from dispatch.services import people as service
from dispatch.views import invitations, join
from dispatch.views.pages import frame, page
from lastmile import second_factor
from lastmile.kernel.errors import LastmileError, not_found
from lastmile.mail import reset_path
from lastmile.models import SignIn, User
from lastmile.pages import person_of
from lastmile.people import make_login_link
from lastmile.refusals import in_words
from lastmile.sign_ins import browser_words, end_all, end_sign_in, open_sign_ins, tell_person

Act = Callable[..., HttpResponse | None]


@require_safe
@page
def people(request: HttpRequest, station_id: int) -> HttpResponse:
    """Everybody with a role here, and the invitations on their way."""
    station, now = require_station(request.user, station_id, MANAGE), timezone.now()
    context = frame(request, station, "people") | {
        "tab": "people",
        "members": members(station, now),
        "invitations": invitations_waiting(station, now),
    }
    return render(request, "dispatch/people.html", context)


@require_safe
@page
def person(request: HttpRequest, station_id: int, user_id: int) -> HttpResponse:
    """One of them."""
    station, now = require_station(request.user, station_id, MANAGE), timezone.now()
    user, me = _member(station, user_id), person_of(request)
    sessions = [
        {"row": row, "words": browser_words(row.agent) or _("Unknown browser")}
        for row in open_sign_ins([user.pk], now)
    ]
    found = members(station, now, user)[0]
    context = frame(request, station, "people") | {
        "tab": "people",
        "person": user,
        "member": found,
        "role_form": _missing_roles(found.roles),
        "role_words": [(role, ROLE_WORDS[role]) for role in found.roles],
        "sessions": sessions,
        "may_help": service.may_help(me, user),
        "self": user == me,
    }
    return render(request, "dispatch/people_person.html", context)


def _missing_roles(held: list[Role]) -> RoleForm | None:
    choices = [(role, words) for role, words in ROLE_WORDS.items() if role not in held]
    form = RoleForm()
    form.fields["role"].choices = choices  # type: ignore[attr-defined]
    return form if choices else None


def _member(station: Station, user_id: int) -> User:
    row = User.objects.filter(pk=user_id).first()  # a number too large for the database is nobody too
    held = (
        Membership.objects.filter(station=station, user=row).select_related("user").first() if row else None
    )
    if held is None:
        raise not_found(_("The person"))
    return held.user


def button(act: Act) -> Callable[..., HttpResponseBase]:
    """What a manager does about one person: a refusal is told on that person's page."""

    @require_POST
    @page
    @wraps(act)
    def pressed(request: HttpRequest, station_id: int, user_id: int, **kwargs: Any) -> HttpResponse:
        station = require_station(request.user, station_id, MANAGE)
        user = _member(station, user_id)
        try:
            answer = act(request, station, user, **kwargs)
        except LastmileError as error:
            if error.status == 404:
                raise
            messages.error(request, in_words(error))
            answer = None
        if answer is not None:
            return answer
        still = Membership.objects.filter(station=station, user=user).exists()
        return redirect("person", station.pk, user.pk) if still else redirect("people", station.pk)

    return pressed


def _role(request: HttpRequest) -> Role:
    try:
        return Role(request.POST.get("role", ""))
    except ValueError:
        raise LastmileError(
            "unknown_role", _("There is no such role."), _("Choose one of the list."), field="role"
        ) from None


@button
def give(request: HttpRequest, station: Station, user: User) -> None:
    role = _role(request)
    if service.give_role(user=user, station=station, role=role, actor=actor_of(request), now=timezone.now()):
        messages.success(request, _("The role is given."))


@button
def take(request: HttpRequest, station: Station, user: User) -> None:
    confirmed = request.POST.get("confirmed") == "yes"
    by, now = person_of(request), timezone.now()
    if service.take_role(
        user=user, station=station, role=_role(request), by=by, now=now, confirmed=confirmed
    ):
        messages.success(request, _("The role is taken away."))


@button
def remove(request: HttpRequest, station: Station, user: User) -> None:
    confirmed = request.POST.get("confirmed") == "yes"
    by, now = person_of(request), timezone.now()
    if service.remove_member(user=user, station=station, by=by, now=now, confirmed=confirmed):
        messages.success(request, _("%(name)s has no role here any more.") % {"name": user})


@button
def end_session(request: HttpRequest, station: Station, user: User, sign_in_id: int) -> None:
    row = SignIn.objects.filter(pk=sign_in_id, user=user).first()
    if row is None:
        raise not_found(_("The session"))
    service.require_help(person_of(request), user)
    if end_sign_in(sign_in=row, actor=actor_of(request), now=timezone.now()):
        messages.success(request, _("Signed out there. Open pages go blind within a minute."))


@button
def end_sessions(request: HttpRequest, station: Station, user: User) -> None:
    service.require_help(person_of(request), user)
    here = request.session.session_key if user == request.user else None
    ended = end_all(user=user, actor=actor_of(request), now=timezone.now(), but=here)
    words = ngettext("%(count)s browser is signed out.", "%(count)s browsers are signed out.", ended)
    messages.success(request, words % {"count": ended})


@button
def link(request: HttpRequest, station: Station, user: User) -> HttpResponse:
    """A link to enter once, or to choose a new password: shown this once, to be handed on."""
    service.require_help(person_of(request), user)
    now, once = timezone.now(), request.POST.get("kind") == "once"
    made = make_login_link(user=user, now=now) if once else reset_path(user)
    what = "entry_link_made" if once else "reset_link_made"
    tell_person(what=what, user=user, actor=actor_of(request), now=now)
    words = (
        _("%(name)s signs in with it once, within 15 minutes.")
        if once
        else _("%(name)s chooses a new password with it, within one day.")
    )
    context = frame(request, station, "people") | {
        "tab": "people",
        "title": _("A link to hand on"),
        "words": words % {"name": user},
        "link": request.build_absolute_uri(made),
    }
    return render(request, "dispatch/people_link.html", context)


@button
def reset_factor(request: HttpRequest, station: Station, user: User) -> None:
    """For a lost phone; everything that was open is closed with it."""
    if user == request.user:
        raise LastmileError(
            "own_factor", _("This is your own second factor."), _("Change it on your account page.")
        )
    service.require_help(person_of(request), user)
    actor, now = actor_of(request), timezone.now()
    second_factor.switch_off(user=user, actor=actor, now=now)
    end_all(user=user, actor=actor, now=now)
    messages.success(request, _("The second factor is off; they sign in with the password alone."))


@button
def deactivate(request: HttpRequest, station: Station, user: User) -> None:
    if service.deactivate_person(user=user, by=person_of(request), now=timezone.now()):
        messages.success(request, _("%(name)s gets in nowhere any more.") % {"name": user})


@button
def reactivate(request: HttpRequest, station: Station, user: User) -> None:
    if service.reactivate_person(user=user, by=person_of(request), now=timezone.now()):
        messages.success(request, _("%(name)s may sign in again.") % {"name": user})


BASE = "stations/<int:station_id>/people/"
ONE = f"{BASE}<int:user_id>/"
urlpatterns = [
    path(BASE, people, name="people"),
    path(ONE, person, name="person"),
    path(f"{ONE}give/", give, name="person-give"),
    path(f"{ONE}take/", take, name="person-take"),
    path(f"{ONE}remove/", remove, name="person-remove"),
    path(f"{ONE}link/", link, name="person-link"),
    path(f"{ONE}second-factor/", reset_factor, name="person-second-factor"),
    path(f"{ONE}deactivate/", deactivate, name="person-deactivate"),
    path(f"{ONE}reactivate/", reactivate, name="person-reactivate"),
    path(f"{ONE}sessions/end/", end_sessions, name="person-end-sessions"),
    path(f"{ONE}sessions/<int:sign_in_id>/end/", end_session, name="person-end-session"),
    *invitations.urlpatterns,
    *join.urlpatterns,
]
