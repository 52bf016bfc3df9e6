"""The floor with a scanner that types: received, sorted, loaded, refused, cut off, and all accounted for."""

import json
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.faults.running import ROOT
from tests.flows.conftest import shot
from tests.flows.looking import PHONE
from tests.flows.test_axe import faults
from tests.system import System, running_system

pytestmark = [pytest.mark.real, pytest.mark.long, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running_system(tmp_path_factory.mktemp("floor")) as system:
        yield system


def test_a_shift_at_the_scanner(system: System, visit: Callable[..., Page]) -> None:
    world = json.loads(system.run("-m", "tests.flows.board_world", "lay", "FLR"))
    page = visit(f"{system.address}/sign-in/")
    page.goto(system.link(world["floor"]))
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(re.compile(r"/stations/\d+/floor/"))
    page.goto(f"{system.address}/stations/{world['station']}/floor/?day={world['day']}")
    first, second = world["cargo"]["R1"], world["cargo"]["R2"]
    answer = page.locator('[data-part="answer"]')
    total = {
        name: page.locator(f'[data-state="{name}"]') for name in ("announced", "received", "sorted", "loaded")
    }
    expect(total["announced"]).to_have_text("26")

    def scan(barcode: str, words: str, kind: str) -> None:
        page.keyboard.type(barcode)
        page.keyboard.press("Enter")
        expect(answer).to_contain_text(barcode)
        expect(answer).to_contain_text(words)
        expect(answer).to_have_attribute("data-kind", kind)

    def doing(words: str) -> None:
        page.get_by_text(words, exact=True).first.click()

    scan("HALF-A-COD", "No parcel has this barcode", "bad")
    for barcode in (*first, *second):
        scan(barcode, "Received", "good")
    scan(first[0], "Was received already", "again")
    expect(total["received"]).to_have_text("12")
    expect(page.locator('[data-part="gap-count"]')).to_have_text("14")

    doing("Sort")
    scan(first[0], "Put it into R1", "good")
    expect(page.locator('[data-part="answer-lane"]')).to_have_text("R1")
    assert faults(page, "floor") == []
    shot(page, ROOT / "docs" / "img" / "floor.png")

    doing("Load vans")
    scan(first[0], "Choose the route that is loaded", "bad")
    page.locator('[data-part="route"]').select_option(label="R1 (0/6)")
    scan(second[0], "Wrong van: it belongs to R2", "bad")
    page.context.set_offline(True)
    for barcode in first:
        page.keyboard.type(barcode)
        page.keyboard.press("Enter")
    expect(page.locator('[data-part="waiting"]')).to_contain_text("6 scans wait for the connection")
    page.context.set_offline(False)
    expect(page.locator('[data-part="waiting"]')).to_be_hidden(timeout=30_000)
    expect(total["loaded"]).to_have_text("6")
    expect(page.get_by_text("Everything is where it belongs.")).to_be_visible()

    doing("Back")
    scan(first[5], "Back in the station, no delivery was tried", "good")
    page.get_by_role("link", name="Trail of a parcel").click()
    page.get_by_label("Barcode").fill(first[5])
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".floor__trail li")).to_have_count(3)
    page.set_viewport_size(PHONE["viewport"])
    page.goto(f"{system.address}/stations/{world['station']}/floor/?day={world['day']}")
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
