"""Pictures of a visit: with the report or after it, once, for every order; and who may see them."""

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from dispatch.models import Attempt
from lastmile.models import Event
from pod.models import Proof, ProofFile
from pod.services import holder, pictures
from tests.scenarios import DAY, make_orders, make_person, make_route, make_shop, make_station
from tracking.services.devices import issue_device

pytestmark = pytest.mark.django_db
STROKES = {"strokes": [[[0.1, 0.5], [0.9, 0.5]]]}


def camera() -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((64, 48)).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture(autouse=True)
def quick(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The child process has tests of its own."""
    if request.function is not test_a_photo_and_a_signature_with_the_report:
        monkeypatch.setattr(
            "pod.services.proof_files.reduce_photo",
            lambda data: data if data.startswith(b"\xff\xd8") else pictures.reduce_photo(data),
        )


class Van:
    """A driver with phone and sign-in, at a stop with two orders."""

    def __init__(self, code: str = "HEL", **station: Any) -> None:
        self.station = make_station(code, **station)
        self.orders = make_orders(self.station, make_shop(self.station), 3)
        self.route = make_route(self.station, DAY, self.orders, state="departed")
        self.stop, second = self.route.stops.order_by("sequence")[:2]
        second.visits.update(stop=self.stop)
        second.delete()
        self.user = make_person(f"driver-{code}", "driver", self.station)
        self.route.driver.user = self.user
        self.route.driver.save()
        self.client = Client()
        self.client.force_login(self.user)
        self.token = issue_device(driver=self.route.driver, now=timezone.now())

    def phone(self, what: str, body: dict[str, Any], files: dict[str, Any] | None = None) -> Any:
        url = f"/api/v1/stops/{self.stop.pk}/{what}/"
        headers = {"authorization": f"Bearer {self.token}"}
        if files:
            return Client().post(url, body | files, headers=headers)
        return Client().post(url, body, content_type="application/json", headers=headers)

    def form(self, what: str, **fields: Any) -> Any:
        given = {"event_id": "e1"} | fields
        return self.client.post(
            f"/driver/stops/{self.stop.pk}/{what}/", given, headers={"accept": "application/json"}
        )


def upload(data: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile("../../x.php", camera() if data is None else data, "text/html")


def on_disk(media: Path) -> int:
    return len([path for path in media.rglob("*") if path.is_file()])


def test_a_photo_and_a_signature_with_the_report(media: Path) -> None:
    """One picture of two orders at one door: a row and a name each, kept once; the name is ours."""
    van = Van(photo_proof="required", signature_proof="required")
    answer = van.form(
        "deliver", received_by="Anna", photos=[upload(), upload()], signature=json.dumps(STROKES)
    )
    assert answer.json() == {"next": "/driver/"}
    files = ProofFile.objects.order_by("id")
    assert [file.kind for file in files] == ["photo"] * 4 + ["signature"] * 2
    assert on_disk(media) == len({file.path for file in files}) == 6
    assert len({(media / file.path).stat().st_ino for file in files}) == 3
    assert all(file.path.startswith("proofs/20") and "php" not in file.path for file in files)
    told = Event.objects.filter(name="proof.captured").values_list("data", flat=True)
    assert [(row["kind"], len(row["order_ids"])) for row in told] == [
        ("photo", 2),
        ("photo", 2),
        ("signature", 2),
    ]


def test_the_same_form_twice_is_one(media: Path) -> None:
    """The second tap, or the same again out of a dead spot."""
    van = Van()
    for _ in range(2):
        answer = van.form("deliver", received_by="Anna", photos=[upload()], signature_typed="Anna")
        assert answer.status_code == 200
    assert (Attempt.objects.count(), Proof.objects.count(), ProofFile.objects.count()) == (2, 2, 4)


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ({}, ["needs_photo", "needs_signature"]),
        ({"photos": [1]}, ["needs_signature"]),
        ({"signature_typed": "Anna"}, ["needs_photo"]),
    ],
)
def test_what_the_station_requires_is_asked_for(media: Path, given: dict[str, Any], codes: list[str]) -> None:
    """Said in words and codes; nothing is recorded, and no file stays."""
    van = Van(photo_proof="required", signature_proof="required")
    if "photos" in given:
        given = given | {"photos": [upload()]}
    answer = van.form("deliver", received_by="Anna", **given)
    assert (answer.status_code, answer.json()["data"]["missing"]) == (422, codes)
    assert not Attempt.objects.exists()
    assert on_disk(media) == 0


def test_a_bad_picture_refuses_the_whole_report(media: Path) -> None:
    """Half a proof would be a surprise on the day of the claim."""
    van = Van()
    answer = van.form("deliver", received_by="Anna", photos=[upload(), upload(b"<svg/>")])
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_picture")
    answer = van.form("deliver", received_by="Anna", signature="<svg/>")
    assert (answer.status_code, answer.json()["field"]) == (422, "signature")
    assert not Attempt.objects.exists()
    assert on_disk(media) == 0


def test_pictures_may_follow_the_report(media: Path) -> None:
    """Words first, as the connection comes and goes; what was promised counts, and what follows is kept once."""
    van = Van(photo_proof="required", signature_proof="required")
    promised = [{"event_id": "p1", "kind": "photo"}, {"event_id": "s1", "kind": "signature"}]
    early = van.phone("proofs", {"event_id": "p1", "report": "r1"}, {"photo": upload()})
    assert (early.status_code, early.json()["code"]) == (409, "report_unknown")
    report = {"event_id": "r1", "received_by": "Anna", "files": promised}
    assert van.phone("deliver", report).json()["state"] == "completed"
    assert Proof.objects.first().promised == promised
    for _ in range(2):
        answer = van.phone("proofs", {"event_id": "p1", "report": "r1"}, {"photo": upload()}).json()
        assert len(answer["files"]) == 2
    signed = van.phone("proofs", {"event_id": "s1", "report": "r1", "signature": STROKES})
    assert signed.json()["files"][0]["kind"] == "signature"
    assert ProofFile.objects.count() == 4


def test_a_picture_of_a_closed_door(media: Path) -> None:
    """A failed attempt gets its proof with its first picture."""
    van = Van()
    assert van.form("fail", reason="no_access", photos=[upload()]).status_code == 200
    assert ProofFile.objects.count() == 2
    assert set(Proof.objects.values_list("received_by", flat=True)) == {""}


@pytest.mark.parametrize(
    ("body", "files"),
    [
        ({"event_id": "p1", "report": "r1"}, None),
        ({"event_id": "", "report": "r1", "signature": STROKES}, None),
        ({"event_id": "p" * 65, "report": "r1", "signature": STROKES}, None),
        ({"event_id": "p\n1", "report": "r1", "signature": STROKES}, None),
        ({"event_id": "p1", "report": "r1", "signature": "<svg/>"}, None),
        ({"event_id": "p1", "report": "r1"}, {"photo": b""}),
        ({"event_id": "p1", "report": "r1"}, {"photo": b"GIF89a"}),
        ([], None),
    ],
)
def test_odd_uploads_are_answered_in_words(
    media: Path, body: dict[str, Any], files: dict[str, bytes] | None
) -> None:
    """A phone's outbox learns what is wrong, and the server never stumbles."""
    van = Van()
    van.phone("deliver", {"event_id": "r1", "received_by": "Anna"})
    given = {name: upload(data) for name, data in files.items()} if files else None
    answer = van.phone("proofs", body, given)
    assert answer.status_code in (400, 422), answer.content
    assert {"code", "cause", "action"} <= set(answer.json())
    assert not ProofFile.objects.exists()


def test_a_visit_keeps_eight_pictures(media: Path) -> None:
    """A phone gone mad must not fill the disk."""
    van = Van()
    van.phone("deliver", {"event_id": "r1", "received_by": "Anna"})
    for index in range(8):
        answer = van.phone("proofs", {"event_id": f"p{index}", "report": "r1", "signature": STROKES})
        assert answer.status_code == 200
    answer = van.phone("proofs", {"event_id": "p9", "report": "r1", "signature": STROKES})
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_pictures")
    assert on_disk(media) == 16


def test_a_full_disk_keeps_nothing_and_says_so(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing half-done: the driver sends it again when there is room."""
    van = Van()
    monkeypatch.setattr(pictures, "FREE_LEAST", 2**62)
    answer = van.form("deliver", received_by="Anna", photos=[upload()])
    assert (answer.status_code, answer.json()["code"]) == (507, "disk_full")
    assert not Attempt.objects.exists()


def test_who_sees_a_picture(media: Path) -> None:
    """The station's people, and for a day the driver; to all others it does not exist."""
    van, other = Van(), Van("TKU")
    van.form("deliver", received_by="Anna", photos=[upload()])
    file = ProofFile.objects.first()
    colleague = make_person("colleague", "driver", van.station)

    def see(user: Any) -> int:
        client = Client()
        if user is not None:
            client.force_login(user)
        return int(client.get(f"/proofs/{file.pk}/").status_code)

    for role in ("dispatcher", "manager", "auditor"):
        assert see(make_person(role, role, van.station)) == 200
    assert see(van.user) == 200
    assert see(None) == 302
    for stranger in (other.user, colleague, make_person("floor", "floor", van.station)):
        assert see(stranger) == 404
    assert see(make_person("afar", "manager", other.station)) == 404
    ProofFile.objects.update(recorded_at=timezone.now() - timedelta(hours=25))
    assert see(van.user) == 404


def test_a_picture_can_do_nothing_in_a_browser(media: Path) -> None:
    """Shown, not run: its type is ours, nothing in it loads, no cache keeps it."""
    van = Van()
    van.form("deliver", received_by="Anna", photos=[upload()])
    answer = van.client.get(f"/proofs/{ProofFile.objects.first().pk}/")
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Disposition"].startswith('inline; filename="photo-')


def test_an_erased_picture_is_gone_and_the_neighbours_stays(media: Path) -> None:
    """Two orders at one door share one photo: the claim of the other still has it."""
    van = Van()
    van.form("deliver", received_by="Anna", photos=[upload()])
    first, second = ProofFile.objects.select_related("proof__attempt").order_by("id")
    for path in holder.erase([first.proof.attempt.order_id], timezone.now())[1]:
        path.unlink()
    answer = van.client.get(f"/proofs/{first.pk}/")
    assert answer.status_code == 410
    assert "This picture was erased" in answer.content.decode()
    assert len(ProofFile.objects.get(pk=first.pk).sha256) == 64
    assert van.client.get(f"/proofs/{second.pk}/").status_code == 200
