"""What stands around every page: who is signed in, for how long, in which language; and the headers all carry."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from lastmile import second_factor, sign_ins
from lastmile.api import problem_json
from lastmile.kernel.errors import LastmileError
from lastmile.pages import person_of

Handler = Callable[[HttpRequest], HttpResponse]


class SignedIn:
    """Keeps the sessions of people: their language, their end, and the second factor of those who must have one.

    Synchronous like the last of the list, and for the same reason.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Without a session there is nobody, and nothing is asked of the database.
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or SESSION_KEY not in request.session:
            return self.get_response(request)
        if sign_ins.is_over(request.session, timezone.now()):
            logout(request)
        if not request.user.is_authenticated:
            return self.get_response(request)
        if request.user.language in dict(settings.LANGUAGES):
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = request.user.language
        sign_ins.note_use(request.session, timezone.now())
        if second_factor.lacking(person_of(request), request.session):
            return self.ask_for_second_factor(request)
        return self.get_response(request)

    def ask_for_second_factor(self, request: HttpRequest) -> HttpResponse:
        """Somebody became a manager, or the site public, while they were signed in by password alone."""
        if request.path in (reverse("second-factor"), reverse("sign-out")):
            return self.get_response(request)
        if second_factor.enrolled(person_of(request)):  # they have one and did not give it: sign in again
            logout(request)
            return redirect("sign-in")
        if request.path.startswith("/api/"):
            error = LastmileError(
                "second_factor_needed",
                _("Your role needs a second factor."),
                _("Open your account page and set one up."),
                status=403,
            )
            return problem_json(request, error)
        return redirect("second-factor")


class PrivatePages:
    """Pages hold personal data: shared and browser caches must not keep them, unless a view said otherwise.

    Synchronous on purpose, and the last of the list: so all of Django's middleware runs in one visit to a thread. Most
    of it is asynchronous by name only and visits a thread for each hook; with an asynchronous class here a request
    to an asynchronous view made 19 such visits instead of 5 and took two to three times as long.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", "geolocation=(self), camera=(self), microphone=()")
        return response
