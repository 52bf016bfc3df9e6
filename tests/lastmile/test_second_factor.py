"""The second factor: no session before it, codes that count once, and nobody locked out for good."""

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from lastmile import second_factor
from lastmile.kernel.errors import LastmileError
from lastmile.models import Event, User
from lastmile.people import make_login_link
from lastmile.sockets import signed_in
from tests import scenarios

WORDS = "correct horse battery"


@pytest.fixture(autouse=True)
def quick_hash(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def person(name: str = "anna", **fields: Any) -> User:
    return User.objects.create_user(username=name, password=WORDS, **fields)


def code_of(user: User, steps: int = 0) -> str:
    device = TOTPDevice.objects.filter(user=user).latest("pk")
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits)
    totp.time = time.time() + 30 * steps
    return f"{totp.token():06d}"


def enrol(user: User) -> list[str]:
    """On, by the code of the step before this one, so that this one's is still to be used."""
    second_factor.begin_enrolment(user)
    return second_factor.confirm(user=user, code=code_of(user, -1), now=timezone.now())


def is_in(client: Client) -> bool:
    return SESSION_KEY in client.session


def password_in(client: Client, name: str = "anna") -> Any:
    return client.post("/sign-in/", {"username": name, "password": WORDS})


@pytest.mark.django_db
def test_enrolment_by_hand(client: Client) -> None:
    """Picture, code, recovery codes shown once; the next sign-in asks."""
    user = person()
    password_in(client)
    page = client.get("/account/second-factor/").content.decode()
    assert "<svg" in page
    assert "style=" not in page  # the site's rules for content forbid it
    again = client.get("/account/second-factor/").content.decode()
    assert page.split("<svg")[1].split("</svg>")[0] == again.split("<svg")[1].split("</svg>")[0]
    assert client.post("/account/second-factor/", {"code": "000000"}).status_code in (422, 429)
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    shown = client.post("/account/second-factor/", {"code": code_of(user, -1)}).content.decode()
    assert shown.count("<li><code>") == 10
    browser = Client()
    assert password_in(browser)["Location"] == "/sign-in/code/"
    assert not is_in(browser)
    assert browser.get("/account/").status_code == 302
    answer = browser.post("/sign-in/code/", {"code": code_of(user)})
    assert answer["Location"] == "/"
    assert is_in(browser)


@pytest.mark.django_db
def test_a_code_counts_once(client: Client) -> None:
    """Whoever looks over a shoulder has thirty seconds with it."""
    user = person()
    enrol(user)
    code = code_of(user)
    password_in(client)
    assert client.post("/sign-in/code/", {"code": code}).status_code == 302
    thief = Client()
    password_in(thief)
    assert thief.post("/sign-in/code/", {"code": code}).status_code in (422, 429)
    assert not is_in(thief)


@pytest.mark.django_db(transaction=True)
def test_of_two_uses_at_once_one_wins() -> None:
    """The device row is locked while a code is checked."""
    user = person()
    enrol(user)
    code, good = code_of(user), []
    start = threading.Barrier(2)

    def use() -> None:
        start.wait()
        try:
            second_factor.verify(user=user, code=code, now=timezone.now())
            good.append(True)
        except LastmileError:
            good.append(False)
        finally:
            connection.close()

    threads = [threading.Thread(target=use) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(good) == [False, True]


@pytest.mark.django_db
def test_recovery_codes_count_once_and_are_not_stored() -> None:
    """A stolen backup holds no code; ten lost phones are let in, not eleven."""
    user = person()
    codes = enrol(user)
    assert len(set(codes)) == 10
    kept = set(StaticToken.objects.values_list("token", flat=True))
    assert not kept & {code.replace("-", "") for code in codes}
    second_factor.verify(user=user, code=codes[0].upper().replace("-", " "), now=timezone.now())
    with pytest.raises(LastmileError):
        second_factor.verify(user=user, code=codes[0], now=timezone.now())
    assert second_factor.codes_left(user) == 9


@pytest.mark.django_db
def test_wrong_codes_slow_down_also_without_valkey(client: Client) -> None:
    """Six digits are a million guesses: the database counts them, whatever else is away."""
    user = person()
    enrol(user)
    password_in(client)
    codes = [client.post("/sign-in/code/", {"code": "123456"}).status_code for _ in range(3)]
    assert codes[0] == 422
    TOTPDevice.objects.update(throttling_failure_count=8, throttling_failure_timestamp=timezone.now())
    answer = client.post("/sign-in/code/", {"code": code_of(user)})
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 60
    earlier = timezone.now() - timedelta(minutes=5)
    TOTPDevice.objects.update(throttling_failure_timestamp=earlier)
    assert client.post("/sign-in/code/", {"code": code_of(user)}).status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["", "\x00", "१२३४५६", "9" * 400, "ab-cd", "🚚"])
