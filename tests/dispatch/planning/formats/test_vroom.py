"""VROOM's JSON: what goes in means what VROOM's documentation says, and comes out in its shape."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dispatch.planning.engines.portfolio import solve
from dispatch.planning.errors import PlanningError
from dispatch.planning.formats import vroom
from dispatch.planning.formats.errors import FormatError
from dispatch.planning.formats.vroom.write import polyline
from dispatch.planning.model import UNREACHABLE, Window
from dispatch.planning.validate import check

from .samples import LINE, Flat, judged, sample, step


def solved(data: dict[str, Any]) -> dict[str, Any]:
    request = vroom.read(data, Flat())
    solution = solve(request.problem, iterations=200, seed=1)
    return vroom.write(request, vroom.answer(request, solution), streets=Flat())


def test_a_solution_has_vroom_s_shape_and_figures() -> None:
    """The whole way: 200 s out and back, setup and service apart, a pickup that stays on board."""
    data = sample()
    data["jobs"][0]["time_windows"] = [[1000, 1900]]
    out = solved(data)
    assert out["code"] == 0
    assert out["unassigned"] == []
    (route,) = out["routes"]
    assert route["vehicle"] == 7
    assert route["description"] == "the van"
    assert [(s["type"], s.get("id"), s["load"], s["duration"], s["distance"]) for s in route["steps"]] == [
        ("start", None, [2], 0, 0),
        ("job", 1, [0], 100, 1000),
        ("job", 2, [1], 200, 2000),
        ("end", None, [1], 400, 4000),
    ]
    start, one, two, end = route["steps"]
    assert one["setup"] == 30
    assert one["service"] == 60
    assert any(
        low <= two["arrival"] + two["waiting_time"] <= high for low, high in [[2000, 2100], [3000, 3100]]
    )
    assert one["arrival"] - start["arrival"] == 100
    assert end["arrival"] == two["arrival"] + two["waiting_time"] + 200
    assert start["location"] == [24.9, 60.1]
    assert start["location_index"] == 0
    summary = out["summary"]
    assert (summary["cost"], summary["duration"], summary["distance"]) == (400, 400, 4000)
    assert (summary["delivery"], summary["amount"], summary["pickup"]) == ([2], [2], [1])
    assert (summary["setup"], summary["service"], summary["priority"]) == (30, 60, 5)
    assert summary["violations"] == []
    assert set(summary["computing_times"]) == {"loading", "solving", "routing"}


def test_what_nobody_can_do_is_unassigned_with_its_place() -> None:
    """A client shows the rest of the list by these keys; ours adds the reason."""
    data = sample()
    data["jobs"].append({"id": 3, "location_index": 3, "location": [1, 2], "skills": [9], "description": "d"})
    out = solved(data)
    (left,) = out["unassigned"]
    assert left.pop("reason")
    assert left == {"id": 3, "type": "job", "location": [1.0, 2.0], "location_index": 3, "description": "d"}
    assert out["summary"]["unassigned"] == 1


def test_higher_priority_goes_first_whatever_the_way() -> None:
    """One far job of priority 1 beats any number of near ones of priority 0: VROOM's order of aims."""
    jobs = [{"id": i, "location_index": 1} for i in range(3)] + [
        {"id": 9, "location_index": 4, "priority": 1}
    ]
    data = sample(jobs=jobs)
    data["vehicles"][0]["max_tasks"] = 1
    out = solved(data)
    assert [s["id"] for s in out["routes"][0]["steps"] if s["type"] == "job"] == [9]


def test_costs_speed_and_limits_reach_the_problem() -> None:
    """Each field of a vehicle has its counterpart; a swapped one would not be seen in a small solution."""
    data = sample()
    data["vehicles"][0] |= {
        "type": "van",
        "speed_factor": 0.8,
        "max_tasks": 4,
        "max_travel_time": 900,
        "max_distance": 9000,
        "costs": {"fixed": 11, "per_hour": 1800, "per_km": 7},
        "breaks": [{"id": 3, "service": 50, "time_windows": [[1500, 1600]]}],
    }
    data["jobs"][0]["service_per_type"] = {"van": 90}
    data["jobs"][0]["setup_per_type"] = {"van": 40}
    request = vroom.read(data, Flat())
    check(request.problem)
    vehicle, job = request.problem.vehicles[0], request.problem.jobs[0]
    assert (vehicle.type, vehicle.travel_percent, vehicle.max_stops) == ("van", 125, 4)
    assert (vehicle.max_driving_s, vehicle.max_distance_m) == (900, 9000)
    assert (vehicle.fixed_cost, vehicle.cost_per_driving_hour, vehicle.cost_per_km) == (11, 1800, 7)
    assert vehicle.cost_per_hour == 0, "VROOM does not pay for waiting"
    assert vehicle.breaks[0].windows == (Window(1500, 1600),)
    assert vehicle.breaks[0].duration_s == 50
    assert job.service_by_type == (("van", 90),)
    assert job.setup_s == 40


