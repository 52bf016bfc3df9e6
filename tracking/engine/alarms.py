"""When the road deserves a dispatcher's eye, and when the cause has ended. Pure; times are business time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from lastmile.kernel.geo import distance_m

CALM = timedelta(minutes=2)
"""A late route is in time again only with this much to spare, so that an alert does not come and go."""


class Keep(Enum):
    """Neither worse nor over: leave an open alert as it is, raise none."""

    KEEP = "keep"


KEEP = Keep.KEEP


@dataclass(frozen=True, slots=True)
class Visit:
    """A stop still to come: when it is expected, and until when it was promised (None: any time)."""

    stop_id: int
    address: str
    expected: datetime
    window_end: datetime | None
    order_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Late:
    """The worst stop, by how many minutes (rounded up), and all stops and orders at risk."""

    worst: Visit
    minutes: int
    visits: tuple[Visit, ...]

    @property
    def order_ids(self) -> list[int]:
        """Orders at risk, in order of the route."""
        return [order for visit in self.visits for order in visit.order_ids]


def late(visits: Sequence[Visit], *, now: datetime, grace: timedelta) -> Late | Keep | None:
    """Stops whose promise breaks by more than `grace`; KEEP while it is close, None when all is well again.

    A stop still to come cannot be reached before now, whatever was expected.
    """
    promised = [(visit, visit.window_end) for visit in visits if visit.window_end]
    due = [(max(visit.expected, now) - end, visit) for visit, end in promised]
    broken = [(over, visit) for over, visit in due if over > grace]
    if not broken:
        return KEEP if any(over > grace - CALM for over, _ in due) else None
    over, worst = max(broken, key=lambda pair: pair[0])
    return Late(worst, rounded_minutes(over.total_seconds()), tuple(visit for _, visit in broken))


def rounded_minutes(seconds: float) -> int:
    """Whole minutes, at least one; from ten on by fives, so that words do not change at every look."""
    minutes = max(1, int(-(-seconds // 60)))
    return minutes if minutes < 10 else -(-minutes // 5) * 5


def late_words(route: str, found: Late) -> str:
    """One sentence with the route, the minutes, the worst stop, and what else is at risk."""
    others = len(found.visits) - 1
    more = f" and {others} more {'stop' if others == 1 else 'stops'}" if others else ""
    orders = len(found.order_ids)
    return (
        f"Route {route} will be {found.minutes} min late at {found.worst.address}{more}; "
        f"{orders} {'order' if orders == 1 else 'orders'} at risk"
    )


def silent(*, last_heard: datetime, now: datetime, after: timedelta) -> int | None:
    """Minutes without a word, once they exceed `after`."""
    quiet = now - last_heard
    return rounded_minutes(quiet.total_seconds()) if quiet > after else None


def stopped_long(
    *,
    still_since: datetime | None,
    place: tuple[float, float],
    allowed: Iterable[tuple[float, float]],
    radius_m: float,
    now: datetime,
    after: timedelta,
    pause: tuple[datetime, datetime, timedelta] | None = None,
) -> int | None:
    """Minutes of standing away from every allowed place, once they exceed `after`.

    `pause` is the break: its earliest begin, latest end, and length; standing then may last that much longer.
    """
    if still_since is None or any(distance_m(*place, *spot) <= radius_m for spot in allowed):
        return None
    stood = now - still_since
    if pause and still_since <= pause[1] and now >= pause[0]:
        after += pause[2]
    return rounded_minutes(stood.total_seconds()) if stood > after else None
