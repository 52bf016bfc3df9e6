"""The board as people expect it, statement by statement, in a browser on a running installation."""

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from tests.faults.running import ROOT
from tests.flows.conftest import shot
from tests.system import System, running_system

pytestmark = [pytest.mark.real, pytest.mark.long, pytest.mark.timeout(300)]
PICTURES = ROOT / "docs" / "img"
_codes = count(1)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running_system(tmp_path_factory.mktemp("board")) as system:
        yield system


@dataclass
class Board:
    """One dispatcher's screen."""

    page: Page
    world: dict[str, Any]

    def card(self, name: str) -> Locator:
        swatch = self.page.locator(".route__toggle .route__swatch").get_by_text(name, exact=True)
        return self.page.locator(".route").filter(has=swatch)

    def open(self, name: str) -> Locator:
        card = self.card(name)
        if card.locator(".route__toggle").get_attribute("aria-expanded") != "true":
            card.locator(".route__toggle").click()
        return card

    def stops(self, name: str) -> list[str]:
        """Addresses in driving order, once they are drawn."""
        where = self.open(name).locator(".stop__where")
        expect(where.first).to_be_visible()
        return where.all_inner_texts()

    def expect_stops(self, name: str, addresses: list[str]) -> None:
        expect(self.open(name).locator(".stop__where")).to_have_text(addresses)

    def do(self, name: str, words: str) -> None:
        """Choose a line of the route's menu."""
        self.card(name).get_by_role("button", name=f"More for {name}").click()
        self.page.locator(".popover").get_by_role("button", name=words).click()

    def count(self) -> Locator:
        return self.page.locator('[data-area="unassigned"] [data-part="count"]')

    def toast(self, words: str) -> Locator:
        return self.page.locator(".toast").filter(has_text=words)


@pytest.fixture
def lay(system: System, visit: Callable[..., Page]) -> Callable[..., list[Board]]:
    """A new station with its own day, and a screen for each of its dispatchers that is asked for."""

    def lay(people: int = 1, **options: Any) -> list[Board]:
        world = json.loads(system.run("-m", "tests.flows.board_world", "lay", f"B{next(_codes)}"))
        boards = []
        for name in world["names"][:people]:
            page = visit(f"{system.address}/sign-in/", **options)
            page.goto(system.link(name))
            page.get_by_role("button", name="Continue").click()
            page.wait_for_url(re.compile(r"/stations/\d+/"))
            page.goto(f"{system.address}/stations/{world['station']}/?day={world['day']}")
            expect(page.locator("#board")).to_have_attribute("aria-busy", "false")
            boards.append(Board(page, world))
        return boards

    return lay


def test_every_change_can_be_taken_back_also_after_a_reload(lay: Callable[..., list[Board]]) -> None:
    """18: undo and redo by key and button, each saying what it takes back; they outlive the page."""
    (board,) = lay()
    before = {name: board.stops(name) for name in ("R1", "R2", "R3")}
    undo = board.page.get_by_role("button", name=re.compile("^Undo"))
    expect(undo).to_be_disabled()
    board.do("R1", "Reverse the order of stops")
    expect(board.toast("R1 runs the other way round")).to_be_visible()
    board.expect_stops("R1", before["R1"][::-1])
    board.do("R2", "Merge into another route…")
    board.page.locator(".popover__item").filter(has_text="R1").click()
    expect(board.toast("R2 was merged into R1")).to_be_visible()
    expect(board.card("R2")).to_have_count(0)
    board.expect_stops("R1", before["R1"][::-1] + before["R2"])
    board.page.reload()
    expect(undo).to_have_attribute("aria-label", "Undo: routes merged")
    board.page.keyboard.press("Control+z")
    expect(board.toast("Taken back: routes merged")).to_be_visible()
    board.expect_stops("R2", before["R2"])
    undo.click()
    expect(board.toast("Taken back: route reversed")).to_be_visible()
    expect(undo).to_be_disabled()
    for name, addresses in before.items():
        board.expect_stops(name, addresses)
    board.page.keyboard.press("Control+Shift+z")
    expect(board.toast("Done again: route reversed")).to_be_visible()
    board.expect_stops("R1", before["R1"][::-1])


