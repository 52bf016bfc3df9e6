"""The board, the lists and the driver's page in German in a real browser: words fit, no script stumbles."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.faults.running import ROOT
from tests.flows.conftest import shot
from tests.system import System, running_system

pytestmark = [pytest.mark.real, pytest.mark.long, pytest.mark.timeout(480)]
PICTURES = ROOT / "var" / "tests" / "german"
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
SPEAK = "from lastmile.models import User; User.objects.update(language='de')"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running_system(tmp_path_factory.mktemp("german")) as system:
        yield system


def look(page: Page, name: str) -> None:
    """A picture, and no sideways scrolling: German words are long."""
    shot(page, PICTURES / f"{name}.png")
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{name} is {wide} px too wide"


def enter(system: System, page: Page, name: str) -> BrowserContext:
    page.goto(system.link(name))
    page.locator("main button[type=submit]").click()
    page.wait_for_url(lambda address: "/enter/" not in address and "/in/" not in address)
    return page.context


def test_a_german_day(system: System, visit: Callable[..., Page], chromium: Browser) -> None:
    world: dict[str, Any] = json.loads(system.run("-m", "tests.flows.driver_world", "lay"))
    system.run("manage.py", "shell", "-c", SPEAK)
    station, query = f"{system.address}/stations/{world['station']}", f"?day={world['day']}"

    desk = visit(f"{system.address}/sign-in/", locale="de-DE")
    expect(desk.get_by_role("button", name="Anmelden")).to_be_visible()
    enter(system, desk, "dora")
    desk.goto(f"{station}/{query}")
    expect(desk.locator("#board")).to_have_attribute("aria-busy", "false")
    expect(desk.get_by_text("Freigegeben").first).to_be_visible()
    expect(desk.locator("[data-part=live]")).to_contain_text("Live")
    look(desk, "board")
    desk.locator("[data-part=shortcuts]").click()
    expect(desk.get_by_role("dialog")).to_contain_text("Auswahl leeren")
    look(desk, "keys")
    for name in ("orders", "day", "fleet"):
        desk.goto(f"{station}/{name}/{query}")
        look(desk, name)
        desk.set_viewport_size({"width": 360, "height": 740})
        look(desk, f"{name}-phone")
        desk.set_viewport_size({"width": 1440, "height": 900})

    phone = visit(f"{system.address}/sign-in/", locale="de-DE", **PHONE)
    enter(system, phone, "dan")
    expect(phone.get_by_role("button", name="Tour beginnen")).to_be_visible()
    look(phone, "driver")
    with phone.expect_navigation():  # the push may show the route a moment before the page is fetched anew
        phone.get_by_role("button", name="Tour beginnen").click()
    expect(phone.get_by_text("Nächster Stopp").first).to_be_visible()
    look(phone, "driver-route")
