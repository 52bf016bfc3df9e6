"""Invitations: a link works once, for whom it was made, as long as it was meant to."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.core import mail as outbox
from django.db import connection
from django.test import Client
from django.utils import timezone

from dispatch.models import Driver, Invitation, Membership, Role, Station
from dispatch.services import invitations as service
from lastmile import jobs
from lastmile.env import MailServer
from lastmile.kernel.errors import LastmileError
from lastmile.models import Event, Job, User
from tests import scenarios

NEW = {
    "full_name": "Noor Al-Amīn 🚚",
    "email": "noor@example.org",
    "username": "noor",
    "new_password1": "kahvi kahvi leipä",
    "new_password2": "kahvi kahvi leipä",
    "language": "en",
}


@pytest.fixture(autouse=True)
def quick_hash(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def invited(station: Station, role: Role = Role.DISPATCHER, **fields: Any) -> tuple[Invitation, str]:
    given: dict[str, Any] = {"full_name": "Noor", "email": "noor@example.org", "now": timezone.now()}
    return service.invite(station=station, role=role, actor="user:mira", **(given | fields))


@pytest.mark.django_db
def test_from_link_to_board() -> None:
    """Opening has no effect, however often; the form makes the account, gives the role and signs in."""
    station = scenarios.make_station()
    made, link = invited(station)
    client = Client()
    for _ in range(3):
        assert station.name in client.get(link).content.decode()
    assert not User.objects.exists()
    assert client.post(link, NEW)["Location"] == "/"
    assert client.get("/")["Location"] == f"/stations/{station.pk}/"
    made.refresh_from_db()
    user = User.objects.get()
    assert made.used_by == user
    assert str(user) == "Noor Al-Amīn 🚚"
    assert [row.data["what"] for row in Event.objects.order_by("id")] == [
        "invited", "role_given", "joined", "signed_in",
    ]  # fmt: skip
    assert Client().get(link).status_code == 404


@pytest.mark.django_db
def test_only_the_hash_is_kept_and_the_link_is_not_in_the_ledger() -> None:
    """A stolen backup lets nobody join."""
    made, link = invited(scenarios.make_station())
    token = link.split("/")[2]
    assert token not in str(Invitation.objects.values().get())
    assert token not in str(list(Event.objects.values()))


@pytest.mark.django_db
def test_expired_revoked_renewed_and_invented_links_open_nothing() -> None:
    station, now = scenarios.make_station(), timezone.now()
    old = invited(station, now=now - timedelta(days=7, seconds=1))[1]
    revoked, revoked_link = invited(station, full_name="Re", email="")
    assert service.revoke_invitation(invitation=revoked, actor="user:mira", now=now)
    assert not service.revoke_invitation(invitation=revoked, actor="user:mira", now=now)
    first, first_link = invited(station, full_name="Na", email="")
    renewed, renewed_link = service.renew_invitation(invitation=first, actor="user:mira", now=now)
    with pytest.raises(LastmileError, match="conflict"):
        service.renew_invitation(invitation=first, actor="user:mira", now=now)
    for link in (old, revoked_link, first_link, "/join/x/", "/join/%00%ff/"):
        assert Client().get(link).status_code == 404
        assert Client().post(link, NEW).status_code == 404
    assert Client().get(renewed_link).status_code == 200
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_tabs_one_joins() -> None:
    """Two people with one link, or one with two tabs: one account, one role."""
    station = scenarios.make_station()
    link = invited(station)[1]
    answers: list[int] = []
    start = threading.Barrier(2)

    def press(name: str) -> None:
        browser = Client()
        start.wait()
        try:
            form = NEW | {"username": name, "email": f"{name}@example.org"}
            answers.append(browser.post(link, form).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(name,)) for name in ("noor", "nora")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers)[0] == 302
    assert sorted(answers)[1] in (404, 409)
    assert User.objects.count() == Membership.objects.count() == 1


@pytest.mark.django_db
def test_joining_with_the_account_one_has() -> None:
    station = scenarios.make_station()
    anna = scenarios.make_person("anna", Role.DISPATCHER, scenarios.make_station("TKU"))
    link = invited(station, Role.MANAGER)[1]
    client = Client()
    client.force_login(anna)
    assert "Join as Anna" in client.get(link).content.decode()
    assert not anna.memberships.filter(station=station).exists()
    assert client.post(link).status_code == 302
    assert anna.memberships.filter(station=station, role=Role.MANAGER).exists()
    anna.refresh_from_db()
    assert anna.is_staff  # managers may open the admin
    assert client.post(link).status_code == 404


@pytest.mark.django_db
def test_bad_forms_use_nothing_up() -> None:
    """Every mistake is named at its field, and the link still works afterwards."""
    station = scenarios.make_station()
    scenarios.make_person("taken", email="taken@example.org")
    link = invited(station)[1]
    wrong = {
        "username": ["Taken", "two words", "\x00", "x" * 151, "<script>"],
        "email": ["TAKEN@example.org", "no mail"],
        "new_password2": ["other"],
        "new_password1": [""],
        "full_name": ["", "y" * 121],
        "language": ["xx"],
    }
    for field, values in wrong.items():
        for value in values:
            answer = Client().post(link, NEW | {field: value})
            assert answer.status_code in (409, 422), (field, value)
            assert f'id="id_{field}_error"' in answer.content.decode(), (field, value)
    weak = Client().post(link, NEW | {"new_password1": "noor", "new_password2": "noor"})
    assert 'id="id_new_password1_error"' in weak.content.decode()
    assert Client().post(link, {}).status_code == 422
    assert User.objects.count() == 1
    assert Client().post(link, NEW).status_code == 302


@pytest.mark.django_db
def test_a_driver_gets_the_drivers_row() -> None:
    """The row that shifts and routes name; a new one where none was chosen, also beside a namesake."""
    station = scenarios.make_station()
    row = scenarios.make_fleet(station, n=1).drivers[0]
    link = invited(station, Role.DRIVER, driver=row)[1]
    with pytest.raises(LastmileError, match="driver_taken"):
        invited(station, Role.DRIVER, driver=row, email="b@example.org")
    client = Client()
    client.post(link, NEW)
    assert Driver.objects.get(user__username="noor") == row
    assert client.get("/")["Location"] == "/driver/"
    Driver.objects.create(station=station, name="Ben")
    link = invited(station, Role.DRIVER, full_name="Ben", email="")[1]
    Client().post(link, NEW | {"username": "ben", "email": "", "full_name": "Ben"})
    assert Driver.objects.get(user__username="ben").name == "Ben (2)"


@pytest.mark.django_db
def test_nobody_drives_for_two_stations_with_one_account() -> None:
    """A driver's page has one route; the refused link stays good."""
    there, here = scenarios.make_station("TKU"), scenarios.make_station()
    ville = scenarios.make_person("ville", Role.DRIVER, there)
    Driver.objects.create(station=there, name="Ville", user=ville)
    link = invited(here, Role.DRIVER)[1]
    client = Client()
    client.force_login(ville)
    assert client.post(link).status_code == 302
    assert not ville.memberships.filter(station=here).exists()
    assert client.get(link).status_code == 200


