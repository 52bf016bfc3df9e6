"""Search the addresses of one city: by text, by beginning, by place on the map."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import cos, isfinite, radians
from pathlib import Path

from rapidfuzz import fuzz

from dispatch.places import houses, names
from dispatch.places import query as queries
from dispatch.places.addresses import cell
from dispatch.places.geometry import METRES_PER_DEGREE, metres
from dispatch.places.index import AddressIndex, House
from dispatch.places.match import CONFIDENT, Answer, Kind, Match, Verdict, label
from dispatch.places.query import Query, Reading
from dispatch.places.streets import StreetHit, StreetNames

STREET_ONLY = 0.5
NO_NUMBERS = 0.4
POSTCODE_DIFFERS = 0.85
POSTCODE_UNKNOWN = 0.65
POSTCODE_MISSING = 0.97
PLACE_UNKNOWN = 0.6
SAME_PLACE_METRES = 150.0
TIE = 0.03
PLACE_LIKENESS = 80.0
READINGS_TRIED = 6


class Geocoder:
    """The addresses of one city. Threads may share it; nothing in it changes after it is opened.

    Raises PlacesError (``no_index``, ``old_index``) where the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._index = AddressIndex(path)
        self._names = StreetNames(self._index.spellings())
        self._postcodes = {queries.squeeze(postcode) for postcode in self._index.postcodes}

    def search(self, text: str, limit: int = 5) -> list[Match]:
        """Matches for a written address, best first; empty where the city has nothing like it."""
        return list(self.geocode(text, limit).matches)

    def geocode_many(self, texts: Iterable[str], limit: int = 3) -> list[Answer]:
        """An answer for each text, in order; equal texts and streets are looked up once."""
        known: dict[str, Answer] = {}
        return [known.get(text) or known.setdefault(text, self.geocode(text, limit)) for text in texts]

    def geocode(self, text: str, limit: int = 5) -> Answer:
        """Matches with a verdict; every text gets an answer, none an exception."""
        query = queries.parse(text, self._postcodes)
        if not query.readings:
            return Answer(Verdict.UNREADABLE, (), "The text holds no street name.")
        elsewhere = self._elsewhere(query)
        if elsewhere:
            return Answer(Verdict.NOT_IN_CITY, (), elsewhere)
        found = _merge(self._matches(query))
        if not found:
            return Answer(Verdict.NOT_IN_CITY, (), f"No street of this city is called like '{_said(query)}'.")
        return _judge(found[: max(1, limit)])

    def _elsewhere(self, query: Query) -> str:
        """Why the address is plainly outside: neither its postcode nor its place is known here."""
        if not query.postcode or query.postcode in self._postcodes or not self._postcodes:
            return ""
        if query.place and not self._knows_place(query.place):
            return f"Neither the postcode {query.postcode} nor the place '{query.place}' is in this city."
        return ""

    def _knows_place(self, place: str) -> bool:
        folded = names.key(place)
        close = (fuzz.ratio(folded, known) >= PLACE_LIKENESS for known in self._index.places)
        return any(known in folded for known in self._index.places) or any(close)

    def _matches(self, query: Query) -> Iterator[Match]:
        """Every reading that names a street as well as the best reading does."""
        hits = [
            (reading, hit) for reading in query.readings[:READINGS_TRIED] for hit in self._streets(reading)
        ]
        best = max((hit.likeness for _, hit in hits), default=0.0)
        numbered = any(reading.number for reading, hit in hits if hit.likeness >= best - 0.1)
        for reading, hit in hits:
            if hit.likeness >= best - 0.1 and (reading.number or not numbered):
                yield from self._on_street(query, reading, hit)

    def _streets(self, reading: Reading) -> tuple[StreetHit, ...]:
        found = self._names.find(reading.street)
        if found and found[0].likeness == 1.0:
            return found
        shorter = self._without_place(reading.street)
        return max(found, self._names.find(shorter) if shorter else (), key=_likeness)

    def _without_place(self, street: str) -> str:
        """The street without a known place behind it: ``10 Mannerheimintie Helsinki``."""
        words = street.split()
        for cut in range(1, len(words)):
            if names.key(" ".join(words[cut:])) in self._index.places:
                return " ".join(words[:cut])
        return ""

    def _on_street(self, query: Query, reading: Reading, hit: StreetHit) -> Iterator[Match]:
        there = self._index.houses(hit.street)
        if reading.number is None or not any(house.low is not None for house in there):
            share = NO_NUMBERS if reading.number else STREET_ONLY
            yield self._street_match(query, hit, share * hit.likeness)
            return
        in_postcode = _in_postcode(there, query.postcode)
        choices = houses.choose(there, reading.number)
        if in_postcode and not any(choice.house in in_postcode for choice in choices):
            choices = choices + houses.choose(in_postcode, reading.number)
        for choice in choices:
            share = hit.likeness * choice.share * self._trust(query, reading, choice.house.postcode)
            yield _house_match(self._index.streets[hit.street].name, choice.house, share, choice.kind)

    def _street_match(self, query: Query, hit: StreetHit, confidence: float) -> Match:
        street = self._index.streets[hit.street]
        near = _in_postcode(self._index.houses(hit.street), query.postcode)
        if near:
            house = near[len(near) // 2]
            text = label(street.name, "", house.postcode, house.place)
            where = (house.postcode, house.place, house.lat, house.lng)
            return Match(text, street.name, "", *where, round(confidence, 3), Kind.STREET)
        return Match(
            street.name, street.name, "", "", "", street.lat, street.lng, round(confidence, 3), Kind.STREET
        )

    def _trust(self, query: Query, reading: Reading, postcode: str) -> float:
        """What postcode and place leave of the confidence."""
        trust = 1.0
        if query.postcode and query.postcode not in self._postcodes:
            trust = POSTCODE_UNKNOWN if self._postcodes else 1.0
        elif query.postcode and queries.squeeze(postcode) != query.postcode:
            trust = POSTCODE_DIFFERS if postcode else POSTCODE_MISSING
        place = query.place or (reading.rest if not any(map(str.isdigit, reading.rest)) else "")
        if len(place) > 3 and not query.postcode and self._index.places and not self._knows_place(place):
            trust *= PLACE_UNKNOWN
        return trust

    def suggest(self, prefix: str, limit: int = 8) -> list[Match]:
        """Completions while a person types: streets by beginning, then the numbers of a street."""
        query = queries.parse(prefix, self._postcodes)
        for reading in query.readings:
            hits = self._names.beginning(reading.street, limit) if reading.number else []
            found = [match for hit in hits for match in self._numbers(hit, reading)]
            if found:
                return _merge(found)[: max(1, limit)]
        text = query.readings[-1].street if query.readings else ""
        return [
            self._street_match(query, hit, STREET_ONLY) for hit in self._names.beginning(text, max(1, limit))
        ]

    def _numbers(self, hit: StreetHit, reading: Reading) -> Iterator[Match]:
        typed = f"{reading.number.low}{reading.number.letter}" if reading.number else ""
        for house in self._index.houses(hit.street):
            if house.low is not None and f"{house.low}{house.letter}".startswith(typed):
                exact = f"{house.low}{house.letter}" == typed
                share = hit.likeness * (1.0 if exact else 0.9)
                yield _house_match(self._index.streets[hit.street].name, house, share, Kind.EXACT)

    def reverse(self, lat: float, lng: float, within: float = 500.0) -> Match | None:
        """The numbered address nearest to a place, with its distance; None beyond `within` metres."""
        if not (isfinite(lat) and isfinite(lng)):
            return None
        for reach in sorted({min(60.0, within), min(250.0, within), within}):
            found = self._nearby(lat, lng, reach)
            if found:
                away, house = min(found, key=lambda pair: (round(pair[0], 1), pair[1].rank))
                confidence = max(0.1, 1 - away / max(within, 1.0))
                street = self._index.streets[house.street].name
                return _house_match(street, house, confidence, Kind.EXACT, away)
        return None

    def _nearby(self, lat: float, lng: float, reach: float) -> list[tuple[float, House]]:
        high = reach / METRES_PER_DEGREE
        wide = high / max(0.01, cos(radians(lat)))
        south, west = cell(lat - high, lng - wide)
        north, east = cell(lat + high, lng + wide)
        found = self._index.in_cells(south, north, west, east)
        away = [(metres((lng, lat), (house.lng, house.lat)), house) for house in found]
        return [(distance, house) for distance, house in away if distance <= reach]


def _in_postcode(there: Iterable[House], postcode: str) -> list[House]:
    return [house for house in there if postcode and queries.squeeze(house.postcode) == postcode]


def _likeness(hits: tuple[StreetHit, ...]) -> float:
    return hits[0].likeness if hits else 0.0


def _said(query: Query) -> str:
    return query.readings[0].street


def _house_match(street: str, house: House, share: float, kind: Kind, away: float | None = None) -> Match:
    text = label(street, house.label, house.postcode, house.place)
    where = (house.postcode, house.place, house.lat, house.lng)
    return Match(text, street, house.label, *where, round(min(1.0, share), 3), kind, away)


def _merge(found: Iterable[Match]) -> list[Match]:
    """Best first, without the second source of a house already there (a shop inside a numbered building)."""
    kept: dict[tuple[str, str], list[Match]] = {}
    merged = []
    for match in sorted(found, key=lambda match: (-match.confidence, not match.postcode)):
        same = kept.setdefault((match.street, match.number), [])
        if not any(_close(match, other) for other in same):
            same.append(match)
            merged.append(match)
    return merged


def _close(a: Match, b: Match) -> bool:
    return metres((a.lng, a.lat), (b.lng, b.lat)) <= SAME_PLACE_METRES


def _judge(found: list[Match]) -> Answer:
    best = found[0]
    rivals = [
        match for match in found[1:] if match.confidence >= best.confidence - TIE and not _close(match, best)
    ]
    matches = tuple(found)
    if rivals:
        return Answer(Verdict.AMBIGUOUS, matches, f"'{best.label}' and '{rivals[0].label}' fit equally well.")
    if best.confidence < CONFIDENT:
        return Answer(Verdict.DOUBTFUL, matches, f"'{best.label}' is only close to what was written.")
    return Answer(Verdict.FOUND, matches, f"Found as '{best.label}'.")
