"""Everybody's day on one installation, from the address the server prints to the closed day and a lost phone."""

import io
import json
import re
from collections.abc import Iterator
from typing import Any, cast

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.flows.conftest import shot
from tests.flows.looking import PHONE, PICTURES, Visitors, visitors
from tests.flows.test_day import board, release
from tests.flows.test_driver import camera, sign
from tests.system import System, running_system

pytestmark = [pytest.mark.real, pytest.mark.long, pytest.mark.timeout(480)]
DAY, NEXT = "2026-03-10", "2026-03-11"
NOBODY_STORES = """
  const refuse = () => { throw new DOMException("blocked", "SecurityError"); };
  for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, {get: refuse});
  Object.defineProperty(document, "cookie", {get: refuse, set: refuse});
"""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running_system(tmp_path_factory.mktemp("roles")) as system:
        yield system


def test_a_day_of_everybody(system: System, chromium: Browser) -> None:
    """The whole job, each by the one whose it is, each seeing in time what the others do."""
    with visitors(chromium) as people:
        day = EverybodysDay(system, people)
        try:
            day.first_run()
            day.invite_all()
            day.take_in()
            day.plan()
            day.before_the_van()
            day.drive()
            day.after_the_van()
            day.close()
            day.audit()
            day.lose_the_phone()
        except BaseException:
            print(system.logs(), people.wrong)
            day.last_look()
            raise


