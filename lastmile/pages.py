"""What pages share in saying no: the refusal in the form it belongs to, and the page of those who must wait."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from lastmile.kernel.errors import LastmileError
from lastmile.limits import retry_after
from lastmile.models import User
from lastmile.refusals import in_words


def answer(
    request: HttpRequest, template: str, words: dict[str, Any], error: LastmileError | None, form: Any
) -> HttpResponse:
    """A page with its form: 200 at first, 422 for a form with mistakes, or with the status of the refusal."""
    status = 422 if form.is_bound else 200
    if error is not None:
        refuse(form, error)
        status = error.status
    page = render(request, template, words | {"form": form}, status=status)
    for name, value in retry_after(error).items() if error else ():
        page[name] = value
    return page


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: an empty POST is a form with mistakes, not a first look."""
    return request.POST if request.method == "POST" else None


def refuse(form: Any, error: LastmileError) -> None:
    """Put a refusal where its input is."""
    form.add_error(error.field if error.field in form.fields else None, in_words(error))


def wait_page(request: HttpRequest, error: LastmileError) -> HttpResponse:
    """429, with when to come back."""
    page = render(request, "429.html", {"error": error}, status=429)
    for name, value in retry_after(error).items():
        page[name] = value
    return page


def person_of(request: HttpRequest) -> User:
    """Whoever is signed in; for views that let nobody else in."""
    return cast("User", request.user)
