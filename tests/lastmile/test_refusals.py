"""Refusals in the reader's language: the table of sentences is true to the sources, and names survive."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from lastmile.kernel.errors import LastmileError, conflict, not_found
from lastmile.refusals import HOLE, in_words, pattern_of, said
from lastmile.sentences import PATTERNS, WHOLE

GAP = "\x00"


@cache
def written() -> frozenset[str]:
    """Every text of the sources, f-strings with a mark where they hold something."""
    found = set()
    for package in ("dispatch", "lastmile", "pod", "tracking"):
        for path in (Path(settings.BASE_DIR) / package).rglob("*.py"):
            if path.name != "sentences.py":
                found |= {text for node in ast.walk(ast.parse(path.read_text())) if (text := _text(node))}
    return frozenset(found)


def _text(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        pieces = (part.value if isinstance(part, ast.Constant) else GAP for part in node.values)
        return "".join(map(str, pieces))
    return None


@pytest.mark.parametrize("sentence", sorted(WHOLE))
def test_a_whole_sentence_stands_in_the_sources(sentence: str) -> None:
    """One changed there and not here would silently fall back to English."""
    assert sentence in written()


@pytest.mark.parametrize("template", sorted(PATTERNS))
def test_a_sentence_with_names_stands_in_the_sources(template: str) -> None:
    """The same for sentences that hold something: as many holes, at the same places."""
    assert HOLE.sub(GAP, template).replace("%%", "%") in re.sub(f"{GAP}+", GAP, "\n".join(written())).split(
        "\n"
    )


@pytest.mark.parametrize("template", sorted(PATTERNS))
def test_every_pattern_finds_its_own_sentence_again(template: str) -> None:
    """Not a looser one: what a hole held comes out in the translation."""
    names = HOLE.findall(template)
    sentence = HOLE.sub(lambda found: f"<{found[1]}>", template)
    assert pattern_of(template).fullmatch(sentence)
    with translation.override("de"):
        shown = said(sentence)
    assert shown != sentence
    assert all(f"<{name}>" in shown for name in names)


def test_a_refusal_is_said_in_the_language_of_the_reader() -> None:
    """Cause and action both, days in the reader's order, states and things translated inside."""
    error = LastmileError(
        "away", "Matti is away on 2026-03-10.", "Choose another driver, or recall the route first."
    )
    assert in_words(error) == "Matti is away on 2026-03-10. Choose another driver, or recall the route first."
    with translation.override("de"):
        assert in_words(error).startswith("Matti ist am 10.03.2026 abwesend. Wählen Sie einen anderen Fahrer")
        assert in_words(not_found("The order")).startswith("Der Auftrag wurde nicht gefunden.")
        changed = conflict("Route R1 was changed meanwhile.", "Reload the board.")
        assert in_words(changed) == "Tour R1 wurde inzwischen geändert. Laden Sie den Leitstand neu."


def test_what_nobody_translated_stays_as_it_was() -> None:
    """An English sentence is worth more than a guess; one of two is translated where only one is known."""
    with translation.override("de"):
        assert said("Something unheard of.") == "Something unheard of."
        assert said("") == ""
        assert (
            said("Something unheard of. Reload the board.")
            == "Something unheard of. Laden Sie den Leitstand neu."
        )
        assert said("2026-99-99 is over.") == "2026-99-99 ist vorbei."