@pytest.mark.django_db
def test_the_same_person_is_not_invited_twice() -> None:
    """A reloaded page or a double click makes no second link."""
    station = scenarios.make_station()
    invited(station)
    with pytest.raises(LastmileError, match="already_invited"):
        invited(station, email="NOOR@example.org")
    with pytest.raises(LastmileError, match="nobody_named"):
        invited(station, full_name=" ", email="")
    invited(station, Role.FLOOR)  # another role is another matter


@pytest.mark.django_db
def test_the_mail_carries_the_link_and_the_job_does_not(settings: Any) -> None:
    settings.MAIL = MailServer("mail.example", 25, "", "", False, False)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    made, link = invited(scenarios.make_station())
    job = Job.objects.get(kind=service.MAIL)
    assert link.split("/")[2] not in str(job.payload)
    jobs.run(job.pk)
    assert f"{settings.SITE_URL}{link}" in outbox.outbox[0].body
    assert "You are invited" in outbox.outbox[0].subject
    service.revoke_invitation(invitation=made, actor="user:mira", now=timezone.now())
    Job.objects.update(state="queued")
    jobs.run(job.pk)
    assert len(outbox.outbox) == 1  # revoked meanwhile: nothing is sent


@pytest.mark.django_db
def test_in_public_a_new_manager_enrols_before_anything(settings: Any) -> None:
    settings.PUBLIC, settings.SECURE_SSL_REDIRECT = True, False
    link = invited(scenarios.make_station(), Role.MANAGER)[1]
    client = Client()
    assert client.post(link, NEW)["Location"] == "/account/second-factor/"
    assert SESSION_KEY not in client.session
