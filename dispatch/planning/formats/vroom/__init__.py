"""VROOM's JSON in and out: jobs and shipments, searched, or given ``steps`` judged."""

from .plan import judge
from .read import parse, read, read_options
from .request import Options, Request, Streets
from .timeline import Answer, answer
from .write import INPUT, INTERNAL, ROUTING, failure, write

__all__ = [
    "INPUT", "INTERNAL", "ROUTING", "Answer", "Options", "Request", "Streets",
    "answer", "failure", "judge", "parse", "read", "read_options", "write",
]  # fmt: skip
