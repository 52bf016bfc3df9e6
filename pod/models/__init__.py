"""Rows of proof of delivery, one noun a file."""

from pod.models.proof import Proof
from pod.models.proof_file import ProofFile

__all__ = ["Proof", "ProofFile"]
