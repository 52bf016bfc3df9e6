"""Coded errors of the planner: each carries what went wrong and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass


class PlanningError(Exception):
    """Base of every error this package raises on purpose.

    ``code`` is stable and meant for programs, ``cause`` and ``action`` are sentences for people.
    """

    def __init__(self, code: str, cause: str, action: str) -> None:
        super().__init__(f"{code}: {cause} {action}")
        self.code = code
        self.cause = cause
        self.action = action


@dataclass(frozen=True, slots=True)
class InputError:
    """One thing wrong in a problem; ``subject`` names the job, vehicle or matrix it is about."""

    code: str
    cause: str
    action: str
    subject: str = ""


class InvalidProblemError(PlanningError):
    """The problem cannot be planned as stated; ``errors`` lists everything found, not only the first."""

    def __init__(self, errors: tuple[InputError, ...]) -> None:
        first = errors[0]
        more = f" ({len(errors) - 1} more)" if len(errors) > 1 else ""
        super().__init__(first.code, first.cause + more, first.action)
        self.errors = errors
