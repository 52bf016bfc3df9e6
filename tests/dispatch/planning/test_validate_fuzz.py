"""Whatever the fields hold, ``validate`` answers; and no field is without a type check and a limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import NoneType
from typing import Any, TypeAliasType, get_args, get_type_hints

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.planning import model
from dispatch.planning.model import Matrix, Problem, Window
from dispatch.planning.validate import validate
from dispatch.planning.validate.ranges import LIMITS

from .test_wire import Filler

PLACES = {"place", "start", "end"}
CLASSES = [kind for kind in vars(model).values() if is_dataclass(kind) and isinstance(kind, type)]


class Strange:
    """Compares with nothing and says nothing."""

    def __repr__(self) -> str:
        return "strange"


JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3), st.binary(max_size=2),
    st.just(Strange()), st.just(Window), st.just(Window(9, 3)), st.just(np.zeros(3)), st.just(np.int32(7)),
    st.just(np.zeros((3, 3), np.int32)), st.just(np.array(["x"])), st.just(np.array([[None]])),
    st.lists(st.integers(), max_size=2), st.dictionaries(st.integers(), st.none(), max_size=1),
    st.tuples(st.integers() | st.text(max_size=1) | st.none()), st.frozensets(st.integers() | st.text(), max_size=2),
    st.tuples(st.builds(Window, st.integers() | st.floats() | st.none(), st.integers())),
    st.dictionaries(st.text(max_size=2), st.none() | st.integers(), max_size=2), st.just({1}), st.just(1j),
)  # fmt: skip


def objects(value: Any) -> list[Any]:
    """All dataclass instances inside a value."""
    inner: list[Any] = []
    if is_dataclass(value):
        inner = [getattr(value, f.name) for f in fields(value)]
    elif isinstance(value, Mapping):
        inner = list(value.values())
    elif isinstance(value, tuple):
        inner = list(value)
    found = [one for entry in inner for one in objects(entry)]
    return [value, *found] if is_dataclass(value) else found


def whole() -> Problem:
    """A problem that sets everything, its references mended far enough that all checks are reached."""
    problem: Problem = Filler().fill(Problem)
    _set(problem.jobs[0], place=0, pinned_to=problem.vehicles[0].id)
    _set(problem, matrices={v.profile: Matrix(np.zeros((3, 3), np.int32), np.zeros((3, 3), np.int32))
                            for v in problem.vehicles})  # fmt: skip
    return problem


def rich() -> Problem:
    """A valid problem with something of everything, small enough to be read."""
    table = np.ones((4, 4), np.int32)
    timed = Matrix(table, table, (model.Period(3600, table * 2),))
    day = (Window(0, 40_000), Window(50_000, 60_000))
    job = model.Job(
        "a", 1, day, 60, 30, "s", (1,), (2,), leave_price=50, preferred=Window(5, 9), service_by_type=(("bike", 9),),
        parking="yard", goods=frozenset({"food"}), depot="hub", pinned_to="van", zones=frozenset({"n"}),
        offers=(model.Offer("c", 5),), current=model.Current("van", "b", 7), position="first", max_wait_s=5,
    )  # fmt: skip
    van = model.Vehicle(
        "van", 0, 0, Window(0, 50_000), 3000, (9,), breaks=(model.Break("rest", 60, day, 2, 5),), depot="hub",
        first=("a", "hub", "plug"), rate=model.RateCard((1,), (("n", 5),), 9), battery=model.Battery(90, 90, 9, 9, 9),
        driving_rules=(model.DrivingRule(900, 90),), reloads=("hub",), zones=frozenset({"n"}), max_trips=2,
    )  # fmt: skip
    problem = Problem(
        (job, *(model.Job(name, 1) for name in "bcdef")), (van,), {"van": timed}, ("kg",),
        shipments=(model.Shipment("b", "c", (3,)),), groups=(model.Group("g", ("d", "e"), (1, 2), 9),),
        relations=(model.Relation("sequence", ("a", "b", "f")), model.Relation("together", ("a", "d"), 60)),
        incompatible=(model.Incompatible("food", "paint"),), depots=(model.Depot("hub", 0, day, 60, 2),),
        chargers=(model.Charger("plug", 3, 9, 9, 9, day),), carriers=(model.Carrier("c", 9),),
        dials={"late": model.soft(5)}, weights=model.Weights(*range(1, 9)), co2_price_per_kg=9,
        points=np.ones((4, 2), np.int32),
    )  # fmt: skip
    assert validate(problem) == ()
    return problem


def _set(thing: Any, **values: Any) -> None:
    for name, value in values.items():
        object.__setattr__(thing, name, value)


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_no_junk_makes_it_raise(data: st.DataObject) -> None:
    """Input from files and programs: a TypeError would be a traceback for somebody's typing error."""
    problem = rich()
    for _ in range(data.draw(st.integers(1, 3))):
        thing = data.draw(st.sampled_from(objects(problem)))
        field = data.draw(st.sampled_from(fields(thing)))
        _set(thing, **{field.name: data.draw(JUNK)})
    assert all(isinstance(error.subject, str) and error.code for error in validate(problem))


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_no_wrong_value_of_the_right_type_makes_it_raise(data: st.DataObject) -> None:
    """Past the types lie the checks between fields: they meet unknown names, circles and extreme numbers."""
    problem = rich()
    for _ in range(data.draw(st.integers(1, 4))):
        thing = data.draw(st.sampled_from(objects(problem)))
        field = data.draw(st.sampled_from(fields(thing)))
        _set(thing, **{field.name: data.draw(_twisted(getattr(thing, field.name)))})
    assert all(isinstance(error.subject, str) and error.code for error in validate(problem))


