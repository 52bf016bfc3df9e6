"""The list of a station's orders: what was asked for, in which order, how many in each state."""

from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from django.db.models import Count, QuerySet

from dispatch.models import Order, Station
from dispatch.selectors.order_search import exact_matches, search
from dispatch.services.countries import region_of

SORTS = {
    "number": "number",
    "shop": "external_id",
    "day": "day",
    "window": "window_start",
    "recipient": "recipient",
    "address": "address",
    "pieces": "pieces",
    "state": "state",
}
ABOUT_PEOPLE = ("recipient", "address")
IN_SIGHT = 2000


@dataclass(frozen=True, slots=True)
class AskedList:
    """A filter of the list; empty fields ask for everything. `sort`: a name of SORTS, with - the other way.

    `masked`: whoever asks sees recipients masked, and may not find them out by searching or sorting.
    """

    station: Station
    day: date | None = None
    state: str = ""
    shop_id: int | None = None
    kind: str = ""
    text: str = ""
    sort: str = "day"
    masked: bool = False


def listed(asked: AskedList) -> QuerySet[Order]:
    """The orders asked for, each with its shop, in the order asked for."""
    orders = _narrowed(asked)
    if asked.state:
        orders = orders.filter(state=asked.state)
    name = asked.sort.removeprefix("-")
    column = "day" if asked.masked and name in ABOUT_PEOPLE else SORTS.get(name, "day")
    down = "-" if asked.sort.startswith("-") else ""
    return orders.select_related("shop").order_by(f"{down}{column}", f"{down}id")


def page_of(asked: AskedList, start: int, length: int) -> list[Order]:
    """Some orders of the list. Ids are sorted first and rows read after: whole rows are too wide to sort."""
    ids = list(listed(asked).values_list("pk", flat=True)[start : start + length])
    rows = Order.objects.select_related("shop").in_bulk(ids)
    return [rows[pk] for pk in ids if pk in rows]


def state_counts(asked: AskedList) -> dict[str, int]:
    """How many of the orders asked for are in each state, whatever state was asked for."""
    rows = _narrowed(replace(asked, state="")).order_by().values("state").annotate(n=Count("pk"))
    return dict(rows.values_list("state", "n"))


def _narrowed(asked: AskedList) -> QuerySet[Order]:
    orders = Order.objects.filter(station=asked.station)
    if asked.day:
        orders = orders.filter(day=asked.day)
    if asked.shop_id is not None:
        orders = orders.filter(shop_id=asked.shop_id)
    if asked.kind:
        orders = orders.filter(kind=asked.kind)
    region = region_of(asked.station.time_zone)
    exact = exact_matches(asked.station, asked.text, region, masked=asked.masked)
    if exact:
        return orders.filter(pk__in=exact)
    return search(orders, asked.text, region, masked=asked.masked)


def neighbours(asked: AskedList, order_id: int) -> tuple[int | None, int | None]:
    """Ids of the orders before and after one in the list, among the first 2,000."""
    ids = list(listed(asked).values_list("pk", flat=True)[:IN_SIGHT])
    before = next((left for left, right in pairwise(ids) if right == order_id), None)
    after = next((right for left, right in pairwise(ids) if left == order_id), None)
    return before, after
