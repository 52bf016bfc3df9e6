"""The tables that are printed."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Iterator, Sequence

from .judge import Row

HEAD = (
    f"{'set':<14}{'case':<11}{'s':>4} {'peer':<8}{'took':>6}{'cost':>11}{'vans':>6}{'left':>5}{'gap':>8}"
    f"{'ours/peer':>10}{'first':>8}  rules broken"
)


def line(row: Row, ours: Row | None) -> str:
    """One run."""
    return (
        f"{row.set:<14}{row.case:<11}{row.seconds:>4g} {row.peer:<8}{row.took_s:>6.1f}{_cost(row):>11}{row.vehicles:>6}"
        f"{row.left_out:>5}{_percent(row.gap):>8}{_ratio(ratio(ours, row)):>10}{_seconds(row.first_s):>8}"
        f"  {' '.join(f'{code} {count}' for code, count in row.broken.items())}{row.engine}"
    )


def summary(rows: Sequence[Row], peers: Sequence[str]) -> Iterator[str]:
    """One line for each set and limit: gap, vehicles, ratio to each peer (mean, worst, how often worse)."""
    others = [peer for peer in peers if peer != "ours"]
    yield (
        f"{'set':<14}{'s':>4}{'cases':>6}{'gap':>8}{'vans':>12}"
        + "".join(f"{p:>34}" for p in others)
        + f"{'first plan':>20}"
    )
    for name, seconds in dict.fromkeys((row.set, row.seconds) for row in rows):
        mine = [r for r in rows if (r.set, r.seconds, r.peer) == (name, seconds, "ours")]
        gaps = [r.gap for r in mine if r.gap is not None]
        gap = statistics.fmean(gaps) if gaps else None
        yield (
            f"{name:<14}{seconds:>4g}{len(mine):>6}{_percent(gap):>8}{_vans(mine):>12}"
            + "".join(f"{_against(rows, mine, peer):>34}" for peer in others)
            + f"{_first(mine):>20}"
        )


def ratio(ours: Row | None, other: Row) -> float | None:
    """Our cost over theirs, where both plans count."""
    if ours is None or ours.cost is None or other.cost is None or not (ours.counts and other.counts):
        return None
    return ours.cost / other.cost if other.cost else None


def _against(rows: Sequence[Row], mine: Sequence[Row], peer: str) -> str:
    theirs = {(r.set, r.case, r.seconds, r.seed): r for r in rows if r.peer == peer}
    found = [theirs[key] for r in mine if (key := (r.set, r.case, r.seconds, r.seed)) in theirs]
    pairs = [(r, theirs[key]) for r in mine if (key := (r.set, r.case, r.seconds, r.seed)) in theirs]
    ratios = [value for one, other in pairs if (value := ratio(one, other)) is not None]
    none = sum(not r.counts for r in found)
    if not ratios:
        return f"no plan {none}" if found else ""
    worse = sum(value > 1 for value in ratios)
    text = f"{mean(ratios):.3f} ({min(ratios):.3f}-{max(ratios):.3f}) worse {worse}/{len(ratios)}"
    return text + (f" none {none}" if none else "")


def mean(values: Iterable[float]) -> float:
    """Geometric."""
    return math.exp(statistics.fmean(map(math.log, values)))


def _vans(mine: Sequence[Row]) -> str:
    known = [r for r in mine if r.best_vehicles is not None]
    text = f"{statistics.fmean([r.vehicles for r in mine]):.1f}" if mine else ""
    return text + (f"/{statistics.fmean([r.best_vehicles or 0 for r in known]):.1f}" if known else "")


def _first(mine: Sequence[Row]) -> str:
    """Median and longest, the matrix included where there was one to make."""
    firsts = [r.first_s + (r.matrix_s or 0) for r in mine if r.first_s is not None]
    return f"{statistics.median(firsts):.2f} ({max(firsts):.2f}) s" if firsts else ""


def _cost(row: Row) -> str:
    return "none" if row.cost is None else str(row.cost)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:+.2%}"


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
