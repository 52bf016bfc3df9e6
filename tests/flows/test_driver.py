"""A driver's morning in a real browser at 360 px: the route, a photo and a signature, words with the station."""

import base64
import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.faults.running import ROOT
from tests.flows.conftest import shot
from tests.system import System, running_system

pytestmark = [pytest.mark.real, pytest.mark.timeout(480)]
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "device_scale_factor": 2}
PICTURES = ROOT / "var" / "tests" / "driver"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running_system(tmp_path_factory.mktemp("drive")) as system:
        yield system


@pytest.fixture(scope="module")
def world(system: System) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(system.run("-m", "tests.flows.driver_world", "lay"))
    return found


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """A visitor, as in the other flows, but one who is refused and loses the connection on purpose."""
    wrong: list[str] = []
    expected = ("Failed to load resource", "WebSocket connection", "ERR_INTERNET_DISCONNECTED")

    def heard(said: ConsoleMessage) -> None:
        if said.type == "error" and not any(words in said.text for words in expected):
            wrong.append(said.text)

    def visit(address: str, **options: Any) -> Page:
        page = chromium.new_context(**({"viewport": {"width": 1440, "height": 900}} | options)).new_page()
        page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
        page.on("console", heard)
        page.on("request", lambda asked: own(asked.url) or wrong.append(f"asked {asked.url}"))
        page.goto(address)
        return page

    yield visit
    assert not wrong, wrong


def own(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "data:", "blob:"))


def enter(system: System, page: Page, name: str, lands: str) -> Page:
    page.goto(system.link(name))
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(re.compile(lands))
    return page


