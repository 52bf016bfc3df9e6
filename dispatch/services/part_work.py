"""What a worker does with one part of a large day: ask the streets, search, verify, answer."""

import io
import logging
from collections.abc import Callable
from typing import Any

import numpy as np

from dispatch.planning.heads import unforgiven
from dispatch.planning.parts import Task
from dispatch.planning.program import SolveCancelledError, SolverProgram, SolverProgramError
from dispatch.planning.solution import Solution
from dispatch.planning.verify import verify
from dispatch.planning.wire import (
    frame,
    pack_plan,
    pack_problem,
    pack_solution,
    read_frame,
    unpack_plan,
    unpack_problem,
    unpack_solution,
)
from dispatch.roads.base import Floats, Roads
from dispatch.services.part_files import Taken, Taker
from dispatch.services.travel_blocks import Travel, TravelBlocks

log = logging.getLogger(__name__)


class Stopped(Exception):
    """The worker itself must stop: somebody else may take the part."""


def pack_task(task: Task, points: Floats) -> bytes:
    """A part as a file's content. `points`: those of the whole day."""
    header, body = pack_problem(task.problem)
    fields = {
        "problem": header,
        "points": points[task.places].tolist(),
        "start": pack_plan(task.start),
        "time_s": task.time_s,
        "iterations": task.iterations,
        "seed": task.seed,
    }
    return frame(fields, body)


def _unpack_task(data: bytes) -> tuple[Task, Floats]:
    fields, body = _read(data)
    points = np.array(fields["points"], dtype=np.float64).reshape(-1, 2)
    task = Task(
        unpack_problem(fields["problem"], body),
        np.arange(len(points), dtype=np.intp),
        unpack_plan(fields["start"]),
        fields["time_s"],
        fields["iterations"],
        fields["seed"],
    )
    return task, points


def unpack_answer(data: bytes) -> Solution | None:
    """The plan that came back; none where the part's search failed."""
    fields, _ = _read(data)
    return unpack_solution(fields["solution"]) if fields["solution"] else None


def _read(data: bytes) -> tuple[dict[str, Any], bytes]:
    read = read_frame(io.BytesIO(data))
    if read is None:
        raise ValueError("a part's file ends before its end")
    return read


def work_once(taker: Taker, roads: Roads, program: SolverProgram, stop: Callable[[], bool]) -> bool:
    """Take a part, if one waits, and answer it; whether there was one. Raises `Stopped`."""
    with taker.take() as taken:
        if taken is None:
            return False
        solution = _searched(taker, taken, roads, program, stop)
        if stop():
            raise Stopped
        taken.answer(frame({"solution": pack_solution(solution) if solution else None}))
        return True


def _searched(
    taker: Taker, taken: Taken, roads: Roads, program: SolverProgram, stop: Callable[[], bool]
) -> Solution | None:
    task, points = _unpack_task(taken.data)
    problem = task.whole(TravelBlocks(Travel.unpacked(taker.day), roads, points))
    try:
        solution = task.solve(program, problem, lambda: stop() or taker.over() or not taken.wanted())
    except SolveCancelledError:
        return None
    except SolverProgramError as error:
        log.warning("a part's search failed: %s", error)
        if error.best is None:
            return None
        solution = error.best
    broken = unforgiven(problem)(verify(problem, solution))
    if broken:
        log.warning("a part's plan was refused: %s", broken[0])
        return None
    return solution
