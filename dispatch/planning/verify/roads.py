"""How long and how far the ways of one vehicle are, at any time of day."""

from __future__ import annotations

from math import isqrt

from ..model import UNREACHABLE, IntMatrix, Problem, Vehicle

WHOLE = 10**9
"""A leg that is still to go from beginning to end; shares of it are whole numbers."""


class Road:
    """The ways of one vehicle."""

    def __init__(self, problem: Problem, vehicle: Vehicle) -> None:
        self.problem, self.percent = problem, vehicle.travel_percent
        matrix = problem.matrices[vehicle.profile]
        self.metres_table = matrix.distances
        self.reach = matrix.durations
        self.tables: list[IntMatrix] = [matrix.durations, *(period.durations for period in matrix.periods)]
        self.begins = [period.start for period in matrix.periods]

    def reaches(self, here: int, there: int) -> bool:
        """Whether there is a way at all."""
        return int(self.reach[here, there]) != UNREACHABLE

    def metres(self, here: int, there: int) -> int:
        """Of the driven leg."""
        return int(self.metres_table[here, there])

    def seconds(self, here: int, there: int, now: int, share: int = WHOLE) -> int:
        """Seconds that ``share`` of the leg takes from ``now`` on."""
        time = now
        while share:
            lasts, ends = self._in_period(here, there, time)
            need = (share * lasts + WHOLE // 2) // WHOLE
            if ends is None or time + need <= ends:
                return time + need - now
            share = _less(share, ends - time, lasts)
            time = ends
        return time - now

    def rest(self, here: int, there: int, now: int, until: int, share: int) -> int:
        """The share that is still to go at ``until``, of ``share`` at ``now``."""
        while now < until:
            lasts, ends = self._in_period(here, there, now)
            upto = until if ends is None else min(until, ends)
            share = _less(share, upto - now, lasts)
            now = upto
        return share

    def _in_period(self, here: int, there: int, time: int) -> tuple[int, int | None]:
        """(seconds of the whole leg at this time, until when that holds)."""
        period = sum(begin <= time for begin in self.begins)
        raw = int(self.tables[period][here, there])
        ends = self.begins[period] if period < len(self.begins) else None
        return (2 * raw * self.percent + 100) // 200, ends

    def walk(self, here: int, there: int) -> int | None:
        """Seconds on foot; ``None``: there is no way."""
        foot = self.problem.matrices.get(self.problem.walk_profile)
        if foot is not None:
            seconds = int(foot.durations[here, there])
            return None if seconds == UNREACHABLE else seconds
        if self.problem.points is None:
            return None
        spots = self.problem.points
        east, north = (int(spots[here, axis]) - int(spots[there, axis]) for axis in (0, 1))
        # 1.3 times the crow's way at 1.25 m/s is 1.04 s a metre; rounded up in whole numbers
        squared = 104 * 104 * (east**2 + north**2)
        root = isqrt(squared)
        return -(-(root + (root * root < squared)) // 100)


def _less(share: int, spent: int, lasts: int) -> int:
    return max(0, share - spent * WHOLE // lasts) if lasts else share