def test_undo_does_not_pull_away_what_another_built_on(lay: Callable[..., list[Board]]) -> None:
    """20: the second dispatcher sees the change within a moment; the first is told why it cannot be taken back."""
    ann, bob = lay(people=2)
    first = ann.stops("R1")[-1]
    ann.do("R1", "Reverse the order of stops")
    expect(ann.toast("R1 runs the other way round")).to_be_visible()
    expect(bob.open("R1").locator(".stop__where").first).to_have_text(first)
    bob.card("R1").locator(".stop").first.click()
    bob.page.keyboard.press("u")
    expect(ann.count()).to_have_text("9")
    ann.page.keyboard.press("Control+z")
    expect(ann.toast("R1 was changed since")).to_be_visible()
    bob.page.keyboard.press("Control+z")
    expect(ann.count()).to_have_text("8")
    ann.page.keyboard.press("Control+z")
    expect(ann.toast("Taken back: route reversed")).to_be_visible()


def test_locked_stops_stay_where_they_are(lay: Callable[..., list[Board]]) -> None:
    """16: a stop is locked to its van by key or menu, shows it, refuses moves, and keeps its route through a plan."""
    (board,) = lay()
    board.open("R2").locator(".stop").nth(1).click()
    board.page.keyboard.press("l")
    expect(board.toast("1 order locked")).to_be_visible()
    stop = board.card("R2").locator(".stop").nth(1)
    expect(stop.locator(".stop__lock")).to_be_visible()
    board.page.keyboard.press("u")
    expect(board.toast("is locked to its route")).to_be_visible()
    address = stop.locator(".stop__where").inner_text()
    board.page.get_by_role("button", name="Lock", exact=False).filter(has_text="Lock").last.click()
    board.page.locator(".popover").get_by_role("button", name="Locked to its van and place").click()
    plan(board)
    board.page.get_by_role("button", name="Accept", exact=True).click()
    expect(board.toast("The plan is accepted")).to_be_visible()
    expect(board.open("R2").locator(".stop__where").nth(1)).to_have_text(address)


def plan(board: Board, scope: str = "all") -> None:
    board.page.keyboard.press("o")
    board.page.locator(f'#plan-form input[value="{scope}"]').check()
    board.page.locator("#plan-limit").select_option("5")
    board.page.get_by_role("dialog").get_by_role("button", name="Optimize").click()
    expect(board.page.locator('[data-part="plan"]').get_by_role("heading")).to_contain_text("Proposal")


def test_a_proposal_says_what_it_changes_and_is_accepted_in_part(lay: Callable[..., list[Board]]) -> None:
    """17: before and after, what changes of each route, several proposals beside each other, some routes of one."""
    (board,) = lay()
    plan(board)
    panel = board.page.locator('[data-part="plan"]')
    expect(panel).to_contain_text("What changes:")
    board.page.keyboard.press("o")
    board.page.locator("#plan-preset").select_option("fewest_vans")
    board.page.locator("#plan-limit").select_option("5")
    board.page.get_by_role("dialog").get_by_role("button", name="Optimize").click()
    expect(panel).to_contain_text("2 proposals", timeout=30_000)
    shot(board.page, PICTURES / "board-proposals.png")
    board.page.get_by_label("Side by side").check()
    expect(board.page.locator('[data-part="map-present"] canvas').first).to_be_visible()
    expect(board.page.get_by_text("As it stands")).to_be_visible()
    board.page.wait_for_timeout(600)  # both maps are drawn
    shot(board.page, PICTURES / "board-beside.png")
    board.page.keyboard.press("Escape")
    expect(board.page.locator('[data-part="map-present"]')).to_be_hidden()
    panel.get_by_role("radio").last.check()
    expect(panel.locator(".plan__about")).to_have_text("the whole day")
    boxes = panel.locator("[data-route-box]:enabled")
    expect(boxes.first).to_be_visible()
    total = boxes.count()
    boxes.first.uncheck()
    panel.get_by_role("button", name=f"Accept {total - 1} of {total} routes").click()
    expect(board.toast("The plan is accepted")).to_be_visible()
    board.page.keyboard.press("Control+z")
    expect(board.toast("Taken back: plan accepted")).to_be_visible()
    expect(board.count()).to_have_text("8")


