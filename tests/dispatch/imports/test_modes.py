"""Create, update, merge; what a file leaves alone; the dry run beside what comes of it; all or nothing."""

from datetime import time, timedelta
from typing import Any

import pytest

from dispatch.models import Order, OrderImport, Parcel, ServiceLevel, Shop, Station, StationDay
from dispatch.models.order_import import ImportState
from dispatch.services import import_diff, import_rows, imports
from lastmile import jobs
from lastmile.kernel.errors import LastmileError
from lastmile.models import Event, Job, JobState
from tests.dispatch.imports.conftest import City
from tests.dispatch.imports.uploading import codes, counts, foretold, order, run, upload
from tests.scenarios import DAY

pytestmark = pytest.mark.django_db
THREE = (
    "order;address;recipient;phone;window;weight_kg;pieces\n"
    "A1;Teststreet 1;Eve;040 123 4567;09:00-12:00;1,5;2\n"
    "A2;Teststreet 3;Ann;;;2;1\n"
    "A3;Elsewhere 1;Bob;;;3;1\n"
)


def test_the_dry_run_says_what_then_happens(station: Station, shop: Shop) -> None:
    """New, changed, unchanged and refused rows in one file; and nothing is written by looking."""
    run(upload(station, shop, THREE))
    before = list(Order.objects.order_by("pk").values())
    again = THREE.replace("Eve", "Eva") + "A4;Teststreet 5;New;;;1;1\nA5;Teststreet 7;;what;;1;1\n"
    found = upload(station, shop, again)
    assert foretold(found) == (1, 1, 2, 1)
    assert list(Order.objects.order_by("pk").values()) == before
    assert Parcel.objects.count() == 4
    assert found.diff
    assert found.diff["changes"][0]["fields"] == [{"field": "recipient", "before": "Eve", "after": "Eva"}]
    assert found.diff["errors"][0]["line"] == 6
    assert counts(run(found)) == (1, 1, 2, 1)
    assert counts(run(upload(station, shop, again))) == (0, 0, 4, 1)


def test_a_file_changes_only_what_it_names(station: Station, shop: Shop) -> None:
    """A list of phone numbers must not throw windows, weights and notes back to their defaults."""
    run(upload(station, shop, THREE))
    found = upload(station, shop, "order;phone;recipient\nA1;;Eva\nA2;0401112222;\n", mode="update")
    assert foretold(found) == (0, 2, 0, 0)
    assert counts(run(found)) == (0, 2, 0, 0)
    a1, a2 = order("A1"), order("A2")
    assert (a1.recipient, a1.phone, a1.weight_g, a1.pieces) == ("Eva", "+358401234567", 1500, 2)
    assert a1.window_start is not None
    assert (a2.recipient, a2.phone, a2.weight_g) == ("Ann", "+358401112222", 2000)
    assert a1.lat is not None


def test_a_hyphen_clears_a_field_and_a_needed_one_is_refused(station: Station, shop: Shop) -> None:
    """The one way to empty a field; without its address an order cannot be."""
    run(upload(station, shop, THREE))
    found = run(upload(station, shop, "order;phone;window;address\nA1;-;-;\nA2;;;-\n-;;;Teststreet 9\n"))
    assert (counts(found), codes(found)) == ((0, 1, 0, 2), [(3, "missing"), (4, "missing")])
    a1 = order("A1")
    assert (a1.phone, a1.window_start, a1.window_end, a1.recipient) == ("", None, None, "Eve")


def test_each_mode_refuses_what_is_not_its_own(station: Station, shop: Shop) -> None:
    run(upload(station, shop, THREE))
    mixed = THREE.replace("A3", "A9").replace("Ann", "Anna")
    for mode, told, errors in (
        ("create", (1, 0, 0, 2), [(2, "order_exists"), (3, "order_exists")]),
        ("update", (0, 1, 1, 1), [(4, "unknown_order")]),
    ):
        found = upload(station, shop, mixed, mode=mode)
        assert foretold(found) == told, mode
        run(found)
        assert (counts(found), codes(found)) == (told, errors), mode
        if mode == "create":
            Order.objects.filter(external_id="A9").delete()


