"""Files nobody should send and everybody does: each a clear answer, none a 500, nothing half-done."""

import csv
import io
from datetime import datetime, time
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from dispatch.models import Order, OrderImport, Shop, Station
from dispatch.models.order_import import ImportState
from dispatch.services import import_refused, imports
from dispatch.services.csv_reading import MAX_ROWS
from lastmile import jobs
from lastmile.kernel.errors import LastmileError
from lastmile.models import Event, Job
from tests.dispatch.imports.uploading import codes, counts, foretold, order, run, signed_in, upload
from tests.dispatch.workbooks import by_hand, cell, workbook
from tests.scenarios import DAY

pytestmark = pytest.mark.django_db
HEAD = "order;address;phone;window;note\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "latin-1"])
def test_umlauts_arrive_in_every_common_encoding(station: Station, shop: Shop, encoding: str) -> None:
    run(upload(station, shop, "order;address;recipient\nA1;Teststreet 1;Jörg Müßig\n".encode(encoding)))
    assert order("A1").recipient == "Jörg Müßig"


def test_a_file_of_two_encodings_loses_no_row(station: Station, shop: Shop) -> None:
    """Two exports glued together: no encoding reads both; what cannot be read is shown, not invented."""
    data = "order;address;recipient\nA1;Teststreet 1;Jörg\n".encode() + "A2;Teststreet 3;Jörg\n".encode(
        "cp1252"
    )
    found = run(upload(station, shop, data))
    assert counts(found) == (2, 0, 0, 0)
    assert (order("A1").recipient, order("A2").recipient) == ("JÃ¶rg", "Jörg")


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("A1;Teststreet 1;040 CALL ME;;", "bad_phone"),
        ("A1;Teststreet 1;;12:00-09:00;", "window_backwards"),
        ("A1;Teststreet 1;;25:00-26:00;", "bad_time"),
        ("A1;Teststreet 1;;morning;", "bad_time"),
        (";Teststreet 1;;;", "missing"),
        ("A1;;;;", "missing"),
        ("A1;Teststreet 1;;;" + "x" * 501, "too_long"),
        ("Bestellnummer;Adresse;Telefon;Zeitfenster;Hinweis", "second_heading"),
        ("A1;Teststreet 1;;;x;y;z", "too_many_cells"),
        ('A1;"Teststreet 1;;;', "quote_not_closed"),
    ],
)
def test_a_bad_row_says_why_and_hides_no_other(station: Station, shop: Shop, row: str, code: str) -> None:
    found = upload(station, shop, f"{HEAD}B1;Teststreet 1;;;\n{row}\nB2;Teststreet 3;;;\n")
    assert foretold(found) == (2, 0, 0, 1)
    run(found)
    assert (found.state, counts(found)) == (ImportState.DONE, (2, 0, 0, 1))
    assert codes(found)[0][1] == code


def test_an_address_in_another_country_waits_for_a_person(station: Station, shop: Shop) -> None:
    """It is no fault of the row: somebody may know where it is, or send it back."""
    found = run(upload(station, shop, "order;address;postcode;city\nA1;Rue de Rivoli 1;75001;Paris\n"))
    assert counts(found) == (1, 0, 0, 0)
    assert (order("A1").state, order("A1").lat) == ("needs_location", None)
    assert order("A1").location_note.startswith("Not in this city.")


def test_nuls_line_ends_and_quotes_inside_cells(station: Station, shop: Shop) -> None:
    run(upload(station, shop, f'{HEAD}A1;"Test\0street 1";;;"said ""hello""\r\nand left"\n'))
    assert (order("A1").address, order("A1").note) == ("Teststreet 1", 'said "hello" and left')


def test_of_a_number_that_stands_twice_only_the_first_row_counts(station: Station, shop: Shop) -> None:
    """Each later one names the first one's line, wherever the chunks end."""
    rows = "".join(f"N{n % 700};Teststreet 1;;;\n" for n in range(702))
    found = run(upload(station, shop, HEAD + rows))
    assert (counts(found), codes(found)) == (
        (700, 0, 0, 2),
        [(702, "duplicate_in_file"), (703, "duplicate_in_file")],
    )
    assert found.errors[0]["cause"] == "The same order number stands in line 2 already."


