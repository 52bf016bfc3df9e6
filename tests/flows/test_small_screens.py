"""What a phone of 360 px shows of the pages made for desks: where one is, and no button over the words."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from tests.flows.conftest import shot
from tests.flows.looking import PHONE, PICTURES
from tests.scenarios import DAY, make_fleet, make_orders, make_person, make_shop, make_station

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True)]
PAGES = ("board", "orders", "needs-location", "import", "fleet", "day", "people", "station-settings")
IN_SIGHT = """() => {
  const one = document.querySelector(".nav [aria-current]").getBoundingClientRect();
  return [Math.round(one.left), Math.round(innerWidth - one.right)];
}"""
# A map and a card over it as the board's script puts them there; without its socket it would do neither.
COVERED = """() => {
  const theirs = document.querySelector(".mapbox .map");
  const bare = document.createElement("div"); // theirs may be a map already, if the script was quick
  bare.className = "map";
  theirs.replaceWith(bare);
  L.map(bare).setView([60.17, 24.94], 12);
  const card = document.createElement("section");
  card.className = "plan";
  card.innerHTML = '<div class="plan__head"><h2>Proposal</h2></div><div class="plan__body"><p>words</p></div>';
  document.querySelector(".mapbox").append(card);
  const box = card.getBoundingClientRect();
  const zoom = document.querySelector(".leaflet-control-zoom").getBoundingClientRect();
  const over = [];
  for (let x = box.left + 12; x < box.right - 12; x += 6)
    for (let y = box.top + 12; y < box.bottom - 12; y += 6)
      if (!card.contains(document.elementFromPoint(x, y))) over.push(document.elementFromPoint(x, y).className);
  return { over, met: zoom.bottom > box.top && zoom.right > box.left };
}"""


@pytest.fixture
def manager(live_server: Any) -> dict[str, str]:
    """Addresses by name, and a session; made before there is a browser, whose loop forbids the database."""
    station = make_station()
    make_fleet(station, n=1)
    make_orders(station, make_shop(station), 3)
    client = Client()
    client.force_login(make_person("mia", "manager", station))
    pages = {name: f"{live_server.url}{reverse(name, args=[station.pk])}?day={DAY}" for name in PAGES}
    return pages | {"session": client.cookies[settings.SESSION_COOKIE_NAME].value, "home": live_server.url}


@pytest.fixture
def phone(manager: dict[str, str], request: pytest.FixtureRequest) -> Iterator[Callable[[str], Page]]:
    """Opens a page by its name, signed in, on a screen of 360 px."""
    context = request.getfixturevalue("chromium").new_context(**PHONE)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": manager["session"], "url": manager["home"]}
    context.add_cookies([cookie])

    def opened(name: str) -> Page:
        page: Page = context.new_page()
        page.goto(manager[name], wait_until="domcontentloaded")
        page.wait_for_load_state("load")
        shot(page, PICTURES / f"small-{name}.png")
        return page

    yield opened
    context.close()


def test_the_page_one_is_on_is_in_sight(phone: Callable[[str], Page]) -> None:
    """The navigation scrolls sideways on a phone; the tab that says where one is must not be scrolled away."""
    outside = {name: phone(name).evaluate(IN_SIGHT) for name in PAGES}
    assert {name: ends for name, ends in outside.items() if min(ends) < 0} == {}


def test_no_button_of_the_map_lies_over_a_card(phone: Callable[[str], Page]) -> None:
    """The proposal's title was unreadable under the zoom buttons."""
    found = phone("board").evaluate(COVERED)
    assert found == {"over": [], "met": True}
