"""Imports of files as a job, and the pages around them."""

import os
import random
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dispatch.models import Order, OrderImport, Parcel, Shop, Station
from dispatch.models.order_import import ImportState
from dispatch.services import import_files, imports
from lastmile import jobs
from lastmile.celery import app
from lastmile.kernel.errors import LastmileError
from lastmile.models import Event, Job, JobState
from tests.dispatch.fake_city import FakeGeocoder
from tests.scenarios import DAY, make_orders, make_person, make_shop, make_station

pytestmark = pytest.mark.django_db
HEADING = "order;address;phone;weight_kg;pieces"


class City:
    geocoder = FakeGeocoder()

    def tiles(self) -> dict[str, Any]:
        return {"url": None, "attribution": "", "max_zoom": 14, "bounds": None}


@pytest.fixture(autouse=True)
def one_process(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any) -> None:
    """No lease thread (one connection holds the test's transaction), a city of one street, files of its own."""
    monkeypatch.setattr(jobs, "held", nullcontext)
    for module in ("dispatch.services.imports", "dispatch.services.import_diff", "dispatch.views.orders"):
        monkeypatch.setattr(f"{module}.open_city", lambda station: City())
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def station() -> Station:
    return make_station()


@pytest.fixture
def shop(station: Station) -> Shop:
    return make_shop(station)


def lines(count: int, bad: frozenset[int] = frozenset()) -> list[str]:
    return [
        f"N{n};Teststreet {n % 49 * 2 + 1};{'what' if n in bad else '040 123 4567'};{n % 9},5;{n % 3 + 1}"
        for n in range(count)
    ]


def upload(station: Station, shop: Shop, rows: list[str], heading: str = HEADING) -> OrderImport:
    data = "\r\n".join([heading, *rows]).encode("cp1252")
    return import_files.store_upload(
        station=station,
        shop=shop,
        day=DAY,
        upload=SimpleUploadedFile("orders.csv", data),
        actor="user:a",
        now=station.now(),
    )


def run(order_import: OrderImport) -> OrderImport:
    started = imports.start_import(order_import=order_import, actor="user:a", now=order_import.station.now())
    assert started.job_id
    jobs.run(started.job_id)
    order_import.refresh_from_db()
    return order_import


def counts(order_import: OrderImport) -> tuple[int, int, int, int]:
    return order_import.created, order_import.updated, order_import.unchanged, order_import.rejected


def test_a_file_is_taken_in_with_its_errors_told_by_line(
    station: Station, shop: Shop, django_capture_on_commit_callbacks: Any
) -> None:
    """1,500 rows in three transactions; bad rows cost themselves only, and the file is gone afterwards."""
    bad = frozenset(random.Random(5).sample(range(1500), 40))
    with django_capture_on_commit_callbacks(execute=True):
        done = run(upload(station, shop, lines(1500, bad)))
    assert (done.state, counts(done)) == (ImportState.DONE, (1460, 0, 0, 40))
    assert {error["line"] for error in done.errors} == {n + 2 for n in bad}
    assert {error["code"] for error in done.errors} == {"bad_phone"}
    assert Order.objects.count() == 1460
    assert Parcel.objects.count() == sum(n % 3 + 1 for n in range(1500) if n not in bad)
    with pytest.raises(LastmileError, match="file_gone"):
        import_files.file_of(done)
    assert Job.objects.get().state == JobState.DONE
    assert Event.objects.get(name="import.completed").data["created"] == 1460


def test_the_same_file_again_changes_nothing(station: Station, shop: Shop) -> None:
    run(upload(station, shop, lines(600)))
    again = run(upload(station, shop, lines(600)))
    assert counts(again) == (0, 0, 600, 0)
    assert Order.objects.count() == 600


