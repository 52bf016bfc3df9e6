"""Words for people in other languages: collect them from templates and code, and compile them for Django.

python bin/messages.py collect     bring locale/*/LC_MESSAGES/django.po up to date with what templates and code say
python bin/messages.py compile     write the .mo files beside them (the set-up does it)
"""

import ast
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("lastmile", "dispatch", "pod", "tracking")
SINGULAR = {"_", "gettext", "gettext_lazy", "gettext_noop", "pgettext", "pgettext_lazy"}
PLURAL = {"ngettext", "ngettext_lazy"}
TEXT = r"""u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
CALLS = re.compile(rf"\b(n?gettext|_)\(\s*{TEXT}\s*(?:,\s*{TEXT}\s*)?", re.DOTALL)

WHEN = {
    name: datetime(2026, 1, 1, tzinfo=UTC) for name in ("creation_date", "revision_date")
}  # no noise in diffs

Message = tuple[str, str, str]  # where, singular, plural or ""


def in_templates() -> Iterator[Message]:
    """What {% translate %} and {% blocktranslate %} say, by way of Django's own reader."""
    from django.utils.translation.template import templatize

    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix not in (".html", ".txt"):
            continue
        for found in CALLS.finditer(templatize(path.read_text(), origin=str(path))):
            one = ast.literal_eval(found[2])
            yield str(path.relative_to(ROOT)), one, ast.literal_eval(found[3]) if found[3] else ""


def in_code() -> Iterator[Message]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            tree = ast.parse(path.read_text())
            names = renamed(tree)
            for node in ast.walk(tree):
                if message := of_call(node, names):
                    yield str(path.relative_to(ROOT)), *message


def renamed(tree: ast.AST) -> dict[str, str]:
    """What a file calls the functions of django.utils.translation: {"lazy": "gettext_lazy"}."""
    imports = (
        n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module == "django.utils.translation"
    )
    return {alias.asname: alias.name for node in imports for alias in node.names if alias.asname}


def of_call(node: ast.AST, names: dict[str, str]) -> tuple[str, str] | None:
    """The texts of a gettext call; anything else is None."""
    if not isinstance(node, ast.Call):
        return None
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    name = names.get(name, name)
    texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    if name in PLURAL and len(texts) >= 2:
        return texts[0], texts[1]
    return (texts[-1], "") if name in SINGULAR and texts else None


def collected() -> dict[str, tuple[str, list[str]]]:
    """Every text with its plural and the files that say it."""
    found: dict[str, tuple[str, list[str]]] = {}
    for where, one, other in (*in_templates(), *in_code()):
        plural, places = found.setdefault(one, (other, []))
        if where not in places:
            places.append(where)
        if other and not plural:
            found[one] = (other, places)
    return found


def catalogues() -> list[Path]:
    return sorted((ROOT / "locale").glob("*/LC_MESSAGES/django.po"))


def opened(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parents[1].name)


def collect() -> None:
    for path in catalogues():
        old = opened(path)
        fresh = Catalog(locale=old.locale, project="Lastmile", fuzzy=False, header_comment="", **WHEN)
        for one, (other, places) in sorted(collected().items()):
            known = old.get(one)
            words = known.string if known else ("", "") if other else ""
            if bool(other) != isinstance(words, tuple):
                words = ("", "") if other else ""
            fresh.add((one, other) if other else one, words, locations=[(place, None) for place in places])
        with path.open("wb") as file:
            write_po(file, fresh, omit_header=False, sort_output=True, width=110)


def compile_all() -> None:
    for path in catalogues():
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, opened(path))


if __name__ == "__main__":
    {"collect": collect, "compile": compile_all}[sys.argv[1]]()
