"""One's own account: language, password, and the browsers one is signed in with."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from lastmile import sign_ins
from lastmile.models import Event, SignIn, User
from lastmile.people import make_login_link

pytestmark = pytest.mark.django_db
WORDS = "correct horse battery"
AGENTS = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0": "Edge, Windows",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1": "Safari, iPhone",
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36": "Chrome, Android",
    "curl/8": "",
    "": "",
}


@pytest.fixture(autouse=True)
def quick_hash(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def anna() -> User:
    return User.objects.create_user(username="anna", full_name="Anna", password=WORDS)


def browser(user: User, agent: str = "") -> Client:
    client = Client(headers={"user-agent": agent})
    assert client.post("/sign-in/", {"username": user.username, "password": WORDS}).status_code == 302
    return client


@pytest.mark.parametrize("agent", AGENTS)
def test_browsers_have_names(agent: str) -> None:
    """People recognise "Safari, iPhone", not a User-Agent."""
    assert sign_ins.browser_words(agent) == AGENTS[agent]


def test_each_browser_is_listed_and_can_be_ended(anna: User) -> None:
    """The lost phone is out, this browser stays."""
    phone, desk = browser(anna, next(iter(AGENTS))), browser(anna)
    page = desk.get("/account/").content.decode()
    assert "Edge, Windows" in page
    assert page.count("this one") == 1
    lost = SignIn.objects.exclude(agent="").get()
    assert desk.post(f"/account/sessions/{lost.pk}/end/")["Location"] == "/account/"
    assert phone.get("/account/").status_code == 302
    assert desk.get("/account/").status_code == 200
    assert Event.objects.latest("id").data["what"] == "session_ended"


def test_nobody_ends_anothers(anna: User) -> None:
    """Ids are guessable."""
    mine = browser(anna)
    ben = User.objects.create_user(username="ben", password=WORDS)
    theirs = browser(ben)
    row = SignIn.objects.get(user=ben)
    assert mine.post(f"/account/sessions/{row.pk}/end/").status_code == 404
    assert theirs.get("/account/").status_code == 200
    assert mine.get(f"/account/sessions/{row.pk}/end/").status_code == 405


def test_all_others_end_at_once(anna: User) -> None:
    others, mine = [browser(anna), browser(anna)], browser(anna)
    mine.post("/account/sessions/end-others/")
    assert [client.get("/account/").status_code for client in (*others, mine)] == [302, 302, 200]


def test_a_new_password_ends_other_sessions_only(anna: User) -> None:
    other, mine = browser(anna), browser(anna)
    fresh = {
        "old_password": WORDS,
        "new_password1": "kahvi kahvi leipä",
        "new_password2": "kahvi kahvi leipä",
    }
    assert mine.post("/account/password/", fresh).status_code == 302
    assert [other.get("/account/").status_code, mine.get("/account/").status_code] == [302, 200]
    assert mine.get("/account/").content.decode().count("this one") == 1
    assert Event.objects.latest("id").data["what"] == "password_changed"


def test_the_old_password_is_asked_for(anna: User) -> None:
    """Who finds an open screen must not take the account over."""
    mine = browser(anna)
    words = {"new_password1": "kahvi kahvi leipä", "new_password2": "kahvi kahvi leipä"}
    assert mine.post("/account/password/", words | {"old_password": "wrong"}).status_code == 422
    assert mine.post("/account/password/", words).status_code == 422
    assert mine.post("/account/password/", {"old_password": WORDS}).status_code == 422
    anna.refresh_from_db()
    assert anna.check_password(WORDS)


def test_who_came_by_link_chooses_a_first_password(client: Client) -> None:
    ida = User(username="ida")
    ida.set_unusable_password()
    ida.save()
    client.post(make_login_link(user=ida, now=timezone.now()))
    assert "old_password" not in client.get("/account/").content.decode()
    words = {"new_password1": "kahvi kahvi leipä", "new_password2": "kahvi kahvi leipä"}
    assert client.post("/account/password/", words).status_code == 302


def test_name_and_language_are_ones_own(anna: User) -> None:
    """The next page is in the language chosen; a language we do not speak is refused."""
    mine = browser(anna)
    assert mine.post("/account/profile/", {"full_name": "Ånna 安娜", "language": "xx"}).status_code == 422
    assert mine.post("/account/profile/", {"full_name": "", "language": "de"}).status_code == 422
    assert mine.post("/account/profile/", {"full_name": "Ånna 安娜", "language": "de"}).status_code == 302
    page = mine.get("/account/").content.decode()
    assert '<html lang="de">' in page
    assert "Ånna 安娜" in page
    assert '<html lang="en">' in Client().get("/sign-in/").content.decode()


def test_strangers_are_sent_to_the_door(client: Client) -> None:
    for path in ("/account/", "/account/second-factor/"):
        assert client.get(path)["Location"].startswith("/sign-in/")
    for path in ("profile", "password", "second-factor/off", "second-factor/codes", "sessions/end-others"):
        assert client.post(f"/account/{path}/").status_code == 302


def test_forms_need_the_csrf_token(anna: User) -> None:
    """A foreign page must not sign anybody in or change anything."""
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/sign-in/", {"username": "anna", "password": WORDS}).status_code == 403
    assert strict.post("/account/password/").status_code == 403
