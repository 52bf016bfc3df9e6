"""A station's people: an owner, a mate, a stranger; roles that never run out of somebody to give them."""

import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from dispatch.models import Driver, Membership, Role, Station
from dispatch.services import people as service
from lastmile import sign_ins
from lastmile.kernel.errors import LastmileError
from lastmile.models import Event, SignIn, User
from lastmile.people import make_login_link
from lastmile.sockets import signed_in
from tests import scenarios
from tracking.models import Device
from tracking.services.devices import allowed_devices, issue_device

pytestmark = pytest.mark.django_db


class World:
    def __init__(self) -> None:
        self.station = scenarios.make_station()
        self.mira = self.person("mira", Role.MANAGER)
        self.dora = self.person("dora", Role.DISPATCHER)
        self.elsewhere = scenarios.make_station("TKU")
        self.carl = self.person("carl", Role.MANAGER, self.elsewhere)
        self.root = scenarios.make_person("root", is_superuser=True, is_staff=True)

    def person(self, name: str, role: Role, station: Station | None = None) -> User:
        user = scenarios.make_person(name)
        service.grant_role(user=user, station=station or self.station, role=role)
        user.refresh_from_db()
        return user

    def path(self, user: User, tail: str = "") -> str:
        return f"/stations/{self.station.pk}/people/{user.pk}/{tail}"


@pytest.fixture
def world() -> World:
    return World()


def client_of(user: User) -> Client:
    """In by a link, so that there is a row of the session."""
    client = Client()
    client.post(make_login_link(user=user, now=timezone.now()))
    return client


def roles(user: User, station: Station) -> set[str]:
    return set(Membership.objects.filter(user=user, station=station).values_list("role", flat=True))


def whats() -> list[str]:
    return [row.data["what"] for row in Event.objects.filter(name="person.changed").order_by("id")]


def test_the_owner_gives_and_takes(world: World) -> None:
    """Both are events of the station; the same again is no fault and no event."""
    client = client_of(world.mira)
    for _ in range(2):
        client.post(world.path(world.dora, "give/"), {"role": "auditor"})
    assert roles(world.dora, world.station) == {"dispatcher", "auditor"}
    for _ in range(2):
        client.post(world.path(world.dora, "take/"), {"role": "auditor"})
    assert roles(world.dora, world.station) == {"dispatcher"}
    told = Event.objects.filter(station_id=world.station.pk, name="person.changed")
    assert [(row.data["what"], row.actor) for row in told] == [
        ("role_given", "user:mira"), ("role_taken", "user:mira"),
    ]  # fmt: skip


def test_mate_and_stranger_do_nothing(world: World) -> None:
    """403 for the mate, who knows the place; 404 for the stranger, also for a member of somewhere else."""
    tails = ["", "give/", "take/", "remove/", "link/", "second-factor/", "deactivate/", "sessions/end/"]
    mate, stranger, owner = client_of(world.dora), client_of(world.carl), client_of(world.mira)
    before = roles(world.mira, world.station)
    for tail in tails:
        ask = "get" if not tail else "post"
        assert getattr(mate, ask)(world.path(world.mira, tail), {"role": "floor"}).status_code == 403, tail
        assert getattr(stranger, ask)(world.path(world.mira, tail), {"role": "floor"}).status_code == 404
        assert getattr(owner, ask)(world.path(world.carl, tail), {"role": "floor"}).status_code == 404
    assert roles(world.mira, world.station) == before
    assert roles(world.carl, world.station) == set()


def test_an_unknown_role_is_refused(world: World) -> None:
    """There is no role above manager to be had by writing its name into the form."""
    client = client_of(world.mira)
    for role in ("admin", "superuser", "", "\x00", "Manager"):
        assert client.post(world.path(world.dora, "give/"), {"role": role}).status_code == 302
    assert roles(world.dora, world.station) == {"dispatcher"}
    world.dora.refresh_from_db()
    assert not world.dora.is_superuser


