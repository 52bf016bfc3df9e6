"""Headers every page carries."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

Handler = Callable[[HttpRequest], HttpResponse]


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
