"""Signing in: by name or mail, never faster than a guesser may, and never telling who exists."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.core import mail as outbox
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from lastmile import jobs, sign_ins
from lastmile.env import MailServer
from lastmile.mail import RESET, reset_path
from lastmile.models import Event, Job, SignIn, User
from lastmile.people import make_login_link
from tests import scenarios

pytestmark = pytest.mark.django_db
WORDS = "correct horse battery"
FIREFOX = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"


@pytest.fixture(autouse=True)
def limits_in_memory(settings: Any) -> Any:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def quick_hash(settings: Any) -> None:
    """The real one is slow by design; one test below looks at it."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time between guesses depends on the machine: it stands still."""
    moment = timezone.now()
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)


@pytest.fixture
def anna() -> User:
    return User.objects.create_user(
        username="anna", email="Anna@Example.org", full_name="Änna Ö", password=WORDS
    )


def try_in(client: Client, name: str, password: str = WORDS, **extra: Any) -> Any:
    return client.post("/sign-in/", {"username": name, "password": password}, **extra)


def is_in(client: Client) -> bool:
    return SESSION_KEY in client.session


@pytest.mark.parametrize("name", ["anna", "Anna", " anna ", "anna@example.org", "ANNA@EXAMPLE.ORG"])
def test_name_and_mail_open_the_door(name: str, anna: User, client: Client) -> None:
    """People know one of the two, and phones capitalise what they type."""
    assert try_in(client, name).status_code == 302
    assert is_in(client)


def test_a_mail_address_of_two_is_nobodys(anna: User, client: Client) -> None:
    """Whose password would it be? The user name still says who."""
    User.objects.create_user(username="anna2", email="anna@example.org", password=WORDS)
    assert try_in(client, "anna@example.org").status_code == 422
    assert try_in(client, "anna").status_code == 302


def test_the_session_gets_a_new_id(anna: User, client: Client) -> None:
    """Whoever planted a session id on a shared browser must not be in with its next user."""
    client.get("/sign-in/")
    session = client.session
    session["planted"] = True
    session.save()
    keys = [session.session_key]
    for _ in range(2):  # the second time she is in already
        try_in(client, "anna")
        keys.append(client.session.session_key)
    assert len(set(keys)) == 3
    assert SignIn.objects.filter(ended_at=None).count() == 1


def test_answers_do_not_tell_who_exists(anna: User, client: Client) -> None:
    """Else a list of names becomes a list of accounts."""
    known, unknown = try_in(client, "anna", "wrong"), try_in(client, "nobody", "wrong")
    User.objects.filter(pk=anna.pk).update(is_active=False)
    gone = try_in(client, "anna")
    words = [
        answer.content.decode().split("<main")[1].replace("nobody", "anna").split("csrfmiddlewaretoken")[0]
        for answer in (known, unknown, gone)
    ]
    assert words[0] == words[1] == words[2]
    assert {known.status_code, unknown.status_code, gone.status_code} == {422}


