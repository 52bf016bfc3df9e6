"""Who holds something about an order, a recipient or a station: each app says what it has, and lets go of it.

Dispatch cannot import the apps above it, so they register here when Django is ready. One holder per app, asked in the
order of their registration reversed: what stands on other rows lets go first.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from dispatch.models import Order, Station

BATCH = 1000


@dataclass(frozen=True, slots=True)
class Held:
    """What a holder gives out about one order: parts of its JSON, and files by the name they get in the archive."""

    parts: dict[str, Any]
    files: dict[str, Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Holder:
    """Five verbs. Each change is one short transaction a batch, so that a kill leaves whole batches.

    `export(order)`; `erase(order_ids, now)` inside the caller's transaction, returns counts and files to delete after
    it; `outdated(station, now, dry)` yields counts per batch of what the station keeps no longer; `remove(station)`
    yields counts per batch of everything of a station; `strays(wall, dry)`, of an app that has files, yields counts
    of those that no row names, of no station and by wall time.
    """

    export: Callable[[Order], Held]
    erase: Callable[[Sequence[int], datetime], tuple[Counter[str], list[Path]]]
    outdated: Callable[[Station, datetime, bool], Iterator[Counter[str]]]
    remove: Callable[[Station], Iterator[Counter[str]]]
    strays: Callable[[datetime, bool], Iterator[Counter[str]]] | None = None


_holders: dict[str, Holder] = {}


def register(name: str, holder: Holder) -> None:
    _holders[name] = holder


def holders() -> list[Holder]:
    """The highest app first."""
    return list(reversed(_holders.values()))


def delete_in_batches(rows: Any, name: str) -> Iterator[Counter[str]]:
    """Delete rows by their ids, `BATCH` a transaction; yields the counts."""
    while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        rows.model._default_manager.filter(pk__in=ids).delete()
        yield Counter({name: len(ids)})
