"""Rows of tracking, one noun a file."""

from tracking.models.device import Device
from tracking.models.position import Position

__all__ = ["Device", "Position"]
