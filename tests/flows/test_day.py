"""A dispatcher's day on real parts: a file comes in, a plan is made, edited, released, driven, and trouble shows."""

import csv
import io
import json
import re
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.faults.running import ROOT
from tests.flows.conftest import shot
from tests.system import System, running_system

pytestmark = [pytest.mark.real, pytest.mark.timeout(480)]
ORDERS = 70
PICTURES = ROOT / "docs" / "img"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running_system(tmp_path_factory.mktemp("flow")) as system:
        yield system


@pytest.fixture(scope="module")
def world(system: System) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(system.run("-m", "tests.flows.world", "lay", "5"))
    return found


def enter(system: System, page: Page, name: str) -> Page:
    page.goto(system.link(name))
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(re.compile(r"/stations/\d+/"))
    return page


def order_file(world: dict[str, Any]) -> bytes:
    """A shop's file: semicolons, decimal commas, one row nobody can read and one address nobody knows."""
    text = io.StringIO()
    rows = csv.writer(text, delimiter=";")
    rows.writerow(["Order", "Name", "Street", "PLZ", "Window", "Weight_kg"])
    for index, (address, postcode) in enumerate(world["doors"][:ORDERS]):
        window = ("09:00-11:00", "10:00-12:00", "")[index % 3]
        rows.writerow([f"A{index}", f"Ääkkönen {index}", address, postcode, window, "2,5"])
    rows.writerow(["B1", "Nobody", "Nowhere Lane 99", "00100", "", "1"])
    rows.writerow(["B2", "Backwards", world["doors"][0][0], "", "14:00-12:00", "1"])
    return text.getvalue().encode()


