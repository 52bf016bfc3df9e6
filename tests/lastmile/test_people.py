"""One-time sign-in addresses."""

import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from lastmile import people
from lastmile.models import LoginLink, User


def person(**fields: object) -> User:
    return User.objects.create_user(username="dana", **fields)  # type: ignore[arg-type]


def link(user: User) -> str:
    return people.make_login_link(user=user, now=timezone.now())


@pytest.mark.django_db
def test_a_link_signs_in_once(client: Client) -> None:
    path = link(person())
    answer = client.post(path)
    assert answer.status_code == 302
    assert client.session["_auth_user_id"]
    stranger = Client()
    assert stranger.post(path).status_code == 404
    assert "_auth_user_id" not in stranger.session


@pytest.mark.django_db
def test_looking_at_a_link_uses_nothing_up(client: Client) -> None:
    """Mail scanners and previews fetch addresses: only a person's press may count."""
    path = link(person())
    before = LoginLink.objects.values().get()
    for _ in range(3):
        assert client.get(path).status_code == 200
        assert client.head(path).status_code == 200
    assert LoginLink.objects.values().get() == before
    assert not Session.objects.exists()
    assert client.post(path).status_code == 302


@pytest.mark.django_db
def test_a_link_ends_after_fifteen_minutes(client: Client) -> None:
    path = people.make_login_link(user=person(), now=timezone.now() - timedelta(minutes=15, seconds=1))
    assert client.get(path).status_code == 404
    assert client.post(path).status_code == 404


@pytest.mark.django_db
def test_a_link_of_somebody_switched_off_is_dead(client: Client) -> None:
    user = person()
    path = link(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.post(path).status_code == 404


@pytest.mark.django_db
def test_an_invented_link_is_not_found(client: Client) -> None:
    assert client.get("/enter/not-a-token/").status_code == 404


@pytest.mark.django_db
def test_the_database_cannot_give_a_link_away() -> None:
    """Only the token's hash is kept: a stolen backup opens no door."""
    token = link(person()).strip("/").split("/")[1]
    stored = LoginLink.objects.values().get()
    assert token not in str(stored)


@pytest.mark.django_db
def test_the_press_needs_the_csrf_token() -> None:
    """Otherwise a foreign page could sign a visitor in as somebody else."""
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(link(person())).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_of_two_presses_at_once_one_wins() -> None:
    """Two tabs, one link: the conditional UPDATE lets one through."""
    path = link(person())
    answers: list[int] = []
    start = threading.Barrier(2)

    def press() -> None:
        browser = Client()
        start.wait()
        try:
            answers.append(browser.post(path).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [302, 404]


@pytest.mark.django_db
def test_the_command_prints_a_working_address(client: Client) -> None:
    person()
    out = StringIO()
    call_command("login_link", "dana", stdout=out)
    address = out.getvalue().strip()
    assert address.startswith("http://127.0.0.1:8000/enter/")
    assert client.post(address.removeprefix("http://127.0.0.1:8000")).status_code == 302


@pytest.mark.django_db
def test_the_command_refuses_unknown_and_inactive_people() -> None:
    with pytest.raises(CommandError, match="no person named nobody"):
        call_command("login_link", "nobody")
    person(is_active=False)
    with pytest.raises(CommandError, match="dana may not sign in"):
        call_command("login_link", "dana")


@pytest.mark.django_db
def test_nobody_has_a_password_by_default(client: Client) -> None:
    """There are no default passwords: an account made without one cannot be entered by any."""
    person()
    for guess in ("", "dana", "password", "lastmile"):
        client.post("/sign-in/", {"username": "dana", "password": guess})
        assert "_auth_user_id" not in client.session


@pytest.mark.django_db
def test_health_answers_without_a_login(client: Client) -> None:
    answer = client.get("/health/")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
