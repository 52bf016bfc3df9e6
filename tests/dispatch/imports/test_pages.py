"""The pages: columns chosen and remembered, sheets, modes, two people at once, what strangers see."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook

from dispatch.models import ColumnMapping, OrderImport, Shop, Station
from dispatch.models.order_import import ImportState
from dispatch.services.import_files import refused_path
from lastmile.models import Event, Job
from tests.dispatch.imports.uploading import counts, foretold, order, run, signed_in, upload
from tests.scenarios import DAY, make_person, make_station

pytestmark = pytest.mark.django_db
STRANGE = "Beleg;Wohin;Wer\nA1;Teststreet 1;Eve\nA2;Teststreet 3;Ann\n"


@pytest.fixture
def client(station: Station) -> Client:
    return signed_in("dispatcher", station)


def url(name: str, found: OrderImport) -> str:
    return reverse(name, args=[found.station_id, found.pk])


def strange(station: Station, shop: Shop, client: Client, file: Path) -> OrderImport:
    """Headings nobody knows, uploaded in the browser."""
    file.write_text(STRANGE)
    with file.open("rb") as data:
        given = {"file": data, "shop": shop.pk, "day": DAY.isoformat()}
        assert client.post(reverse("import", args=[station.pk]), given).status_code == 302
    return OrderImport.objects.latest("pk")


def test_columns_are_chosen_once_and_remembered_for_the_shop(
    station: Station, shop: Shop, client: Client, tmp_path: Path
) -> None:
    """What nobody can guess is chosen by hand with samples beside it; the next file of the shop needs no hand."""
    found = strange(station, shop, client, tmp_path / "a.csv")
    page = client.get(url("import-show", found)).content.decode()
    assert "No column holds" in page
    assert "Teststreet 1 · Teststreet 3" in page
    chosen = {"column0": "external_id", "column1": "address", "column2": "recipient"}
    assert client.post(url("import-columns", found), chosen).status_code == 302
    found.refresh_from_db()
    assert foretold(found) == (2, 0, 0, 0)
    assert Event.objects.get(name="settings.changed").data["changes"]["wohin"] == [None, "address"]
    again = strange(station, shop, client, tmp_path / "b.csv")
    assert again.mapping == ["external_id", "address", "recipient"]
    assert counts(run(again)) == (2, 0, 0, 0)
    assert order("A1").recipient == "Eve"


def test_remembered_columns_can_be_forgotten(
    station: Station, shop: Shop, client: Client, tmp_path: Path
) -> None:
    found = strange(station, shop, client, tmp_path / "a.csv")
    chosen = {"column0": "external_id", "column1": "address", "column2": ""}
    client.post(url("import-columns", found), chosen)
    assert ColumnMapping.objects.count() == 2
    client.post(url("import-columns", found), chosen | {"forget": "1"})
    found.refresh_from_db()
    assert (ColumnMapping.objects.count(), found.mapping, found.diff) == (0, ["", "", ""], None)


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"column0": "address", "column1": "address", "column2": ""}, "Two columns mean address"),
        ({"column0": "external_id", "column1": "", "column2": ""}, "No column holds the address"),
        ({"column0": "no_such", "column1": "", "column2": ""}, "no_such"),
        ({}, "No column holds the shop"),
    ],
)
def test_a_choice_that_cannot_be_used_changes_nothing(
    station: Station, shop: Shop, client: Client, tmp_path: Path, chosen: dict[str, str], words: str
) -> None:
    found = strange(station, shop, client, tmp_path / "a.csv")
    answer = client.post(url("import-columns", found), chosen)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    found.refresh_from_db()
    assert (found.mapping, ColumnMapping.objects.count()) == (["", "", ""], 0)


def test_a_known_name_can_be_said_to_mean_something_else(
    station: Station, shop: Shop, client: Client
) -> None:
    """A shop whose column "name" is the town: its choice outweighs the guess, for its own files only."""
    found = upload(station, shop, "order;address;name\nA1;Teststreet 1;Helsinki\n")
    client.post(
        url("import-columns", found), {"column0": "external_id", "column1": "address", "column2": "place"}
    )
    assert counts(run(OrderImport.objects.get())) == (1, 0, 0, 0)
    assert order("A1").place == "Helsinki"
    assert ColumnMapping.objects.get().heading == "name"


def test_another_sheet_can_be_chosen(station: Station, shop: Shop, client: Client, tmp_path: Path) -> None:
    """The sheet with the best headings is guessed, hidden ones are on offer and named so."""
    book = Workbook()
    book.create_sheet("Old").append(["order", "address"])
    book["Old"].append(["B1", "Teststreet 9"])
    book["Old"].sheet_state = "hidden"
    book.create_sheet("New").append(["order", "address", "phone"])
    book["New"].append(["A1", "Teststreet 1", None])
    book.save(tmp_path / "a.xlsx")
    found = upload(station, shop, tmp_path / "a.xlsx", "a.xlsx")
    assert (found.format, found.sheet, found.rows) == ("xlsx", "New", 1)
    assert "Old (hidden)" in client.get(url("import-show", found)).content.decode()
    client.post(url("import-reading", found), {"sheet": "nonsense"})
    client.post(url("import-reading", found), {"sheet": "Old"})
    found.refresh_from_db()
    assert found.sheet == "Old"
    run(found)
    assert order("B1").address == "Teststreet 9"


def test_another_mode_than_was_compared_is_shown_before_it_starts(
    station: Station, shop: Shop, client: Client
) -> None:
    """Without a script the radio buttons say nothing until they are sent: no surprise by the start button."""
    found = upload(station, shop, "order;address\nA1;Teststreet 1\n")
    client.post(url("import-start", found), {"mode": "update"})
    found.refresh_from_db()
    assert (found.state, found.mode, foretold(found)) == (ImportState.PREVIEW, "update", (0, 0, 0, 1))
    client.post(url("import-mode", found), {"mode": "create", "whole": "on"})
    client.post(url("import-mode", found), {"mode": "nonsense"})
    found.refresh_from_db()
    assert (found.mode, found.whole) == ("create", True)
    client.post(url("import-start", found), {"mode": "create", "whole": "on"})
    found.refresh_from_db()
    assert found.state == ImportState.RUNNING


def test_two_people_press_start(station: Station, shop: Shop, client: Client) -> None:
    """One job, and a word for the second; nothing can be chosen otherwise any more."""
    found = upload(station, shop, "order;address\nA1;Teststreet 1\n")
    other = Client()
    other.force_login(make_person("second", "manager", station))
    client.post(url("import-start", found), {"mode": "merge"})
    page = other.post(url("import-start", found), {"mode": "merge"}, follow=True).content.decode()
    assert "This import is running or done." in page
    for name in ("import-mode", "import-columns", "import-reading"):
        data = {"mode": "update", "column0": "", "column1": ""}
        assert "begun already" in other.post(url(name, found), data, follow=True).content.decode()
    found.refresh_from_db()
    assert (Job.objects.count(), found.mode) == (1, "merge")


def test_refused_rows_are_downloaded_by_those_who_import(
    station: Station, shop: Shop, client: Client
) -> None:
    """They hold addresses: not for the auditor, not for strangers, and gone rows are told in words."""
    found = run(upload(station, shop, "order;address;phone\nA1;Teststreet 1;what\n"))
    assert "Download the rows to mend" in client.get(url("import-show", found)).content.decode()
    text = b"".join(client.get(url("import-refused", found)).streaming_content).decode()  # type: ignore[attr-defined]
    assert "A1,Teststreet 1,what" in text
    assert signed_in("auditor", station).get(url("import-refused", found)).status_code == 403
    stranger = signed_in("manager", make_station("TKU"))
    assert stranger.get(url("import-refused", found)).status_code == 404
    refused_path(found).unlink()
    assert "no longer kept" in client.get(url("import-refused", found), follow=True).content.decode()


def test_the_history_costs_the_same_for_any_length(
    station: Station, shop: Shop, client: Client, django_assert_num_queries: Any
) -> None:
    page = reverse("import", args=[station.pk])

    def rows(count: int) -> None:
        OrderImport.objects.bulk_create(
            OrderImport(
                station=station, shop=shop, day=DAY, file_name=f"f{n}.csv", path="x", actor="user:eve"
            )
            for n in range(count)
        )

    rows(1)
    client.get(page)
    with django_assert_num_queries(11) as captured:
        assert "eve" in client.get(page).content.decode()
    rows(50)
    with django_assert_num_queries(len(captured)):
        assert "1 / 3" in client.get(page).content.decode()
