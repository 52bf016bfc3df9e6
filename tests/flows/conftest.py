"""A real Chromium for the flows; nothing but our own address may be asked."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking"]

REFUSED = re.compile(r"status of (409|412)\b|ERR_INTERNET_DISCONNECTED")
"""Chromium writes every refused request into its console; somebody faster, a wall, no connection: the page says it."""

expect.set_options(timeout=20_000)  # a small machine under several flows at once


@pytest.fixture
def chromium() -> Iterator[Browser]:
    """The Chromium that `make test` found or installed.

    Ended with its test: while it lives an event loop runs in this process, and every asyncio test that a worker got
    after it would fail.
    """
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    assert path, "no Chromium on this machine: run `make test`, or name one by CHROMIUM"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """A new visitor with its own cookies. Foreign requests, script errors and CSP reports fail the test."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def guard(route: Route) -> None:
        own = route.request.url.startswith(("http://127.0.0.1:", "data:", "blob:"))
        if not own:
            wrong.append(f"asked {route.request.url}")
        route.continue_() if own else route.abort()

    def visit(address: str, **options: object) -> Page:
        size = {"viewport": {"width": 1440, "height": 900}} | options
        context = chromium.new_context(**size)  # type: ignore[arg-type]
        contexts.append(context)
        context.route("**/*", guard)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
        page.on(
            "console",
            lambda said: (
                wrong.append(said.text) if said.type == "error" and not REFUSED.search(said.text) else None
            ),
        )
        page.goto(address)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert not wrong, wrong


def shot(page: Page, path: Path) -> None:
    """A picture of what is on the screen, for people to look at."""
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(path))
