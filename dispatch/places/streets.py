"""Find streets by name in memory: exact, abbreviated, loosely spelt, with typing errors, by beginning."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from dispatch.places import names

CLOSE_ENOUGH = 0.75
"""Share of letters in common below which two names are different streets."""
LOOSE = 0.97
EXPANDED = 0.98
MOST_FUZZY = 0.96
SEVERITY = 1.5
"""A wrong letter in a short name weighs more than its share."""
REMEMBERED = 4096


@dataclass(frozen=True)
class StreetName:
    """One spelling of one street."""

    street: int
    key: str
    name: str


@dataclass(frozen=True)
class StreetHit:
    """A street that the words may mean; likeness 0..1, 1 for the very name."""

    street: int
    name: str
    likeness: float


class StreetNames:
    """All spellings of all streets of a city; safe to share between threads once built."""

    def __init__(self, spellings: Iterable[StreetName]) -> None:
        self._by_key: dict[str, list[StreetName]] = defaultdict(list)
        self._by_loose: dict[str, list[StreetName]] = defaultdict(list)
        for spelling in spellings:
            self._by_key[spelling.key].append(spelling)
            self._by_loose[names.loose(spelling.key)].append(spelling)
        self._keys = sorted(self._by_key)
        self._loose_keys = sorted(self._by_loose)
        self._starts = sorted(self._word_starts())
        self.find = lru_cache(maxsize=REMEMBERED)(self._find)

    def __len__(self) -> int:
        return len(self._keys)

    def _word_starts(self) -> set[tuple[str, str]]:
        """(key from a later word on, key of the whole name): ``Gammel Kongevej`` is found by ``kong``."""
        starts = set()
        for folded, spellings in self._by_key.items():
            for spelling in spellings:
                words = spelling.name.split()
                starts |= {(names.key(" ".join(words[place:])), folded) for place in range(1, len(words))}
        return {start for start in starts if start[0]}

    def _find(self, text: str, limit: int = 5) -> tuple[StreetHit, ...]:
        """Streets that the text may name, best first; empty where nothing is close enough."""
        exact = self._exact(text)
        if exact:
            return tuple(exact[:limit])
        return tuple(self._fuzzy(names.loose(names.key(text)), limit))

    def _exact(self, text: str) -> list[StreetHit]:
        for place, candidate in enumerate(names.variants(text)):
            if candidate in self._by_key:
                return [_hit(one, 1.0 if place == 0 else EXPANDED) for one in self._by_key[candidate]]
        spellings = self._by_loose.get(names.loose(names.key(text)), [])
        return [_hit(one, LOOSE) for one in spellings]

    def _fuzzy(self, folded: str, limit: int) -> list[StreetHit]:
        if len(folded) < 3:
            return []
        cutoff = max(CLOSE_ENOUGH, 1 - 1.0 / len(folded)) if len(folded) < 6 else CLOSE_ENOUGH
        found = process.extract(
            folded, self._loose_keys, scorer=OSA.normalized_similarity, score_cutoff=cutoff, limit=limit * 2
        )
        best: dict[int, StreetHit] = {}
        rated = sorted(((_likeness(folded, match, whole), match) for match, whole, _ in found), reverse=True)
        for likeness, match in rated:
            for spelling in self._by_loose[match] if likeness > 0 else ():
                best.setdefault(spelling.street, _hit(spelling, likeness))
        return list(best.values())[:limit]

    def beginning(self, text: str, limit: int) -> list[StreetHit]:
        """Streets whose name, or a later word of it, begins with the text; then those that are close."""
        folded = names.key(text)
        if not folded:
            return []
        hits: dict[int, StreetHit] = {}
        for found in (*self._from(folded), *self._from_word(folded)):
            for spelling in self._by_key[found]:
                hits.setdefault(spelling.street, _hit(spelling, len(folded) / max(len(found), len(folded))))
        if len(hits) < limit:
            for hit in self.find(text, limit):
                hits.setdefault(hit.street, hit)
        return list(hits.values())[:limit]

    def _from(self, folded: str) -> list[str]:
        found = []
        for candidate in self._keys[bisect_left(self._keys, folded) :]:
            if not candidate.startswith(folded):
                break
            found.append(candidate)
        return found

    def _from_word(self, folded: str) -> list[str]:
        found = []
        for start, candidate in self._starts[bisect_left(self._starts, (folded, "")) :]:
            if not start.startswith(folded):
                break
            found.append(candidate)
        return found


def _likeness(asked: str, known: str, whole: float) -> float:
    """What a likeness is worth once a common ending is taken off both names; 0 where little is left of it."""
    ours, theirs = names.stem(asked), names.stem(known)
    both_cut = ours != asked and theirs != known
    share = OSA.normalized_similarity(ours, theirs) if both_cut else whole
    return float(min(MOST_FUZZY, share**SEVERITY)) if share >= CLOSE_ENOUGH else 0.0


def _hit(spelling: StreetName, likeness: float) -> StreetHit:
    return StreetHit(spelling.street, spelling.name, likeness)
