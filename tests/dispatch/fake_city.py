"""A geocoder of one street: Teststreet 1 to 97, odd numbers; everything else is elsewhere."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from dispatch.places.match import Answer, Kind, Match, Verdict


@dataclass
class FakeGeocoder:
    asked: list[str] = field(default_factory=list)
    fails: Exception | None = None

    def geocode_many(self, texts: Iterable[str], limit: int = 3) -> list[Answer]:
        found = list(texts)
        self.asked += found
        if self.fails and found:
            raise self.fails
        return [answer(text) for text in found]

    def search(self, text: str, limit: int = 5) -> list[Match]:
        return list(answer(text).matches)

    def suggest(self, text: str, limit: int = 5) -> list[Match]:
        return [_match(1, Kind.EXACT, 1.0)]

    def reverse(self, lat: float, lng: float, within: float = 500.0) -> Match | None:
        return _match(1, Kind.EXACT, 1.0) if abs(lat - 60.17) < 0.1 else None


def _match(number: int, kind: Kind, confidence: float) -> Match:
    lat = round(60.17 + number / 10_000, 6)
    return Match(f"Teststreet {number}", "Teststreet", str(number), "", "", lat, 24.94, confidence, kind)


def answer(text: str) -> Answer:
    words = text.split(",")[0].split()
    if not words or words[0] != "Teststreet":
        return Answer(Verdict.NOT_IN_CITY, (), "No street of this city is called so.")
    number = int(words[1])
    if number % 2 and number <= 97:
        return Answer(Verdict.FOUND, (_match(number, Kind.EXACT, 1.0),), "Found.")
    near = _match(97 if number > 97 else number + 1, Kind.NEAREST_NUMBER, 0.8)
    return Answer(Verdict.FOUND, (near,), "Nearest.")
