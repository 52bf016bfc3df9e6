"""Every language is whole: no text without its translation, none left over, and no bare English on a page."""

import re
import runpy
import string
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils import translation

from dispatch.models.station import Units
from dispatch.written import DAYS, Writer, day_written

ROOT = Path(settings.BASE_DIR)
OTHERS = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
HOLE = re.compile(r"%\(\w+\)[0-9]*[sd]|%[sd]|\{\w*\}|%%")
# Names, units and signs that are the same in every language.
SAME_EVERYWHERE = {"Lastmile", "kg", "min", "km", "l", "h"}
LOUD_ATTRIBUTES = re.compile(r'\b(?:aria-label|title|placeholder|alt)="([^"]*)"')


def catalogue(code: str) -> list[Message]:
    with (ROOT / "locale" / code / "LC_MESSAGES" / "django.po").open("rb") as file:
        return [message for message in read_po(file, locale=code) if message.id]


def forms(words: str | Iterable[str]) -> list[str]:
    return [words] if isinstance(words, str) else list(words)


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_is_translated_and_none_is_stale(code: str) -> None:
    """A new word on a page without its translation would show English in the middle of another language."""
    collected = runpy.run_path(str(ROOT / "bin" / "messages.py"))["collected"]()
    known = {forms(message.id)[0]: message for message in catalogue(code)}
    assert set(collected) - set(known) == set(), "run make messages, then translate"
    assert set(known) - set(collected) == set(), "run make messages"
    assert [one for one, message in known.items() if message.fuzzy or not all(forms(message.string))] == []


@pytest.mark.parametrize("code", OTHERS)
def test_translations_hold_what_the_originals_hold(code: str) -> None:
    """A lost placeholder loses a name; an invented one is a page that fails."""
    wrong = [
        (message.id, said)
        for message in catalogue(code)
        for said in forms(message.string)
        if sorted(HOLE.findall(said)) != sorted(HOLE.findall(forms(message.id)[-1]))
    ]
    assert wrong == []


def bare_words(text: str) -> list[str]:
    """What a template shows that no translate tag stands around."""
    text = re.sub(
        r"{% comment.*?endcomment %}|{#.*?#}|{% blocktranslate.*?endblocktranslate %}", " ", text, flags=re.S
    )
    text = re.sub(r"<(script|style|code|kbd|pre)\b[^>]*>.*?</\1>", " ", text, flags=re.S)
    text = re.sub(r"{% block (body_class|main_class) %}.*?{% endblock %}", " ", text)
    text = re.sub(r"{%.*?%}|{{.*?}}", "\n", text, flags=re.S)
    seen = [*LOUD_ATTRIBUTES.findall(text), *re.sub(r"<[^>]*>", "\n", text).splitlines()]
    return [word for line in seen for word in re.findall(r"[^\W\d_]+", line) if word not in SAME_EVERYWHERE]


def test_templates_show_no_word_outside_of_translate_tags() -> None:
    """Words that nobody marked stay English for everybody, and no catalogue shows it."""
    allowed = {
        "dispatch/order_export.html": {"SHA", "g", "m"},
        "dispatch/board.html": {"G", "T", "Z"},
    }  # keys
    found = {}
    for path in sorted((ROOT / "templates").rglob("*.html")):
        name = str(path.relative_to(ROOT / "templates"))
        if words := [word for word in bare_words(path.read_text()) if word not in allowed.get(name, set())]:
            found[name] = words
    assert found == {}


def test_the_scan_for_bare_words_sees_them() -> None:
    """The test above must be able to fail."""
    assert bare_words('<p title="Hidden">{% translate "Fine" %} Bare</p>') == ["Hidden", "Bare"]
    assert bare_words("{% blocktranslate %}Fine{% endblocktranslate %} <code>fine</code> {{ fine }}") == []


@pytest.mark.parametrize("code", [code for code, _ in settings.LANGUAGES])
def test_every_language_writes_days_in_every_way(code: str) -> None:
    """A way that one language lacks would be an error on its pages."""
    assert DAYS[code].keys() == DAYS["en"].keys()
    with translation.override(code):
        for how in DAYS[code]:
            assert any(
                sign in string.digits for sign in day_written(datetime(2026, 3, 10, 9, 5, tzinfo=UTC), how)
            )


def test_days_and_amounts_read_right_in_german_and_english() -> None:
    """The thousands sign of one is the decimal sign of the other: a wrong one is off by a thousand."""
    write, miles = Writer(Units.METRIC, "EUR"), Writer(Units.IMPERIAL, "USD")
    day = date(2026, 3, 10)
    with translation.override("de"):
        assert [day_written(day), day_written(day, "long")] == ["10.03.2026", "Dienstag, 10. März 2026"]
        assert write.money(123_456).replace("\xa0", " ") == "1.234,56 €"
        assert [write.distance(12_345), write.weight(1_250), write.volume(2_500)] == [
            "12,3 km",
            "1,25 kg",
            "2,5 l",
        ]
    with translation.override("en"):
        assert [day_written(day), day_written(day, "long")] == ["2026-03-10", "Tuesday, 10 March 2026"]
        assert [write.money(123_456), miles.distance(16_093), miles.weight(453.6), miles.volume(14_158)] == [
            "€1,234.56",
            "10.0 mi",
            "1 lb",
            "0.5 cu ft",
        ]


def test_the_last_error_page_is_said_in_the_language(settings: Any) -> None:
    """It is made without a request, when little works."""
    from django.template.loader import get_template

    with translation.override("de"):
        page = get_template("500.html").render()
    assert '<html lang="de">' in page
    assert "Etwas ist bei uns schiefgegangen" in page
