"""What the local and the remote OSRM have in common: hops without a connection, long routes in pieces."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from dispatch.roads.base import (
    AS_IT_COMES,
    Floats,
    Indexes,
    Line,
    Manners,
    Matrix,
    Profile,
    RoadsError,
    Snap,
    Turn,
    require_points,
)
from dispatch.roads.osrm_answers import join_lines, no_connection, read_line, read_snap, read_turns

NO_ROUTE: Final = "roads_no_route"


def no_route(cause: str) -> RoadsError:
    """Two points that no road of the profile connects."""
    return RoadsError(
        NO_ROUTE, cause, "Check the places on the map: one may lie on an island or in a closed area."
    )


class Osrm(ABC):
    """Lines, snapping and turns over two questions that a subclass can put to OSRM."""

    kind: str
    route_points: int
    """Most points of one route question."""

    approximate = False
    approximate_profiles: frozenset[Profile] = frozenset()

    @abstractmethod
    def matrix(
        self,
        points: Floats,
        profile: Profile,
        *,
        sources: Sequence[int] | Indexes | None = None,
        destinations: Sequence[int] | Indexes | None = None,
        manners: Manners = AS_IT_COMES,
        shares: bool = False,
    ) -> Matrix:
        """See `Roads.matrix`."""

    @abstractmethod
    def _route(self, points: Floats, profile: Profile, *, steps: bool, manners: Manners) -> Any:
        """OSRM's route answer: with steps and no line, or the full line with distances. May be no_route."""

    @abstractmethod
    def _nearest(self, points: Floats, profile: Profile) -> Any:
        """OSRM's nearest answer for one point."""

    def line(self, points: Floats, profile: Profile, *, manners: Manners = AS_IT_COMES) -> Line:
        """See `Roads.line`. A hop without a connection is a straight stroke marked unreachable."""
        points = require_points(points)
        if len(points) < 2:
            return Line(points.copy(), (), approximate=False)
        pieces = [self._line_piece(piece, profile, manners) for piece in self._pieces(points)]
        return pieces[0] if len(pieces) == 1 else join_lines(pieces)

    def nearest(self, point: Floats | Sequence[float], profile: Profile) -> Snap:
        """See `Roads.nearest`."""
        points = require_points(np.reshape(np.asarray(point, dtype=np.float64), (1, -1)))
        return read_snap(self._nearest(points, profile))

    def turns(self, points: Floats, profile: Profile, *, manners: Manners = AS_IT_COMES) -> list[Turn]:
        """See `Roads.turns`."""
        points = require_points(points)
        turns: list[Turn] = []
        for piece in self._pieces(points):
            first_leg = turns[-1].leg + 1 if turns else 0
            turns += read_turns(self._route(piece, profile, steps=True, manners=manners), first_leg)
        return turns

    def _pieces(self, points: Floats) -> list[Floats]:
        """Runs of at most `route_points`, each beginning with the last point of the one before."""
        step = self.route_points - 1
        return [points[start : start + step + 1] for start in range(0, max(len(points) - 1, 0), step)]

    def _line_piece(self, points: Floats, profile: Profile, manners: Manners) -> Line:
        try:
            return read_line(self._route(points, profile, steps=False, manners=manners))
        except RoadsError as error:
            if error.code != NO_ROUTE:
                raise
        if len(points) == 2:
            return no_connection(points)
        # OSRM refuses the whole chain for one bad hop: halve until only that hop is left out.
        middle = len(points) // 2
        halves = points[: middle + 1], points[middle:]
        return join_lines([self._line_piece(half, profile, manners) for half in halves])