def test_unknown_names_cost_a_hash_too(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of an answer must not tell who exists either."""
    hashed: list[str] = []
    real = User.set_password
    monkeypatch.setattr(User, "set_password", lambda self, raw: hashed.append(raw) or real(self, raw))
    try_in(client, "nobody", "a guess of mine")
    assert hashed == ["a guess of mine"]


@pytest.mark.parametrize("name", ["anna", "nobody"])
def test_the_eleventh_guess_of_an_hour_waits(name: str, anna: User, still: None) -> None:
    """Per account, from whatever address; for names that nobody has, alike."""
    codes = [
        try_in(Client(), name, "wrong", REMOTE_ADDR=f"198.51.100.{guess}").status_code for guess in range(14)
    ]
    assert codes == [422] * 4 + [429] * 10
    answer = try_in(Client(), name, WORDS, REMOTE_ADDR="203.0.113.77")
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) >= 1
    assert "autofocus" in answer.content.decode()


def test_a_guesser_cannot_lock_the_owner_out(anna: User, client: Client) -> None:
    """From where she came in lately her turns are her own, and a one-time link opens in any case."""
    try_in(client, "anna", REMOTE_ADDR="203.0.113.5")
    for guess in range(14):
        try_in(Client(), "anna", "wrong", REMOTE_ADDR=f"198.51.100.{guess}")
    assert try_in(Client(), "anna", REMOTE_ADDR="203.0.113.5").status_code == 302
    link = make_login_link(user=anna, now=timezone.now())
    assert Client().post(link, REMOTE_ADDR="198.51.100.200").status_code == 302


def test_one_address_may_not_try_many_accounts() -> None:
    """One guess at each of a thousand accounts is the usual attack."""
    for number in range(10):
        assert try_in(Client(), f"name{number}", "wrong", REMOTE_ADDR="198.51.100.9").status_code == 422
    assert try_in(Client(), "name11", "wrong", REMOTE_ADDR="198.51.100.9").status_code == 429
    assert try_in(Client(), "name11", "wrong", REMOTE_ADDR="198.51.100.10").status_code == 422


def test_an_invented_address_buys_no_turns(settings: Any) -> None:
    """X-Forwarded-For of somebody who is no proxy of ours is anybody's text."""
    settings.TRUSTED_PROXIES = 0
    codes = [
        try_in(Client(), f"n{guess}", "wrong", HTTP_X_FORWARDED_FOR=f"203.0.113.{guess}").status_code
        for guess in range(11)
    ]
    assert codes[-1] == 429


def test_an_office_behind_one_address_comes_in(anna: User) -> None:
    """Good sign-ins use up no turns."""
    assert {try_in(Client(), "anna").status_code for _ in range(15)} == {302}


@pytest.mark.parametrize("name", ["\x00", "a" * 5000, "' OR 1=1 --", "\u202eanna", "🚚", "", "anna\x00"])
def test_no_name_is_a_fault(name: str, client: Client) -> None:
    """Whatever is typed or sent gets an answer, never a 500."""
    assert try_in(client, name, "x").status_code == 422
    assert client.post("/sign-in/", {}).status_code == 422


def test_foreign_pages_are_not_gone_on_to(anna: User, client: Client) -> None:
    """Else our sign-in page would lend its good name to a phisher's next page."""
    for foreign in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        answer = client.post("/sign-in/", {"username": "anna", "password": WORDS, "next": foreign})
        assert answer["Location"] == "/"
    answer = client.post("/sign-in/", {"username": "anna", "password": WORDS, "next": "/account/"})
    assert answer["Location"] == "/account/"


def test_what_happened_is_written_down(anna: User, client: Client) -> None:
    """Who came, who was refused, who left; never what was typed, which may be a password."""
    try_in(client, "anna", "wrong")
    try_in(client, "my password by mistake", "x")
    try_in(client, "anna", headers={"user-agent": FIREFOX})
    client.post("/sign-out/")
    told = [(row.data["what"], row.data["user_id"]) for row in Event.objects.order_by("id")]
    assert told == [("refused", anna.pk), ("refused", None), ("signed_in", anna.pk), ("signed_out", anna.pk)]
    kept = str(list(Event.objects.values_list("data", flat=True)))
    assert "mistake" not in kept
    assert WORDS not in kept
    assert "Firefox, Android" in kept


def test_sign_out_ends_the_session_for_good(anna: User, client: Client) -> None:
    """A copied cookie must be worth nothing afterwards."""
    try_in(client, "anna")
    thief = Client()
    thief.cookies = client.cookies.copy()
    assert thief.get("/account/").status_code == 200
    client.post("/sign-out/")
    assert thief.get("/account/").status_code == 302
    assert SignIn.objects.get().ended_at is not None
    assert client.post("/sign-out/").status_code == 302  # twice is no fault


def test_sessions_end_by_idleness_and_by_age(anna: User, client: Client) -> None:
    """Twelve hours unused; use moves that on; thirty days at most, however much it is used."""
    station = scenarios.make_station()
    driver = scenarios.make_person("ville", "driver", station)
    try_in(client, "anna")
    assert client.session.get_expiry_age() == 12 * 3600
    phone = Client()
    phone.post(make_login_link(user=driver, now=timezone.now()))
    assert phone.session.get_expiry_age() == 30 * 24 * 3600
    session = phone.session
    session[sign_ins.BEGAN] = (timezone.now() - timedelta(days=30, minutes=1)).timestamp()
    session.save()
    assert phone.get("/account/").status_code == 302
    assert not is_in(phone)


def test_use_is_noted_once_a_minute(anna: User, client: Client, django_assert_max_num_queries: Any) -> None:
    """More would be a write for every request of every board."""
    try_in(client, "anna")
    row = SignIn.objects.get()
    client.get("/account/")
    assert SignIn.objects.get().seen_at == row.seen_at
    session = client.session
    session[sign_ins.SEEN] -= 61
    session.save()
    client.get("/account/")
    assert SignIn.objects.get().seen_at > row.seen_at
    with django_assert_max_num_queries(2):  # session and person: nothing more on an ordinary request
        client.get("/404-there-is-nothing/")


@pytest.mark.parametrize("weak", ["short", "password1234", "correcthors"])
def test_weak_passwords_are_refused(weak: str, anna: User, client: Client) -> None:
    """Twelve characters, not a common one."""
    path = client.get(reset_path(anna))["Location"]
    answer = client.post(path, {"new_password1": weak, "new_password2": weak})
    assert answer.status_code == 422
    assert try_in(Client(), "anna").status_code == 302


def test_no_composition_is_asked_for(anna: User, client: Client, settings: Any) -> None:
    """Long and plain beats short and crooked; kept by argon2id."""
    settings.PASSWORD_HASHERS = settings.PASSWORD_HASHERS[1:]
    path = client.get(reset_path(anna))["Location"]
    plain = "kahvi kahvi leipä juusto"
    answer = client.post(path, {"new_password1": plain, "new_password2": plain})
    assert answer.status_code == 302
    assert try_in(Client(), "anna", plain).status_code == 302
    assert User.objects.get().password.startswith("argon2$argon2id")


def test_a_reset_signs_out_everywhere_and_works_once(anna: User, client: Client) -> None:
    """Whoever resets because somebody else got in wants them out."""
    try_in(client, "anna")
    other = Client()
    anna.refresh_from_db()
    link = reset_path(anna)
    path = other.get(link)["Location"]
    other.post(path, {"new_password1": "kahvi kahvi leipä", "new_password2": "kahvi kahvi leipä"})
    assert client.get("/account/").status_code == 302
    assert not sign_ins.open_sign_ins([anna.pk], timezone.now()).exists()
    assert Client().get(link).status_code == 404
    assert [row.data["what"] for row in Event.objects.order_by("-id")[:1]] == ["password_reset"]


def test_a_reset_link_ages_and_is_nobody_elses(anna: User, client: Client, settings: Any) -> None:
    link = reset_path(anna)
    ben = User.objects.create_user(username="ben", password=WORDS)
    mixed = reset_path(ben).split("/")[:3] + link.split("/")[3:]
    assert client.get("/".join(mixed)).status_code == 404
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert client.get(link).status_code == 404
    assert client.get("/forgotten/%00/x/").status_code == 404
    assert client.get("/forgotten/MTIz/set-password/").status_code == 404


def test_without_mail_the_page_says_whom_to_ask(client: Client, settings: Any) -> None:
    settings.MAIL = None
    assert "station manager" in client.get("/forgotten/").content.decode()
    client.post("/forgotten/", {"email": "anna@example.org"})
    assert not Job.objects.exists()


def test_a_forgotten_password_comes_by_mail(anna: User, client: Client, settings: Any) -> None:
    """The same answer for a known and an unknown address; the link is in the mail only, not in the job."""
    settings.MAIL = MailServer("mail.example", 25, "", "", False, False)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    known = client.post("/forgotten/", {"email": "anna@example.ORG"}).content
    unknown = client.post("/forgotten/", {"email": "nobody@example.org"}).content
    strip = b"csrf"
    assert known.split(b"<h1>")[1].split(strip)[0] == unknown.split(b"<h1>")[1].split(strip)[0]
    job = Job.objects.get(kind=RESET)
    assert "/forgotten/" not in str(job.payload)
    jobs.run(job.pk)
    sent = outbox.outbox[0]
    assert sent.to == [anna.email]
    link = next(line for line in sent.body.splitlines() if "/forgotten/" in line)
    assert client.get(link.removeprefix(settings.SITE_URL)).status_code == 302
    for _ in range(3):
        answer = client.post("/forgotten/", {"email": "anna@example.org"})
    assert answer.status_code == 429
