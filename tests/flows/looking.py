"""What every page must be whatever it shows: named fields, one heading, no sideways scrolling; with a picture."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response

from tests.faults.running import ROOT
from tests.flows.conftest import shot

PICTURES = ROOT / "var" / "tests" / "roles"
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
DESK: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
# Refused answers are part of the day (a revoked session); pages that fail are counted by their answers instead.
EXPECTED = ("Failed to load resource", "WebSocket connection")
FAULTS = """() => {
  const said = [];
  const name = (one) => `${one.tagName.toLowerCase()}#${one.id || one.name || one.className}`;
  const shown = (one) => one.getClientRects().length > 0;
  const headings = document.querySelectorAll("h1").length;
  if (headings !== 1) said.push(`${headings} main headings`);
  if (!document.documentElement.lang) said.push("no language");
  if (!document.title.trim()) said.push("no title");
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  ids.filter((id, at) => ids.indexOf(id) !== at).forEach((id) => said.push(`id ${id} twice`));
  for (const one of document.querySelectorAll("input, select, textarea")) {
    if (one.type === "hidden" || one.type === "submit") continue;
    const named = one.labels?.length || one.ariaLabel || one.getAttribute("aria-labelledby");
    if (!named) said.push(`no label: ${name(one)}`);
  }
  for (const one of document.querySelectorAll("button, a[href], summary")) {
    if (!shown(one)) continue;
    const inside = [...one.querySelectorAll("img[alt]")].map((image) => image.alt).join("");
    const words = one.textContent.trim() || inside || one.ariaLabel || one.getAttribute("aria-labelledby");
    if (!words) said.push(`no name: ${name(one)}`);
  }
  document.querySelectorAll("img:not([alt])").forEach((one) => said.push(`no alt: ${one.src}`));
  return said;
}"""
TOO_WIDE = """() => {
  const over = document.documentElement.scrollWidth - innerWidth;
  if (over <= 0) return "";
  const right = (one) => one.getBoundingClientRect().right;
  const wide = [...document.querySelectorAll("main *")].find((one) => right(one) > innerWidth);
  return `${over} px too wide: ${wide?.tagName} ${wide?.className}`;
}"""


class Visitors:
    """People with a browser each; what went wrong in any of them is kept for the end."""

    def __init__(self, chromium: Browser) -> None:
        self.chromium = chromium
        self.contexts: list[BrowserContext] = []
        self.wrong: list[str] = []

    def come(self, address: str, *, script: str = "", **options: Any) -> Page:
        context = self.chromium.new_context(**(DESK | options))
        self.contexts.append(context)
        if script:
            context.add_init_script(script)
        context.on("weberror", lambda error: self.wrong.append(f"script: {error.error}"))
        context.on("console", self._heard)
        context.on("response", self._answered)
        page = context.new_page()
        page.goto(address)
        return page

    def _heard(self, said: ConsoleMessage) -> None:
        if said.type == "error" and not any(words in said.text for words in EXPECTED):
            self.wrong.append(said.text)

    def _answered(self, answer: Response) -> None:
        own = answer.url.startswith(("http://127.0.0.1:", "data:", "blob:"))
        if not own or answer.status >= 500:
            self.wrong.append(f"{answer.status} {answer.url}")

    def look(self, page: Page, name: str, *, phone: bool = True) -> None:
        """A picture, and as on a phone where the page is for everybody; faults are kept."""
        page.wait_for_load_state("load")
        self.wrong.extend(f"{name}: {fault}" for fault in page.evaluate(FAULTS))
        shot(page, PICTURES / f"{name}.png")
        size = page.viewport_size
        if not phone or size is None:
            return
        page.set_viewport_size(PHONE["viewport"])
        page.wait_for_timeout(150)  # maps follow a new width a moment later
        if wide := page.evaluate(TOO_WIDE):
            self.wrong.append(f"{name}: {wide}")
        if size != PHONE["viewport"]:
            page.screenshot(path=str(PICTURES / f"{name}-phone.png"), full_page=True)
            page.set_viewport_size(size)


@contextmanager
def visitors(chromium: Browser) -> Iterator[Visitors]:
    """Everybody goes home at the end; faults of any page fail the test."""
    there = Visitors(chromium)
    try:
        yield there
        assert not there.wrong, "\n".join(there.wrong)
    finally:
        for context in there.contexts:
            context.close()