def test_one_screen_and_one_day_for_all_three_views(lay: Callable[..., list[Board]]) -> None:
    """1, 3, 4: pool, map and routes together; another day changes all; groups, search, and one selection for all."""
    (board,) = lay()
    page = board.page
    for area in ("unassigned", "map", "right"):
        expect(page.locator(f'[data-area="{area}"]')).to_be_visible()
    expect(board.count()).to_have_text("8")
    page.get_by_label("Group by").select_option("zone")
    expect(page.locator(".group__head")).to_contain_text(["In no zone", "North"])
    page.get_by_label("Group by").blur()  # keys belong to whoever has the focus
    page.keyboard.press("/")
    page.keyboard.type("testikatu 2")
    expect(page.locator('[data-area="unassigned"] [data-order]').first).to_contain_text("Testikatu 2")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    row = page.locator(".order-table tr[data-order]").filter(has_text="R2").first
    row.click()
    number = row.locator("td").first.inner_text()
    stop = board.open("R2").locator('.stop[aria-selected="true"]')
    expect(stop).to_have_count(1)
    expect(page.locator('[data-part="detail"]')).to_contain_text(number)
    page.keyboard.press("Escape")
    stops = board.open("R3").locator(".stop")
    expect(stops).to_have_count(6)
    page.locator(".order-table tr[data-order]").filter(has_text="R3").first.hover()
    expect(page.locator(".hover-ring")).to_have_count(1)
    expect(board.card("R3").locator(".stop.is-hovered")).to_have_count(1)
    page.get_by_role("button", name="The day after").click()
    expect(board.count()).to_have_text("0")
    expect(page.locator(".route")).to_have_count(0)
    expect(page.locator('[data-part="table-count"]')).to_have_text("0 orders")


def test_the_drawer_keeps_its_height_and_its_views(lay: Callable[..., list[Board]]) -> None:
    """2 and the table: dragged or by keys, remembered; filters and order kept as a view under a name."""
    (board,) = lay()
    page = board.page
    page.keyboard.press("t")
    expect(page.locator(".lane")).to_have_count(3)
    divider = page.locator('[data-part="divider"]')
    box = divider.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 300, box["y"] + 4)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] - 96, steps=4)
    page.mouse.up()
    divider.press("ArrowUp")
    height = divider.get_attribute("aria-valuenow")
    assert int(height or 0) > 330
    page.get_by_role("tab", name="Orders").click()
    page.locator('.chip[data-filter="planned"]').click()
    page.get_by_role("button", name="Window", exact=True).click()
    expect(page.locator('[data-part="table-count"]')).to_have_text("18 of 26 orders")
    page.get_by_role("button", name="Save view…").click()
    page.locator("#view-name").fill("On the road")
    page.get_by_role("button", name="Save", exact=True).click()
    shot(page, PICTURES / "board-table.png")
    page.reload()
    expect(divider).to_have_attribute("aria-valuenow", height or "")
    page.get_by_label("Saved views").select_option("On the road")
    expect(page.locator('[data-part="table-count"]')).to_have_text("18 of 26 orders")
    expect(page.locator('th[data-column="window"]')).to_have_attribute("aria-sort", "ascending")


def test_dragging_says_its_price_and_shows_what_it_breaks(lay: Callable[..., list[Board]]) -> None:
    """13, 14, 15: the price before the drop, a broken rule shown and named at once, several at a time by box."""
    (board,) = lay()
    page = board.page
    order = page.locator('[data-area="unassigned"] [data-order]').last  # wants a crane
    order.hover()
    page.mouse.down()
    page.mouse.move(700, 300, steps=3)
    target = board.card("R1").locator(".route__head").bounding_box()
    assert target is not None
    page.mouse.move(target["x"] + 60, target["y"] + 10, steps=4)
    expect(page.locator(".ghost")).to_contain_text("lacks crane")
    expect(page.locator(".ghost")).to_contain_text("€")
    page.mouse.up()
    expect(board.count()).to_have_text("7")
    expect(board.card("R1").locator(".badge--bad")).to_contain_text("skill missing")
    map_box = page.locator('[data-part="map"]').bounding_box()
    assert map_box is not None
    page.keyboard.down("Shift")
    page.mouse.move(map_box["x"] + 60, map_box["y"] + 90)
    page.mouse.down()
    page.mouse.move(map_box["x"] + map_box["width"] - 20, map_box["y"] + map_box["height"] - 60, steps=5)
    page.mouse.up()
    page.keyboard.up("Shift")
    chosen = page.locator('[data-part="selected"]')
    expect(chosen).to_contain_text("selected")
    assert int(chosen.inner_text().split()[0]) > 7
    page.keyboard.press("u")
    expect(board.count()).to_have_text("26")
    page.keyboard.press("Control+z")
    expect(board.count()).to_have_text("7")


