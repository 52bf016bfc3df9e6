"""Compiled Python: the one decorator of this package, and where its machine code is kept.

numba keeps compiled functions beside their file, and knows only that file's own changes, not those of the
functions it calls. So the machine code lies in a folder named after all sources together.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

import numba
from numba import types

_PLANNING = Path(__file__).resolve().parent.parent
_KEPT = 4  # programs that started before a change go on with theirs
_SOURCES = ("kernel/*.py", "search/*.py", "rules/codes.py", "model/units.py")


def _sources() -> str:
    """A word for the state of every compiled source and of numba itself; code that minds its bounds lies apart."""
    checked = bool(numba.config.BOUNDSCHECK)  # type: ignore[attr-defined]
    digest = hashlib.sha256(f"{numba.__version__} {checked}".encode())
    for path in sorted(p for pattern in _SOURCES for p in _PLANNING.glob(pattern)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _keep_beside() -> None:
    """Keep machine code under this folder; where that is read-only, numba has a place of its own."""
    home = Path(__file__).resolve().parent / "__pycache__"
    mine = home / f"compiled-{_sources()}"
    if not mine.is_dir():
        try:
            mine.mkdir(parents=True, exist_ok=True)
            for old in sorted(home.glob("compiled-*"), key=lambda path: path.stat().st_mtime)[:-_KEPT]:
                shutil.rmtree(old, ignore_errors=True)
        except OSError:
            return
    numba.config.CACHE_DIR = str(mine)  # type: ignore[attr-defined]


_keep_beside()


def compiled[F: Callable[..., Any]](function: F) -> F:
    """The function as machine code, made on its first call and kept; it runs without the interpreter lock."""
    dispatcher = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    dispatcher.get_call_template = partial(_call_template, dispatcher.get_call_template)  # type: ignore[method-assign]
    return cast(F, dispatcher)


def _call_template(template: Callable[..., Any], args: Sequence[Any], named: Mapping[str, Any]) -> Any:
    """numba makes machine code of its own for each constant that one compiled function calls another with, and for
    all that is called from there: a constant is a number like any other.
    """
    plain = {name: types.unliteral(kind) for name, kind in named.items()}
    return template(tuple(types.unliteral(kind) for kind in args), plain)