def test_a_shipment_is_two_jobs_and_their_goods() -> None:
    """Its ids live apart from those of jobs: pickup 1, delivery 1 and job 1 are three things."""
    ends = {
        "pickup": {"id": 1, "location_index": 1, "service": 5},
        "delivery": {"id": 1, "location_index": 2},
    }
    request = vroom.read(sample(shipments=[{**ends, "amount": [3], "skills": [1], "priority": 2}]), Flat())
    check(request.problem)
    (shipment,) = request.problem.shipments
    assert (shipment.pickup, shipment.delivery, shipment.load) == ("pickup:1", "delivery:1", (3,))
    jobs = {job.id: job for job in request.problem.jobs}
    assert jobs["pickup:1"].service_s == 5
    assert jobs["delivery:1"].delivery == ()
    assert jobs["delivery:1"].skills == {"1"}
    assert jobs["pickup:1"].leave_price == jobs["delivery:1"].leave_price


def test_clock_times_go_in_and_come_out() -> None:
    """Absolute timestamps are usual among clients; they are far beyond what the planner counts in a day."""
    base = 1_767_225_600
    data = sample()
    data["vehicles"][0]["time_window"] = [base + 1000, base + 20000]
    data["jobs"][1]["time_windows"] = [[base + 2000, base + 2100]]
    request = vroom.read(data, Flat())
    check(request.problem)
    route = solved(data)["routes"][0]
    two = next(s for s in route["steps"] if s.get("id") == 2)
    assert base + 2000 <= two["arrival"] + two["waiting_time"] <= base + 2100


def test_coordinates_alone_are_enough() -> None:
    """openrouteservice's clients send coordinates and a profile of theirs, no matrix, and null for what is unset."""
    data = {
        "vehicles": [
            {"id": 0, "profile": "driving-car", "start": [0.1, 0.0], "end": (0.1, 0.0), "skills": None}
        ],
        "jobs": [
            {"id": 0, "location": [0.2, 0.0], "amount": [1], "location_index": None},
            {"id": 1, "location": [0.3, 0.0], "service": None, "time_windows": None},
        ],
        "options": {"g": True},
    }
    out = solved(data)
    assert out["summary"]["duration"] == 400
    assert out["summary"]["distance"] == 400_000
    assert out["summary"]["delivery"] == [1]
    assert out["routes"][0]["steps"][1]["location"] == [0.2, 0.0]
    assert out["routes"][0]["geometry"] == polyline([(0, 0.1), (0, 0.2), (0, 0.3), (0, 0.1)])


def test_the_old_matrix_key_serves_every_profile() -> None:
    """openrouteservice-py sends `matrix` beside vehicles whose profile is driving-car."""
    data = sample(matrix=LINE)
    del data["matrices"]
    data["vehicles"][0]["profile"] = "driving-car"
    out = solved(data)
    assert out["summary"]["duration"] == 400
    assert "distance" not in out["summary"], "nobody said how long the ways are"


def test_a_matrix_of_costs_rules_the_search_and_not_the_metres() -> None:
    """`costs` replace the price of time; distances are still those of the road."""
    costs = [[cell * 3 for cell in row] for row in LINE]
    data = sample()
    data["matrices"]["car"]["costs"] = costs
    out = solved(data)
    assert out["summary"]["cost"] == 1200
    assert out["summary"]["distance"] == 4000
    data["vehicles"][0]["costs"] = {"per_km": 1}
    with pytest.raises(FormatError) as caught:
        vroom.read(data, Flat())
    assert caught.value.code == "costs_twice"


def test_very_long_legs_mean_that_there_is_no_way() -> None:
    """2^32 - 1 is what routing engines write for a missing route."""
    far = [[0, 2**32 - 1], [2**32 - 1, 0]]
    data = sample(jobs=[{"id": 1, "location_index": 1}], matrices={"car": {"durations": far}})
    request = vroom.read(data, Flat())
    assert request.problem.matrices["car"].durations[0, 1] == UNREACHABLE
    assert solved(data)["summary"]["unassigned"] == 1


def test_the_encoding_of_lines_is_the_published_one() -> None:
    """The worked example of the format's public description."""
    points = [(38.5, -120.2), (40.7, -120.95), (43.252, -126.453)]
    assert polyline(points) == "_p~iF~ps|U_ulLnnqC_mqNvxq`@"


