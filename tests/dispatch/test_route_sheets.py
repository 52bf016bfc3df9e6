"""Route sheets: what stands on the paper, in which letters, on which paper, and who may print it."""

import time
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from dispatch.models import Order, Role
from dispatch.printing.fonts import UNKNOWN, drawable
from dispatch.printing.route_sheet import Sheet, SheetStop, draw
from lastmile.models import Event
from tests.scenarios import DAY, make_fleet, make_orders, make_person, make_route, make_shop, make_station

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    station = make_station()
    fleet, orders = make_fleet(station), make_orders(station, make_shop(station), 6)
    Order.objects.filter(pk=orders[0].pk).update(
        recipient="Ääkkönen & <Söhne>",
        note="Ring twice\nsecond floor",
        skills=["lift"],
        phone="+358401234567",
    )
    return station, fleet, orders


def client_of(role, station) -> Client:
    client = Client()
    client.force_login(make_person(f"{role}-{station.code}", role, station))
    return client


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


def test_it_says_what_a_driver_needs(world):
    """Times, doors, names, notes, goods and the codes, in the order of the route."""
    station, fleet, orders = world
    route = make_route(station, DAY, orders[:3], fleet.shifts[0])
    answer = client_of(Role.DISPATCHER, station).get(reverse("route-sheet", args=[route.pk]))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    text = text_of(answer.content)
    for words in (
        route.name,
        fleet.drivers[0].name,
        orders[0].address,
        "Ääkkönen & <Söhne>",
        "Ring twice",
        "lift",
    ):
        assert words in text
    assert all(order.parcels.first().barcode in text for order in orders[:3])
    assert [text.index(order.address) for order in orders[:3]] == sorted(
        text.index(order.address) for order in orders[:3]
    )
    event = Event.objects.filter(name="data.exported").get()
    assert (event.data["what"], event.data["detail"]) == ("route sheets", route.name)


def test_a_days_routes_each_begin_a_page(world, django_assert_max_num_queries):
    """All that are not closed, or those that are named; as many queries for two as for one."""
    station, fleet, orders = world
    one = make_route(station, DAY, orders[:2], fleet.shifts[0])
    make_route(station, DAY, orders[2:4], fleet.shifts[1])
    client, url = client_of(Role.FLOOR, station), reverse("route-sheets", args=[station.pk])
    with django_assert_max_num_queries(22):
        both = client.get(f"{url}?day={DAY}")
    assert len(PdfReader(BytesIO(both.content)).pages) == 2
    named = client.get(f"{url}?day={DAY}&routes={one.pk},x")
    assert len(PdfReader(BytesIO(named.content)).pages) == 1
    assert client.get(f"{url}?day=2030-01-01").status_code == 404


def test_paper_follows_the_stations_units(world):
    """Letter where miles are driven."""
    station, fleet, orders = world
    route = make_route(station, DAY, orders[:2], fleet.shifts[0])
    client, url = client_of(Role.MANAGER, station), reverse("route-sheet", args=[route.pk])
    sizes = []
    for units in ("metric", "imperial"):
        station.units = units
        station.save()
        box = PdfReader(BytesIO(client.get(url).content)).pages[0].mediabox
        sizes.append((round(box.width), round(box.height)))
    assert sizes == [(595, 842), (612, 792)]


def test_who_may_print(world):
    """Who works there; an auditor reads masked pages and gets no paper, a stranger finds nothing."""
    station, fleet, orders = world
    url = reverse("route-sheet", args=[make_route(station, DAY, orders[:2], fleet.shifts[0]).pk])
    assert client_of(Role.AUDITOR, station).get(url).status_code == 403
    assert client_of(Role.DISPATCHER, make_station("OTH")).get(url).status_code == 404


def test_letters_of_other_scripts_are_drawn_and_unknown_ones_marked():
    """Greek, Cyrillic and Arabic names are no boxes; a gap would go unnoticed."""
    for words in ("Ελλάδα", "Київ", "محمد", "Łódź"):
        assert drawable(words) == words
    assert drawable("a\u6f22") == f"a{UNKNOWN}"


def test_a_long_route_runs_over_pages_with_its_headings():
    """Two hundred stops; the headings stand on every page."""
    stop = SheetStop(
        "1", ("09:00", "09:00–11:00"), ("Street 1", "A. Name", "x" * 300), ("1 piece",), tuple("ABCDEFGH")
    )
    sheet = Sheet(
        "R1",
        "R1",
        "https://example.org",
        (("Day", "today"),),
        ("Stop", "Time", "Door", "Goods", "Codes"),
        (stop,) * 200,
    )
    began = time.perf_counter()
    content = draw([sheet], paper="A4", footer="foot", page_words="Page {page}")
    print(f"200 stops drawn in {time.perf_counter() - began:.2f} s")
    pages = PdfReader(BytesIO(content)).pages
    assert len(pages) > 20
    assert all("Codes" in page.extract_text() for page in pages)
    assert "Page 3" in pages[2].extract_text()
