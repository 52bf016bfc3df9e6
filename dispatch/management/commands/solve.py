"""`manage.py solve`: a problem file in, a plan out. Needs no database."""

import json
import signal
import sys
import threading
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dispatch.planning.engines.portfolio import solve
from dispatch.planning.errors import PlanningError
from dispatch.planning.evaluate import evaluate
from dispatch.planning.formats import vroom
from dispatch.planning.formats.benchmark import DIMACS, TSPLIB, Convention, Instance, score, sol_text
from dispatch.planning.formats.errors import FormatError
from dispatch.planning.formats.guess import FORMATS, guess
from dispatch.planning.formats.lilim import read_lilim
from dispatch.planning.formats.lines import MAX_BYTES, text_of
from dispatch.planning.formats.own import read_own, write_own
from dispatch.planning.formats.solomon import read_solomon
from dispatch.planning.formats.vrplib import read_vrplib
from dispatch.planning.model import Problem
from dispatch.planning.progress import Progress
from dispatch.planning.solution import Solution
from dispatch.planning.verify import verify
from dispatch.services.city import list_cities
from dispatch.services.optimize_roads import CityStreets
from lastmile.kernel.errors import LastmileError

READERS: dict[str, Callable[[str, Convention | None], Instance]] = {
    "vrplib": read_vrplib,
    "lilim": read_lilim,
    "solomon": read_solomon,
}
LONGEST_S = 24 * 3600.0


class Command(BaseCommand):
    help = "Solve a problem file: VROOM's JSON, VRPLIB, Solomon, Homberger, Li and Lim, our own. Needs no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the problem; - reads standard input")
        parser.add_argument("--format", choices=FORMATS, help="guessed from the file where it is not given")
        parser.add_argument("--time-limit", type=float, default=10.0, metavar="S", help="seconds (10)")
        parser.add_argument("--seed", type=int, default=1, metavar="N")
        parser.add_argument("--out", metavar="FILE", help="where the plan goes; standard output otherwise")
        parser.add_argument(
            "--plan", action="store_true", help="VROOM and our own: judge the given plan instead of searching"
        )
        parser.add_argument(
            "--scale", type=int, metavar="N", help="text formats: multiply distances and times by N"
        )
        parser.add_argument(
            "--rounding",
            choices=("nearest", "down", "up", "dimacs"),
            help="text formats: how scaled distances become whole; dimacs is --scale 10 --rounding down",
        )
        parser.add_argument(
            "--fewest-vehicles",
            action="store_true",
            help="text formats: one vehicle less is worth any distance",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["out"]:
                Path(options["out"]).open("a").close()  # not after an hour of search
            written = self.answer(options)
            if options["out"]:
                Path(options["out"]).write_text(written, encoding="utf-8")
            else:
                self.stdout.write(written, ending="")
        except (PlanningError, LastmileError) as error:
            raise CommandError(f"{error.cause} {error.action} [{error.code}]", returncode=2) from error
        except OSError as error:
            cause = f"{error.filename or options['file']}: {error.strerror or error}."
            raise CommandError(f"{cause} Check the path. [file_unusable]", returncode=2) from error
        except MemoryError as error:
            raise CommandError(
                "The problem does not fit into memory. Give a smaller one. [out_of_memory]", returncode=2
            ) from error

    def answer(self, options: dict[str, Any]) -> str:
        """What goes to standard output or into the file."""
        if not 0 < options["time_limit"] <= LONGEST_S or options["seed"] < 0:
            raise FormatError(
                "bad_option",
                f"--time-limit must lie within 0 and {LONGEST_S:.0f}, --seed not below 0.",
                "Correct it.",
            )
        text = text_of(content(options["file"]))
        kind = options["format"] or guess(text)
        if kind == "vroom":
            return self.vroom(text, options)
        if kind == "lastmile":
            return self.own(text, options)
        if options["plan"]:
            raise FormatError("bad_option", "--plan is for VROOM's format and ours.", "Leave it out.")
        return self.benchmark(READERS[kind](text, convention(kind, options)), options)

    def vroom(self, text: str, options: dict[str, Any]) -> str:
        streets = CityStreets(lambda: list_cities(settings.CITIES_HOME))
        data = vroom.parse(text)
        if options["plan"] and isinstance(data, dict):
            asked = data.get("options") or {}
            data = {**data, "options": {**asked, "c": True} if isinstance(asked, dict) else asked}
        request = vroom.read(data, streets)
        began = time.perf_counter()
        if request.options.plan:
            answer = vroom.judge(request)
        else:
            answer = vroom.answer(request, self.search(request.problem, options, start=request.start_plan))
        solving_ms = round((time.perf_counter() - began) * 1000)
        return json.dumps(vroom.write(request, answer, solving_ms=solving_ms, streets=streets)) + "\n"

    def own(self, text: str, options: dict[str, Any]) -> str:
        problem, plan = read_own(text)
        if options["plan"]:
            return write_own(evaluate(problem, plan or {}))
        solution = self.search(problem, options, start=plan)
        if broken := verify(problem, solution):
            raise PlanningError(
                "plan_not_verified", broken[0].words, "Report this; the plan was thrown away."
            )
        return write_own(solution)

    def benchmark(self, instance: Instance, options: dict[str, Any]) -> str:
        began = time.perf_counter()
        solution = self.search(instance.problem, options, scale=instance.convention.scale)
        broken = verify(instance.problem, solution)
        figures = score(instance, solution, len(broken))
        return sol_text(instance, solution, figures, time.perf_counter() - began)

    def search(
        self, problem: Problem, options: dict[str, Any], *, start: Any = None, scale: int = 1
    ) -> Solution:
        with asked_to_stop() as stop:
            return solve(
                problem,
                time_limit_s=options["time_limit"],
                seed=options["seed"],
                warm_start=start,
                on_progress=self.show(scale),
                should_cancel=stop.is_set,
            )

    def show(self, scale: int) -> Callable[[Progress], None] | None:
        """One line per better plan, where somebody watches."""
        if not self.stderr.isatty():
            return None

        def line(progress: Progress) -> None:
            left, vehicles = len(progress.solution.unassigned), len(progress.solution.routes)
            self.stderr.write(
                f"{progress.elapsed_s:7.1f} s  cost {progress.cost / scale:,.2f}  {vehicles} vehicles"
                f"  {left} left out  ({progress.engine})",
                lambda text: text,
            )

        return line


def content(name: str) -> bytes:
    """The file, or standard input; never more than can be a problem."""
    if name == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    with Path(name).open("rb") as file:
        return file.read(MAX_BYTES + 1)


def convention(kind: str, options: dict[str, Any]) -> Convention | None:
    """How distances are rounded; None is the format's own way."""
    scale, rounding, fewest = options["scale"], options["rounding"], options["fewest_vehicles"]
    if scale is not None and not 1 <= scale <= 1000:
        raise FormatError("bad_option", f"--scale is {scale}, not within 1 and 1000.", "Correct it.")
    if scale is None and rounding is None and not fewest:
        return None
    usual = TSPLIB if kind == "vrplib" else Convention()
    if rounding == "dimacs":
        return Convention(scale or DIMACS.scale, DIMACS.rounding, fewest)
    return Convention(scale or usual.scale, rounding or usual.rounding, fewest)


@contextmanager
def asked_to_stop() -> Iterator[threading.Event]:
    """Ctrl-C ends the search with the best plan so far; a second one ends the program."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = signal.getsignal(signal.SIGINT)

    def hear(number: int, frame: FrameType | None) -> None:
        stop.set()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, hear)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