def device(system: System, token: str, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """What a driver's phone says to the API."""
    request = urllib.request.Request(  # noqa: S310
        f"{system.address}/api/v1/{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=15) as answer:  # noqa: S310
        return json.loads(answer.read())


def board(page: Page, path: str = "board/?day=2026-03-10") -> Any:
    """The snapshot, as this visitor's browser sees it."""
    station = page.locator("#board").get_attribute("data-station")
    return page.evaluate("async (path) => (await fetch(path)).json()", f"/api/v1/stations/{station}/{path}")


def test_a_day(system: System, world: dict[str, Any], visit: Callable[..., Page]) -> None:
    """Steps 2 to 5 of the main job in one go: intake, optimize, board, road."""
    try:
        page = visit(f"{system.address}/sign-in/")
        enter(system, page, "dora")
        take_in(page, system, world)
        locate(page, system, world)
        plan(page, system, world)
        other = enter(system, visit(f"{system.address}/sign-in/", color_scheme="dark"), "dina")
        other.goto(f"{system.address}/stations/{world['station']}/?day={world['day']}")
        edit_in_step(page, other)
        release(page)
        drive(page, other, system, world)
    except BaseException:
        print(system.logs())
        shot(page, ROOT / "var" / "tests" / "failed.png")
        raise


def take_in(page: Page, system: System, world: dict[str, Any]) -> None:
    page.goto(f"{system.address}/stations/{world['station']}/imports/new/")
    page.set_input_files(
        "input[type=file]",
        {"name": "orders.csv", "mimeType": "text/csv", "buffer": order_file(world)},
    )
    page.locator("select[name=shop]").select_option(label="Kauppa Oy")
    page.locator("input[name=day]").fill(world["day"])
    page.get_by_role("button", name="Show preview").click()
    expect(page.get_by_role("heading", name="1 row would be refused")).to_be_visible()
    page.get_by_role("button", name=f"Import {ORDERS + 2} rows").click()
    expect(page.locator("main")).to_contain_text(re.compile(rf"New\s*{ORDERS + 1}\b"), timeout=30_000)


def locate(page: Page, system: System, world: dict[str, Any]) -> None:
    """The one address nobody knows gets its place by a click on the map."""
    page.goto(f"{system.address}/stations/{world['station']}/orders/needs-location/")
    expect(page.locator("#count")).to_have_text("1")
    page.locator(".locate__pick").click()
    box = page.locator("#map").bounding_box()
    assert box is not None
    page.locator("#map").click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    expect(page.locator("#nothing")).to_be_visible(timeout=20_000)


def plan(page: Page, system: System, world: dict[str, Any]) -> None:
    page.goto(f"{system.address}/stations/{world['station']}/?day={world['day']}")
    expect(page.locator('[data-area="unassigned"] [data-part="count"]')).to_have_text(str(ORDERS + 1))
    page.keyboard.press("o")
    page.locator("#plan-limit").select_option("5")
    page.get_by_role("dialog").get_by_role("button", name="Optimize").click()
    panel = page.locator('[data-part="plan"]')
    expect(panel.get_by_role("heading")).to_have_text("Optimizing", timeout=20_000)
    expect(panel.locator(".plan__cost")).to_contain_text("€", timeout=20_000)
    expect(panel.get_by_role("heading")).to_contain_text("Proposal", timeout=30_000)
    expect(panel).to_contain_text("Every order has a place.")
    panel.get_by_role("button", name="Accept").click()
    expect(page.locator("[data-route-count]").first).not_to_have_text("0")
    expect(page.locator('[data-area="unassigned"] [data-part="count"]')).to_have_text("0")


def edit_in_step(page: Page, other: Page) -> None:
    """One dispatcher takes a stop off a route and puts it back; the other's screen follows by itself."""
    count = '[data-area="unassigned"] [data-part="count"]'
    expect(other.locator(count)).to_have_text("0")
    before = board(page)
    route = next(card for card in before["routes"] if len(card["stops"]) > 2)
    page.locator(f'[data-route="{route["id"]}"] .route__toggle').click()
    stop = page.locator(f'[data-stop="{route["stops"][0]["id"]}"]')
    stop.click()
    page.keyboard.press("u")
    expect(page.locator(count)).not_to_have_text("0")
    expect(other.locator(count)).to_have_text(page.locator(count).inner_text(), timeout=20_000)
    order = page.locator('[data-area="unassigned"] [data-order]').first
    order.click()
    page.get_by_role("button", name="Assign to…", exact=True).click()
    menu = page.get_by_role("dialog", name="Assign to").or_(page.locator(".popover"))
    menu.get_by_role("button").filter(has_text=route["name"]).click()
    expect(other.locator(count)).to_have_text("0", timeout=20_000)
    after, same = board(page), board(other)
    assert after["routes"] == same["routes"]
    assert (
        sum(len(card["stops"]) for card in after["routes"])
        >= sum(len(r["stops"]) for r in before["routes"]) - 1
    )


def release(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Release")).first.click()
    dialog = page.get_by_role("dialog")
    reason = dialog.locator("#release-reason")
    if reason.count():
        reason.fill("Agreed with the customers")
    dialog.get_by_role("button", name=re.compile("^Release")).click()
    expect(page.locator(".route__state").first).to_have_text("Released", timeout=20_000)


def drive(page: Page, other: Page, system: System, world: dict[str, Any]) -> None:
    """A phone drives: the van appears and moves, a stop is delivered, one fails, and a late route is told."""
    system.run("-m", "tests.flows.world", "clock", str(world["station"]), "09:05")
    route = next(card for card in board(page)["routes"] if len(card["stops"]) > 4)
    token = world["tokens"][str(route["driver_id"])]
    seen = device(system, token, "GET", f"driver/route/?day={world['day']}")
    assert seen["route"]["id"] == route["id"] if "route" in seen else seen["id"] == route["id"]
    device(system, token, "POST", f"routes/{route['id']}/start/", {})
    first, second = route["stops"][:2]
    send(system, token, 1, first["lat"] + 0.001, first["lng"], "07:05:00")
    expect(page.locator('[data-part="vans"] li')).to_have_count(1, timeout=20_000)
    send(system, token, 2, first["lat"], first["lng"], "07:05:20")
    at_door = {"lat": first["lat"], "lng": first["lng"], "at": "2026-03-10T07:05:30+00:00"}
    device(system, token, "POST", f"stops/{first['id']}/arrive/", {"event_id": "e1", **at_door})
    done = {"event_id": "e2", "received_by": "Ääkkönen", **at_door}
    device(system, token, "POST", f"stops/{first['id']}/deliver/", done)
    device(system, token, "POST", f"stops/{first['id']}/deliver/", done)
    device(
        system,
        token,
        "POST",
        f"stops/{second['id']}/fail/",
        {"event_id": "e3", "reason": "no_one_home", "at": "2026-03-10T07:06:00+00:00"},
    )
    row = page.locator(f'[data-stop="{first["id"]}"]')
    if not row.count():
        page.locator(f'[data-route="{route["id"]}"] .route__toggle').click()
    expect(row).to_have_attribute("data-state", "completed", timeout=20_000)
    page.keyboard.press("Escape")
    expect(page.locator(".toast")).to_have_count(0, timeout=15_000)
    shot(page, PICTURES / "board.png")
    system.run("-m", "tests.flows.world", "clock", str(world["station"]), "12:40")
    send(system, token, 3, first["lat"], first["lng"], "10:40:10")
    page.locator('[data-tab="exceptions"]').click()
    expect(page.locator(".exception").filter(has_text="late").first).to_be_visible(timeout=30_000)
    expect(other.locator("[data-exception-count]").first).to_be_visible()
    states = {order["state"] for order in board(page)["orders"]}
    assert {"delivered", "failed", "out"} <= states
    shot(page, PICTURES / "exceptions.png")
    shot(other, PICTURES / "board-dark.png")


def send(system: System, token: str, seq: int, lat: float, lng: float, at: str) -> None:
    at = f"2026-03-10T{at}+00:00"
    fix = {"seq": seq, "at": at, "lat": lat, "lng": lng, "accuracy": 8, "speed": 6.0, "heading": 90}
    answer = device(system, token, "POST", "positions/", {"sent_at": at, "fixes": [fix]})
    assert answer["stored"] == 1, answer
