"""Real processes, a real browser: from the click on Optimize to the first plan on screen, and the board's load.

    python -m bench.board.day [--orders 300] [--vans 15] [--stops 1000] [--out FILE]

Prints figures and asserts none: compare runs on one quiet machine only.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.system import System, running_system


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=300)
    parser.add_argument("--vans", type=int, default=15)
    parser.add_argument("--stops", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="lastmile-bench-"))
    try:
        with running_system(folder) as system:
            found = measure(system, options)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for name, value in found.items():
        print(f"{name:58} {value}")
    if options.out:
        options.out.write_text(json.dumps(found, indent=2))


def measure(system: System, options: argparse.Namespace) -> dict[str, Any]:
    system.run("manage.py", "demo")
    found: dict[str, Any] = {"load average at start": os.getloadavg()[0]}
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.goto(system.link("dispatcher"))
        page.get_by_role("button", name="Continue").click()
        page.wait_for_selector("#board[aria-busy=false]")
        firsts = [first_plan(system, page, options, run) for run in range(options.repeats)]
        found |= {f"click to first plan on screen, {options.orders} orders, ms": firsts}
        loads = board_load(system, page, options)
        found |= {f"board load to drawn, {options.stops} stops, ms": loads}
        found |= {"board load, median ms": statistics.median(loads)}
        browser.close()
    return found


def day_of(run: int) -> str:
    return f"2027-03-{10 + run:02d}"


def lay(system: System, day: str, orders: int, vans: int) -> None:
    words = ["--date", day, "--orders", str(orders), "--vehicles", str(vans), "--seed", "7"]
    system.run("manage.py", "make_day", "--station", "HEL", *words)


def first_plan(system: System, page: Page, options: argparse.Namespace, run: int) -> int:
    """Milliseconds from the press in the dialog until the panel shows the first verified plan's cost."""
    day = day_of(run)
    lay(system, day, options.orders, options.vans)
    page.goto(f"{page.url.split('?')[0]}?day={day}")
    page.wait_for_selector("#board[aria-busy=false]")
    page.get_by_role("button", name="Optimize").first.click()
    page.locator("#plan-limit").select_option("5")
    began = time.perf_counter()
    page.get_by_role("dialog").get_by_role("button", name="Optimize").click()
    page.locator(".plan__cost").filter(has_text=re.compile(r"\d")).wait_for(timeout=60_000)
    spent = round((time.perf_counter() - began) * 1000)
    page.get_by_role("button", name="Accept").wait_for(timeout=60_000)
    page.get_by_role("button", name="Accept").click()
    return spent


def board_load(system: System, page: Page, options: argparse.Namespace) -> list[int]:
    """Milliseconds from navigation to the drawn board of a day whose stops are planned."""
    day = day_of(20)
    lay(system, day, options.stops, max(options.vans, options.stops // 25))
    page.goto(f"{page.url.split('?')[0]}?day={day}")
    page.wait_for_selector("#board[aria-busy=false]")
    page.get_by_role("button", name="Optimize").first.click()
    page.locator("#plan-limit").select_option("20")
    page.get_by_role("dialog").get_by_role("button", name="Optimize").click()
    page.get_by_role("button", name="Accept").wait_for(timeout=120_000)
    page.get_by_role("button", name="Accept").click()
    page.wait_for_selector(".route")
    times = []
    for _ in range(5):
        began = time.perf_counter()
        page.reload(wait_until="commit")
        page.wait_for_selector("#board[aria-busy=false] .route", timeout=60_000)
        times.append(round((time.perf_counter() - began) * 1000))
    return times


if __name__ == "__main__":
    main()