def test_a_manager_gets_the_admin_and_loses_it(world: World) -> None:
    """Group and flag go with the last manager role, wherever it was."""
    service.give_role(
        user=world.dora, station=world.station, role=Role.MANAGER, actor="user:mira", now=timezone.now()
    )
    service.grant_role(user=world.dora, station=world.elsewhere, role=Role.MANAGER)
    client = client_of(world.mira)
    client.post(world.path(world.dora, "take/"), {"role": "manager"})
    world.dora.refresh_from_db()
    assert world.dora.is_staff
    service.take_role(
        user=world.dora, station=world.elsewhere, role=Role.MANAGER, by=world.carl, now=timezone.now()
    )
    world.dora.refresh_from_db()
    assert not world.dora.is_staff
    assert not world.dora.groups.exists()


def test_somebody_must_remain(world: World) -> None:
    """A station without a manager could let nobody in; giving it up oneself is asked twice."""
    client = client_of(world.mira)
    client.post(world.path(world.mira, "take/"), {"role": "manager", "confirmed": "yes"})
    client.post(world.path(world.mira, "remove/"), {"confirmed": "yes"})
    assert roles(world.mira, world.station) == {"manager"}
    service.grant_role(user=world.dora, station=world.station, role=Role.MANAGER)
    client.post(world.path(world.mira, "take/"), {"role": "manager"})
    assert roles(world.mira, world.station) == {"manager"}
    client.post(world.path(world.mira, "take/"), {"role": "manager", "confirmed": "yes"})
    assert roles(world.mira, world.station) == set()


def test_a_manager_switched_off_does_not_count(world: World) -> None:
    service.grant_role(user=world.dora, station=world.station, role=Role.MANAGER)
    User.objects.filter(pk=world.dora.pk).update(is_active=False)
    with pytest.raises(LastmileError, match="last_manager"):
        service.take_role(
            user=world.mira, station=world.station, role=Role.MANAGER, by=world.root, now=timezone.now()
        )