def change(data: dict[str, Any], path: str, value: Any) -> None:
    """Set what stands at a dotted path."""
    *way, last = path.split(".")
    at: Any = data
    for key in way:
        at = at[int(key)] if key.isdigit() else at[key]
    at[int(last) if last.isdigit() else last] = value


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("jobs", [], "nothing_to_do"),
        ("vehicles", [], "no_vehicle"),
        ("vehicles", {}, "wrong_type"),
        ("jobs.0", 5, "wrong_type"),
        ("jobs.0.id", None, "missing"),
        ("jobs.0.id", -1, "out_of_range"),
        ("jobs.0.id", 1.5, "not_a_whole_number"),
        ("jobs.0.id", True, "not_a_whole_number"),
        ("jobs.0.id", 2, "duplicate_id"),
        ("jobs.0.id", 10**400, "out_of_range"),
        ("jobs.0.location_index", 5, "location_index_unknown"),
        ("jobs.0.location_index", None, "missing"),
        ("jobs.0.service", 10**12, "out_of_range"),
        ("jobs.0.priority", 101, "out_of_range"),
        ("jobs.0.delivery", [1, 2], "amount_lengths_differ"),
        ("jobs.0.location", [200, 0], "location_invalid"),
        ("jobs.0.location", [float("nan"), 0], "not_a_number"),
        ("jobs.0.time_windows", [[5, 4]], "window_invalid"),
        ("jobs.0.time_windows", [[1, 9], [5, 12]], "windows_overlap"),
        ("jobs.0.time_windows", [[0, 1], [2 * 10**9, 3 * 10**9]], "times_too_far_apart"),
        ("jobs.0.setup_per_type", {"": 1, "x": "y"}, "not_a_whole_number"),
        ("vehicles.0.start_index", None, "location_index_missing"),
        ("vehicles.0.speed_factor", 0, "out_of_range"),
        ("vehicles.0.profile", "boat", "matrix_missing"),
        ("vehicles.0.costs", {"per_hour": 10**9}, "out_of_range"),
        ("vehicles.0.breaks", [{"id": 1, "max_load": [3]}], "break_max_load"),
        ("vehicles.0.steps", [{"type": "job", "id": 99}], "step_unknown"),
        ("vehicles.0.steps", [{"type": "job", "id": 1}] * 2, "step_twice"),
        ("vehicles.0.steps", [{"type": "lunch"}], "step_type_unknown"),
        ("matrices.car.durations", [[0, 1], [1]], "matrix_shape"),
        ("matrices.car.durations", [[0]], "matrix_sizes_differ"),
        ("matrices.car.durations.1.2", -1, "out_of_range"),
        ("matrices.car.durations.1.2", "x", "not_a_whole_number"),
        ("matrices.car.durations.1.2", 1.5, "not_a_whole_number"),
        ("matrices.car.durations.1.2", 10**30, "out_of_range"),
        ("matrices.car.durations.1.2", float("inf"), "not_a_whole_number"),
        ("matrices.car.durations.1.2", None, "not_a_whole_number"),
    ],
)
def test_a_mistake_is_named_with_its_code(path: str, value: Any, code: str) -> None:
    """Each field of a request can be wrong in its own way, and none may become a fault of ours."""
    data = sample()
    change(data, path, value)
    with pytest.raises(FormatError) as caught:
        vroom.read(data, Flat())
    assert caught.value.code == code
    assert caught.value.cause
    assert caught.value.action


def test_a_vehicle_that_is_nowhere_is_refused() -> None:
    """VROOM wants at least one of start and end."""
    data = sample()
    for key in ("start", "start_index", "end_index"):
        del data["vehicles"][0][key]
    with pytest.raises(FormatError) as caught:
        vroom.read(data, Flat())
    assert caught.value.code == "no_start_or_end"


def test_setup_may_not_differ_by_type_within_one_fleet() -> None:
    """The planner has one setup per job: better a refusal than a wrong timetable."""
    data = sample()
    data["vehicles"].append({"id": 8, "start_index": 0, "type": "bike"})
    data["jobs"][0]["setup_per_type"] = {"bike": 0}
    with pytest.raises(FormatError) as caught:
        vroom.read(data, Flat())
    assert caught.value.code == "setup_per_type_differs"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_json"),
        ("{", "not_json"),
        ('{"vehicles": NaN}', "not_a_number"),
        ("[" * 100_000, "not_json"),
        ('{"a": ' + "9" * 5000 + "}", "not_json"),
        (b"\xff\xfe", "not_text"),
    ],
)
def test_what_is_no_json_is_said_to_be_none(text: str | bytes, code: str) -> None:
    """Truncated, binary, too deep, too long: the usual accidents of files and wires."""
    with pytest.raises(FormatError) as caught:
        vroom.parse(text)
    assert caught.value.code == code


