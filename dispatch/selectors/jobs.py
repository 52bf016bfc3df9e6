"""Long work as everybody is shown it: the board, the API, the pages that wait."""

from typing import Any

from lastmile.models import Job

SHOWN = ("id", "kind", "state", "percent", "words", "error", "result")


def job_card(job: Job) -> dict[str, Any]:
    """How far a job is, and what came of it."""
    return {field: getattr(job, field) for field in SHOWN}
