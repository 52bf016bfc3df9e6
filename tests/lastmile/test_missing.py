"""A program that mistypes an address reads problem+json; a person reads a page."""

import pytest
from django.test import Client

from lastmile.models import User
from tests.authorization.test_walk import PARAMETER, ours

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options", "head"])
@pytest.mark.parametrize("path", ["/api/v1/nothing/", "/api/", "/api/v9/orders/1", "/api/v1/%00/x"])
def test_an_unknown_api_address_is_a_problem(method: str, path: str) -> None:
    """Whatever the method: no HTML, no CSRF page, and nothing of the URL patterns."""
    answer = getattr(Client(enforce_csrf_checks=True), method)(path)
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    if method != "head":
        assert (answer.json()["code"], answer.json()["status"]) == ("not_found", 404)
        assert answer.json()["action"]


@pytest.mark.parametrize("known", [False, True])
def test_a_wrong_method_at_a_known_address_is_a_problem_too(known: bool) -> None:
    """At every address of the API, signed in or not: no HTML, no CSRF page."""
    client = Client(enforce_csrf_checks=True)
    if known:
        client.force_login(User.objects.create(username="root", is_superuser=True, is_staff=True))
    paths = {"/" + PARAMETER.sub("1", path) for path in ours() if path.startswith("api/")}
    assert len(paths) > 30
    answers = {path: client.generic("PROPFIND", path) for path in paths}
    assert {one.status_code for one in answers.values()} <= {401, 403, 405}
    wrong = {path for path, one in answers.items() if one["Content-Type"] != "application/problem+json"}
    assert wrong == {path for path in paths if path.startswith("/api/v1/optimize/")}, "VROOM's own form there"
    for path in wrong:
        assert answers[path].json()["error"]


def test_the_problem_speaks_the_readers_language() -> None:
    answer = Client().get("/api/v1/nothing/", headers={"accept-language": "de"})
    assert answer.json()["cause"] == "Nicht gefunden."


def test_people_get_their_page() -> None:
    answer = Client().get("/nothing/")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")