def fits(page: Page, name: str) -> None:
    """No sideways scrolling, and a thumb hits every button; a picture for people to look at."""
    shot(page, PICTURES / f"{name}.png")
    page.screenshot(path=str(PICTURES / f"{name}-whole.png"), full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{name} is {wide} px too wide"
    small = page.evaluate(
        """() => [...document.querySelectorAll("main a, main button, main select, main input, main summary")]
            .filter((one) => one.offsetParent && !one.closest(".visually-hidden"))
            .filter((one) => !["checkbox", "hidden", "file"].includes(one.type))
            .map((one) => [one.textContent.trim() || one.name, one.getBoundingClientRect().height])
            .filter(([, height]) => height < 44)"""
    )
    assert not small, f"{name}: too small for a thumb: {small}"


def camera(width: int = 2400, height: int = 3200) -> dict[str, Any]:
    """A picture as a phone takes it."""
    out = io.BytesIO()
    picture = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    picture.save(out, "JPEG", quality=92, exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0")
    return {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def sign(page: Page) -> None:
    """A finger's movement over the field."""
    pad = page.locator("[data-pad]")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    page.mouse.move(box["x"] + 30, box["y"] + 60)
    page.mouse.down()
    for step in range(24):
        page.mouse.move(box["x"] + 30 + step * 10, box["y"] + 60 + (25 if step % 2 else -25))
    page.mouse.up()


def test_a_morning_on_the_road(system: System, world: dict[str, Any], visit: Callable[..., Page]) -> None:
    try:
        phone = enter(system, visit(f"{system.address}/sign-in/", **PHONE), "dan", r"/driver/")
        desk = enter(system, visit(f"{system.address}/sign-in/", color_scheme="dark"), "dora", r"/stations/")
        desk.goto(f"{system.address}/stations/{world['station']}/?day={world['day']}")
        start(phone)
        deliver(phone)
        talk(phone, desk)
        some_of_two(phone)
        cancelled_meanwhile(phone, system)
        out_of_reach(phone)
        dark(phone, system)
        proof_on_the_desk(phone, desk, system)
        signed_out(phone)
    except BaseException:
        print(system.logs())
        shot(phone, PICTURES / "failed.png")
        raise


def start(phone: Page) -> None:
    expect(phone.get_by_role("button", name="Start route")).to_be_visible()
    expect(phone.get_by_role("heading", name="After this")).to_be_visible()
    fits(phone, "released")
    phone.get_by_role("button", name="Start route").click()
    expect(phone.get_by_role("button", name="Arrived")).to_be_visible()
    fits(phone, "next")
    phone.get_by_role("button", name="Arrived").click()
    expect(phone.get_by_label("Received by")).to_be_visible()


def deliver(phone: Page) -> None:
    """Without the proof that the station asks for it is refused and nothing entered is lost; with it, it is kept."""
    phone.get_by_label("Received by").fill("Anna Äyräs")
    phone.get_by_role("button", name="Save as delivered").click()
    expect(phone.locator("#delivered [data-refused]")).to_contain_text("asks for a photo")
    assert phone.get_by_label("Received by").input_value() == "Anna Äyräs"
    fits(phone, "refused")
    phone.set_input_files("#photos-delivered", camera())
    expect(phone.locator("#delivered .driver__thumb")).to_have_count(1)
    phone.set_input_files("#photos-delivered", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"no"})
    expect(phone.locator("#delivered .field__error")).to_contain_text("cannot be read")
    sign(phone)
    fits(phone, "deliver")
    phone.get_by_role("button", name="Save as delivered").click()
    expect(phone.locator(".driver__head")).to_contain_text("1 of 5 stops")


def talk(phone: Page, desk: Page) -> None:
    """Words both ways, each confirmed where the other sees it."""
    card = desk.locator(".route").first
    card.get_by_role("button", name=re.compile("More for")).click()
    desk.get_by_role("button", name="Message the driver…").click()
    desk.get_by_label(re.compile("Write to")).fill("Gate is shut, use the yard 🚪")
    desk.get_by_role("button", name="Send", exact=True).click()
    expect(desk.locator(".talk__waiting")).to_have_text("not confirmed yet")
    expect(phone.locator(".driver__news")).to_contain_text("use the yard 🚪", timeout=20_000)
    fits(phone, "message")
    phone.get_by_role("button", name="Understood").click()
    expect(desk.locator(".talk")).to_contain_text(re.compile(r"understood \d\d:\d\d"), timeout=20_000)
    shot(desk, PICTURES / "desk-talk.png")
    desk.keyboard.press("Escape")
    phone.get_by_role("link", name="Write to the station").click()
    phone.get_by_role("textbox", name="Message").fill("Lift broken at the next one <b>")
    fits(phone, "write")
    phone.get_by_role("button", name="Send").click()
    expect(phone.locator(".driver__talk")).to_contain_text("not read yet")
    expect(desk.locator(".toast")).to_contain_text("Lift broken at the next one <b>", timeout=20_000)
    shot(desk, PICTURES / "desk-toast.png")
    desk.locator(".route__talk").first.click()
    expect(phone.locator(".driver__talk")).to_contain_text(re.compile(r"read \d\d:\d\d"), timeout=20_000)
    fits(phone, "talk")
    desk.keyboard.press("Escape")
    phone.get_by_role("link", name="Back to the route").click()


def some_of_two(phone: Page) -> None:
    """One of two neighbours is at home."""
    phone.get_by_role("link", name="Delivered", exact=True).click()
    boxes = phone.locator("#delivered input[name=orders]")
    expect(boxes).to_have_count(2)
    boxes.nth(1).uncheck()
    phone.get_by_label("Why not the others").select_option("no_one_home")
    phone.get_by_label("Received by").fill("Bertta")
    phone.set_input_files("#photos-delivered", camera(800, 600))
    expect(phone.locator("#delivered .driver__thumb")).to_have_count(1)
    phone.get_by_label("Or type the name").fill("Bertta")
    fits(phone, "some")
    phone.get_by_role("button", name="Save as delivered").click()
    expect(phone.locator(".driver__head")).to_contain_text("2 of 5 stops")


def cancelled_meanwhile(phone: Page, system: System) -> None:
    """An order is called off while its form is open: seen within seconds, and the reason is asked for."""
    phone.get_by_role("link", name="Delivered", exact=True).click()
    phone.get_by_label("Received by").fill("Cecilia")
    number = re.search(r"HEL-T\d+", phone.locator(".driver__order").inner_text())
    assert number
    system.run("-m", "tests.flows.driver_world", "cancel", number[0])
    expect(phone.get_by_role("heading", name="This is not on your route")).to_be_visible(timeout=20_000)
    fits(phone, "gone")
    phone.get_by_label("Tell the station").select_option("with_me")
    phone.get_by_role("button", name="Send to the station").click()
    expect(phone.locator(".messages")).to_contain_text("The station knows.")
    expect(phone.locator(".driver__news")).to_contain_text("Cancelled:")
    fits(phone, "changed")
    phone.get_by_role("button", name="Understood").click()
    expect(phone.locator(".driver__news")).to_have_count(0)


def out_of_reach(phone: Page) -> None:
    """A cellar: what was entered is kept, and sent by itself on the way out."""
    phone.context.set_offline(True)
    phone.get_by_role("button", name="Arrived").click()
    expect(phone.locator("#refused")).to_contain_text("not sent")
    phone.context.set_offline(False)
    phone.get_by_role("link", name="Failed", exact=True).click()
    phone.locator("#reason").select_option("no_access")
    phone.context.set_offline(True)
    phone.get_by_role("button", name="Save as failed").click()
    expect(phone.locator("#failed [data-refused]")).to_contain_text("Nothing is lost")
    fits(phone, "offline")
    phone.context.set_offline(False)
    phone.get_by_role("button", name="Save as failed").click()
    expect(phone.locator(".driver__head")).to_contain_text("3 of 4 stops")


def dark(phone: Page, system: System) -> None:
    phone.emulate_media(color_scheme="dark")
    phone.locator("#behind summary").click()
    fits(phone, "dark")
    phone.get_by_role("link", name="Delivered", exact=True).click()
    fits(phone, "dark-stop")
    phone.set_viewport_size({"width": 1280, "height": 900})
    fits(phone, "desktop-dark")
    phone.emulate_media(color_scheme="light")
    fits(phone, "desktop")
    phone.set_viewport_size({"width": 360, "height": 740})


def proof_on_the_desk(phone: Page, desk: Page, system: System) -> None:
    """The kept photo is small, is a JPEG, and says nothing of the phone."""
    fetch = """async (path) => {
        const answer = await fetch(path);
        const bytes = new Uint8Array(await answer.arrayBuffer());
        return [answer.status, answer.headers.get("content-type"), btoa(String.fromCharCode(...bytes))];
    }"""
    status, kind, content = desk.evaluate(fetch, "/proofs/1/")
    assert (status, kind) == (200, "image/jpeg")
    with Image.open(io.BytesIO(base64.b64decode(content))) as picture:
        assert picture.size == (1200, 1600)
        assert not picture.getexif()
    assert desk.evaluate(fetch, "/proofs/2/")[1] == "image/png"
    Path(PICTURES / "signature.png").write_bytes(base64.b64decode(desk.evaluate(fetch, "/proofs/2/")[2]))


def signed_out(phone: Page) -> None:
    """After the sign-in ended elsewhere the page leads back to it by itself."""
    phone.goto(re.sub(r"/driver/.*", "/driver/", phone.url))
    phone.evaluate(
        """async () => {
            const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
            await fetch("/sign-out/", {method: "POST", headers: {"X-CSRFToken": token}, redirect: "manual"});
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    phone.wait_for_url(re.compile(r"/sign-in/"))