def test_who_is_here_and_who_did_what(lay: Callable[..., list[Board]]) -> None:
    """Presence on the bar and on the route; the log tells of both dispatchers."""
    ann, bob = lay(people=2)
    expect(ann.page.locator(".people .person")).to_have_count(1)
    bob.open("R2")
    expect(ann.card("R2").locator(".person")).to_be_visible()
    bob.do("R2", "Reverse the order of stops")
    ann.page.keyboard.press("t")
    ann.page.get_by_role("tab", name="Log").click()
    line = ann.page.locator(".log__line").filter(has_text=bob.world["names"][1])
    expect(line.first).to_contain_text("turned round")
    shot(ann.page, PICTURES / "board-log.png")
    bob.page.close()
    expect(ann.page.locator(".people .person")).to_have_count(0)


def test_what_was_left_out_says_why_and_how_it_would_fit(lay: Callable[..., list[Board]]) -> None:
    """21 and explain: the reason on the order, the smallest change with its price, and a button that does it."""
    (board,) = lay()
    plan(board)
    expect(board.page.locator('[data-part="plan"]')).to_contain_text("1 order left out")
    board.page.get_by_role("button", name="Accept", exact=True).click()
    expect(board.count()).to_have_text("1")
    order = board.page.locator('[data-area="unassigned"] [data-order]')
    order.click()
    detail = board.page.locator('[data-part="detail"]')
    expect(detail).to_contain_text("the skill")
    shot(board.page, PICTURES / "board-left-out.png")
    detail.get_by_role("button", name="Do it").first.click()
    expect(board.count()).to_have_text("0")
    expect(board.page.locator(".route .badge--bad")).to_contain_text("skill missing")


def test_the_board_comes_back_right_after_a_broken_connection(lay: Callable[..., list[Board]]) -> None:
    """20: what happened while one was cut off is there within moments of coming back, without a reload."""
    ann, bob = lay(people=2)
    ann.page.context.set_offline(True)
    ann.page.evaluate("() => window.dispatchEvent(new Event('offline'))")
    first = bob.stops("R1")[-1]
    bob.do("R1", "Reverse the order of stops")
    expect(bob.toast("R1 runs the other way round")).to_be_visible()
    ann.page.wait_for_timeout(4000)  # the pauses between attempts have grown
    ann.page.context.set_offline(False)
    began = time.monotonic()
    expect(ann.open("R1").locator(".stop__where").first).to_have_text(first, timeout=60_000)
    print(f"right again after {time.monotonic() - began:.1f} s")


def test_one_colour_for_a_route_and_another_sign_for_its_state(lay: Callable[..., list[Board]]) -> None:
    """5, 6, 12: card, lane and table wear one colour; states have words and a legend; too much on a van shows."""
    (board,) = lay()
    page = board.page
    colour = "one => getComputedStyle(one).backgroundColor"
    card = board.card("R2").locator(".route__toggle .route__swatch").evaluate(colour)
    page.keyboard.press("t")
    lane = page.locator(".lane").filter(has_text="R2")
    expect(lane.locator(".tile")).to_have_count(6)
    assert lane.locator(".tile").first.evaluate(colour) == card
    page.keyboard.press("g")
    row = page.locator(".order-table tr[data-order]").filter(has_text="R2").first
    assert row.locator(".route__swatch").evaluate(colour) == card
    assert card != board.card("R1").locator(".route__toggle .route__swatch").evaluate(colour)
    expect(row).to_contain_text("Planned")
    page.locator('[data-part="legend-menu"] summary').click()
    expect(page.locator('[data-part="legend"] li')).to_have_count(12)
    expect(page.locator('[data-part="legend"]')).to_contain_text("Will be late (gold dot)")
    page.keyboard.press("Escape")
    full = board.card("R1").locator(".route__full")
    expect(full).not_to_have_class(re.compile("is-over"))
    page.locator('[data-area="unassigned"] [data-order]').first.click()
    page.locator('[data-area="unassigned"] [data-order]').nth(5).click(modifiers=["Shift"])
    page.keyboard.press("m")
    page.locator(".popover__item").filter(has_text="R1").click()
    expect(board.toast("6 orders moved to R1")).to_be_visible()
    expect(full).to_have_class(re.compile("is-over"))
    expect(board.card("R1").locator(".route__badges")).to_contain_text("over capacity")


