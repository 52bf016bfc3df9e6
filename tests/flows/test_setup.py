"""A new user with the README alone: own account, own station, own vans, and the first route released."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.faults.running import ROOT
from tests.flows.conftest import shot
from tests.flows.test_day import release
from tests.system import System, running_system

pytestmark = [pytest.mark.real, pytest.mark.long, pytest.mark.timeout(480)]


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running_system(tmp_path_factory.mktemp("own")) as system:
        yield system


def test_from_nothing_to_a_released_route(system: System, visit: Callable[..., Page]) -> None:
    """On a phone's width as far as the fleet, then on the desktop's board; the city is the one tests share."""
    printed = re.search(r"\S+/setup/first/\S+", system.said())
    assert printed is not None
    try:
        page = visit(printed[0], viewport={"width": 360, "height": 740})
        account(page)
        station(page)
        fleet(page)
        page.set_viewport_size({"width": 1440, "height": 900})
        plan_and_release(page)
    except BaseException:
        print(system.logs())
        shot(page, ROOT / "var" / "tests" / "failed-setup.png")
        raise


def account(page: Page) -> None:
    page.get_by_label("Your name").fill("Ada Admin")
    page.get_by_label("User name").fill("ada")
    page.get_by_label("Password:", exact=True).fill("quiet river lamp")
    page.get_by_label("Password once more").fill("quiet river lamp")
    page.get_by_role("button", name="Go on").click()


def station(page: Page) -> None:
    page.get_by_role("link", name="Use helsinki").click()
    page.locator("#id_address").press_sequentially("Mannerheimintie 10")
    page.locator("#matches button").first.click()
    expect(page.get_by_label("Latitude")).not_to_have_value("")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
        "nothing is wider than the phone"
    )
    page.get_by_role("button", name="Make the station").click()
    page.get_by_role("button", name="Go on").click()


def fleet(page: Page) -> None:
    page.locator("#id_drivers").fill("Aino Virtanen, 040 123 4567\nEero Korhonen\nMika Niemi")
    page.get_by_role("button", name="Add the fleet").click()
    expect(page.get_by_text("3 vehicles, 3 drivers, 6 shifts ahead.")).to_be_visible()
    expect(page.locator(".setup__links code")).to_have_count(3)


def plan_and_release(page: Page) -> None:
    page.get_by_role("button", name="Make a trial day").click()
    page.wait_for_url(re.compile(r"/stations/\d+/\?day="))
    expect(page.get_by_text("Aino Virtanen").first).to_be_visible(timeout=15_000)  # the board has come
    page.keyboard.press("o")
    page.locator("#plan-limit").select_option("5")
    page.get_by_role("dialog").get_by_role("button", name="Optimize").click()
    panel = page.locator('[data-part="plan"]')
    expect(panel.get_by_role("heading")).to_contain_text("Proposal", timeout=40_000)
    panel.get_by_role("button", name="Accept").click()
    expect(page.locator("[data-route-count]").first).not_to_have_text("0")
    release(page)
