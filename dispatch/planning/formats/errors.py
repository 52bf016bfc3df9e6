"""What is wrong with a file, and where."""

from __future__ import annotations

from ..errors import PlanningError


class FormatError(PlanningError):
    """A file that cannot be read as a problem. ``line`` counts from 1; ``where`` is a path such as
    ``jobs[3].location`` in a JSON file. Either may be missing.
    """

    def __init__(
        self, code: str, cause: str, action: str, *, line: int | None = None, where: str = ""
    ) -> None:
        place = f"Line {line}: " if line is not None else f"{where}: " if where else ""
        super().__init__(code, place + cause, action)
        self.line = line
        self.where = where
