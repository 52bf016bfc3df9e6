"""Who is measured. A peer takes a problem and seconds, and gives its plan; what it costs is our walker's word."""

from __future__ import annotations

from importlib import import_module

from .base import Answer, Peer

NAMES = {"ours": "lastmile", "pyvrp": "pyvrp", "vroom": "vroom", "ortools": "ortools"}


def peer_of(name: str) -> Peer:
    """The peer of this name; not every installation has every peer's package."""
    module = import_module(f".{NAMES[name]}", __package__)
    found: Peer = getattr(module, NAMES[name])
    return found


__all__ = ["NAMES", "Answer", "Peer", "peer_of"]
