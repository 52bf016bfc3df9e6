"""Which format a file is in."""

from __future__ import annotations

import re
from typing import Literal

from .errors import FormatError
from .lines import lines_of

type Format = Literal["vroom", "vrplib", "lilim", "solomon", "lastmile"]
FORMATS: tuple[Format, ...] = ("vroom", "vrplib", "lilim", "solomon", "lastmile")

OURS = re.compile(r'"format"\s*:\s*"lastmile"')


def guess(text: str) -> Format:
    """By what its first lines look like. Raises ``FormatError`` ``format_unknown``."""
    if text.lstrip()[:1] in ("{", "["):
        return "lastmile" if OURS.search(text[:2000]) else "vroom"
    lines = [line for line, _ in zip(lines_of(text), range(40), strict=False)]
    heads = {line.words[0].rstrip(":").upper() for line in lines}
    if heads & {"DIMENSION", "EDGE_WEIGHT_TYPE", "NODE_COORD_SECTION"}:
        return "vrplib"
    if heads & {"CUST", "NUMBER"}:
        return "solomon"
    if len(lines) > 1 and len(lines[0].words) == 3 and len(lines[1].words) == 9:
        return "lilim"
    raise FormatError(
        "format_unknown",
        "The file looks like none of the known formats.",
        f"Say --format: {', '.join(FORMATS)}.",
    )
