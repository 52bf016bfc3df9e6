"""Is this a problem at all? Every mistake found, each with code, cause and action.

Only mistakes are refused. What merely cannot be done (a parcel heavier than any van, a window outside every
shift, a preferred driver who is off today) is a valid problem whose plan leaves the job out, or pays, with
that reason. Nothing here raises, whatever the fields hold.
"""

from __future__ import annotations

from ..errors import InputError, InvalidProblemError
from ..model import Problem
from .dials import dials
from .fields import types
from .heads import heads
from .ids import ids
from .jobs import jobs
from .pairs import groups, shipments
from .pins import pins
from .places import matrices, points, stations
from .ranges import ranges
from .relations import relations
from .sums import sums
from .vehicles import vehicles

_STAGES = (
    (types,),
    (ids, matrices),
    (points, stations, jobs, pins, ranges, vehicles, heads, dials, shipments, groups, relations),
    (sums,),
)
"""What a stage looks at makes sense only where the stages before found nothing."""


def check(problem: Problem) -> None:
    """Raise ``InvalidProblemError`` with all errors, if there is one."""
    errors = validate(problem)
    if errors:
        raise InvalidProblemError(errors)


def validate(problem: Problem) -> tuple[InputError, ...]:
    """All mistakes of a problem; an empty tuple for a good one."""
    for stage in _STAGES:
        errors = tuple(error for look in stage for error in look(problem))
        if errors:
            return errors
    return ()
