"""Accepting an invitation. The GET is free of effects, so that a mail scanner cannot use the link up."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from dispatch.models import Invitation
from dispatch.people_forms import ROLE_WORDS, JoinForm
from dispatch.services import invitations as service
from lastmile import entering
from lastmile.kernel.errors import LastmileError
from lastmile.models import User
from lastmile.pages import answer, posted
from lastmile.refusals import in_words


@sensitive_post_parameters("new_password1", "new_password2")
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Make an account and join with it, or join with one's own."""
    found = service.invitation_of(token, timezone.now())
    if found is None:
        return render(request, "dispatch/join_spent.html", status=404)
    if not request.user.is_authenticated:
        translation.activate(found.station.language)
    if isinstance(request.user, User):
        return _with_account(request, found, request.user)
    return _as_new(request, found)


def _words(found: Invitation) -> dict[str, object]:
    return {"invitation": found, "role_words": ROLE_WORDS[found.role]}  # type: ignore[index]


def _with_account(request: HttpRequest, found: Invitation, user: User) -> HttpResponse:
    if request.method != "POST":
        return render(request, "dispatch/join.html", _words(found))
    try:
        service.accept_as(invitation=found, user=user, now=timezone.now())
    except LastmileError as error:
        messages.error(request, in_words(error))
        return redirect("home")
    messages.success(request, _("Welcome to %(name)s.") % {"name": found.station.name})
    return redirect("home")


def _as_new(request: HttpRequest, found: Invitation) -> HttpResponse:
    given = {
        "full_name": found.full_name,
        "email": found.email,
        "username": found.email.partition("@")[0],
        "language": found.station.language,
    }
    form, refused = JoinForm(posted(request), initial=given), None
    if form.is_valid():
        try:
            return _made(request, found, form)
        except LastmileError as error:
            refused = error
    return answer(request, "dispatch/join.html", _words(found), refused, form)


def _made(request: HttpRequest, found: Invitation, form: JoinForm) -> HttpResponse:
    typed, now = form.cleaned_data, timezone.now()
    newcomer = service.Newcomer(
        username=typed["username"],
        full_name=typed["full_name"],
        email=typed["email"],
        password=typed["new_password1"],
        language=typed["language"],
    )
    user = service.accept_as_new(invitation=found, newcomer=newcomer, now=now)
    then = entering.first_factor(request=request, user=user, by="invitation", go_on="", now=now)
    if then is None:
        messages.success(request, _("Welcome to %(name)s.") % {"name": found.station.name})
    return redirect(then or "home")


urlpatterns = [path("join/<str:token>/", join, name="join")]
