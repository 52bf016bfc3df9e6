"""One's own account: name, language, password, second factor, and the browsers one is signed in with."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lastmile import entering, limits, second_factor, sign_ins
from lastmile.forms import ChangePasswordForm, CodeForm, ProfileForm
from lastmile.kernel.errors import LastmileError
from lastmile.models import SignIn, User
from lastmile.pages import answer, person_of, posted, wait_page
from lastmile.refusals import in_words
from lastmile.sign_ins import PROVEN, actor_name, browser_words, tell_person

View = Callable[..., HttpResponse]


def told(view: View) -> View:
    """A button of the account page: a refusal is said on the page that it leads back to."""

    @require_POST
    @login_required
    @wraps(view)
    def pressed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except LastmileError as error:
            if error.status == 429:
                return wait_page(request, error)
            messages.error(request, in_words(error))
            return redirect("account")

    return pressed


@require_safe
@login_required
def account(request: HttpRequest) -> HttpResponse:
    return _page(request)


def _page(request: HttpRequest, status: int = 200, **forms: Any) -> HttpResponse:
    user = person_of(request)
    rows = sign_ins.open_sign_ins([user.pk], timezone.now())
    sessions = [
        {
            "row": row,
            "words": browser_words(row.agent) or _("Unknown browser"),
            "this": row.session_key == request.session.session_key,
        }
        for row in rows
    ]
    mine = {"full_name": user.full_name, "language": user.language}
    words = {
        "profile": ProfileForm(initial=mine),
        "password": ChangePasswordForm(user),
        "sessions": sessions,
        "others": sum(not row["this"] for row in sessions),
        "enrolled": second_factor.enrolled(user),
        "required": second_factor.required(user),
        "codes_left": second_factor.codes_left(user),
        "code": CodeForm(auto_id="code_%s"),
    }
    return render(request, "lastmile/account.html", words | forms, status=status)


@require_POST
@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Change one's name and language."""
    form, user = ProfileForm(request.POST), person_of(request)
    if not form.is_valid():
        return _page(request, 422, profile=form)
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(**form.cleaned_data)
        tell_person(what="profile_changed", user=user, actor=actor_name(user), now=timezone.now())
    messages.success(request, _("Saved."))
    return redirect("account")


@sensitive_post_parameters()
@require_POST
@login_required
def password(request: HttpRequest) -> HttpResponse:
    """A new password; every other browser is signed out."""
    user, now = person_of(request), timezone.now()
    form = ChangePasswordForm(user, request.POST)
    try:
        # Who sits at an open screen may not guess the password any faster than who stands outside.
        limits.take("password", str(user.pk), amount=entering.TRIES, per_s=entering.TRIES_PER_S, at=now)
    except LastmileError as error:
        return wait_page(request, error)
    if not form.is_valid() or not _old_fits(form, user):
        return _page(request, 422, password=form)
    old_key = request.session.session_key
    with transaction.atomic():
        form.save()
        update_session_auth_hash(request, form.user)
        sign_ins.keep_session(request=request, old_key=old_key)
        sign_ins.end_all(user=user, actor=actor_name(user), now=now, but=request.session.session_key)
        tell_person(what="password_changed", user=user, actor=actor_name(user), now=now)
    messages.success(request, _("Your password is changed. Other browsers are signed out."))
    return redirect("account")


def _old_fits(form: ChangePasswordForm, user: User) -> bool:
    old = form.cleaned_data.get("old_password")
    if "old_password" not in form.fields or user.check_password(old or ""):
        return True
    form.add_error("old_password", _("That is not your password."))
    return False


@told
def end_session(request: HttpRequest, sign_in_id: int) -> HttpResponse:
    """Sign one of one's own browsers out."""
    user = person_of(request)
    row = SignIn.objects.filter(pk=sign_in_id, user=user).first()
    if row is None:
        return render(request, "404.html", status=404)
    sign_ins.end_sign_in(sign_in=row, actor=actor_name(user), now=timezone.now())
    if row.session_key == request.session.session_key:
        request.session.flush()
        return redirect("sign-in")
    messages.success(request, _("Signed out there. A page that is open there goes blind within a minute."))
    return redirect("account")


@told
def end_others(request: HttpRequest) -> HttpResponse:
    """Sign every other browser out."""
    user, here = person_of(request), request.session.session_key
    ended = sign_ins.end_all(user=user, actor=actor_name(user), now=timezone.now(), but=here)
    words = ngettext(
        "%(count)s other browser is signed out.", "%(count)s other browsers are signed out.", ended
    )
    messages.success(request, words % {"count": ended})
    return redirect("account")


@require_http_methods(["GET", "HEAD", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """Set up the second factor: by choice, or on the way in for those who must have one."""
    now = timezone.now()
    waits = None if request.user.is_authenticated else entering.pending(request, now)
    user = waits.user if waits else request.user
    if not isinstance(user, User):
        return redirect("sign-in")
    if second_factor.enrolled(user):
        return redirect("sign-in-code" if waits else "account")
    form, refused = CodeForm(posted(request)), None
    if form.is_valid():
        try:
            codes = second_factor.confirm(user=user, code=form.cleaned_data["code"], now=now)
        except LastmileError as error:
            refused = error
        else:
            if waits:
                entering.second_factor_given(request=request, waits=waits, now=now)
            request.session[PROVEN] = True
            return _show_codes(request, codes, waits.go_on if waits else "")
    device = second_factor.begin_enrolment(user)
    words = {
        "qr": mark_safe(second_factor.picture(device)),  # noqa: S308 - our own drawing, no text of people in it
        "secret": second_factor.secret_words(device),
        "required": second_factor.required(user),
        "person": user,
    }
    return answer(request, "lastmile/second_factor.html", words, refused, form)


def _show_codes(request: HttpRequest, codes: list[str], go_on: str) -> HttpResponse:
    return render(request, "lastmile/recovery_codes.html", {"codes": codes, "go_on": go_on})


@told
def switch_off(request: HttpRequest) -> HttpResponse:
    """Do without a second factor, with a code of it."""
    user, now = person_of(request), timezone.now()
    entering.require_code(user=user, code=request.POST.get("code", ""), now=now)
    second_factor.switch_off(user=user, actor=actor_name(user), now=now)
    request.session.pop(PROVEN, None)
    messages.success(request, _("The second factor is off."))
    return redirect("account")


@told
def new_codes(request: HttpRequest) -> HttpResponse:
    """New recovery codes instead of the old ones, with a code."""
    user, now = person_of(request), timezone.now()
    entering.require_code(user=user, code=request.POST.get("code", ""), now=now)
    return _show_codes(request, second_factor.replace_codes(user=user, now=now), "")
