"""The warm solver program of this worker process."""

from dispatch.planning.program import SolverProgram

_program: SolverProgram | None = None


def solver() -> SolverProgram:
    """Made at the first call; one search at a time."""
    global _program
    if _program is None:
        _program = SolverProgram()
    return _program
