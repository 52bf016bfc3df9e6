"""Problems and solutions as frames on a pipe: a JSON header and the matrices as raw bytes. No pickle.

Frame: 4 bytes length of the header, 8 bytes length of the body (both big-endian), header, body. The header
says where each array lies in the body.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, BinaryIO

import numpy as np

from .model import Break, Job, Matrix, Plan, Problem, Vehicle, Window
from .solution import Cost, Route, Solution, Step, Unassigned, VehicleReason, Violation

PREFIX = struct.Struct(">IQ")
type Header = dict[str, Any]


def frame(header: Header, body: bytes = b"") -> bytes:
    """One message, ready to write."""
    text = json.dumps(header, separators=(",", ":")).encode()
    return PREFIX.pack(len(text), len(body)) + text + body


def read_frame(stream: BinaryIO) -> tuple[Header, bytes] | None:
    """The next message of a blocking stream; ``None`` at its end (also in the middle of a message)."""
    prefix = stream.read(PREFIX.size)
    if len(prefix) < PREFIX.size:
        return None
    header_length, body_length = PREFIX.unpack(prefix)
    text, body = stream.read(header_length), stream.read(body_length)
    if len(text) < header_length or len(body) < body_length:
        return None
    return json.loads(text), body


def pack_problem(problem: Problem) -> tuple[Header, bytes]:
    """A problem as header and body."""
    body = bytearray()
    matrices = {}
    for profile, matrix in problem.matrices.items():
        size = matrix.durations.shape[0]
        matrices[profile] = {"size": size, "at": len(body)}
        for table in (matrix.durations, matrix.distances):
            body += np.ascontiguousarray(table, dtype="<i4").tobytes()
    header = {
        "jobs": [_plain(asdict(job)) for job in problem.jobs],
        "vehicles": [_plain(asdict(vehicle)) for vehicle in problem.vehicles],
        "load_names": list(problem.load_names),
        "matrices": matrices,
    }
    return header, bytes(body)


def unpack_problem(header: Mapping[str, Any], body: bytes) -> Problem:
    """The problem again."""
    matrices = {}
    for profile, where in header["matrices"].items():
        size, at = where["size"], where["at"]
        both = np.frombuffer(body, dtype="<i4", count=2 * size * size, offset=at).reshape(2, size, size)
        matrices[profile] = Matrix(both[0].astype(np.int32), both[1].astype(np.int32))
    return Problem(
        jobs=tuple(_job(job) for job in header["jobs"]),
        vehicles=tuple(_vehicle(vehicle) for vehicle in header["vehicles"]),
        matrices=matrices,
        load_names=tuple(header["load_names"]),
    )


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    return {k: sorted(v) if isinstance(v, frozenset) else v for k, v in fields.items()}


def _windows(pairs: list[list[int]]) -> tuple[Window, ...]:
    return tuple(Window(start, end) for start, end in pairs)


def _job(fields: dict[str, Any]) -> Job:
    allowed = fields["vehicles"]
    changed = {
        "windows": _windows(fields["windows"]),
        "delivery": tuple(fields["delivery"]),
        "pickup": tuple(fields["pickup"]),
        "skills": frozenset(fields["skills"]),
        "vehicles": None if allowed is None else frozenset(allowed),
    }
    return Job(**{**fields, **changed})


def _vehicle(fields: dict[str, Any]) -> Vehicle:
    pauses = tuple(Break(p["id"], p["duration_s"], _windows(p["windows"])) for p in fields["breaks"])
    changed = {
        "shift": Window(*fields["shift"]),
        "capacity": tuple(fields["capacity"]),
        "skills": frozenset(fields["skills"]),
        "breaks": pauses,
        "first": tuple(fields["first"]),
    }
    return Vehicle(**{**fields, **changed})


def pack_plan(plan: Plan | None) -> dict[str, list[str]] | None:
    """A plan as JSON."""
    return None if plan is None else {vehicle: list(jobs) for vehicle, jobs in plan.items()}


def unpack_plan(fields: dict[str, list[str]] | None) -> Plan | None:
    """The plan again."""
    return None if fields is None else {vehicle: tuple(jobs) for vehicle, jobs in fields.items()}


def pack_solution(solution: Solution) -> Header:
    """A solution as JSON."""
    return asdict(solution)


def unpack_solution(fields: Mapping[str, Any]) -> Solution:
    """The solution again, equal to the one that was packed."""
    return Solution(
        routes=tuple(_route(route) for route in fields["routes"]),
        unassigned=tuple(_unassigned(left) for left in fields["unassigned"]),
        cost=Cost(**fields["cost"]),
        violations=tuple(Violation(**v) for v in fields["violations"]),
        engine=fields["engine"],
    )


def _unassigned(fields: dict[str, Any]) -> Unassigned:
    reasons = tuple(VehicleReason(**reason) for reason in fields["by_vehicle"])
    return Unassigned(**{**fields, "by_vehicle": reasons})


def _route(fields: dict[str, Any]) -> Route:
    changed = {
        "steps": tuple(Step(**{**step, "load": tuple(step["load"])}) for step in fields["steps"]),
        "cost": Cost(**fields["cost"]),
        "violations": tuple(Violation(**v) for v in fields["violations"]),
    }
    return Route(**{**fields, **changed})
