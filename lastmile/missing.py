"""What stands where nothing is: programs get their problem+json, people their page."""

from django.http import HttpRequest, HttpResponse
from django.views.defaults import page_not_found

from lastmile.api import nothing_there, problem_json


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's `handler404`: of an address that no pattern knows, whatever the method, and of any Http404."""
    if request.path.startswith("/api/"):
        return problem_json(request, nothing_there())
    return page_not_found(request, exception)