def test_the_timeline_shows_time(lay: Callable[..., list[Board]]) -> None:
    """10, 11: a tile as wide as its service on the shift's ground, the line of now, and each stop's time in hand."""
    (board,) = lay()
    page = board.page
    page.keyboard.press("t")
    lane = page.locator(".lane").filter(has_text="R1")
    expect(lane.locator(".lane__shift")).to_have_count(1)
    widths = lane.locator(".tile").evaluate_all("all => all.map((one) => one.getBoundingClientRect().width)")
    left = lane.locator(".tile").evaluate_all("all => all.map((one) => one.getBoundingClientRect().left)")
    assert all(width > 1 for width in widths)
    assert left == sorted(left)
    expect(page.locator('[data-part="now-line"]')).to_be_visible()
    page.locator('[data-part="scroller"]').evaluate("one => { one.scrollLeft = one.scrollWidth; }")
    page.get_by_role("button", name="Go to now").click()
    in_sight = """() => {
      const line = document.querySelector('[data-part="now-line"]').getBoundingClientRect();
      const box = document.querySelector('[data-part="scroller"]').getBoundingClientRect();
      return line.left >= box.left && line.left <= box.right;
    }"""
    page.wait_for_function(in_sight)
    signs = board.open("R1").locator(".stop__sign")
    expect(signs.first).to_have_attribute("data-level", re.compile("ok|near|late|early|free"))
    expect(signs.first).to_have_attribute("title", re.compile("in hand|late|no window|arrives before"))
    lane.locator(".tile").nth(2).click()
    expect(board.card("R1").locator('.stop[aria-selected="true"]')).to_have_count(1)


def test_vans_say_what_they_do_and_how_old_that_is(system: System, lay: Callable[..., list[Board]]) -> None:
    """7, 8, 9: driving, standing, last seen at, and not at all after a day; planned way, driven way or both."""
    (board,) = lay()
    page, station = board.page, str(board.world["station"])
    for van, age, speed in (("0", "5", "8"), ("1", "5", "0"), ("2", "600", "8"), ("3", "90000", "8")):
        system.run("-m", "tests.flows.board_world", "seen", station, van, age, speed)
    page.reload()
    vans = page.locator('[data-part="vans"] li')
    expect(vans).to_have_count(3)
    expect(vans).to_contain_text(["moving", "standing", "last seen"])
    expect(vans.first).to_contain_text("R1")
    lines = page.get_by_label("Lines")
    expect(lines.locator("option")).to_have_text(["Planned way", "Driven way", "Both ways"])
    lines.select_option("both")
    expect(page.locator("#board")).to_have_attribute("aria-busy", "false")


def test_every_deed_has_a_key(lay: Callable[..., list[Board]]) -> None:
    """22: search, optimize, move, later, unassign, alerts, clear; listed under "?", and to be switched off."""
    (board,) = lay()
    page = board.page
    page.keyboard.press("?")
    keys = page.get_by_role("dialog")
    for words in (
        "Search orders",
        "Optimize",
        "Unassign the selection",
        "Clear the selection",
        "Table of orders",
    ):
        expect(keys).to_contain_text(words)
    page.keyboard.press("Escape")
    before = board.stops("R1")
    board.card("R1").locator(".stop").first.click()
    page.keyboard.press("Alt+ArrowDown")
    expect(board.toast("1 order moved to R1")).to_be_visible()
    board.expect_stops("R1", [before[1], before[0], *before[2:]])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("Delete")
    expect(board.count()).to_have_text("9")
    page.keyboard.press("a")
    expect(page.get_by_role("tab", name=re.compile("^Exceptions"))).to_have_attribute("aria-selected", "true")
    page.keyboard.press("a")
    page.keyboard.press("o")
    expect(page.get_by_role("dialog")).to_contain_text("Optimize")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.get_by_role("dialog").get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    expect(page.locator('[data-area="timeline"]')).to_be_hidden()
    page.keyboard.press("Control+z")
    expect(board.count()).to_have_text("8")


