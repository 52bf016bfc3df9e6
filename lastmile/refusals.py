"""Sentences that cores and services say in English, in the language of whoever reads them.

Services and pure cores know no language: they raise and store English sentences. Where those meet a person (a page, a
message, an answer to somebody signed in) `said` finds the sentence below and returns its translation, with the names
and numbers it held. A sentence that is not below stays as it is. Programs with a token are always answered in English.
"""

import re
from datetime import date
from functools import lru_cache

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext

from lastmile.kernel.errors import LastmileError
from lastmile.sentences import PATTERNS, VALUES, WHOLE

HOLE = re.compile(r"%\((\w+)\)s")
PHRASE = "the map of "  # of an area: no whole sentence, but words with a name among them
DAY = re.compile(r"\d{4}-\d\d-\d\d")


def said(sentence: str) -> str:
    """The sentence in the reader's language; several sentences in one text are looked up one by one."""
    if not sentence or (get_language() or "en").startswith("en"):
        return sentence
    if sentence in WHOLE:
        return gettext(sentence)
    for template, pattern in _patterns():
        found = pattern.fullmatch(sentence)
        if found:
            return gettext(template) % {name: _value(held) for name, held in found.groupdict().items()}
    first, dot, rest = sentence.partition(". ")
    return f"{said(first + '.')} {said(rest)}" if dot else sentence


def in_words(error: LastmileError) -> str:
    """Cause and action of a refusal as one text for a person."""
    return f"{said(error.cause)} {said(error.action)}"


def _value(held: str) -> str:
    """A name or number from a sentence: days in the reader's order, known words translated, sentences again."""
    if DAY.fullmatch(held):
        try:
            return date_format(date.fromisoformat(held), "SHORT_DATE_FORMAT")
        except ValueError:
            return held
    if held in VALUES:
        return gettext(held)
    return said(held) if held.endswith(".") or held.startswith(PHRASE) else held


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Templates with what they match, the most literal first: a loose one must not catch another's sentence."""
    return [(template, pattern_of(template)) for template in sorted(PATTERNS, key=_loose)]


def _loose(template: str) -> int:
    return -len(HOLE.sub("", template))


def pattern_of(template: str) -> re.Pattern[str]:
    pieces = HOLE.split(template)
    written = (f"(?P<{piece}>.+?)" if at % 2 else re.escape(piece) for at, piece in enumerate(pieces))
    return re.compile("".join(written), re.DOTALL)
