"""Small files of every format whose plans can be checked by hand."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np

from dispatch.planning.formats import vroom
from dispatch.planning.formats.vroom import Request

LINE = [[abs(i - j) * 100 for j in range(5)] for i in range(5)]
"""Five places on a road, 100 s apart."""
METRES = [[cell * 10 for cell in row] for row in LINE]

VROOM: dict[str, Any] = {
    "vehicles": [
        {
            "id": 7,
            "description": "the van",
            "start_index": 0,
            "end_index": 0,
            "start": [24.9, 60.1],
            "capacity": [5],
            "skills": [1],
            "time_window": [1000, 20000],
        }
    ],
    "jobs": [
        {"id": 1, "location_index": 1, "service": 60, "setup": 30, "delivery": [2], "priority": 5},
        {
            "id": 2,
            "location_index": 2,
            "pickup": [1],
            "skills": [1],
            "time_windows": [[2000, 2100], [3000, 3100]],
        },
    ],
    "matrices": {"car": {"durations": LINE, "distances": METRES}},
}

SOLOMON = """T1

VEHICLE
NUMBER     CAPACITY
  2          10

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0       0          0         0          0        100          0
    1       3          4         6          0         50          1
    2       6          8         4         10         60          1
    3       0         -5         5          0        100          1
"""

LILIM = """2\t10\t1
0\t0\t0\t0\t0\t100\t0\t0\t0
1\t3\t4\t6\t0\t50\t1\t0\t2
2\t6\t8\t-6\t10\t60\t1\t1\t0
"""

VRPLIB = """NAME : tiny
COMMENT : (three customers)
TYPE : CVRP
DIMENSION : 4
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 10
NODE_COORD_SECTION
1 0 0
2 3 4
3 6 8
4 0 -5
DEMAND_SECTION
1 0
2 6
3 4
4 5
DEPOT_SECTION
 1
 -1
EOF
"""


class Flat:
    """Streets for tests: a degree is 1000 km and takes 1000 s, whatever the profile."""

    def matrix(self, points: np.ndarray, profile: str) -> tuple[np.ndarray, np.ndarray]:
        apart = np.abs(points[:, None] - points[None]).sum(axis=-1)
        return np.rint(apart * 1000).astype(np.int32), np.rint(apart * 10**6).astype(np.int32)

    def line(self, points: np.ndarray, profile: str) -> np.ndarray:
        return points


def sample(**changes: Any) -> dict[str, Any]:
    """The VROOM sample, whole keys replaced."""
    return {**deepcopy(VROOM), **changes}


def judged(data: dict[str, Any], *steps: dict[str, Any]) -> dict[str, Any]:
    """The answer of plan mode for these steps of the first vehicle."""
    data = deepcopy(data)
    data["vehicles"][0]["steps"] = [*steps]
    data["options"] = {"c": True}
    request: Request = vroom.read(data, Flat())
    return vroom.write(request, vroom.judge(request), streets=Flat())


def step(kind: str, number: int | None = None, **more: int) -> dict[str, Any]:
    """One given step."""
    return {"type": kind, **({} if number is None else {"id": number}), **more}
