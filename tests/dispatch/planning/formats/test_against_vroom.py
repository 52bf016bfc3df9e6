"""VROOM itself, where it is installed: its plans must look to us as they look to it."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from dispatch.planning.formats import vroom as ours

from .samples import Flat

theirs = pytest.importorskip("vroom")


def dice(seed: int) -> dict[str, Any]:
    """Jobs, shipments, two windows, skills, speeds, setups and prices, strewn over a square."""
    draw = random.Random(seed)
    # even seconds, so that half of them at double speed are whole: VROOM counts hundredths inside
    spots = [(draw.randrange(0, 3000, 2), draw.randrange(0, 3000, 2)) for _ in range(16)]
    legs = [[abs(a - c) + abs(b - d) for c, d in spots] for a, b in spots]

    def windows() -> list[list[int]]:
        opens = draw.randrange(0, 20000)
        return draw.choice([[[0, 90000]], [[opens, opens + 4000], [opens + 9000, opens + 15000]]])

    def task(number: int) -> dict[str, Any]:
        return {
            "id": number,
            "location_index": draw.randrange(1, 16),
            "service": draw.randrange(0, 300),
            "time_windows": windows(),
        }

    jobs = [
        {
            **task(i),
            "delivery": [draw.randrange(3)],
            "pickup": [draw.randrange(3)],
            "priority": draw.randrange(5),
        }
        for i in range(12)
    ]
    jobs[0]["skills"] = [4]
    shipments = [{"amount": [draw.randrange(1, 3)], "pickup": task(i), "delivery": task(i)} for i in range(4)]
    vehicles = [
        {
            "id": i,
            "start_index": 0,
            "end_index": draw.randrange(16),
            "capacity": [8],
            "skills": [4] if i else [],
            "speed_factor": draw.choice([1, 2, 0.5]),
            "max_tasks": 12,
            "time_window": [0, 60000],
            "costs": {"fixed": 100, "per_hour": draw.choice([3600, 1800]), "per_km": draw.choice([0, 50])},
        }
        for i in range(3)
    ]
    return {
        "jobs": jobs,
        "shipments": shipments,
        "vehicles": vehicles,
        "matrices": {"car": {"durations": legs, "distances": legs}},
    }


def solved_by_vroom(data: dict[str, Any], folder: Path) -> dict[str, Any]:
    path = folder / "problem.json"
    path.write_text(json.dumps(data))
    return theirs.Input.from_json(path).solve(exploration_level=2, nb_threads=1).to_dict()


@pytest.mark.parametrize("seed", range(8))
def test_a_plan_of_vroom_is_the_same_plan_to_us(seed: int, tmp_path: Path) -> None:
    """Its steps judged by plan mode: no violation, the same load, the same time on the road, the same cost."""
    data = dice(seed)
    expected = solved_by_vroom(data, tmp_path)
    for route in expected["routes"]:
        vehicle = next(v for v in data["vehicles"] if v["id"] == route["vehicle"])
        vehicle["steps"] = [
            {"type": s["type"]} | ({"id": s["id"]} if "id" in s else {}) for s in route["steps"]
        ]
    data["options"] = {"c": True}
    request = ours.read(data, Flat())
    found = ours.write(request, ours.judge(request))
    assert found["summary"]["violations"] == []
    same = (
        "delivery",
        "pickup",
        "amount",
        "setup",
        "service",
        "priority",
        "routes",
        "unassigned",
        "duration",
    )
    assert {key: found["summary"][key] for key in same} == {key: expected["summary"][key] for key in same}
    assert abs(found["summary"]["cost"] - expected["summary"]["cost"]) <= len(expected["routes"])
    for mine, its in zip(found["routes"], expected["routes"], strict=True):
        assert mine["vehicle"] == its["vehicle"]
        assert set(its) <= set(mine)
        for step, other in zip(mine["steps"], its["steps"], strict=True):
            assert set(other) <= set(step)
            assert (step["type"], step.get("id"), step["load"]) == (
                other["type"],
                other.get("id"),
                other["load"],
            )
            assert step["duration"] == other["duration"]