@pytest.mark.parametrize("crash_at", [1, 2, 3])
def test_a_job_killed_midway_ends_as_if_it_had_not_been(
    station: Station, shop: Shop, monkeypatch: pytest.MonkeyPatch, crash_at: int
) -> None:
    """The counts stored with each chunk are where the next worker goes on: no row is lost, none counted twice."""
    rows = [*lines(1200, frozenset({3, 700})), "N5;Teststreet 1;;1;1"]
    order_import = upload(station, shop, rows)
    real, calls = imports.take_orders, []

    def dying(**given: Any) -> Any:
        calls.append(1)
        if len(calls) == crash_at:
            raise MemoryError
        return real(**given)

    monkeypatch.setattr(imports, "take_orders", dying)
    started = imports.start_import(order_import=order_import, actor="user:a", now=station.now())
    assert started.job_id
    with pytest.raises(MemoryError):
        jobs.run(started.job_id)
    Job.objects.update(run_after=station.clock_wall.replace(year=2020))
    jobs.run(started.job_id)
    order_import.refresh_from_db()
    assert (order_import.state, counts(order_import)) == (ImportState.DONE, (1198, 0, 0, 3))
    assert [error["code"] for error in order_import.errors] == ["bad_phone", "bad_phone", "duplicate_in_file"]
    assert Order.objects.count() == 1198


def test_a_worker_that_lost_its_lease_stores_nothing(station: Station, shop: Shop) -> None:
    """A stalled worker that wakes up must not write beside the one that took over."""
    started = imports.start_import(
        order_import=upload(station, shop, lines(10)), actor="user:a", now=station.now()
    )
    assert started.job_id
    stale = jobs.claim(started.job_id)
    Job.objects.update(token=99)
    assert stale is not None
    with pytest.raises(jobs.Lost):
        imports.run_import(stale)
    assert not Order.objects.exists()


def test_a_cancelled_import_can_be_gone_on_with(station: Station, shop: Shop) -> None:
    order_import = upload(station, shop, lines(20))
    started = imports.start_import(order_import=order_import, actor="user:a", now=station.now())
    with pytest.raises(LastmileError, match="illegal_move"):
        imports.start_import(order_import=order_import, actor="user:a", now=station.now())
    assert started.job_id
    jobs.cancel(job_id=started.job_id)
    order_import.refresh_from_db()
    assert order_import.state == ImportState.CANCELLED
    assert counts(run(order_import)) == (20, 0, 0, 0)


def aged(order_import: OrderImport, hours: float, state: ImportState) -> Path:
    """An upload of some hours ago that came to `state`."""
    OrderImport.objects.filter(pk=order_import.pk).update(state=state)
    path = import_files.file_of(order_import)
    then = (timezone.now() - timedelta(hours=hours)).timestamp()
    os.utime(path, (then, then))
    return path


def test_uploads_that_nobody_went_on_with_are_deleted_after_a_day(station: Station, shop: Shop) -> None:
    """They hold people's addresses and phone numbers; only a job that reads one now keeps an old file."""
    wanted = [
        aged(upload(station, shop, lines(2)), 23, ImportState.PREVIEW),
        aged(upload(station, shop, lines(2)), 25, ImportState.RUNNING),
    ]
    unwanted = [
        aged(upload(station, shop, lines(2)), 25, state)
        for state in (ImportState.PREVIEW, ImportState.CANCELLED, ImportState.FAILED, ImportState.DONE)
    ]
    orphan = upload(station, shop, lines(2))
    unwanted.append(aged(orphan, 25, ImportState.PREVIEW))
    orphan.delete()
    assert import_files.sweep_uploads(now=timezone.now()) == len(unwanted)
    assert [path.exists() for path in wanted + unwanted] == [True] * 2 + [False] * 5
    assert import_files.sweep_uploads(now=timezone.now()) == 0


def test_the_sweep_is_on_the_timetable(station: Station, shop: Shop, settings: Any) -> None:
    """A task that beat does not name, or a name no worker knows, deletes nothing."""
    assert "dispatch.tasks.sweep_uploads" in {
        entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()
    }
    path = aged(upload(station, shop, lines(2)), 25, ImportState.PREVIEW)
    app.loader.import_default_modules()
    app.tasks["dispatch.tasks.sweep_uploads"]()
    assert not path.exists()


