"""Solver programs side by side on this machine."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Self

from ..engines.base import Cancelled
from ..program import SolverProgram, SolverProgramError
from ..solution import Solution
from .task import Task
from .ways import Ways

type _News = queue.SimpleQueue[tuple[int, Solution] | BaseException | None]


class Crew:
    """So many warm solver programs. ``run_all`` is a ``RunAll``: each program takes the next task when it is free.

    ``lost``: how many tasks ended with a fault of their program.
    """

    def __init__(self, ways: Ways, size: int = 2) -> None:
        self.ways = ways
        self.programs = [SolverProgram() for _ in range(size)]
        self.lost = 0

    def __enter__(self) -> Self:
        for program in self.programs:
            program.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for program in self.programs:
            program.close()

    def wait_ready(self) -> None:
        """Until every program has warmed up."""
        for program in self.programs:
            program.wait_ready()

    def run_all(self, tasks: Sequence[Task], cancelled: Cancelled) -> Iterator[tuple[int, Solution]]:
        """A program that dies loses its task; it is started anew for the next one. Any other fault is raised."""
        left, taking, over = iter(enumerate(tasks)), threading.Lock(), threading.Event()
        news: _News = queue.SimpleQueue()

        def stop() -> bool:
            return over.is_set() or cancelled()

        def work(program: SolverProgram) -> None:
            try:
                while not stop():
                    with taking:
                        number, task = next(left, (-1, None))
                    if task is None:
                        break
                    found = self._solve(program, task, stop)
                    if found is not None:
                        news.put((number, found))
            except BaseException as fault:  # noqa: BLE001 - raised again below, in the caller's thread
                news.put(fault)
            news.put(None)

        for program in self.programs:
            program.start()  # here: a program ends with the thread that started it
        threads = [threading.Thread(target=work, args=(p,), daemon=True) for p in self.programs]
        for thread in threads:
            thread.start()
        try:
            yield from _until_all_ended(news, len(threads))
        finally:
            over.set()
            for thread in threads:
                thread.join()

    def _solve(self, program: SolverProgram, task: Task, stop: Cancelled) -> Solution | None:
        try:
            return task.solve(program, task.whole(self.ways), stop)
        except SolverProgramError as error:
            self.lost += error.code != "cancelled"
            return error.best


def _until_all_ended(news: _News, threads: int) -> Iterator[tuple[int, Solution]]:
    while threads:
        found = news.get()
        if isinstance(found, BaseException):
            raise found
        if found is None:
            threads -= 1
        else:
            yield found
