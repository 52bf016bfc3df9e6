"""The frozen numbers of a closed day, with a report that came in after the close counted as if it had come in time.

Only what the report is about is counted again: other orders have gone on to other days and states since.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import Q

from dispatch.models import Station
from dispatch.selectors.day_facts import (
    FAILED,
    Facts,
    cost_of,
    day_orders,
    failed_attempts,
    order_facts,
    route_rows,
    totals_of,
    visited_stops,
)


def with_late(station: Station, day: date, facts: Facts, order_ids: Sequence[int], now: datetime) -> Facts:
    """The facts with these orders, their routes and stops counted afresh; `late_reports` goes up by one."""
    if "rows" not in facts:
        return facts
    policy = facts["policy"]
    rows = {name: list(ids) for name, ids in facts["rows"].items()}
    mine = day_orders(station, day).filter(pk__in=order_ids)
    conditions: dict[str, Q] = dict(order_facts(policy["late_after_min"]))
    reasons = {name for name in rows if name.startswith("reason:")}
    reasons |= {f"reason:{reason}" for reason in mine.filter(FAILED).values_list("last_reason", flat=True)}
    for name in reasons:
        conditions[name] = FAILED & Q(last_reason=name.removeprefix("reason:"))
    for name, where in conditions.items():
        now_in = set(mine.filter(where).values_list("pk", flat=True))
        rows[name] = sorted((set(rows.get(name, [])) - set(order_ids)) | now_in)
    rows["stops"] = list(visited_stops(station, day).values_list("pk", flat=True))
    rows["failed_attempts"] = list(failed_attempts(station, day).values_list("pk", flat=True))
    routes = route_rows(station, day, now)
    counts = {name: len(ids) for name, ids in rows.items() if not name.startswith("reason:")}
    counts |= totals_of(routes)
    return facts | {
        "rows": rows,
        "routes": routes,
        "counts": counts,
        "reasons": {name.removeprefix("reason:"): len(rows[name]) for name in sorted(reasons) if rows[name]},
        "cost_cents": cost_of(policy, routes, counts["tried"], counts["failed_attempts"]),
        "late_reports": facts.get("late_reports", 0) + 1,
    }
