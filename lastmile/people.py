"""The pages of signing in and out: password, one-time links, codes, and a forgotten password.

A link's GET is free of effects, so that a mail scanner cannot use it up.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import PasswordResetConfirmView
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lastmile import entering, jobs, limits, mail, second_factor
from lastmile.forms import CodeForm, ForgottenForm, NewPasswordForm, SignInForm
from lastmile.kernel.errors import LastmileError
from lastmile.limits import address_of, household_of
from lastmile.models import LoginLink, User
from lastmile.pages import answer, posted
from lastmile.sign_ins import actor_name, close_session, end_all, tell_person

LINK_LIFE = timedelta(minutes=15)


@sensitive_variables("token")
def make_login_link(*, user: User, now: datetime) -> str:
    """The path of a sign-in address that works once within 15 minutes."""
    token = secrets.token_urlsafe(32)
    LoginLink.objects.create(user=user, token_hash=_hash(token), expires_at=now + LINK_LIFE)
    return f"/enter/{token}/"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _go_on(request: HttpRequest) -> str:
    """Where somebody wanted to go, if it is one of our own pages."""
    asked = request.POST.get("next", request.GET.get("next", ""))
    own = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if own else ""


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """User name or e-mail address, and password."""
    form, refused = SignInForm(posted(request)), None
    if form.is_valid():
        try:
            return _signed_in(request, form)
        except LastmileError as error:
            refused = error
    words = {"next": _go_on(request), "mail": settings.MAIL is not None}
    return answer(request, "lastmile/sign_in.html", words, refused, form)


def _signed_in(request: HttpRequest, form: SignInForm) -> HttpResponse:
    now, typed = timezone.now(), form.cleaned_data
    user = entering.check_password(
        request=request, name=typed["username"], password=typed["password"], now=now
    )
    if user is None:
        raise LastmileError(
            "wrong_password",
            _("That name and password do not belong together."),
            _("Try again, or choose a new password."),
            status=422,
        )
    go_on = _go_on(request)
    then = entering.first_factor(request=request, user=user, by="password", go_on=go_on, now=now)
    return redirect(then or go_on or "home")


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """The second factor of somebody whose first one was right."""
    now = timezone.now()
    waits = entering.pending(request, now)
    if waits is None:
        return redirect("sign-in")
    form, refused = CodeForm(posted(request)), None
    if form.is_valid():
        try:
            second_factor.verify(user=waits.user, code=form.cleaned_data["code"], now=now)
        except LastmileError as error:
            refused = error
        else:
            entering.second_factor_given(request=request, waits=waits, now=now)
            return redirect(waits.go_on or "home")
    return answer(request, "lastmile/sign_in_code.html", {"person": waits.user}, refused, form)


@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Show who would be signed in; the POST uses the link up."""
    now = timezone.now()
    links = LoginLink.objects.filter(
        token_hash=_hash(token), used_at=None, expires_at__gt=now, user__is_active=True
    )
    link = links.select_related("user").first()
    if link is None:
        return render(request, "lastmile/enter_spent.html", status=404)
    if request.method != "POST":
        return render(request, "lastmile/enter.html", {"person": link.user})
    with transaction.atomic():
        # Two tabs may press at once: whoever's UPDATE hits the row is in. Its guard stands on the row's own columns:
        # a condition on the person would make it a subquery, which PostgreSQL does not look at again after waiting.
        if not LoginLink.objects.filter(pk=link.pk, used_at=None).update(used_at=now):
            return render(request, "lastmile/enter_spent.html", status=404)
        then = entering.first_factor(request=request, user=link.user, by="one-time link", go_on="", now=now)
    return redirect(then or "home")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session; a second press, or one after it ended elsewhere, is no error."""
    if isinstance(request.user, User):
        close_session(request=request, user=request.user, now=timezone.now())
    logout(request)
    return redirect("sign-in")


@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for a link to choose a new password; the answer is the same whether there is such an account or not."""
    form, refused, words = ForgottenForm(posted(request)), None, {"mail": settings.MAIL is not None}
    if form.is_valid() and settings.MAIL is not None:
        try:
            _queue_reset(request, form.cleaned_data["email"])
            return render(request, "lastmile/forgotten.html", words | {"sent": True})
        except LastmileError as error:
            refused = error
    return answer(request, "lastmile/forgotten.html", words, refused, form)


def _queue_reset(request: HttpRequest, email: str) -> None:
    now = timezone.now()
    limits.take("reset address", household_of(address_of(request)), amount=10, per_s=3600, at=now)
    limits.take("reset account", email.casefold(), amount=3, per_s=3600, at=now)
    user = entering.person_named(email)
    if user is None or user.email.casefold() != email.casefold():
        return
    with transaction.atomic():
        actor = actor_name(user)
        jobs.enqueue(
            kind=mail.RESET, payload={"user_id": user.pk}, actor=actor, now=now, key=f"user {user.pk}"
        )
        tell_person(what="reset_asked", user=user, actor="nobody", now=now)


@method_decorator(sensitive_post_parameters("new_password1", "new_password2"), name="dispatch")
class ChooseAgain(PasswordResetConfirmView):
    """Choose a new password by a link. Django moves the token from the address into the session first."""

    template_name = "lastmile/choose_password.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy("sign-in")

    def form_valid(self, form: Any) -> HttpResponse:
        now = timezone.now()
        with transaction.atomic():
            answer = super().form_valid(form)
            user = cast("User", self.user)  # a valid link names a person
            end_all(user=user, actor=actor_name(user), now=now)
            tell_person(what="password_reset", user=user, actor=actor_name(user), now=now)
        return answer

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> Any:
        if not self.validlink:
            kwargs["status"] = 404
        return super().render_to_response(context, **kwargs)


@require_GET
def health(request: HttpRequest) -> JsonResponse:
    """Up, and the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})
