"""Where an order goes: the place its shop gave, or the one its address has in the city's own index."""

import logging
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from dispatch.places import query
from dispatch.places.errors import PlacesError
from dispatch.places.match import Answer, Kind, Match, Verdict
from dispatch.services.order_draft import OrderDraft
from lastmile.kernel.errors import LastmileError
from lastmile.kernel.geo import require_point

log = logging.getLogger(__name__)

NO_CITY = "There is no address search for this city: point at the map."
SEARCH_FAILED = "The address search did not answer: search again, or point at the map."


class Geocoder(Protocol):
    """The part of `dispatch.places.geocoder.Geocoder` that intake needs."""

    def geocode_many(self, texts: Iterable[str], limit: int = 3) -> list[Answer]: ...


@dataclass(frozen=True, slots=True)
class Placement:
    """A place, or why there is none; a note may also say what was assumed."""

    lat: float | None = None
    lng: float | None = None
    located_by: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """The rectangle that a station's places lie in, in degrees; `words` name it to people."""

    south: float
    west: float
    north: float
    east: float
    words: str

    def holds(self, lat: float, lng: float) -> bool:
        return self.south <= lat <= self.north and self.west <= lng <= self.east


def written(address: str, postcode: str, place: str) -> str:
    """The address as people write it on an envelope."""
    town = f"{postcode} {place}".strip()
    return f"{address}, {town}" if town else address


def place_drafts(
    drafts: Sequence[OrderDraft], geocoder: Geocoder | None, reach: Reach | None = None
) -> list[Placement]:
    """A placement for each draft, in order. A search that is missing or fails never refuses an order.

    What lies out of `reach`, found or given, becomes no place: a pin in another country helps nobody.
    """
    asked = [draft for draft in drafts if draft.lat is None]
    texts = [written(draft.address, draft.postcode, draft.place) for draft in asked]
    answers = iter(zip(asked, _search(texts, geocoder), strict=True))
    placed = []
    for draft in drafts:
        if draft.lat is not None:
            placed.append(Placement(draft.lat, draft.lng, "shop"))
        else:
            placed.append(_placement(*next(answers)))
    return [_reached(placement, reach) for placement in placed]


def _reached(placement: Placement, reach: Reach | None) -> Placement:
    if reach is None or placement.lat is None or placement.lng is None:
        return placement
    if reach.holds(placement.lat, placement.lng):
        return placement
    at = f"{placement.lat:.4f}, {placement.lng:.4f}"
    return Placement(note=f"The place {at} lies outside {reach.words}: check the address."[:200])


def _search(texts: list[str], geocoder: Geocoder | None) -> list[Answer | str]:
    """Answers, or the same words for all of them where nothing can answer."""
    if geocoder is None:
        return [NO_CITY] * len(texts)
    try:
        return list(geocoder.geocode_many(texts, 3)) if texts else []
    except (PlacesError, sqlite3.Error, OSError) as error:
        log.warning("address search failed: %s: %s", type(error).__name__, error)
        return [SEARCH_FAILED] * len(texts)


def _placement(draft: OrderDraft, answer: Answer | str) -> Placement:
    if isinstance(answer, str):
        return Placement(note=answer)
    best = answer.best
    if answer.verdict != Verdict.FOUND or best is None or best.kind == Kind.STREET or _misses(draft, best):
        return Placement(note=_words(draft, answer)[:200])
    try:
        lat, lng = require_point(best.lat, best.lng)
    except LastmileError:  # a damaged index must not become a place
        return Placement(note=SEARCH_FAILED)
    note = "" if best.kind == Kind.EXACT else _taken_as(draft, best)
    return Placement(lat, lng, "geocoder", note[:200])


def _misses(draft: OrderDraft, best: Match) -> bool:
    """Whether the nearest known number is another house, not only another staircase of the same."""
    if best.kind != Kind.NEAREST_NUMBER:
        return False
    wanted, known = _number(draft), query.parse(f"{best.street} {best.number}").readings
    return not any(r.number and wanted and r.number.low == wanted for r in known)


def _number(draft: OrderDraft) -> int | None:
    return next((r.number.low for r in query.parse(draft.address).readings if r.number), None)


def _taken_as(draft: OrderDraft, best: Match) -> str:
    number = _number(draft)
    if not number:
        return f"Taken as {best.label}: its number itself is not known."
    return f"Taken as {best.label}: number {number} itself is not known."


def _without_number(draft: OrderDraft, best: Match) -> str:
    number = _number(draft)
    if best.kind == Kind.STREET:
        return (
            f"{best.street} found, number {number} is not."
            if number
            else f"{best.street} found, its number is not."
        )
    if not number:
        return f"{best.street} found, its number is not: nearest is {best.number}."
    return f"{best.street} found, number {number} is not: nearest is {best.number}."


def _words(draft: OrderDraft, answer: Answer) -> str:
    best = answer.best
    if answer.verdict == Verdict.NOT_IN_CITY or best is None:
        return f"Not in this city. {answer.reason}"
    if answer.verdict == Verdict.AMBIGUOUS:
        return f"More than one place fits. {answer.reason}"
    if best.kind in (Kind.NEAREST_NUMBER, Kind.STREET):
        return _without_number(draft, best)
    return f"Not sure. {answer.reason}"