def test_a_file_that_was_deleted_is_told_on_every_way_to_it(station: Station, shop: Shop) -> None:
    """A page left open for a day: words instead of a broken page, and no job that can only fail."""
    client = signed_in("dispatcher", station)
    found = upload(station, shop, lines(2))
    aged(found, 25, ImportState.PREVIEW).unlink()
    for call in ("import-show", "import-reading", "import-start"):
        url = reverse(call, args=[station.pk, found.pk])
        data = {"encoding": "cp1252", "delimiter": ";"}
        answer = client.get(url) if call == "import-show" else client.post(url, data)
        page = client.get(answer.url, follow=True) if answer.status_code == 302 else answer
        assert "no longer kept" in page.content.decode(), call
    found.refresh_from_db()
    assert found.state == ImportState.PREVIEW
    assert not Job.objects.exists()


def test_limits_are_told_and_leave_no_file(
    station: Station, shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr("dispatch.services.csv_reading.MAX_ROWS", 10)
    with pytest.raises(LastmileError, match="too_many_rows"):
        upload(station, shop, lines(11))
    monkeypatch.setattr("dispatch.services.csv_reading.MAX_BYTES", 100)
    with pytest.raises(LastmileError, match="too_large"):
        upload(station, shop, lines(10))
    assert list((tmp_path / "imports").iterdir()) == []


# --- pages ---------------------------------------------------------------------------------------------------


def signed_in(role: str | None, station: Station, name: str = "somebody") -> Client:
    client = Client()
    client.force_login(make_person(name, role, station if role else None))
    return client


def post_file(client: Client, station: Station, shop: Shop, data: bytes) -> Any:
    file = SimpleUploadedFile("märz.csv", data)
    return client.post(
        reverse("import", args=[station.pk]), {"file": file, "shop": shop.pk, "day": DAY.isoformat()}
    )


def test_from_upload_to_result_in_the_browser(station: Station, shop: Shop) -> None:
    """The whole way of a dispatcher: preview as understood, other encoding, start, result, errors as a file."""
    client = signed_in("dispatcher", station)
    data = ("order;address;recipient;colour\nA1;Teststreet 1;Łódź;x\n=2+2;;Eve;x\n").encode("cp1250")
    answer = post_file(client, station, shop, data)
    assert answer.status_code == 302
    page = client.get(answer.url).content.decode()
    assert "Łódź" in page or "£ódŸ" in page
    assert "neither an address nor a place" in page
    assert "<code>colour</code>" in page
    client.post(f"{answer.url}reading/", {"encoding": "cp1250", "delimiter": ";"})
    assert "Łódź" in client.get(answer.url).content.decode()
    client.post(f"{answer.url}start/")
    assert 'data-job="' in client.get(answer.url).content.decode()
    jobs.run(Job.objects.get().pk)
    page = client.get(answer.url).content.decode()
    assert '<dd id="created">1</dd>' in page
    errors = b"".join(client.get(f"{answer.url}errors.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert errors.splitlines()[1].startswith("3,address,missing,")


@pytest.mark.parametrize(
    ("data", "words"), [(b"PK\x03\x04", "Excel workbook"), (b"\r\n", "empty"), (b"", "empty")]
)
def test_a_file_that_is_no_csv_is_refused_on_the_form(
    station: Station, shop: Shop, data: bytes, words: str
) -> None:
    answer = post_file(signed_in("manager", station), station, shop, data)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_a_heading_nobody_knows_still_shows_a_preview(station: Station, shop: Shop) -> None:
    """Else a wrong delimiter could not be corrected."""
    client = signed_in("dispatcher", station)
    answer = post_file(client, station, shop, b"foo;bar\n1;2\n")
    page = client.get(answer.url)
    assert page.status_code == 200
    assert "No column holds" in page.content.decode()


def test_pages_are_for_members_with_the_role_and_404_for_strangers(station: Station, shop: Shop) -> None:
    found = upload(station, shop, lines(3))
    other = make_station("TKU")
    reads = [reverse(name, args=[station.pk]) for name in ("orders", "needs-location")]
    export = reverse("orders-export", args=[station.pk])
    works = [reverse("import", args=[station.pk]), reverse("import-show", args=[station.pk, found.pk])]
    people = {
        "dispatcher": (200, 200),
        "manager": (200, 200),
        "auditor": (200, 403),
        "driver": (403, 403),
        "floor": (403, 403),
    }
    for role, (read, work) in people.items():
        client = signed_in(role, station, f"a {role}")
        assert {client.get(url).status_code for url in reads} == {read}, role
        assert {client.get(url).status_code for url in works} == {work}, role
        # Whole recipients leave the system in few hands: whoever answers for it, and whoever checks.
        assert client.get(export).status_code == (200 if role in ("manager", "auditor") else 403), role
    stranger = signed_in("manager", other, "stranger")
    assert {stranger.get(url).status_code for url in reads + works} == {404}
    assert stranger.post(f"{works[1]}start/").status_code == 404
    assert stranger.get(reverse("import-show", args=[other.pk, found.pk])).status_code == 404
    assert {Client().get(url).status_code for url in reads + works} == {302}
    assert OrderImport.objects.get().state == ImportState.PREVIEW


def test_the_lists_cost_the_same_for_any_number_of_orders(
    station: Station, shop: Shop, django_assert_max_num_queries: Any
) -> None:
    client = signed_in("manager", station)
    make_orders(station, shop, 60)
    make_orders(station, shop, 30, state="needs_location", lat=None, lng=None, address="Teststreet 99")
    for name in ("orders", "needs-location", "orders-export"):
        with django_assert_max_num_queries(16):
            answer = client.get(reverse(name, args=[station.pk]), {"day": DAY.isoformat()})
            content = b"".join(answer) if answer.streaming else answer.content
        assert b"HEL-T" in content


def test_the_list_is_searched_and_filtered(station: Station, shop: Shop) -> None:
    client = signed_in("dispatcher", station)
    make_orders(station, shop, 1, recipient="Minna Canth", external_id="CANTH-1")
    make_orders(station, shop, 1, recipient="Other", external_id="OTHER-1", state="cancelled")
    url = reverse("orders", args=[station.pk])
    assert b"OTHER-1" not in client.get(url, {"q": "minna", "day": ""}).content
    assert b"CANTH-1" not in client.get(url, {"state": "cancelled", "day": ""}).content
    assert client.get(url, {"day": "garbage", "state": "x", "page": "-3", "q": "\0"}).status_code == 200


def test_the_empty_list_of_places_says_so(station: Station) -> None:
    assert (
        b"Every order has its place"
        in signed_in("dispatcher", station).get(reverse("needs-location", args=[station.pk])).content
    )


def test_suggestions_are_buttons(station: Station, shop: Shop) -> None:
    make_orders(station, shop, 1, state="needs_location", lat=None, lng=None, address="Teststreet 99")
    page = signed_in("dispatcher", station).get(reverse("needs-location", args=[station.pk])).content.decode()
    assert 'data-lat="60.1797000" data-lng="24.9400000">Teststreet 97</button>' in page


def test_an_export_is_safe_and_can_be_imported_again(station: Station, shop: Shop) -> None:
    """F33, F34: round trip, and a recipient cannot smuggle a formula into a spreadsheet."""
    client = signed_in("manager", station)
    make_orders(station, shop, 4, recipient='=HYPERLINK("http://x")', phone="")
    data = b"".join(
        client.get(reverse("orders-export", args=[station.pk]), {"day": DAY.isoformat()}).streaming_content  # type: ignore[attr-defined]
    )
    assert b"\"'=HYPERLINK" in data
    found = client.get(post_file(client, station, make_shop(station, "second"), data).url)
    assert found.context["bad"] == []
    assert found.context["counts"]["created"] == 4
