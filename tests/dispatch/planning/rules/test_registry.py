"""The rules as a whole: none missing, none twice, each told somewhere, tested and described."""

from __future__ import annotations

import dataclasses
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

from dispatch.planning import model
from dispatch.planning.rules.codes import CODES
from dispatch.planning.rules.registry import rule_of, rules
from dispatch.planning.rules.rule import Rule
from dispatch.planning.solution import Cost

HERE = Path(__file__).parent
DOCS = HERE.parents[3] / "docs" / "planning.md"


def test_every_number_has_one_file() -> None:
    """The list of rules has 52, and each is found in the file of its name."""
    assert [rule.number for rule in rules()] == list(range(1, 53))
    for rule in rules():
        assert import_module(f"dispatch.planning.rules.{rule.name}").RULE is rule


def test_every_code_belongs_to_exactly_one_rule() -> None:
    """A code without a rule could not be explained, one with two would have two dials."""
    counts = Counter(code for rule in rules() for code in rule.codes)
    assert counts == {code.name: 1 for code in CODES}
    assert rule_of("late").name == "windows"
    with pytest.raises(KeyError):
        rule_of("bad_weather")


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)
def test_it_names_what_exists(rule: Rule) -> None:
    """Fields of the model, components of the cost, codes and functions: a renamed one must not stay here."""
    for name in rule.fields:
        holder, field = name.split(".")
        known = dataclasses.fields(getattr(model, holder))
        assert field in {known_field.name for known_field in known}, name
    assert set(rule.costs) <= {field.name for field in dataclasses.fields(Cost)}
    assert set(rule.see) <= {code.name for code in CODES} - set(rule.codes)
    for name in rule.api:
        module, function = name.rsplit(".", 1)
        assert callable(getattr(import_module(f"dispatch.planning.{module}"), function))
    assert rule.meaning.endswith(".")


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)
def test_its_kind_is_borne_out(rule: Rule) -> None:
    """A dial has codes, a weight shows in the cost, a function can be called, a fact is told somewhere."""
    borne = {
        "dial": rule.codes or rule.see,
        "weight": rule.costs,
        "function": rule.api,
        "fact": rule.codes or rule.see,
    }
    assert borne[rule.kind]
    assert rule.fields or rule.kind == "function"


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)
def test_it_is_tested_and_described(rule: Rule) -> None:
    """One test file and one line in the docs for each, and the line names its codes, fields and functions."""
    assert (HERE / f"test_{rule.number:02d}_{rule.name}.py").is_file()
    rows = [row for row in DOCS.read_text().splitlines() if row.startswith(f"| {rule.number} |")]
    assert len(rows) == 1
    for name in (*rule.codes, *rule.fields, *rule.api):
        assert f"`{name}`" in rows[0], name
