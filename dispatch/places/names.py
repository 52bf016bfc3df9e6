"""Fold street names so that spelling, case, accents and common abbreviations do not matter."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice, product

_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i"})
_DIGRAPHS = (("aa", "a"), ("ae", "a"), ("oe", "o"), ("ue", "u"))
_WORD = re.compile(r"\w+\.?", re.UNICODE)
_MOST_VARIANTS = 24

ENDINGS: dict[str, tuple[str, ...]] = {
    "str": ("strasse", "straat", "straede"),
    "g": ("gade", "gata", "gatan"),
    "gt": ("gate", "gata"),
    "v": ("vej", "vei", "vag", "vagen"),
    "vg": ("vag", "vagen", "veg"),
    "k": ("katu", "kuja"),
    "t": ("tie",),
    "kj": ("kuja",),
    "pl": ("platz", "plads", "plass", "plats", "plein"),
    "ln": ("laan",),
    "wg": ("weg",),
    "w": ("weg",),
}
"""Endings written short inside one word: Hauptstr., Vesterg., Aleksanterink."""

_COMMON_ENDINGS = (
    "strasse strasze straat gatan gata gate gade vagen vag vej vei veg katu kuja tie polku platz plads "
    "plass plats plein laan weg allee alle street road avenue lane drive square court gasse ring ufer "
    "stien sti torget torv "
)
COMMON_ENDINGS = _COMMON_ENDINGS.split()
"""What many street names end in; it says nothing about which street is meant."""

WORDS: dict[str, tuple[str, ...]] = {
    "st": ("street", "saint", "sankt", "store", "sint"),
    "rd": ("road",),
    "ave": ("avenue",),
    "av": ("avenue", "avenida", "avenyen"),
    "avda": ("avenida",),
    "blvd": ("boulevard",),
    "bd": ("boulevard",),
    "ln": ("lane", "laan"),
    "dr": ("drive", "doktor", "doutor", "docteur"),
    "sq": ("square",),
    "ct": ("court",),
    "r": ("rue", "rua"),
    "c": ("calle",),
    "pl": ("place", "platz", "plads", "plaza", "plass", "plein"),
    "str": ("strasse", "straat", "straede"),
    "gl": ("gammel",),
    "ndr": ("nordre", "norre"),
    "sdr": ("sondre", "sonder"),
    "kgl": ("kongelig", "kongelige"),
    "skt": ("sankt",),
    "chr": ("christian", "christians"),
    "fr": ("frederik", "frederiks"),
    "prof": ("professor",),
}
"""Words written short: Main St, Gl. Kongevej."""


def fold(text: str) -> str:
    """Case, accents and letters with strokes folded away: ``Nørrebrogade`` -> ``norrebrogade``."""
    lowered = text.casefold().translate(_LETTERS)
    plain = unicodedata.normalize("NFKD", lowered)
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def key(text: str) -> str:
    """The letters and digits of a name without spaces and signs: ``H.C. Ørsteds Vej`` -> ``hcorstedsvej``."""
    return "".join(letter for letter in fold(text) if letter.isalnum())


def loose(folded_key: str) -> str:
    """A key in which ae/oe/ue/aa and a/o/u are the same: joins ``Noerrebrogade`` and ``Nørrebrogade``."""
    for pair, single in _DIGRAPHS:
        folded_key = folded_key.replace(pair, single)
    return folded_key


def variants(text: str) -> Iterator[str]:
    """Keys that the text may stand for once short forms are written out; the plain key comes first."""
    words = _WORD.findall(fold(text))
    choices = [_expansions(word, last=place == len(words) - 1) for place, word in enumerate(words)]
    seen: set[str] = set()
    for combination in islice(product(*choices), _MOST_VARIANTS):
        candidate = "".join(combination)
        if candidate and candidate not in seen:
            seen.add(candidate)
            yield candidate


def stem(folded_key: str) -> str:
    """The key without a common ending: ``kluuvikatu`` -> ``kluuvi``."""
    for ending in COMMON_ENDINGS:
        if folded_key.endswith(ending) and len(folded_key) > len(ending) + 1:
            return folded_key[: -len(ending)]
    return folded_key


def _expansions(word: str, *, last: bool) -> list[str]:
    dotted = word.endswith(".")
    bare = word.rstrip(".").replace("_", "")
    found = [bare, *WORDS.get(bare, ())]
    if dotted or last:
        found += _endings(bare, dotted=dotted)
    return found


def _endings(bare: str, *, dotted: bool) -> list[str]:
    """Long forms of an ending; without a dot only ``str`` is safe to read as an abbreviation."""
    found = []
    for short, long_forms in ENDINGS.items():
        if bare.endswith(short) and len(bare) > len(short) + 2 and (dotted or short == "str"):
            found += [bare[: -len(short)] + long_form for long_form in long_forms]
    return found
