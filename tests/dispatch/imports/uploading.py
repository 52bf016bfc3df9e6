"""The way of a file in tests: uploaded, compared, started, run to its end."""

from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from dispatch.models import Order, OrderImport, Shop, Station
from dispatch.services import import_diff, import_files, imports
from lastmile import jobs
from tests.scenarios import DAY, make_person


def upload(
    station: Station, shop: Shop, data: str | bytes | Path, name: str = "orders.csv", **choices: Any
) -> OrderImport:
    """An upload with its dry run; `choices` are mode and whole."""
    body = data.read_bytes() if isinstance(data, Path) else data.encode() if isinstance(data, str) else data
    made = import_files.store_upload(
        station=station,
        shop=shop,
        day=DAY,
        upload=SimpleUploadedFile(name, body),
        actor="user:a",
        now=station.now(),
    )
    if choices:
        import_diff.choose_mode(
            order_import=made, mode=choices.get("mode", "merge"), whole=choices.get("whole", False)
        )
    return import_diff.check_import(order_import=made, actor="user:a", now=station.now())


def run(order_import: OrderImport) -> OrderImport:
    started = imports.start_import(order_import=order_import, actor="user:a", now=order_import.station.now())
    assert started.job_id
    jobs.run(started.job_id)
    order_import.refresh_from_db()
    return order_import


def counts(order_import: OrderImport) -> tuple[int, int, int, int]:
    """New, changed, unchanged, refused."""
    return order_import.created, order_import.updated, order_import.unchanged, order_import.rejected


def foretold(order_import: OrderImport) -> tuple[int, int, int, int]:
    """The same as the dry run says."""
    assert order_import.diff
    told = order_import.diff["counts"]
    return told["created"], told["updated"], told["unchanged"], told["rejected"]


def codes(order_import: OrderImport) -> list[tuple[int, str]]:
    return [(error["line"], error["code"]) for error in order_import.errors]


def order(external_id: str) -> Order:
    return Order.objects.get(external_id=external_id)


def signed_in(role: str, station: Station) -> Client:
    client = Client()
    client.force_login(make_person(f"a {role}", role, station))
    return client
