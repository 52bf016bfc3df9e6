"""The table: a day of 5,000 orders and 200 routes, 200 vehicles at 1 Hz. Prints figures and asserts none.

python -m bench.board [--orders 5000] [--routes 200] [--seconds 20] [--frames 3600] [--out FILE]
"""

import argparse
import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright

from bench.board.page import BARE, PAINT, WATCH, busy_ms, frames_while_panning, heap_mb
from tests.faults.running import ROOT, environment
from tests.system import System, running_system

Found = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=5000)
    parser.add_argument("--routes", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--frames", type=int, default=3600, help="an hour of ticks, played faster")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="lastmile-bench-"))
    found: Found = {"load average at start": os.getloadavg()[0]}
    try:
        with running_system(folder) as system, sync_playwright() as playwright:
            world = json.loads(
                system.run("-m", "bench.board.world", "lay", str(options.orders), str(options.routes))
            )
            path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
            browser = playwright.chromium.launch(
                executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"]
            )
            page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
            for name, value in measure(system, page, world, options):
                found[name] = value
                print(f"{name:66} {value}", flush=True)
            browser.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if options.out:
        options.out.write_text(json.dumps(found, indent=2))


def measure(
    system: System, page: Page, world: Found, options: argparse.Namespace
) -> Iterator[tuple[str, Any]]:
    page.add_init_script(WATCH)
    page.goto(system.link("bench"))
    page.get_by_role("button", name="Continue").click()
    address = f"{system.address}/stations/{world['station']}/?day={world['day']}"
    yield from loading(page, address)
    yield from script_bytes(page, address)
    cdp = page.context.new_cdp_session(page)
    cdp.send("Performance.enable")
    yield from ticking(system, page, cdp, options.seconds)
    yield from changing(system, page)
    yield from dragging(page)
    yield from panning(page, world["orders"])
    yield from remembering(system, page, cdp, address, options.frames)


def loading(page: Page, address: str) -> Iterator[tuple[str, Any]]:
    paints, drawn, clicks = [], [], []
    for _ in range(4):
        page.goto(address, wait_until="commit")
        page.wait_for_function("() => window.__bench.drawn !== null", timeout=60_000)
        began = time.perf_counter()
        page.locator(".route__toggle").first.click()
        page.locator('.route__toggle[aria-expanded="true"]').first.wait_for()
        clicks.append(round((time.perf_counter() - began) * 1000))
        paints.append(round(page.evaluate(PAINT) or 0))
        drawn.append(round(page.evaluate("() => window.__bench.drawn")))
    yield "first paint, ms (the first with an empty cache)", paints
    yield "board drawn, ms", drawn
    yield "from then a click answered, ms", clicks


def script_bytes(page: Page, address: str) -> Iterator[tuple[str, Any]]:
    """JavaScript before the first drawing, gzipped."""
    sizes: dict[str, int] = {}

    def note(answer: Any) -> None:
        if ".js" in answer.url:
            sizes[answer.url.rpartition("/static/")[2].split("?")[0]] = len(gzip.compress(answer.body(), 6))

    page.on("response", note)
    page.goto(address)
    page.wait_for_selector("#board[aria-busy=false]")
    page.remove_listener("response", note)
    ours = sum(size for name, size in sizes.items() if name.startswith("js/"))
    yield "JavaScript, KB gzipped: all / ours", f"{sum(sizes.values()) / 1000:.0f} / {ours / 1000:.0f}"


@contextmanager
def beside(system: System, *words: str) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [sys.executable, "-m", "bench.board.world", *words],
        cwd=ROOT,
        env=environment(system.home),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.wait(timeout=600)


def lines_of(process: "subprocess.Popen[str]") -> list[Found]:
    assert process.stdout is not None
    return [json.loads(line) for line in process.stdout if line.startswith("{")]


def spread(values: list[float]) -> str:
    if len(values) < 2:
        return "nothing was seen"
    cuts = statistics.quantiles(values, n=100)
    return f"p50 {cuts[49]:.0f}  p99 {cuts[98]:.0f}  (of {len(values)})"


SEEN = """() => {
  window.__bench.seen = [];
  const see = () => requestAnimationFrame(() => window.__bench.seen.push(Date.now()));
  new MutationObserver(see).observe(document.querySelector(".route__badges"), {childList: true, subtree: true});
}"""


def ticking(system: System, page: Page, cdp: CDPSession, seconds: float) -> Iterator[tuple[str, Any]]:
    """Main thread of a tick of all vehicles, over what the page does anyway; and how old a place is on the screen."""
    before = busy_ms(cdp)
    page.wait_for_timeout(1000 * seconds)
    idle = (busy_ms(cdp) - before) / seconds
    vans = page.locator('[data-part="vans"] li').count()
    for way, motion in (("alone", "reduce"), ("with a second of gliding", "no-preference")):
        page.emulate_media(reduced_motion=motion)  # type: ignore[arg-type]
        page.evaluate("() => { window.__bench.headings = []; }")
        with beside(system, "move", str(seconds), "1") as process:
            before, took = busy_ms(cdp), seconds + 3
            page.wait_for_timeout(1000 * took)
            spent = busy_ms(cdp) - before - idle * took
            sent = {one["heading"]: one["sent"] for one in lines_of(process)}
        all_of_it, script = spent / max(1, len(sent))
        yield f"tick of {vans} vehicles {way}, ms: all / script", f"{all_of_it:.1f} / {script:.1f}"
    ages = []
    for one in page.evaluate("() => window.__bench.headings"):
        if one["heading"] in sent:
            ages.append(one["at"] - 1000 * sent.pop(one["heading"]))
    page.evaluate("() => { window.__bench.headings = null; }")
    yield "position pushed to pixel, ms", spread(ages)


def changing(system: System, page: Page) -> Iterator[tuple[str, Any]]:
    """A route locked elsewhere, until the lock is on this screen."""
    page.evaluate(SEEN)
    with beside(system, "lock", "40") as process:
        page.wait_for_timeout(20_000)
        sent = lines_of(process)
    seen = page.evaluate("() => window.__bench.seen")
    ages = []
    for one in sent:
        after = [at - 1000 * one["sent"] for at in seen if at >= 1000 * one["sent"]]
        if after:
            ages.append(min(after))
    yield "a change elsewhere to pixel, ms, from the call of the service", spread(ages)


PRICED = """() => {
  let moved = 0, told = true;
  addEventListener("pointermove", () => { moved = performance.now(); told = false; }, true);
  new MutationObserver(() => {
    const words = document.querySelector(".ghost")?.textContent ?? "";
    if (told || !words.includes("€")) return;
    told = true;
    window.__bench.priced.push(Math.round(performance.now() - moved));
  }).observe(document.body, {childList: true, characterData: true, subtree: true});
  window.__bench.priced = [];
}"""


def dragging(page: Page) -> Iterator[tuple[str, Any]]:
    """From the pointer's arrival over a route to the price on it, by the page's own clock."""
    page.evaluate(PRICED)
    for number in range(8):
        order = page.locator('[data-area="unassigned"] [data-order]').nth(number)
        box, target = order.bounding_box(), page.locator(".route__head").nth(number).bounding_box()
        assert box is not None
        assert target is not None
        page.mouse.move(box["x"] + 40, box["y"] + 10)
        page.mouse.down()
        page.mouse.move(700, 400, steps=2)
        page.mouse.move(target["x"] + 60, target["y"] + 10)
        page.locator(".ghost").filter(has_text="€").wait_for(timeout=10_000)
        page.keyboard.press("Escape")
        page.mouse.up()
    yield "price of a drop after the pointer came, ms", page.evaluate("() => window.__bench.priced")


LEAFLET = "async () => (await fetch(document.querySelector('script[src*=leaflet]').src)).text()"


def panning(page: Page, circles: int) -> Iterator[tuple[str, Any]]:
    ours = frames_while_panning(page, '[data-part="map"]')
    script = page.evaluate(LEAFLET)
    bare = page.context.new_page()
    bare.goto("about:blank")
    bare.add_script_tag(content=script)
    bare.evaluate(BARE, [circles, 60.1699, 24.9384])
    theirs = frames_while_panning(bare, "#map")
    bare.close()
    figures = f"{ours:.0f} / {theirs:.0f} / {ours / theirs:.2f}"
    yield "frames a second while panning: board / bare canvas / ratio", figures


def remembering(
    system: System, page: Page, cdp: CDPSession, address: str, frames: int
) -> Iterator[tuple[str, Any]]:
    page.goto(address)
    page.wait_for_selector("#board[aria-busy=false]")
    page.wait_for_timeout(3000)
    sizes = [heap_mb(cdp)]
    for _ in range(3):
        with beside(system, "move", str(frames / 3 / 20), "20") as process:
            for _line in lines_of(process):
                page.wait_for_timeout(1)
        page.wait_for_timeout(1500)
        sizes.append(heap_mb(cdp))
    yield f"heap, MB: before, and after each third of {frames} ticks", [round(size, 1) for size in sizes]


if __name__ == "__main__":
    main()
