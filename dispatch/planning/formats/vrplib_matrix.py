"""The matrices of VRPLIB files: whole, or one half of a symmetric one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..model import IntMatrix
from .benchmark import LARGEST, Convention
from .errors import FormatError
from .lines import Line, real

SHAPES = (
    "FULL_MATRIX",
    "LOWER_ROW",
    "LOWER_DIAG_ROW",
    "LOWER_COL",
    "LOWER_DIAG_COL",
    "UPPER_ROW",
    "UPPER_DIAG_ROW",
    "UPPER_COL",
    "UPPER_DIAG_COL",
)


def matrix_of(lines: Sequence[Line], shape: str, size: int, convention: Convention) -> IntMatrix:
    """The numbers of a section, in whatever lines they stand, as a square table."""
    values = np.array([real(word, line.number) for line in lines for word in line.words])
    triangle = (size * (size + 1) if "DIAG" in shape else size * (size - 1)) // 2
    wanted = size * size if shape == "FULL_MATRIX" else triangle
    if len(values) != wanted:
        cause = f"EDGE_WEIGHT_SECTION has {len(values)} numbers; {shape} of {size} nodes has {wanted}."
        line = lines[-1].number if lines else None
        raise FormatError("matrix_shape", cause, "Correct DIMENSION, or look for a lost line.", line=line)
    values = values * convention.scale
    if len(values) and not (float(values.min()) >= 0 and float(values.max()) <= LARGEST):
        raise FormatError("out_of_range", "The matrix holds numbers below 0 or too large.", "Correct them.")
    whole = _rounded(values, convention)
    if shape == "FULL_MATRIX":
        table = whole.reshape(size, size)
    else:
        table = np.zeros((size, size), dtype=np.int32)
        # A triangle by columns is the other triangle by rows: cell (i, j) of the one is cell (j, i) of the other.
        lower = shape.startswith("LOWER") == shape.endswith("ROW")
        corner = 0 if "DIAG" in shape else 1
        cells = np.tril_indices(size, -corner) if lower else np.triu_indices(size, corner)
        table[cells] = whole
        table = table + table.T
    np.fill_diagonal(table, 0)
    return np.ascontiguousarray(table, dtype=np.int32)


def _rounded(values: NDArray[np.float64], convention: Convention) -> NDArray[np.int32]:
    if convention.rounding == "down":
        return np.floor(values + 1e-9).astype(np.int32)
    if convention.rounding == "up":
        return np.ceil(values - 1e-9).astype(np.int32)
    return np.floor(values + 0.5).astype(np.int32)
