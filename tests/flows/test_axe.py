"""Every page and every state of the board as axe-core sees it, WCAG 2.2 AA and its best practice, in light and dark."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from tests.faults.running import ROOT
from tests.flows.looking import DESK
from tests.scenarios import DAY, make_fleet, make_orders, make_person, make_shop, make_station
from tests.system import System, running_system

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async (rules) => {
  const found = await axe.run(document, {runOnly: rules});
  return found.violations.map((one) => ({id: one.id, help: one.help, nodes: one.nodes.slice(0, 4).map((node) =>
    `${node.target.join(" ")}: ${node.failureSummary.split("\\n").slice(1, 3).join(" ").trim()}`)}));
}"""
# Colours glide to another theme where somebody wants motion, and the map draws itself anew.
SETTLED = """() => new Promise((done) => {
  const calm = () => document.getAnimations().every((one) => one.playState !== "running");
  const look = () => (calm() ? requestAnimationFrame(() => requestAnimationFrame(done)) : setTimeout(look, 50));
  setTimeout(look, 300);
})"""
THEMES = ("light", "dark")
PAGES = (
    *(
        "orders",
        "needs-location",
        "import",
        "order-new",
        "recurring",
        "recurring-new",
        "fleet",
        "fleet-stock",
    ),
    *(
        "fleet-shift-new",
        "fleet-driver-new",
        "fleet-vehicle-new",
        "day",
        "people",
        "invite",
        "audit",
        "shops",
    ),
    *("shop-new", "station-settings", "settings-level-new", "streets"),
)
OF_NO_STATION = ("account", "second-factor", "sign-in")


def faults(page: Page, where: str) -> list[str]:
    """What axe finds on the page as it stands, once for each rule."""
    page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate(RUN, RULES)
    return [f"{where}: {one['id']}: {one['help']}\n    " + "\n    ".join(one["nodes"]) for one in found]


def in_both(page: Page, where: str) -> list[str]:
    found = []
    for theme in THEMES:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.evaluate(SETTLED)
        found += faults(page, f"{where}, {theme}")
    return found


@pytest.fixture
def manager(live_server: Any) -> dict[str, str]:
    """Addresses by name and a session; made before there is a browser, whose loop forbids the database."""
    station = make_station()
    make_fleet(station, n=2)
    make_orders(station, make_shop(station), 3)
    client = Client()
    client.force_login(make_person("mia", "manager", station))
    pages = {name: f"{live_server.url}{reverse(name, args=[station.pk])}?day={DAY}" for name in PAGES}
    pages |= {name: f"{live_server.url}{reverse(name)}" for name in OF_NO_STATION}
    return pages | {"session": client.cookies[settings.SESSION_COOKIE_NAME].value, "home": live_server.url}


@pytest.mark.real
@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.django_db(transaction=True)
def test_every_page_of_a_manager(manager: dict[str, str], request: pytest.FixtureRequest) -> None:
    context = request.getfixturevalue("chromium").new_context(**DESK)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": manager["session"], "url": manager["home"]}
    context.add_cookies([cookie])
    page = context.new_page()
    found = []
    for name in (*PAGES, *OF_NO_STATION):
        page.goto(manager[name])
        found += in_both(page, name)
    context.close()
    assert not found, "\n".join(found)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running_system(tmp_path_factory.mktemp("axe")) as system:
        yield system


@pytest.mark.real
@pytest.mark.long
@pytest.mark.timeout(300)
def test_every_state_of_the_board(system: System, chromium: Browser) -> None:
    world = json.loads(system.run("-m", "tests.flows.board_world", "lay", "AXE"))
    page = chromium.new_context(**DESK).new_page()
    page.goto(system.link(world["names"][0]))
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(re.compile(r"/stations/\d+/"))
    page.goto(f"{system.address}/stations/{world['station']}/?day={world['day']}")
    expect(page.locator("#board")).to_have_attribute("aria-busy", "false")
    found = in_both(page, "board")
    page.keyboard.press("t")
    expect(page.locator(".lane").first).to_be_visible()
    page.locator(".route__toggle").first.click()
    page.locator(".stop").nth(1).click()
    expect(page.locator('[data-part="detail"]')).to_be_visible()
    found += in_both(page, "timeline, open route and detail")
    page.get_by_role("button", name=re.compile("^More for")).first.click()
    found += in_both(page, "route menu")
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Orders").click()
    expect(page.locator(".order-table tr[data-order]").first).to_be_visible()
    found += in_both(page, "table")
    page.get_by_role("tab", name="Log").click()
    expect(page.locator(".log__line").first).to_be_visible()
    found += in_both(page, "log")
    page.get_by_role("tab", name=re.compile("^Exceptions")).click()
    found += in_both(page, "exceptions")
    page.locator('[data-part="legend-menu"] summary').click()
    found += in_both(page, "legend")
    page.locator('[data-part="legend-menu"] summary').click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    found += in_both(page, "shortcuts")
    page.keyboard.press("Escape")
    page.keyboard.press("o")
    expect(page.get_by_role("dialog")).to_be_visible()
    found += in_both(page, "optimize dialog")
    page.locator("#plan-limit").select_option("5")
    page.get_by_role("dialog").get_by_role("button", name="Optimize").click()
    expect(page.locator('[data-part="plan"]').get_by_role("heading")).to_contain_text("Proposal")
    found += in_both(page, "proposal")
    assert not found, "\n".join(found)