def test_an_update_needs_no_address_and_a_new_order_does(station: Station, shop: Shop) -> None:
    run(upload(station, shop, THREE))
    with pytest.raises(LastmileError, match="no_address_column"):
        upload(station, shop, "order;phone\nA1;\n")
    assert foretold(upload(station, shop, "order;note\nA1;ring\n", mode="update")) == (0, 1, 0, 0)


def test_moving_an_order_to_another_day_takes_its_window_along(station: Station, shop: Shop) -> None:
    """09:00 stays 09:00 on the new day, over the night the clocks change (29 March)."""
    run(upload(station, shop, THREE))
    run(upload(station, shop, "order;day\nA1;2026-03-30\n", mode="update"))
    moved = order("A1")
    assert moved.window_start is not None
    assert moved.window_end is not None
    local = moved.window_start.astimezone(station.zone)
    assert (str(moved.day), local.strftime("%d %H:%M")) == ("2026-03-30", "30 09:00")
    assert moved.window_end - moved.window_start == timedelta(hours=3)


def test_a_service_level_stays_where_the_file_says_nothing_of_it(station: Station, shop: Shop) -> None:
    """Even one that is no longer sold: a new phone number must not need it to be."""
    run(upload(station, shop, THREE))
    level = ServiceLevel.objects.create(
        station=station, code="evening", name="Evening", cutoff=time(12), active=False
    )
    Order.objects.filter(external_id="A1").update(service_level=level)
    found = run(upload(station, shop, "order;note\nA1;ring\n", mode="update"))
    assert counts(found) == (0, 1, 0, 0), found.errors
    assert order("A1").service_level_id == level.pk


def test_a_closed_day_takes_nothing(station: Station, shop: Shop) -> None:
    """Neither new orders nor changes; one query for a chunk, whatever the number of days."""
    run(upload(station, shop, THREE))
    StationDay.objects.create(station=station, day=DAY, actor="user:a", closed_at=station.now())
    found = upload(
        station, shop, "order;address;day\nA1;Teststreet 5;\nB1;Teststreet 1;2026-03-11\nB2;Teststreet 1;\n"
    )
    assert foretold(found) == (1, 0, 0, 2)
    run(found)
    assert (counts(found), codes(found)) == ((1, 0, 0, 2), [(2, "day_closed"), (4, "day_closed")])