@pytest.mark.django_db(transaction=True)
def test_two_managers_cannot_take_each_other_out_at_once() -> None:
    """Each sees the other as the one who remains; the station's row lets one go first."""
    station = scenarios.make_station()
    pair = [scenarios.make_person(name, Role.MANAGER, station) for name in ("mira", "mona")]
    start, ended = threading.Barrier(2), []

    def take(by: User, user: User) -> None:
        start.wait()
        try:
            service.take_role(user=user, station=station, role=Role.MANAGER, by=by, now=timezone.now())
            ended.append("taken")
        except LastmileError as error:
            ended.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=(a, b)) for a, b in (pair, pair[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended) == ["last_manager", "taken"]
    assert Membership.objects.filter(station=station, role=Role.MANAGER).count() == 1


def test_who_leaves_is_out_everywhere_they_were(world: World) -> None:
    """Sessions, sockets, the driver's row and its phones: the last role takes them along."""
    ville = world.person("ville", Role.DRIVER)
    row = Driver.objects.create(station=world.station, name="Ville", user=ville)
    issue_device(driver=row, now=timezone.now(), name="phone")
    client, phone = client_of(world.mira), client_of(ville)
    key = phone.session.session_key
    assert signed_in(key) == ville
    client.post(world.path(ville, "remove/"))
    assert not Membership.objects.filter(user=ville).exists()
    assert signed_in(key) is None  # what every socket asks each minute
    assert phone.get("/driver/").status_code == 302
    assert Driver.objects.get().user is None
    assert Device.objects.get().revoked_at is not None
    assert whats()[-2:] == ["role_taken", "session_ended"]


def test_who_keeps_a_role_elsewhere_stays_signed_in(world: World) -> None:
    service.grant_role(user=world.dora, station=world.elsewhere, role=Role.FLOOR)
    theirs = client_of(world.dora)
    client_of(world.mira).post(world.path(world.dora, "remove/"))
    assert theirs.get("/account/").status_code == 200
    assert theirs.get(f"/stations/{world.station.pk}/").status_code == 404


def test_only_an_admin_switches_accounts_off(world: World) -> None:
    """At once: pages, sockets, phones; and on again with the roles that were kept."""
    row = Driver.objects.create(station=world.station, name="Dora", user=world.dora)
    issue_device(driver=row, now=timezone.now())
    device = Device.objects.get()
    theirs = client_of(world.dora)
    client_of(world.mira).post(world.path(world.dora, "deactivate/"))
    assert theirs.get("/account/").status_code == 200
    admin = client_of(world.root)
    admin.post(world.path(world.dora, "deactivate/"))
    assert theirs.get("/account/").status_code == 302
    assert not sign_ins.open_sign_ins([world.dora.pk], timezone.now()).exists()
    assert not allowed_devices([device.token_hash])
    assert Client().post(make_login_link(user=world.dora, now=timezone.now())).status_code == 404
    admin.post(world.path(world.dora, "reactivate/"))
    assert allowed_devices([device.token_hash])
    assert roles(world.dora, world.station) == {"dispatcher"}
    service.grant_role(user=world.root, station=world.station, role=Role.AUDITOR)
    admin.post(world.path(world.root, "deactivate/"))
    world.root.refresh_from_db()
    assert world.root.is_active  # not one's own


@pytest.mark.parametrize("kind", ["once", "reset"])
def test_help_opens_the_account_of_those_below_only(world: World, kind: str) -> None:
    """A link is as good as being them: never for an admin, nor for somebody with rights at other stations."""
    service.grant_role(user=world.root, station=world.station, role=Role.AUDITOR)
    service.grant_role(user=world.carl, station=world.station, role=Role.FLOOR)
    client = client_of(world.mira)
    for user in (world.root, world.carl):
        assert client.post(world.path(user, "link/"), {"kind": kind}).status_code == 302
        client.post(world.path(user, "second-factor/"))
    page = client.post(world.path(world.dora, "link/"), {"kind": kind}).content.decode()
    link = page.split('value="http://testserver')[1].split('"')[0]
    assert Client().get(link).status_code in (200, 302)
    assert whats()[-1] == ("entry_link_made" if kind == "once" else "reset_link_made")
    assert client_of(world.root).post(world.path(world.carl, "link/"), {"kind": kind}).status_code == 200


def test_a_lost_phone_is_ended_by_the_manager(world: World) -> None:
    """One session, of one person; another person's id in the address finds nothing."""
    theirs, client = client_of(world.dora), client_of(world.mira)
    row = SignIn.objects.get(user=world.dora)
    assert client.post(world.path(world.mira, f"sessions/{row.pk}/end/")).status_code == 404
    client.post(world.path(world.dora, f"sessions/{row.pk}/end/"))
    assert theirs.get("/account/").status_code == 302
    assert client.get("/account/").status_code == 200


def test_list_and_page_show_who_is_who(world: World) -> None:
    client = client_of(world.mira)
    client_of(world.dora)
    page = client.get(f"/stations/{world.station.pk}/people/").content.decode()
    assert "Mira" in page
    assert "Dora" in page
    assert "Carl" not in page
    assert client.get(world.path(world.dora)).status_code == 200
    assert client.get(world.path(world.mira)).status_code == 200


def test_queries_do_not_grow_with_the_people(world: World, django_assert_num_queries: Any) -> None:
    """One person or fifty: the same number."""
    client = client_of(world.mira)
    path = f"/stations/{world.station.pk}/people/"
    with django_assert_num_queries(13) as few:
        client.get(path)
    for number in range(50):
        user = world.person(f"p{number}", Role.DRIVER)
        Driver.objects.create(station=world.station, name=f"D{number}", user=user)
    with django_assert_num_queries(len(few.captured_queries)):
        client.get(path)


def test_each_role_lands_somewhere(world: World) -> None:
    """The first page after signing in exists for every role."""
    expected = {
        Role.FLOOR: (302, f"/stations/{world.station.pk}/floor/"),
        Role.AUDITOR: (302, f"/stations/{world.station.pk}/"),
        Role.DRIVER: (302, "/driver/"),
        Role.MANAGER: (302, f"/stations/{world.station.pk}/"),
    }
    for role, (status, words) in expected.items():
        answer = client_of(world.person(f"new-{role}", role)).get("/")
        assert answer.status_code == status
        assert words in (answer.content.decode() if status == 200 else answer["Location"])
    assert client_of(scenarios.make_person("nobody")).get("/").status_code == 403