class EverybodysDay:
    """The people of one station, and the pages before them."""

    def __init__(self, system: System, people: Visitors) -> None:
        self.system, self.people = system, people
        self.pages: dict[str, Page] = {}
        self.station = 0
        self.numbers: dict[str, int] = {}

    def url(self, path: str = "") -> str:
        return f"{self.system.address}/stations/{self.station}/{path}"

    def last_look(self) -> None:
        for name, page in self.pages.items():
            shot(page, PICTURES / f"failed-{name}.png")

    # From nothing to a station

    def first_run(self) -> None:
        printed = re.search(r"\S+/setup/first/\S+", self.system.said())
        assert printed is not None
        page = self.pages["ada"] = self.people.come(printed[0])
        self.people.look(page, "01-account")
        page.get_by_label("Your name").fill("Ada Admin")
        page.get_by_label("User name").fill("ada")
        page.get_by_label("Password:", exact=True).fill(password("ada"))
        page.get_by_label("Password once more").fill(password("ada"))
        page.get_by_role("button", name="Go on").click()
        self.people.look(page, "02-city")
        page.get_by_role("link", name="Use helsinki").click()
        page.locator("#id_address").press_sequentially("Mannerheimintie 10")
        page.locator("#matches button").first.click()
        expect(page.get_by_label("Latitude")).not_to_have_value("")
        page.locator("#id_language").select_option("en")
        self.people.look(page, "03-station")
        page.get_by_role("button", name="Make the station").click()
        page.wait_for_url(re.compile(r"/setup/\d+/manager/"))
        found = re.search(r"/setup/(\d+)/", page.url)
        assert found is not None
        self.station = int(found[1])
        self.clock("07:00")
        self.first_fleet(page)
        self.first_shop(page)

    def first_fleet(self, page: Page) -> None:
        page.locator("input[name=who]").nth(1).check()
        page.locator("#id_full_name").fill("Mia Manager")
        page.locator("#id_email").fill("mia@example.com")
        self.people.look(page, "04-manager")
        page.get_by_role("button", name="Go on").click()
        page.locator("#id_kind0-count").fill("1")
        page.locator("#id_drivers").fill("Aino Virtanen, 040 123 4567\nEero Korhonen")
        page.get_by_label(re.compile("nvit")).uncheck()
        self.people.look(page, "05-fleet")
        page.get_by_role("button", name="Add the fleet").click()
        self.people.look(page, "06-done")
        link = page.locator(".setup__links code")
        expect(link).to_have_count(1)
        self.join("mia", link.inner_text(), "Mia Manager")

    def first_shop(self, page: Page) -> None:
        """A shop is made where the page of shops says so: in the admin."""
        page.goto(f"{self.system.address}/admin/dispatch/shop/add/")
        page.locator("#id_name").fill("Kauppa Oy")
        page.locator("#id_code").fill("kauppa")
        page.locator(".field-stations .select2-selection").click()
        page.locator(".select2-results__option").filter(has_text="Helsinki").click()
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator(".messagelist")).to_contain_text("Kauppa Oy")

    def clock(self, there: str) -> None:
        self.system.run("-m", "tests.flows.world", "clock", str(self.station), there)

    # People

    def join(self, name: str, link: str, full_name: str, **options: Any) -> Page:
        """Opens the link in an own browser, takes a password, signs out, and comes back with it."""
        page = self.pages[name] = self.people.come(link, **options)
        expect(page.get_by_label("Your name")).to_have_value(full_name)
        page.get_by_label("User name").fill(name)
        page.get_by_label("Password:", exact=True).fill(password(name))
        page.get_by_label("The same again").fill(password(name))
        page.get_by_label("Language").select_option("en")
        self.people.look(page, f"07-join-{name}")
        page.get_by_role("button", name="Make my account and join").click()
        expect(page).not_to_have_url(re.compile("/join/"))
        self.sign_out(page)
        page.goto(f"{self.system.address}/sign-in/")
        page.get_by_label("User name or e-mail").fill(name)
        page.get_by_label("Password").fill(password(name))
        page.get_by_role("button", name="Sign in").click()
        expect(page).not_to_have_url(re.compile("/sign-in/"))
        return page

    def sign_out(self, page: Page) -> None:
        button = page.get_by_role("button", name="Sign out", exact=True)
        if not button.is_visible():
            page.locator(".menu--end summary").first.click()
        button.click()
        page.wait_for_url(re.compile("/sign-in/"))

    def invite_all(self) -> None:
        mia = self.pages["mia"]
        for name, full_name, role, options in (
            ("dora", "Dora Dispatcher", "dispatcher", {}),
            ("aino", "Aino Virtanen", "driver", PHONE),
            ("otto", "Otto Auditor", "auditor", {}),
        ):
            mia.goto(self.url("people/"))
            mia.get_by_role("link", name="Invite somebody").click()
            mia.get_by_label("Name").fill(full_name)
            mia.get_by_label("Role").select_option(role)
            if role == "driver":
                mia.get_by_label("Drives as").select_option(label="Aino Virtanen")
            self.people.look(mia, f"08-invite-{name}")
            mia.get_by_role("button", name="Make the link").click()
            link = mia.locator("#link").input_value()
            self.people.look(mia, f"09-link-{name}")
            self.join(name, link, full_name, **options)
        mia.goto(self.url("people/"))
        for name in ("Mia", "Dora", "Aino", "Otto"):
            expect(mia.locator(".people__stack").first).to_contain_text(name)
        self.people.look(mia, "10-people")
        expect(self.pages["aino"]).to_have_url(re.compile("/driver/"))
        self.people.look(self.pages["aino"], "11-no-route-yet")

    # Orders in

    def take_in(self) -> None:
        dora = self.pages["dora"]
        self.doors = json.loads(self.system.run("-m", "tests.flows.world", "doors", "16"))
        dora.goto(self.url("imports/new/"))
        self.people.look(dora, "12-import")
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        file: FilePayload = {"name": "tilaukset.xlsx", "mimeType": kind, "buffer": workbook(self.doors)}
        dora.set_input_files("input[type=file]", file)
        dora.locator("select[name=shop]").select_option(label="Kauppa Oy")
        dora.locator("input[name=day]").fill(DAY)
        dora.get_by_role("button", name="Show preview").click()
        expect(dora.get_by_text("These columns are not used:")).to_contain_text("Ovi")
        dora.get_by_label("Ovi", exact=True).select_option("note")
        dora.get_by_role("button", name="Use these columns").click()
        expect(dora.get_by_text("These columns are not used:")).to_have_count(0)
        expect(dora.get_by_role("heading", name="1 row would be refused")).to_be_visible(timeout=15_000)
        self.people.look(dora, "13-preview")
        dora.get_by_role("button", name="Import 7 rows").click()
        expect(dora.locator("#created")).to_have_text("6", timeout=30_000)
        self.people.look(dora, "14-imported")
        with dora.expect_download() as waiting:
            dora.get_by_role("link", name="Download the rows to mend").click()
        kept = waiting.value.path().read_bytes()
        rows = kept.decode("utf-8-sig") if kept[:2] != b"PK" else refused_cells(kept)
        assert "BAD-1" in rows
        assert "GOOD-1" not in rows
        self.by_hand(dora)

    def by_hand(self, dora: Page) -> None:
        dora.goto(self.url("orders/new/"))
        address, postcode = self.doors[7]
        dora.locator("#id_recipient").fill("Hanna Handmade")
        dora.locator("#id_phone").fill("040 765 4321")
        dora.locator("#id_address").fill(address)
        dora.locator("#id_postcode").fill(postcode)
        dora.locator("#id_day").fill(DAY)
        self.people.look(dora, "15-order-new")
        dora.get_by_role("button", name="Take the order in").click()
        expect(dora.get_by_role("heading", level=1)).to_contain_text("in the pool")
        self.people.look(dora, "16-order")
        dora.goto(self.url("orders/"))
        expect(dora.locator("main")).to_contain_text("Hanna Handmade")
        self.people.look(dora, "17-orders")

    # The plan

    def plan(self) -> None:
        dora, aino = self.pages["dora"], self.pages["aino"]
        dora.goto(self.url(f"?day={DAY}"))
        expect(dora.locator('[data-area="unassigned"] [data-part="count"]')).to_have_text("7")
        dora.keyboard.press("o")
        dora.locator("#plan-limit").select_option("5")
        dora.get_by_role("dialog").get_by_role("button", name="Optimize").click()
        panel = dora.locator('[data-part="plan"]')
        expect(panel.get_by_role("heading")).to_contain_text("Proposal", timeout=40_000)
        self.people.look(dora, "18-proposal")
        panel.get_by_role("button", name="Accept").click()
        expect(dora.locator("[data-route-count]").first).to_have_text("1")
        release(dora)
        aino.goto(f"{self.system.address}/driver/")
        expect(aino.get_by_role("button", name="Start route")).to_be_visible()
        self.people.look(aino, "19-route")
        dora.locator(".route").first.get_by_role("button", name=re.compile("More for")).click()
        dora.get_by_role("button", name="Message the driver…").click()
        dora.get_by_label(re.compile("Write to")).fill("Take the ramp, please")
        dora.get_by_role("button", name="Send", exact=True).click()
        expect(dora.locator(".talk__waiting")).to_have_text("not confirmed yet")

    def before_the_van(self) -> None:
        """The recipient of the first stop looks, in a browser that keeps nothing."""
        dora = self.pages["dora"]
        seen = board(dora, f"board/?day={DAY}")
        first = seen["routes"][0]["stops"][0]
        tab = self.pages["desk"] = dora.context.new_page()
        tab.goto(self.url(f"orders/{first['order_ids'][0]}/"))
        self.link = tab.locator("#link").input_value()
        tab.close()
        del self.pages["desk"]
        page = self.pages["recipient"] = self.people.come(self.link, script=NOBODY_STORES, **PHONE)
        expect(page.locator("#title")).to_be_visible()
        assert page.locator("#title").get_attribute("data-state") != "delivered"
        self.people.look(page, "20-recipient-before")

    # The road

    def drive(self) -> None:
        dora, aino = self.pages["dora"], self.pages["aino"]
        expect(aino.locator(".driver__news")).to_contain_text("Take the ramp", timeout=20_000)
        self.people.look(aino, "21-message")
        aino.get_by_role("button", name="Understood").click()
        expect(dora.locator(".talk")).to_contain_text(re.compile(r"understood \d\d:\d\d"), timeout=20_000)
        dora.keyboard.press("Escape")
        self.clock("08:10")
        aino.get_by_role("button", name="Start route").click()
        aino.get_by_role("button", name="Arrived").click()
        aino.get_by_label("Received by").fill("Aada Äijälä")
        aino.set_input_files("#photos-delivered", cast("FilePayload", camera(1200, 900)))
        expect(aino.locator("#delivered .driver__thumb")).to_have_count(1)
        sign(aino)
        self.people.look(aino, "22-deliver")
        aino.get_by_role("button", name="Save as delivered").click()
        expect(aino.locator(".driver__head")).to_contain_text("1 of 7 stops")
        expect(dora.locator('[data-part="sum-done"]')).to_contain_text(re.compile(r"^1\b"), timeout=20_000)
        self.fail_one(aino)
        expect(dora.locator('[data-part="sum-done"]')).to_contain_text(re.compile(r"^2\b"), timeout=20_000)
        self.people.look(dora, "24-board", phone=False)
        aino.locator("#early summary").click()
        aino.locator("#early").get_by_role("button", name="Finish route").click()
        expect(aino.get_by_role("heading", name="This route is finished")).to_be_visible()
        self.people.look(aino, "25-finished")

    def fail_one(self, aino: Page) -> None:
        aino.get_by_role("link", name="Failed", exact=True).click()
        aino.locator("#reason").select_option("no_one_home")
        self.people.look(aino, "23-fail")
        aino.get_by_role("button", name="Save as failed").click()
        expect(aino.locator(".driver__head")).to_contain_text("2 of 7 stops")

    def after_the_van(self) -> None:
        page = self.pages["recipient"]
        expect(page.locator("#title")).to_have_attribute("data-state", "delivered", timeout=35_000)
        self.people.look(page, "26-recipient-after")
        assert page.context.cookies() == []

    # The end of the day

    def close(self) -> None:
        mia = self.pages["mia"]
        self.clock("18:00")
        self.somebody_sick(mia)
        mia.goto(self.url(f"day/?day={DAY}"))
        self.people.look(mia, "28-day")
        for name in ("delivered", "failed"):
            self.opens(mia, name, 1)
        mia.goto(self.url(f"day/?day={DAY}"))
        mia.get_by_role("link", name="Close the day").click()
        self.people.look(mia, "30-closing")
        expect(mia.get_by_text(re.compile("orders? go(es)? on to")).first).to_be_visible()
        mia.get_by_role("button", name="Close the day").click()
        expect(mia.get_by_text(re.compile("was closed on"))).to_be_visible()
        self.people.look(mia, "31-closed")
        mia.goto(self.url(f"?day={DAY}"))
        expect(mia.locator('[data-part="closed-notice"]')).to_be_visible(timeout=15_000)
        expect(mia.locator('[data-part="optimize"]:enabled:visible')).to_have_count(0)
        self.people.look(mia, "32-closed-board", phone=False)
        mia.goto(self.url(f"orders/?day={NEXT}"))
        expect(mia.locator("main")).to_contain_text("LM-")
        self.people.look(mia, "33-tomorrow")

    def opens(self, mia: Page, name: str, count: int) -> None:
        """The number is what happened, and the rows behind it are as many."""
        mia.goto(self.url(f"day/?day={DAY}"))
        figure = mia.locator(f"#{name} a[data-count]").first
        assert figure.get_attribute("data-count") == str(count)
        figure.click()
        expect(mia.locator("#total")).to_have_text(str(count))
        self.people.look(mia, f"29-rows-{name}")

    def somebody_sick(self, mia: Page) -> None:
        mia.goto(self.url(f"fleet/?day={DAY}"))
        mia.get_by_role("link", name="Driver away").click()
        mia.get_by_label("Driver").select_option(label="Eero Korhonen")
        mia.get_by_label("Reason").fill("Flu")
        self.people.look(mia, "27-away")
        mia.locator("main button[type=submit]").click()
        expect(mia.locator(".fleet__gone").first).to_contain_text("Eero Korhonen")
        self.people.look(mia, "27-fleet")

    def audit(self) -> None:
        """The auditor reads what happened, without the recipients, and is offered nothing to change."""
        otto = self.pages["otto"]
        for name, path in (("34-day", f"day/?day={DAY}"), ("35-fleet", f"fleet/?day={DAY}")):
            otto.goto(self.url(path))
            expect(otto.locator('main form[method="post"]')).to_have_count(0)
            self.people.look(otto, f"{name}-auditor")
        otto.goto(self.url("audit/?kind=all"))
        self.people.look(otto, "36-audit")
        words = otto.locator("main").inner_text()
        assert "Aino" in words or "aino" in words
        otto.goto(self.url("audit/"))
        expect(otto.locator("main")).to_contain_text("mia")
        otto.goto(self.url(f"orders/?day={DAY}&state=all"))
        expect(otto.locator("main")).to_contain_text("LM-")
        for secret in ("Hanna Handmade", "Ääkkönen"):
            expect(otto.locator("main")).not_to_contain_text(secret)
        self.people.look(otto, "37-orders-auditor")
        for path in ("people/", "orders/new/", "imports/new/"):
            assert otto.context.request.get(self.url(path)).status == 403, path

    def lose_the_phone(self) -> None:
        mia, aino = self.pages["mia"], self.pages["aino"]
        mia.goto(self.url("people/"))
        mia.get_by_role("link", name="Aino Virtanen").click()
        self.people.look(mia, "38-person")
        mia.get_by_role("button", name="Sign out everywhere").click()
        aino.wait_for_url(re.compile("/sign-in/"), timeout=65_000)
        self.people.look(aino, "39-phone-out")


def password(name: str) -> str:
    return f"quiet river lamp of {name}"


def workbook(doors: list[list[str]]) -> bytes:
    """Six good rows, one whose window ends before it starts, and a column no shop of ours ever had."""
    book, out = Workbook(), io.BytesIO()
    sheet = cast("Worksheet", book.active)
    sheet.append(["Tilaus", "Nimi", "Katuosoite", "Postinumero", "Aikaikkuna", "Paino_kg", "Ovi"])
    for index, (address, postcode) in enumerate(doors[:6]):
        sheet.append(
            [f"GOOD-{index}", f"Ääkkönen {index}", address, postcode, "", 2.5, f"Ovikoodi {index}{index}"]
        )
    sheet.append(["BAD-1", "Takaperin", doors[6][0], doors[6][1], "14:00-12:00", 1, ""])
    book.save(out)
    return out.getvalue()


def refused_cells(content: bytes) -> str:
    sheet = cast("Worksheet", load_workbook(io.BytesIO(content)).active)
    return str(list(sheet.iter_rows(values_only=True)))
