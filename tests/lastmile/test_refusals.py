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
# What reads files and fields for pages, finds addresses, and refuses what people do there.
SPEAK_TO_PAGES = (
    "dispatch/services/order*.py", "dispatch/services/import*.py", "dispatch/services/csv_reading.py",
    "dispatch/services/xlsx*.py", "dispatch/services/placing.py", "dispatch/services/setting_checks.py",
    "dispatch/services/shop*.py", "dispatch/services/promise*.py", "dispatch/services/column_mappings.py",
    "dispatch/services/recurring*.py", "dispatch/services/stock.py", "dispatch/services/roster.py",
    "dispatch/services/moves.py", "dispatch/services/visits.py", "dispatch/services/proposals.py",
    "dispatch/services/day_drafts.py", "dispatch/services/arrangements.py", "dispatch/services/undo.py",
    "dispatch/services/pins.py", "dispatch/services/plan_scopes.py", "dispatch/services/plans.py",
    "dispatch/services/recipient_messages.py", "dispatch/services/routes.py", "dispatch/services/fleet.py",
    "dispatch/services/swaps.py", "dispatch/services/absences.py", "dispatch/services/outages.py",
    "dispatch/services/day_c*.py", "dispatch/services/people.py", "dispatch/services/invitations.py",
    "dispatch/places/geocoder.py", "dispatch/views/*.py", "pod/views/*.py",
)  # fmt: skip
REFUSING = re.compile(
    r"(Error|^Bad|^Answer|^Placement|^[Pp]roblem|^_?refused?|^conflict|^forbidden|^too_large)$"
)
ONLY_PROGRAMS = {  # no page sends such fields, ids or patches
    "Send a new order.", "Send address too.", "Ask the station to change it.", "Correct the order.",
    f"{GAP} is no field that can be changed.", f"Known fields: {GAP}.", f"{GAP} is no field of a series.",
    f"Give one of {GAP}.", "The report has no usable event_id.",
    f"Give each report an id of its own, up to {GAP} characters.",
    f"{GAP} is not one of {GAP}.", "Choose one of these.", f"{GAP} is no scope.", f"Use one of {GAP}.",
    f"{GAP} is missing.", f"{GAP} belongs to the scope {GAP}.", "Correct it and send again.",
    f"Found as '{GAP}'.",  # such an address has its place, and no note
}  # fmt: skip


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


def raised(path: Path) -> set[str]:
    """The sentences that a file makes refusals and notes of, also by a local name."""
    found: set[str] = set()
    for function in ast.walk(ast.parse(path.read_text())):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and REFUSING.search(_called(node)):
                for given in (*node.args, *(keyword.value for keyword in node.keywords)):
                    found |= {text for text in _texts(given, function) if text.endswith(".") and " " in text}
            elif isinstance(node, ast.Return) and node.value is not None and path.name in NOTES:
                found |= {text for text in _texts(node.value, function) if text.endswith(".")}
    return found


NOTES = ("placing.py", "geocoder.py")  # their functions return sentences


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _texts(given: ast.expr, function: ast.FunctionDef) -> set[str]:
    if isinstance(given, ast.Name):
        made = (node for node in ast.walk(function) if isinstance(node, ast.Assign))
        values = (
            node.value for node in made if any(getattr(to, "id", "") == given.id for to in node.targets)
        )
        return set().union(*(_texts(value, function) for value in values if not isinstance(value, ast.Name)))
    if isinstance(given, ast.IfExp):
        return _texts(given.body, function) | _texts(given.orelse, function)
    text = _text(given)
    return {re.sub(f"{GAP}+", GAP, text)} if text else set()


def test_every_refusal_that_reaches_a_page_has_a_sentence() -> None:
    """Pure readers of files and fields, the address search and services: none may be English on a German page."""
    known = {HOLE.sub(GAP, each).replace("%%", "%") for each in (*WHOLE, *PATTERNS)} | ONLY_PROGRAMS
    root, missing, count = Path(settings.BASE_DIR), set(), 0
    for pattern in SPEAK_TO_PAGES:
        files = list(root.glob(pattern))
        assert files, pattern
        for path in files:
            said_there = raised(path)
            count += len(said_there)
            missing |= {(path.name, each.replace(GAP, "…")) for each in said_there - known}
    assert count > 250
    assert not missing


@pytest.mark.parametrize(
    ("sentence", "german"),
    [
        ("“12,5,6” is not a plain number like 12.5 or 12,5.", "“12,5,6” ist keine einfache Zahl"),
        ("“x” is no phone number. Write it with + and the country code.", "Schreiben Sie sie mit +"),
        ("Cell C7 holds the error #REF!.", "Zelle C7 enthält den Fehler #REF!."),
        ("Not in this city. No street of this city is called like 'Foo'.", "heißt so ähnlich wie „Foo“"),
        ("Taken as Rue 1, 00100: number 7 itself is not known.", "Nummer 7 selbst ist nicht bekannt"),
        ("The place 1.0000, 2.0000 lies outside the map of oslo: check the address.", "der Karte von oslo: Prüfen"),
        ("It must be between -90 and 90 degrees; it is “91”.", "zwischen -90 und 90 Grad liegen"),
    ],
)  # fmt: skip
def test_a_reader_s_words_are_said_with_what_they_hold(sentence: str, german: str) -> None:
    """Sentences within sentences, values with dots and commas in them: nothing is lost or left in English."""
    with translation.override("de"):
        assert german in said(sentence)
