"""Problems and solutions as frames on a pipe: a JSON header and the arrays as raw bytes. No pickle.

Frame: 4 bytes length of the header, 8 bytes length of the body (both big-endian), header, body. The header
says where each array lies in the body. How a class is written follows from the type hints of its fields
(``wire_types.py``); a field with its default is not written.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO

from .model import Plan, Problem
from .solution import Solution
from .wire_types import Body, codec_of

PREFIX = struct.Struct(">IQ")
type Header = dict[str, Any]


def frame(header: Header, body: bytes = b"") -> bytes:
    """One message, ready to write."""
    text = json.dumps(header, separators=(",", ":")).encode()
    return b"".join((PREFIX.pack(len(text), len(body)), text, body))


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
    body = Body()
    header = codec_of(Problem).pack(problem, body)
    return header, body.joined()


def unpack_problem(header: Mapping[str, Any], body: bytes) -> Problem:
    """The problem again; its arrays are copies that may be written to."""
    problem: Problem = codec_of(Problem).unpack(header, body)
    return problem


def pack_plan(plan: Plan | None) -> dict[str, list[str]] | None:
    """A plan as JSON."""
    return None if plan is None else {vehicle: list(items) for vehicle, items in plan.items()}


def unpack_plan(fields: dict[str, list[str]] | None) -> Plan | None:
    """The plan again."""
    return None if fields is None else {vehicle: tuple(items) for vehicle, items in fields.items()}


def pack_solution(solution: Solution) -> Header:
    """A solution as JSON."""
    header: Header = codec_of(Solution).pack(solution, Body())
    return header


def unpack_solution(fields: Mapping[str, Any]) -> Solution:
    """The solution again, equal to the one that was packed."""
    solution: Solution = codec_of(Solution).unpack(fields, b"")
    return solution
