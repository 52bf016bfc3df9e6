"""Each mistake of the wide model, exactly made once: its code, and whom the error is about."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from dispatch.planning.model import (
    HARD,
    OFF,
    UNREACHABLE,
    Battery,
    Break,
    Carrier,
    Charger,
    Current,
    Depot,
    Dial,
    DrivingRule,
    Group,
    Incompatible,
    Job,
    Matrix,
    Offer,
    Period,
    Problem,
    RateCard,
    Relation,
    Shipment,
    Weights,
    Window,
    soft,
)  # fmt: skip
from dispatch.planning.rules.codes import CODES
from dispatch.planning.validate import check, validate

from .worlds import line, line_matrix, van

SQUARE = line_matrix(10).durations
LOST = SQUARE.copy()
LOST[2, 3] = UNREACHABLE


def world(**fields: Any) -> Problem:
    """Six jobs without loads, one van, and what the case adds."""
    return replace(line([Job(name, at) for at, name in enumerate("abcdef", 1)]), **fields)


def job(**fields: Any) -> Problem:
    return line([Job("a", **{"place": 1, **fields})])


def driven(*, problem: dict[str, Any] | None = None, **fields: Any) -> Problem:
    return replace(line([Job("a", 1)], [van(**fields)]), **(problem or {}))


def pinned(vehicle: dict[str, Any], **fields: Any) -> Problem:
    return line([Job("a", 1, pinned_to="van", **fields)], [van(**vehicle)])


def related(*relations: tuple[Any, str], **fields: Any) -> Problem:
    """``("sequence", "abc")`` relates the jobs a, b and c."""
    return world(relations=tuple(Relation(kind, tuple(names)) for kind, names in relations), **fields)


def shipped(pickup: str, delivery: str, *more: Shipment, **fields: Any) -> Problem:
    return world(shipments=(Shipment(pickup, delivery), *more), **fields)


def periods(*several: tuple[int, Any]) -> Problem:
    timed = tuple(Period(start, table) for start, table in several)
    return world(matrices={"van": Matrix(SQUARE, SQUARE, timed)})


def battery(**fields: int) -> Problem:
    full = {"capacity_wh": 100, "start_wh": 100, "reserve_wh": 10, "wh_per_km": 200, "charge_w": 50}
    return driven(battery=Battery(**{**full, **fields}))


def positioned(position: Any, *relations: tuple[Any, str], **fields: Any) -> Problem:
    problem = related(*relations, **fields)
    return replace(
        problem, jobs=(*problem.jobs[:1], replace(problem.jobs[1], position=position), *problem.jobs[2:])
    )


DEPOT, CHARGER = Depot("hub", 0), Charger("plug", 3, 11_000)

MISTAKES: list[tuple[str, Problem, str]] = [
    # ids
    ("duplicate_id", world(depots=(DEPOT, DEPOT)), "hub"),
    ("duplicate_id", world(depots=(Depot("a", 0),)), "a"),
    ("duplicate_id", world(chargers=(Charger("b", 1, 1),)), "b"),
    ("duplicate_id", world(depots=(DEPOT,), chargers=(Charger("hub", 1, 1),)), "hub"),
    ("duplicate_id", world(groups=(Group("g", ("a",)), Group("g", ("b",)))), "g"),
    ("duplicate_id", world(carriers=(Carrier("c"), Carrier("c"))), "c"),
    ("duplicate_id", driven(breaks=(Break("b", 9, (Window(0, 9),)), Break("b", 9, (Window(0, 9),)))), "van"),
    ("empty_id", world(depots=(Depot("", 0),)), ""),
    ("empty_id", world(carriers=(Carrier(""),)), ""),
    # shipments
    ("shipment_job_unknown", shipped("x", "b"), "x"),
    ("shipment_job_unknown", shipped("a", "y"), "y"),
    ("shipment_same_job", shipped("a", "a"), "a"),
    ("shipment_twice", shipped("a", "b", Shipment("b", "c")), "b"),
    ("shipment_job_loaded", replace(job(delivery=(1,)), shipments=(Shipment("a", "zz"),)), "a"),
    ("load_dimensions", world(shipments=(Shipment("a", "b", (1, 2)),)), "a"),
    ("out_of_range", world(shipments=(Shipment("a", "b", (-1,)),)), "a"),
    # groups
    ("group_empty", world(groups=(Group("g", ()),)), "g"),
    ("group_job_unknown", world(groups=(Group("g", ("a", "x")),)), "g"),
    ("group_twice", world(groups=(Group("g", ("a", "b")), Group("h", ("b", "c")))), "h"),
    ("group_twice", world(groups=(Group("g", ("a", "a")),)), "g"),
    ("group_prices", world(groups=(Group("g", ("a", "b"), (5,)),)), "g"),
    ("group_in_shipment", shipped("a", "b", groups=(Group("g", ("b", "c")),)), "g"),
    ("out_of_range", world(groups=(Group("g", ("a", "b"), (5, -5)),)), "g"),
    ("out_of_range", world(groups=(Group("g", ("a",), (), -1),)), "g"),
    # goods
    ("goods_not_two", world(incompatible=(Incompatible("food", "food"),)), "food"),
    ("goods_not_two", world(incompatible=(Incompatible("", "food"),)), ""),
    ("too_many_classes", world(incompatible=tuple(Incompatible(f"a{k}", f"b{k}") for k in range(32))),
     "incompatible"),
    # relations
    ("relation_too_small", related(("same_route", "a")), "a"),
    ("relation_too_small", related(("together", "")), ""),
    ("relation_job_twice", related(("sequence", "aba")), "a"),
    ("relation_job_unknown", related(("direct", "ax")), "x"),
    ("out_of_range", world(relations=(Relation("together", ("a", "b"), -1),)), "a"),
    ("relations_contradict", related(("same_route", "abc"), ("different_routes", "bcd")), "b"),
    ("relations_contradict", related(("same_route", "ab"), ("together", "ba")), "b"),
    ("relations_contradict", related(("sequence", "abc"), ("different_routes", "ac")), "a"),
    ("relations_contradict", shipped("a", "b", relations=(Relation("together", ("a", "b")),)), "a"),
    ("relations_contradict", related(("direct", "ab"), ("direct", "ac")), "a"),
    ("relations_contradict", related(("direct", "ac"), ("direct", "bc")), "c"),
    ("position_contradicts", positioned("first", ("sequence", "ab")), "b"),
    ("position_contradicts", positioned("last", ("direct", "bc")), "b"),
    ("position_contradicts", positioned("first", shipments=(Shipment("a", "b"),)), "b"),
    # dials
    ("dial_unknown", world(dials={"fun": OFF}), "fun"),
    ("dial_fixed", world(dials={"pair_split": OFF}), "pair_split"),
    ("out_of_range", world(dials={"late": soft(-1)}), "late"),
    ("not_a_whole_number", world(dials={"late": soft(0.5)}), "late"),  # type: ignore[arg-type]
    ("unknown_choice", world(dials={"late": Dial("maybe")}), "late"),  # type: ignore[arg-type]
    # jobs
    ("preferred_outside_windows", job(windows=(Window(0, 50), Window(60, 90)), preferred=Window(40, 70)), "a"),
    ("window_invalid", job(preferred=Window(9, 3)), "a"),
    ("window_invalid", job(windows=(Window(0, 10**10),)), "a"),
    ("carrier_unknown", job(offers=(Offer("c", 5),)), "a"),
    ("offer_twice", replace(job(offers=(Offer("c", 5), Offer("c", 4))), carriers=(Carrier("c"),)), "a"),
    ("out_of_range", replace(job(offers=(Offer("c", -5),)), carriers=(Carrier("c"),)), "a"),
    ("depot_unknown", job(depot="hub"), "a"),
    ("type_twice", job(service_by_type=(("bike", 1), ("bike", 2))), "a"),
    ("out_of_range", job(service_by_type=(("bike", -1),)), "a"),
    ("out_of_range", job(failure_percent=101), "a"),
    ("out_of_range", job(current=Current("van", "", -1)), "a"),
    ("unknown_choice", job(position="second"), "a"),
    ("wrong_type", job(skills={"fridge"}), "a"),
    ("wrong_type", job(windows=((0, 5),)), "a"),
    ("wrong_type", job(windows=None), "a"),
    ("not_text", job(parking=7), "a"),
    ("not_text", job(vehicles=frozenset({7})), "a"),
    # pins: the error carries both names
    ("pinned_vehicle_forbidden", pinned({}, forbidden=frozenset({"van"})), "a"),
    ("pinned_type_refused", pinned({"type": "truck"}, refused_types=frozenset({"truck"})), "a"),
    ("pinned_outside_zone", pinned({"zones": frozenset({"north"})}, zones=frozenset({"south"})), "a"),
    ("pinned_outside_zone", pinned({"forbidden_zones": frozenset({"old"})}, zones=frozenset({"old"})), "a"),
    ("pinned_wrong_depot", replace(pinned({}, depot="hub"), depots=(DEPOT,)), "a"),
    # vehicles
    ("depot_unknown", driven(depot="hub"), "van"),
    ("depot_unknown", driven(reloads=("hub",)), "van"),
    ("depot_elsewhere", driven(depot="hub", problem={"depots": (Depot("hub", 5),)}), "van"),
    ("depot_elsewhere", driven(depot="hub", start=None, problem={"depots": (DEPOT,)}), "van"),
    ("battery_too_small", battery(reserve_wh=101), "van"),
    ("battery_too_small", battery(start_wh=101), "van"),
    ("out_of_range", battery(charge_w=0), "van"),
    ("out_of_range", battery(capacity_wh=0, start_wh=0, reserve_wh=0), "van"),
    ("out_of_range", driven(max_overtime_s=-1), "van"),
    ("not_a_whole_number", driven(max_overtime_s=float("nan")), "van"),
    ("not_a_whole_number", driven(min_stops=True), "van"),
    ("out_of_range", driven(max_trips=0), "van"),
    ("min_above_max", driven(min_stops=5, max_stops=4), "van"),
    ("out_of_range", driven(driving_rules=(DrivingRule(0, 900),)), "van"),
    ("out_of_range", driven(driving_rules=(DrivingRule(900, 0),)), "van"),
    ("not_yes_or_no", driven(lifo=1), "van"),
    ("load_dimensions", driven(aboard=(1, 2)), "van"),
    ("load_dimensions", driven(rate=RateCard((1, 2))), "van"),
    ("out_of_range", driven(rate=RateCard(minimum=-1)), "van"),
    ("zone_twice", driven(rate=RateCard(per_zone=(("n", 1), ("n", 2)))), "van"),
    ("place_unknown", driven(breaks=(Break("b", 9, (Window(0, 9),), place=99),)), "van"),
    ("out_of_range", driven(breaks=(Break("b", 9, (Window(0, 9),), skip_price=-1),)), "van"),
    # heads
    ("fixed_job_unknown", driven(first=("hub",), locked=True), "van"),
    ("fixed_twice", line([Job("a", 1)], [van("v", first=("a",)), van("w", first=("a",), locked=True)]), "w"),
    ("fixed_alternatives", world(vehicles=(van(first=("a", "b")),), groups=(Group("g", ("a", "b")),)), "g"),
    ("fixed_half_shipment", shipped("a", "b", vehicles=(van(first=("b", "a")),)), "van"),
    ("fixed_half_shipment", shipped("a", "b", vehicles=(van(first=("b",)),)), "van"),
    ("fixed_half_shipment", shipped("a", "b", vehicles=(van(first=("a",), locked=True),)), "van"),
    # places
    ("place_unknown", world(depots=(Depot("hub", 10),)), "hub"),
    ("place_unknown", world(chargers=(Charger("plug", 0.5, 1),)), "plug"),  # type: ignore[arg-type]
    ("windows_overlap", world(depots=(Depot("hub", 0, (Window(5, 9), Window(0, 4))),)), "hub"),
    ("out_of_range", world(depots=(Depot("hub", 0, docks=0),)), "hub"),
    ("out_of_range", world(chargers=(Charger("plug", 3, 0),)), "plug"),
    ("out_of_range", world(carriers=(Carrier("c", -1),)), "c"),
    ("periods_out_of_order", periods((9, SQUARE), (9, SQUARE)), "van"),
    ("out_of_range", periods((10**10, SQUARE)), "van"),
    ("matrix_shape", periods((9, SQUARE[:3, :3])), "van"),
    ("matrix_shape", periods((9, SQUARE[0])), "van"),
    ("matrix_not_int32", periods((9, SQUARE.astype(np.int64))), "van"),
    ("matrix_negative", periods((9, -SQUARE)), "van"),
    ("period_reach_differs", periods((9, LOST)), "van"),
    ("wrong_type", periods((9, SQUARE.tolist())), "van"),
    ("points_missing", world(weights=Weights(compact_per_km=1)), "compact_per_km"),
    ("points_missing", job(parking="yard"), "a"),
    ("points_shape", world(points=np.zeros((9, 2), np.int32)), "points"),
    ("points_shape", world(points=np.zeros((10, 3), np.int32)), "points"),
    ("points_not_int32", world(points=np.zeros((10, 2))), "points"),
    ("points_not_finite", world(points=np.full((10, 2), np.inf)), "points"),
    ("points_too_far", world(points=np.full((10, 2), np.iinfo(np.int32).min, np.int32)), "points"),
    # the whole
    ("out_of_range", world(weights=Weights(vehicle=-1)), "weights"),
    ("out_of_range", world(co2_price_per_kg=10**9), ""),
    ("wrong_type", world(jobs=[Job("a", 1)]), ""),
    ("not_text", world(dials={7: OFF}), ""),
    ("numbers_too_large",
     world(matrices={"van": Matrix(SQUARE, np.full((10, 10), 2**31 - 1, np.int32))},
           vehicles=(van(co2_g_per_km=10**6),), co2_price_per_kg=10**6), "kilometres"),
    ("numbers_too_large", driven(problem={"dials": {"overload": soft(10**9)},
                                          "shipments": (Shipment("a", "b", (10**9,)), Shipment("c", "d", (10**9,)),
                                                        Shipment("e", "f", (10**9,))),
                                          "jobs": tuple(Job(name, 1) for name in "abcdef")}), "dials"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "problem", "subject"), MISTAKES, ids=[f"{k}-{case[0]}" for k, case in enumerate(MISTAKES)]
)
def test_the_exact_mistake_is_named(code: str, problem: Problem, subject: str) -> None:
    """Whoever sent it reads what is wrong, with whom, and what to change."""
    errors = validate(problem)
    assert (code, subject) in {(error.code, error.subject) for error in errors}
    assert all(error.cause.endswith(".") and error.action.endswith(".") for error in errors)


@pytest.mark.parametrize(
    "case", [case for case in MISTAKES if case[0].startswith("pinned_")], ids=lambda c: c[0]
)
def test_a_pin_error_has_both_names(case: tuple[str, Problem, str]) -> None:
    """The dispatcher must see which order and which driver do not go together."""
    (error,) = validate(case[1])
    assert "'a'" in error.cause
    assert "'van'" in error.cause


@pytest.mark.parametrize(("ring", "problem"), [
    ("abc", related(("sequence", "ab"), ("direct", "bc"), ("sequence", "ca"))),
    ("ab", shipped("a", "b", relations=(Relation("sequence", ("b", "a")),))),
])  # fmt: skip
def test_a_circle_of_sequences_is_told_in_its_order(ring: str, problem: Problem) -> None:
    """Relations come from many screens; who made the circle must see all of it."""
    (error,) = [error for error in validate(problem) if error.code == "sequence_cycle"]
    words = error.cause.split(": ")[1].rstrip(".").replace("'", "").split(" before ")
    assert set(words) == set(ring)
    assert words[0] == words[-1] == error.subject
    steps = {(s.pickup, s.delivery) for s in problem.shipments}
    steps |= {pair for r in problem.relations for pair in pairwise(r.jobs)}
    assert set(pairwise(words)) <= steps


SOFTENED = [
    (related(("same_route", "ab"), ("different_routes", "ab")), "not_apart"),
    (related(("same_route", "ab"), ("different_routes", "ab")), "not_same_route"),
    (related(("sequence", "ab"), ("sequence", "ba")), "out_of_sequence"),
    (related(("direct", "ab"), ("direct", "ac")), "not_direct"),
    (positioned("first", ("sequence", "ab")), "not_first"),
    (positioned("last", ("sequence", "bc")), "out_of_sequence"),
    (pinned({}, forbidden=frozenset({"van"})), "vehicle_forbidden"),
    (pinned({}, forbidden=frozenset({"van"})), "pinned_elsewhere"),
    (pinned({}, skills=frozenset({"fridge"})), "skill"),
    (pinned({"type": "truck"}, refused_types=frozenset({"truck"})), "type_refused"),
    (pinned({"zones": frozenset({"north"})}), "outside_zone"),
    (replace(pinned({}, depot="hub"), depots=(DEPOT,)), "wrong_depot"),
]


@pytest.mark.parametrize(("problem", "code"), SOFTENED)
@pytest.mark.parametrize("dial", [OFF, soft(100)])
def test_a_contradiction_with_a_soft_rule_is_a_price(problem: Problem, code: str, dial: Dial) -> None:
    """Every combination of rules and dials is legal; only two hard rules can contradict each other."""
    assert validate(problem) != ()
    assert validate(replace(problem, dials={code: HARD})) != ()
    assert validate(replace(problem, dials={code: dial})) == ()


FINE = [
    world(incompatible=(Incompatible("food", "paint"),)),
    job(vehicles=frozenset({"away today"}), preferred_vehicles=frozenset({"away too"})),
    job(current=Current("a van that broke", "a job done long ago", 5)),
    job(zones=frozenset({"anywhere"})),
    job(windows=(Window(0, 50), Window(60, 90)), preferred=Window(60, 90)),
    job(preferred=Window(60, 90)),
    replace(job(depot="hub"), depots=(DEPOT,)),
    replace(job(offers=(Offer("c", 5),)), carriers=(Carrier("c", 100),)),
    driven(first=("hub", "plug", "hub", "a", "plug"), reloads=("hub",), max_trips=3, locked=True,
           problem={"depots": (DEPOT,), "chargers": (CHARGER,)}),
    driven(depot="hub", problem={"depots": (DEPOT,)}),
    shipped("a", "b", vehicles=(van(first=("a",)),)),
    shipped("a", "b", vehicles=(van(first=("a", "b"), locked=True),)),
    related(("same_route", "abc"), ("different_routes", "cde"), ("sequence", "ab"), ("direct", "bc")),
    positioned("first", ("sequence", "bc")),
    world(groups=(Group("g", ("a", "b"), (0, 5), 100),), vehicles=(van(first=("a",)),)),
    periods((9, SQUARE), (10, SQUARE * 2)),
    battery(start_wh=0),
    replace(job(parking="yard"), points=np.zeros((10, 2), np.int32)),
    replace(job(parking="yard"), walk_profile="van"),
    world(weights=Weights(compact_per_km=1), points=np.full((10, 2), -10_000, np.int32)),
    world(dials={code.name: soft(10**6) for code in CODES if not code.fixed}),
]  # fmt: skip


@pytest.mark.parametrize("problem", FINE)
def test_what_is_odd_but_possible_is_not_refused(problem: Problem) -> None:
    """Refusing what can be planned would be worse than a strange plan: standing rules, people off today."""
    check(problem)


def test_ten_thousand_jobs_with_every_dial_at_a_price_can_be_counted() -> None:
    """The ceilings are for mistakes of units; a city's day at high prices must pass."""
    far = np.full((10, 10), 60_000, np.int32)
    jobs = tuple(Job(f"j{k}", k % 10, delivery=(20_000,), late_price_per_min=1000) for k in range(10_000))
    vans = tuple(van(f"v{k}", cost_per_hour=9000, co2_g_per_km=400) for k in range(200))
    dials = {code.name: soft(10**5) for code in CODES if not code.fixed}
    check(world(jobs=jobs, vehicles=vans, matrices={"van": Matrix(far // 10, far)}, dials=dials,
                co2_price_per_kg=20_000))  # fmt: skip


def test_relations_of_a_large_day_are_compared_quickly() -> None:
    """Thousands of two-person stops beside a large sequence: no comparison of every pair with every pair."""
    jobs = tuple(Job(f"j{k}", 1) for k in range(10_000))
    pairs = tuple(Relation("together", (f"j{k}", f"j{k + 1}")) for k in range(0, 10_000, 2))
    long = Relation("sequence", tuple(f"j{k}" for k in range(0, 10_000, 2)))
    check(world(jobs=jobs, relations=(*pairs, long)))
