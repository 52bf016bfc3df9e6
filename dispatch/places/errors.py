"""What can go wrong with a city's data (an error), and what is merely limited (a note)."""

from __future__ import annotations

from dataclasses import dataclass

from lastmile.kernel.errors import LastmileError


class PlacesError(LastmileError):
    """A city that cannot be read, built or opened; `code`, `cause` and `action` as everywhere."""


@dataclass(frozen=True, slots=True)
class Note:
    """A limit found while building a city: not an error, but never silent.

    code: a stable word, for example ``no_addresses``. text: what it means for the people who use the city.
    """

    code: str
    text: str