def test_initial_steps_are_where_the_search_begins() -> None:
    """Without options.c, VROOM takes steps as a first solution."""
    data = sample()
    data["vehicles"][0]["steps"] = [step("start"), step("job", 2), step("job", 1), step("end")]
    assert vroom.read(data, Flat()).start_plan == {"7": ("job:2", "job:1")}


def test_plan_mode_walks_the_given_order() -> None:
    """2 before 1 although 1 lies on the way: nothing is reordered, and nothing is wrong with it."""
    out = judged(sample(), step("start"), step("job", 2), step("job", 1), step("end"))
    (route,) = out["routes"]
    assert [s.get("id") for s in route["steps"]] == [None, 2, 1, None]
    assert route["violations"] == []
    two = route["steps"][1]
    assert 2000 <= two["arrival"] + two["waiting_time"] <= 2100
    assert out["unassigned"] == []


def test_plan_mode_names_every_broken_rule_at_its_step() -> None:
    """Delay, load, skills and the limits of the route, each where VROOM puts it."""
    data = sample()
    data["vehicles"][0] |= {"capacity": [1], "skills": [], "max_tasks": 1, "max_travel_time": 100}
    data["vehicles"][0] |= {"max_distance": 10, "breaks": [{"id": 1, "time_windows": [[1500, 1600]]}]}
    data["vehicles"][0]["time_window"] = [1000, 3300]
    data["jobs"][1]["time_windows"] = [[0, 1100]]
    out = judged(data, step("start"), step("job", 1), step("job", 2), step("end"))
    (route,) = out["routes"]
    start, _, two, _ = route["steps"]
    assert start["violations"] == [{"cause": "load"}]
    assert two["violations"] == [{"cause": "delay", "duration": 190}, {"cause": "skills"}]
    named = {v["cause"]: v.get("duration") for v in route["violations"]}
    assert named == {
        "load": None,
        "delay": 190,
        "skills": None,
        "max_tasks": None,
        "max_travel_time": 300,
        "max_distance": None,
        "missing_break": None,
    }
    assert out["summary"]["violations"] == route["violations"]


def test_plan_mode_keeps_to_the_moments_asked_for() -> None:
    """service_at makes it too early here: the driver does not wait for the window, and that is said."""
    out = judged(sample(), step("job", 1), step("job", 2, service_at=1900))
    (route,) = out["routes"]
    two = route["steps"][2]
    assert two["arrival"] + two["waiting_time"] == 1900
    assert two["violations"] == [{"cause": "lead_time", "duration": 100}]


def test_plan_mode_takes_breaks_where_they_stand() -> None:
    """A break after the last job, although there was time for it before the first."""
    data = sample()
    data["vehicles"][0]["breaks"] = [
        {"id": 4, "service": 500, "time_windows": [[1000, 9000]], "description": "lunch", "max_load": [0]}
    ]
    out = judged(data, step("job", 1), step("job", 2), step("break", 4))
    (route,) = out["routes"]
    kinds = [(s["type"], s.get("id")) for s in route["steps"]]
    assert kinds == [("start", None), ("job", 1), ("job", 2), ("break", 4), ("end", None)]
    pause = route["steps"][3]
    assert (pause["description"], pause["service"]) == ("lunch", 500)
    assert pause["violations"] == [{"cause": "max_load"}], "the pickup is on board"
    assert route["steps"][4]["arrival"] - pause["arrival"] - pause["waiting_time"] in (500, 700)


def test_plan_mode_sees_half_a_shipment() -> None:
    """A delivery whose pickup comes later, and a pickup whose delivery is nowhere."""
    ends = {"pickup": {"id": 1, "location_index": 1}, "delivery": {"id": 1, "location_index": 2}}
    data = sample(shipments=[{**ends, "amount": [1]}])
    out = judged(data, step("delivery", 1), step("pickup", 1))
    causes = [[v["cause"] for v in s["violations"]] for s in out["routes"][0]["steps"]]
    assert causes[1] == ["precedence"]
    assert [(left["type"], left["id"]) for left in out["unassigned"]] == [("job", 1), ("job", 2)]
    out = judged(data, step("pickup", 1))
    assert [v["cause"] for v in out["routes"][0]["violations"]] == ["precedence"]


def test_every_error_can_be_printed_and_stored() -> None:
    """What a caller wrote comes back in words: without halves of characters, and never as NUL."""
    data = sample()
    data["matrices"] = {"c\0\ud800": {"durations": "x"}}
    with pytest.raises(PlanningError) as caught:
        vroom.read(data, Flat())
    body = vroom.failure(vroom.INPUT, caught.value.cause)
    assert "\0" not in json.dumps(body, ensure_ascii=False)
    json.dumps(body, ensure_ascii=False).encode()