def _twisted(value: Any) -> st.SearchStrategy[Any]:
    """Another value of the same type: any number, any name of the problem, fewer or repeated entries."""
    if isinstance(value, bool):
        return st.booleans()
    if isinstance(value, int):
        return st.sampled_from([-1, 0, 1, 10**6, 10**9, 2**31, 2**63, 10**30])
    if isinstance(value, str):
        return st.sampled_from(["", "a", "b", "c", "d", "van", "hub", "plug", "g", "nobody"])
    if isinstance(value, Window):
        return st.builds(Window, st.integers(), st.integers())
    if isinstance(value, np.ndarray) and value.ndim < 2:
        return st.sampled_from([value[:0], value.astype(float), -value])
    if isinstance(value, np.ndarray):
        return st.sampled_from(
            [value[:1], value.astype(float), -value, value[:, :0], value[0], value * 2**30]
        )
    if isinstance(value, tuple) and value:
        return st.lists(st.sampled_from(value), max_size=4).map(tuple)
    return st.just(value)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_field_refuses_an_object_of_no_type(kind: type[Any]) -> None:
    """Found by reflection, so that a new field cannot come in unchecked."""
    for field in fields(kind):
        problem = whole()
        things = [one for one in objects(problem) if type(one) is kind] or [None]
        if kind is model.Period:
            timed = Matrix(
                np.zeros((3, 3), np.int32), np.zeros((3, 3), np.int32), (model.Period(5, np.zeros(3)),)
            )
            _set(problem, matrices={v.profile: timed for v in problem.vehicles})
            things = list(timed.periods)
        _set(things[0], **{field.name: Strange()})
        causes = [error.cause for error in validate(problem)]
        checked_later = field.name in PLACES and kind.__name__ in (
            "Job",
            "Vehicle",
            "Break",
            "Depot",
            "Charger",
        )
        assert checked_later or any("strange" in cause for cause in causes), (field.name, causes)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_number_has_a_limit(kind: type[Any]) -> None:
    """A new number without a ceiling could overflow the sums of compiled code."""
    for name, hint in get_type_hints(kind).items():
        if numbers(hint) and not (
            name in PLACES and kind.__name__ in ("Job", "Vehicle", "Break", "Depot", "Charger")
        ):
            assert name in LIMITS[kind], f"{kind.__name__}.{name} has no limits in ranges.py"


def numbers(hint: Any) -> bool:
    """Whether a type hint is of whole numbers, alone, optional or in a tuple of their own."""
    if isinstance(hint, TypeAliasType) or hint is Window:
        return False
    inner = [entry for entry in get_args(hint) if entry not in (NoneType, Ellipsis)]
    return hint is int or any(numbers(entry) for entry in inner)
