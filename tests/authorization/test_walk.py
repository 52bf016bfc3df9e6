"""Deny first: every address, as every role, at one's own and at a foreign station, against `table.toml`."""

import re
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from lastmile.asgi import sockets
from lastmile.models import Event
from tests.authorization.world import PEOPLE, ROLES, Place, World, make_world

pytestmark = pytest.mark.django_db
TABLE: dict[str, dict[str, Any]] = tomllib.loads((Path(__file__).parent / "table.toml").read_text())
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
GROUPS = {
    "everyone": set(ROLES),
    "people": set(PEOPLE),
    "board": {"dispatcher", "manager", "admin"},
    "read": {"dispatcher", "manager", "auditor", "admin"},
    "manage": {"manager", "admin"},
}
NAMED = re.compile(r"\$(\w+)")
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
QUIET = ("access.denied", "person.changed")  # what a refusal itself may write


def addresses(patterns: Any, before: str = "") -> Iterator[str]:
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            yield path


def doors() -> list[str]:
    """Every address of a websocket."""
    return [str(route.pattern) for route in sockets]


def ours() -> list[str]:
    """Every address but the admin's own, which `test_admin` walks."""
    every = dict.fromkeys(addresses(get_resolver().url_patterns))
    return [path for path in every if not path.startswith("admin/")]


def may(names: str) -> set[str]:
    """The roles that a cell of the table names."""
    found: set[str] = set()
    for name in names.split():
        found |= GROUPS.get(name, {name})
    assert found <= set(ROLES), f"unknown role in {names!r}"
    return found


@pytest.fixture
def world() -> World:
    return make_world()


def address(path: str, place: Place, row: dict[str, Any]) -> str:
    """The address with the place's ids in it; `with` says what a parameter of another name stands for."""
    given = row.get("with", {})

    def value(found: re.Match[str]) -> str:
        name = given.get(found[1], found[1])
        return str(place.ids.get(name, name))

    query = NAMED.sub(lambda found: str(place.ids[found[1]]), row.get("query", ""))
    return "/" + PARAMETER.sub(value, path) + (f"?{query}" if query else "")


def body_of(place: Place, row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: place.ids[value[1:]] if str(value).startswith("$") else value
        for name, value in row.get("body", {}).items()
    }


def refused(answer: HttpResponse, row: dict[str, Any]) -> bool:
    to_door = (
        "ends" not in row and answer.status_code == 302 and answer.headers["Location"].startswith("/sign-in/")
    )
    return to_door or answer.status_code in (401, 403, 404)


def ask(client: Client, method: str, url: str, body: dict[str, Any]) -> tuple[HttpResponse, list[str]]:
    """The answer, and the events it wrote; everything is undone after it."""
    # Some answers end the session: the database forgets that, the client must too.
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        last = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        api = url.startswith("/api/")
        if method == "GET":
            answer = client.get(url)
        elif method == "POST" and not api:
            answer = client.post(url, body)
        else:
            answer = getattr(client, method.lower())(url, body, content_type="application/json")
        wrote = list(Event.objects.filter(pk__gt=last).values_list("name", flat=True))
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer, wrote


def test_the_table_names_every_address() -> None:
    """A route that nobody decided about must not exist, nor a decision about a route that is gone."""
    there = {*ours(), *doors()}
    assert not there - set(TABLE), f"not in table.toml: {sorted(there - set(TABLE))}"
    assert not set(TABLE) - there, f"in table.toml only: {sorted(set(TABLE) - there)}"


def test_whoever_may_is_let_in_and_nobody_else(world: World) -> None:
    """Each role at its own station. Sessions are ended by some answers, so each call has its own undone world."""
    wrong = []
    for path, row in TABLE.items():
        url, body = address(path, world.own, row), body_of(world.own, row)
        for method in METHODS:
            if method not in row:
                continue
            allowed = may(row[method])
            for role in ROLES:
                answer, wrote = ask(world.clients[role], method, url, body)
                if refused(answer, row) == (role in allowed):
                    wrong.append(f"{role}: {method} {url} -> {answer.status_code}")
                loud = [name for name in wrote if name not in QUIET]
                if role not in allowed and loud:
                    wrong.append(f"{role}: {method} {url} was refused and wrote {loud}")
                if answer.status_code >= 500:
                    wrong.append(f"{role}: {method} {url} -> {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_at_a_foreign_station_there_is_nothing(world: World) -> None:
    """What belongs to another station looks as if it did not exist, whatever one's role at home."""
    wrong = []
    for path, row in TABLE.items():
        if row.get("scope", "station") != "station":
            continue
        url, body = address(path, world.foreign, row), body_of(world.foreign, row)
        for method in METHODS:
            if method not in row:
                continue
            for role in ROLES:
                if role == "admin" or may(row[method]) == set(ROLES):
                    continue
                answer, wrote = ask(world.clients[role], method, url, body)
                # Whose role would do at home must not learn that there is such a row here.
                hidden = refused(answer, row) and not (answer.status_code == 403 and role in may(row[method]))
                loud = [name for name in wrote if name not in QUIET]
                if not hidden or loud:
                    wrong.append(f"{role}: {method} {url} -> {answer.status_code} {loud or ''}")
    assert not wrong, "\n".join(wrong)


def test_a_method_that_is_not_named_is_not_there(world: World) -> None:
    """405 to the one person who may do everything."""
    wrong = []
    for path, row in TABLE.items():
        url, body = address(path, world.own, row), body_of(world.own, row)
        for method in METHODS:
            if method in row:
                continue
            answer, _ = ask(world.clients["admin"], method, url, body)
            if answer.status_code not in (405, 403, 404, 401):
                wrong.append(f"{method} {url} -> {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_looking_changes_nothing(world: World) -> None:
    """GET is free of effects for everybody (a mail scanner follows links, a browser prefetches)."""
    wrong = []
    for path, row in TABLE.items():
        if "GET" not in row or row.get("told"):
            continue
        for role in ROLES:
            _, wrote = ask(world.clients[role], "GET", address(path, world.own, row), {})
            if loud := [name for name in wrote if name != "access.denied"]:
                wrong.append(f"{role}: GET {path} wrote {loud}")
    assert not wrong, "\n".join(wrong)


def test_no_other_site_can_press_our_buttons(world: World) -> None:
    """Without the CSRF token nothing that a cookie allows is done (exempt: what looks at no cookie)."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.people["admin"])
    wrong = []
    for path, row in TABLE.items():
        for method in ("POST", "PATCH", "PUT", "DELETE"):
            if method not in row or row.get("cookies") is False:
                continue
            answer, _ = ask(client, method, address(path, world.own, row), {})
            if answer.status_code != 403:
                wrong.append(f"{method} {path} -> {answer.status_code}")
    assert not wrong, "\n".join(wrong)
