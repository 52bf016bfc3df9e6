"""Rows of proof of delivery, one noun a file."""

from pod.models.proof import Proof

__all__ = ["Proof"]