def test_only_a_heading_is_a_preview_without_a_start(station: Station, shop: Shop) -> None:
    found = upload(station, shop, HEAD)
    assert (found.rows, foretold(found)) == (0, (0, 0, 0, 0))
    page = signed_in("dispatcher", station).get(reverse("import-show", args=[station.pk, found.pk]))
    assert b"There are no rows under the heading line." in page.content


@pytest.mark.parametrize(
    ("name", "make"),
    [("orders.csv", workbook), ("orders.xlsx", lambda path, rows: path.write_text(_text(rows)) and path)],
)
def test_what_a_file_is_called_does_not_matter(
    station: Station, shop: Shop, tmp_path: Path, name: str, make: Any
) -> None:
    """A workbook named .csv and text named .xlsx are read as what they are."""
    rows = [("order", "address"), ("A1", "Teststreet 1")]
    found = run(upload(station, shop, make(tmp_path / "file", rows), name))
    assert counts(found) == (1, 0, 0, 0)


def _text(rows: list[tuple[str, ...]]) -> str:
    return "\n".join(";".join(row) for row in rows)


def test_a_workbook_with_everything_people_put_in_it(station: Station, shop: Shop, tmp_path: Path) -> None:
    """Numbers for order number, postcode and phone, real days and times, decimal comma as text."""
    rows = [
        ("Bestellnummer", "Strasse", "Hausnummer", "PLZ", "Liefertag", "von", "bis", "kg", "Telefon"),
        (4711.0, "Teststreet", 1, 100, datetime(2026, 3, 11), time(9), time(12), "1,5", 358401234567),
        (4712, "Teststreet", 3, "00100", "11.03.2026", "9:00", "12:00", 2.5, "+358401234567"),
    ]
    found = run(upload(station, shop, workbook(tmp_path / "a.xlsx", rows), "a.xlsx"))
    assert (counts(found), codes(found)) == ((2, 0, 0, 0), [])
    assert order("4711").postcode == "100"
    second = order("4712")
    assert (second.address, second.weight_g, str(second.day)) == ("Teststreet 3", 2500, "2026-03-11")
    assert second.window_start is not None
    assert second.window_start.astimezone(station.zone).strftime("%H:%M") == "09:00"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04" + b"no zip" * 50, "not a readable Excel workbook"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old Excel workbook"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"", "empty"),
        (b"\0" * 3000, "empty"),
        (bytes(range(256)) * 50, "binary"),
        (("order;address\n" + "1;x\n" * (MAX_ROWS + 1)).encode(), "more than 50000 rows"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_on_the_form(
    station: Station, shop: Shop, data: bytes, words: str, settings: Any
) -> None:
    answer = signed_in("dispatcher", station).post(
        reverse("import", args=[station.pk]),
        {"file": SimpleUploadedFile("a.xlsx", data), "shop": shop.pk, "day": DAY.isoformat()},
    )
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not OrderImport.objects.exists()
    folder = Path(settings.MEDIA_ROOT) / "imports"
    assert not folder.exists() or not list(folder.iterdir())


def test_a_million_rows_of_a_workbook_are_refused_early(station: Station, shop: Shop, tmp_path: Path) -> None:
    """Not counted to the end: the limit is all that needs to be known."""
    head = cell("A1", "order", "is") + cell("B1", "address", "is")
    path = by_hand(tmp_path / "a.xlsx", [(1, head), *((n, f"<c><v>{n}</v></c>") for n in range(2, 60_000))])
    with pytest.raises(LastmileError, match="too_many_rows"):
        upload(station, shop, path)


def test_four_hundred_columns_are_told_on_the_preview(station: Station, shop: Shop) -> None:
    client = signed_in("dispatcher", station)
    found = OrderImport.objects.create(
        station=station, shop=shop, day=DAY, file_name="x", path="x", actor="a"
    )
    with pytest.raises(LastmileError, match="too_many_columns"):
        upload(station, shop, ";".join(f"c{n}" for n in range(400)) + "\n")
    wide = OrderImport.objects.exclude(pk=found.pk).get()
    page = client.get(reverse("import-show", args=[station.pk, wide.pk])).content.decode()
    assert "400 columns; 200 is the limit" in page
    client.post(reverse("import-start", args=[station.pk, wide.pk]))
    assert not Job.objects.exists()


def test_refused_rows_come_back_to_be_mended(station: Station, shop: Shop) -> None:
    """Original columns and the reason; no cell runs as a formula, and what we guard we read back."""
    rows = (
        "=1+1;Teststreet 1;what;;-\n"
        'A2;Teststreet 3;+358401234567;13:00-12:00;"=HYPERLINK(""x"")"\n'
        "A3;Teststreet 5;;;\n"
    )
    found = run(upload(station, shop, HEAD + rows))
    assert counts(found) == (1, 0, 0, 2)
    text = "".join(import_refused.export_refused(order_import=found, actor="user:a", now=station.now()))
    table = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert table[0] == ["why_refused", "order", "address", "phone", "window", "note"]
    assert [row[0].split(":")[0] for row in table[1:]] == ["phone", "window_end"]
    assert not any(value.startswith(("=", "+", "-", "@")) for row in table for value in row)
    assert Event.objects.get(name="data.exported").data["rows"] == 2
    mended = text.replace("what", "0401234567").replace("13:00-12:00", "11:00-12:00")
    again = run(upload(station, shop, mended))
    assert (counts(again), again.mapping[0]) == ((2, 0, 0, 0), "")
    assert {o.external_id for o in Order.objects.all()} == {"=1+1", "A2", "A3"}
    assert (order("A2").phone, order("A2").note) == ("+358401234567", '=HYPERLINK("x")')


def test_all_errors_are_counted_and_all_refused_rows_kept(
    station: Station, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list in the row is bounded; what can be mended is not."""
    monkeypatch.setattr(imports, "ERRORS_KEPT", 5)
    found = run(upload(station, shop, HEAD + "".join(f"N{n};Teststreet 1;what;;\n" for n in range(1203))))
    assert (found.rejected, len(found.errors)) == (1203, 5)
    lines = list(import_refused.export_refused(order_import=found, actor="user:a", now=station.now()))
    assert len(lines) == 1204


@pytest.mark.parametrize("crash_at", [1, 2, 3])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_worker_killed_midway_leaves_neither_doubles_nor_gaps(
    station: Station, shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, crash_at: int, kind: str
) -> None:
    """Killed inside the transaction, after the refused rows were written: they must not come back twice."""
    rows = [("order", "address", "phone")]
    rows += [(f"N{n}", "Teststreet 1", "what" if n % 100 == 7 else "") for n in range(1200)]
    path = tmp_path / "a.csv"
    path.write_text(_text(rows))
    found = upload(station, shop, workbook(tmp_path / "a.xlsx", rows) if kind == "xlsx" else path)
    real, calls = imports._Run.count, []

    def dying(self: Any, *given: Any) -> None:
        calls.append(1)
        if len(calls) == crash_at:
            raise MemoryError
        real(self, *given)

    monkeypatch.setattr(imports._Run, "count", dying)
    started = imports.start_import(order_import=found, actor="user:a", now=station.now())
    assert started.job_id
    with pytest.raises(MemoryError):
        jobs.run(started.job_id)
    Job.objects.update(run_after=station.clock_wall.replace(year=2020))
    jobs.run(started.job_id)
    found.refresh_from_db()
    assert (found.state, counts(found)) == (ImportState.DONE, (1188, 0, 0, 12))
    lines = import_refused.export_refused(order_import=found, actor="user:a", now=station.now())
    assert [row[1] for row in csv.reader(lines)][1:] == [f"N{n * 100 + 7}" for n in range(12)]
    assert Order.objects.count() == 1188