def test_an_edit_made_meanwhile_is_not_written_over(
    station: Station, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dispatcher corrects the note while the worker holds the row as it was: the row is read again."""
    run(upload(station, shop, THREE))
    real, calls = import_rows.RowReader.read, []

    def slow(self: Any, rows: Any) -> Any:
        read = real(self, rows)
        calls.append(1)
        if len(calls) == 1:
            first = Order.objects.get(external_id="A1")
            Order.objects.filter(pk=first.pk).update(note="Back door", version=first.version + 1)
        return read

    found = upload(station, shop, "order;phone\nA1;0409998888\n", mode="update")
    monkeypatch.setattr(import_rows.RowReader, "read", slow)
    assert counts(run(found)) == (0, 1, 0, 0)
    assert (order("A1").note, order("A1").phone) == ("Back door", "+358409998888")
    assert len(calls) == 2


# --- all or nothing -------------------------------------------------------------------------------------------


def test_all_or_nothing_takes_nothing_for_one_bad_row(station: Station, shop: Shop) -> None:
    """And says every reason, keeps the row to mend, and can be tried again."""
    found = upload(station, shop, THREE + "A4;Teststreet 5;;what;;1;1\n", whole=True)
    run(found)
    assert (found.state, counts(found), codes(found)) == (
        ImportState.FAILED,
        (0, 0, 0, 1),
        [(5, "bad_phone")],
    )
    assert not Order.objects.exists()
    assert Job.objects.get().error == {
        "code": "rows_refused",
        "cause": "1 rows were refused, so nothing was taken in.",
        "action": "Mend them and upload the file again, or import it without “all or nothing”.",
    }
    run(found)
    assert counts(found) == (0, 0, 0, 1)


def test_all_or_nothing_takes_all(station: Station, shop: Shop, city: City) -> None:
    """Every address is searched for once, before the transaction that writes."""
    rows = "".join(f"N{n};Teststreet {n % 40 * 2 + 1}\n" for n in range(1200))
    found = run(upload(station, shop, "order;address\n" + rows, whole=True))
    assert (found.state, counts(found)) == (ImportState.DONE, (1200, 0, 0, 0))
    assert len(city.geocoder.asked) == 40


def test_a_refusal_that_comes_late_undoes_all(
    station: Station, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between check and write the day is closed: the rows written before in that transaction go too."""
    rows = "".join(f"N{n};Teststreet 1;{'2026-03-11' if n > 600 else ''}\n" for n in range(700))
    found = upload(station, shop, "order;address;day\n" + rows, whole=True)
    real = imports._Run.check_all

    def then_closed(self: Any) -> None:
        real(self)
        StationDay.objects.create(
            station=station, day=DAY + timedelta(days=1), actor="user:a", closed_at=station.now()
        )

    monkeypatch.setattr(imports._Run, "check_all", then_closed)
    run(found)
    assert (found.state, found.created, found.rejected) == (ImportState.FAILED, 0, 99)
    assert not Order.objects.exists()
    assert not Event.objects.filter(name="orders.changed").exists()


def test_all_or_nothing_has_a_limit(station: Station, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """One transaction holds the database for its whole length."""
    monkeypatch.setattr(imports, "WHOLE_ROWS", 2)
    found = upload(station, shop, THREE, whole=True)
    with pytest.raises(LastmileError, match="up to 2 rows"):
        run(found)
    found.refresh_from_db()
    assert found.state == ImportState.PREVIEW


# --- the dry run as a job -------------------------------------------------------------------------------------


@pytest.fixture
def long_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three rows count as a long file."""
    monkeypatch.setattr(import_diff, "AT_ONCE", 2)


@pytest.mark.usefixtures("long_file")
def test_a_long_file_is_compared_by_a_job(station: Station, shop: Shop) -> None:
    found = upload(station, shop, THREE)
    assert found.diff is None
    assert found.job_id
    jobs.run(found.job_id)
    found.refresh_from_db()
    assert foretold(found) == (3, 0, 0, 0)
    assert (Job.objects.get().state, found.state) == (JobState.DONE, ImportState.PREVIEW)


@pytest.mark.usefixtures("long_file")
def test_a_comparison_of_choices_changed_since_counts_for_nothing(station: Station, shop: Shop) -> None:
    """Else the page shows what another mode would do."""
    found = upload(station, shop, THREE)
    old = found.job_id
    assert old
    claim = jobs.claim(old)
    assert claim
    import_diff.choose_mode(order_import=found, mode="update", whole=False)
    with pytest.raises(jobs.Lost):
        import_diff.run_check(claim)
    found.refresh_from_db()
    assert found.diff is None


@pytest.mark.usefixtures("long_file")
def test_starting_does_not_wait_for_the_comparison(station: Station, shop: Shop) -> None:
    found = upload(station, shop, THREE)
    old = found.job_id
    assert counts(run(found)) == (3, 0, 0, 0)
    assert old
    jobs.run(old)
    assert Job.objects.get(pk=old).state == JobState.CANCELLED
    assert OrderImport.objects.get().diff is None


def test_the_kept_changes_are_bounded(station: Station, shop: Shop) -> None:
    """A page of fifty thousand changes helps nobody; the counts say the rest."""
    rows = [f"N{n};Teststreet 1;x" for n in range(300)]
    run(upload(station, shop, "\n".join(["order;address;note", *rows])))
    found = upload(station, shop, "\n".join(["order;address;note", *(f"{row}y" for row in rows)]))
    assert found.diff
    assert (len(found.diff["changes"]), found.diff["counts"]["updated"]) == (200, 300)