def test_exceptions_are_sorted_narrowed_and_answered(system: System, lay: Callable[..., list[Board]]) -> None:
    """23, 24: worst first, counted, narrowed by kind and severity, shown on the map, acknowledged, snoozed, over."""
    ann, bob = lay(people=2)
    system.run("-m", "tests.flows.board_world", "trouble", str(ann.world["station"]))
    for board in (ann, bob):
        expect(board.page.locator("[data-exception-count]").first).to_have_text("2")
    expect(ann.toast("Trouble on R1")).to_be_visible()
    ann.page.keyboard.press("a")
    rows = ann.page.locator(".exception")
    expect(rows).to_contain_text(["Trouble on R1", "efused"])
    chips = ann.page.locator('[data-part="kinds"] .chip')
    expect(chips).to_have_text(["All 2", "Critical 1", "Warning 1", "Late 1", "Failed delivery 1"])
    chips.filter(has_text="Failed delivery").click()
    expect(rows).to_have_count(1)
    chips.filter(has_text="All").click()
    rows.first.get_by_role("button", name="Trouble on R1").click()
    expect(ann.page.locator('[data-part="detail"]')).to_contain_text("R1, stop 3")
    rows.first.get_by_role("button", name="Acknowledge").click()
    bob.page.keyboard.press("a")
    late = bob.page.locator(".exception").filter(has_text="Trouble on R1")
    expect(late).to_contain_text(f"Acknowledged{ann.world['names'][0]}")
    late.get_by_role("button", name="Snooze 30 min").click()
    expect(ann.page.locator(".exception").filter(has_text="Trouble on R1")).to_contain_text("Snoozed")
    failed = ann.page.locator(".exception").filter(has_text="Failed delivery")
    failed.get_by_role("button", name="Resolve").click()
    expect(bob.page.locator(".exception")).to_have_count(1)


def test_who_was_slower_sees_what_changed_and_does_it_again(lay: Callable[..., list[Board]]) -> None:
    """20: a change on what one has not seen is refused, nothing is overwritten, the newest state is there at once."""
    ann, bob = lay(people=2)
    deaf = {"on": False}

    def between(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        socket.on_message(server.send)
        server.on_message(lambda frame: None if deaf["on"] else socket.send(frame))

    ann.page.route_web_socket(re.compile("/ws/stations/"), between)
    ann.page.reload()
    expect(ann.page.locator("#board")).to_have_attribute("aria-busy", "false")
    before = ann.stops("R1")
    expect(ann.page.locator('[data-part="live"]')).to_contain_text("Live")
    deaf["on"] = True
    bob.do("R1", "Reverse the order of stops")
    expect(bob.toast("R1 runs the other way round")).to_be_visible()
    assert ann.stops("R1") == before
    ann.page.locator('[data-area="unassigned"] [data-order]').first.click()
    ann.page.keyboard.press("m")
    ann.page.locator(".popover__item").filter(has_text="R1").click()
    expect(ann.toast("Somebody else was faster")).to_be_visible()
    ann.expect_stops("R1", before[::-1])
    expect(ann.count()).to_have_text("8")
    ann.page.keyboard.press("m")
    ann.page.locator(".popover__item").filter(has_text="R1").click()
    expect(ann.count()).to_have_text("7")
    expect(bob.count()).to_have_text("7")


def test_drafts_are_released_with_a_word_for_what_they_break(lay: Callable[..., list[Board]]) -> None:
    """19: routes are drafts until released; one that breaks a rule asks why; the card says how far it is."""
    (board,) = lay()
    page = board.page
    expect(board.card("R1").locator(".route__state")).to_have_text("Draft")
    page.get_by_role("button", name="Release 3 routes").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=re.compile("^Release")).click()
    expect(board.toast("3 routes released to drivers")).to_be_visible()
    for name in ("R1", "R2", "R3"):
        expect(board.card(name).locator(".route__state")).to_have_text("Released")
    board.do("R1", "Recall to draft")
    expect(board.card("R1").locator(".route__state")).to_have_text("Draft")
