"""Who is measured. A peer takes a problem and seconds, and gives its plan; what it costs is our walker's word."""

from __future__ import annotations

from .base import Answer, Peer
from .lastmile import lastmile
from .ortools import ortools
from .pyvrp import pyvrp
from .vroom import vroom

PEERS: dict[str, Peer] = {"ours": lastmile, "pyvrp": pyvrp, "vroom": vroom, "ortools": ortools}

__all__ = ["PEERS", "Answer", "Peer"]