def test_no_code_is_a_fault(code: str, client: Client) -> None:
    enrol(person())
    password_in(client)
    assert client.post("/sign-in/code/", {"code": code}).status_code in (422, 429)


@pytest.mark.django_db
def test_a_one_time_link_is_a_first_factor_only(client: Client) -> None:
    user = person()
    enrol(user)
    link = make_login_link(user=user, now=timezone.now())
    assert client.post(link)["Location"] == "/sign-in/code/"
    assert not is_in(client)
    client.post("/sign-in/code/", {"code": code_of(user)})
    assert is_in(client)


@pytest.mark.django_db
def test_the_first_factor_keeps_ten_minutes_and_no_longer_than_the_password(client: Client) -> None:
    user = person()
    enrol(user)
    password_in(client)
    user.set_password("another horse battery")
    user.save()
    assert client.get("/sign-in/code/")["Location"] == "/sign-in/"
    session = client.session
    session["first_factor"] = {**session["first_factor"], "until": 0}
    session.save()
    assert client.get("/sign-in/code/")["Location"] == "/sign-in/"


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["admin", "manager"])
def test_in_public_admins_and_managers_must_have_one(kind: str, settings: Any, client: Client) -> None:
    """After the password they can do nothing but enrol; no page, no API, no socket sees them signed in."""
    settings.PUBLIC, settings.SECURE_SSL_REDIRECT = True, False
    station = scenarios.make_station()
    user = person(is_superuser=kind == "admin", is_staff=kind == "admin")
    if kind == "manager":
        user.memberships.create(station=station, role="manager")
    assert password_in(client)["Location"] == "/account/second-factor/"
    assert not is_in(client)
    assert client.get("/admin/").status_code == 302
    assert client.get(f"/api/v1/stations/{station.pk}/board/").status_code in (401, 403)
    assert "Your role needs one" in client.get("/account/second-factor/").content.decode()
    client.post("/account/second-factor/", {"code": code_of(user)})
    assert is_in(client)
    assert client.get(f"/stations/{station.pk}/").status_code == 200
    if kind == "admin":
        assert client.get("/admin/").status_code == 200


@pytest.mark.django_db
def test_others_may_do_without(settings: Any, client: Client) -> None:
    settings.PUBLIC, settings.SECURE_SSL_REDIRECT = True, False
    user = person()
    user.memberships.create(station=scenarios.make_station(), role="dispatcher")
    password_in(client)
    assert is_in(client)


@pytest.mark.django_db
def test_who_becomes_a_manager_meanwhile_enrols_first(settings: Any, client: Client) -> None:
    """A session from before the role must not carry the role's rights past the rule."""
    station = scenarios.make_station()
    user = person()
    user.memberships.create(station=station, role="dispatcher")
    settings.PUBLIC, settings.SECURE_SSL_REDIRECT = True, False
    password_in(client)
    assert client.get(f"/stations/{station.pk}/").status_code == 200
    user.memberships.create(station=station, role="manager")
    assert client.get(f"/stations/{station.pk}/")["Location"] == "/account/second-factor/"
    assert client.get(f"/api/v1/stations/{station.pk}/board/").status_code == 403
    assert signed_in(client.session.session_key) is None  # what sockets ask
    client.get("/account/second-factor/")
    client.post("/account/second-factor/", {"code": code_of(user)})
    assert client.get(f"/stations/{station.pk}/").status_code == 200
    assert signed_in(client.session.session_key) == user


@pytest.mark.django_db
def test_off_needs_a_code(client: Client) -> None:
    """A passer-by at an open screen must not take the lock off."""
    user = person()
    enrol(user)
    password_in(client)
    client.post("/sign-in/code/", {"code": code_of(user)})
    client.post("/account/second-factor/off/", {"code": "123456"})
    assert second_factor.enrolled(user)
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None, last_t=0)
    shown = client.post("/account/second-factor/codes/", {"code": code_of(user)}).content.decode()
    fresh = shown.split("<li><code>")[1].split("<")[0]
    client.post("/account/second-factor/off/", {"code": fresh})
    assert not second_factor.enrolled(user)
    whats = [row.data["what"] for row in Event.objects.order_by("id")]
    assert "second_factor_on" in whats
    assert "code_refused" in whats
    assert whats[-1] == "second_factor_off"
