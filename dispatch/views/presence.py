"""What a page says of itself to the others of its station: which day it shows, which route, what it drags."""

import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from lastmile.sockets import INBOUND_LIMIT

MOST_ORDERS = 50
MOST_ID = 2**53  # what a page can count to


@dataclass(frozen=True)
class Here:
    """`page`: a random name of the tab. `asks`: it has just come and wants the others to say where they are."""

    page: str
    day: str = ""
    route_id: int | None = None
    dragging: tuple[int, ...] = ()
    asks: bool = False
    gone: bool = False

    def data(self) -> dict[str, Any]:
        return asdict(self) | {"dragging": list(self.dragging)}


def read_here(text: str | None) -> Here | None:
    """What a page says, or None where it says something else. Raises ValueError for what no page of ours would."""
    if text is None or len(text) > INBOUND_LIMIT or '"here"' not in text:
        return None
    try:
        said = json.loads(text)
        here = said["here"]
        page, day = here["page"], here["day"]
        route_id, dragging = here.get("route_id"), here.get("dragging", [])
    except (TypeError, KeyError, AttributeError, RecursionError, json.JSONDecodeError) as error:
        raise ValueError("not a place") from error
    known = set(here) <= {"page", "day", "route_id", "dragging", "asks"} and set(said) == {"here"}
    if not known or not isinstance(page, str) or not (page.isalnum() and page.isascii() and len(page) <= 32):
        raise ValueError("not a page")
    if not isinstance(day, str) or not isinstance(dragging, list) or len(dragging) > MOST_ORDERS:
        raise ValueError("not a day or orders")
    ids = [each for each in (route_id, *dragging) if each is not None]
    if not all(type(each) is int and 0 <= each < MOST_ID for each in ids):
        raise ValueError("not ids")
    date.fromisoformat(day)
    return Here(page, day, route_id, tuple(dragging), bool(here.get("asks")))
