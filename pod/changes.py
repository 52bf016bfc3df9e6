"""What became of a route since its driver last looked. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

Standing = Mapping[int, tuple[int, str]]  # order id -> (sequence of its stop, promised window in words)


@dataclass(frozen=True, slots=True)
class Changes:
    """By order id: `gone` from the route, `new` on it, with another `window`; and whether the rest is `shuffled`."""

    gone: tuple[int, ...] = ()
    new: tuple[int, ...] = ()
    window: tuple[int, ...] = ()
    shuffled: bool = False

    def __bool__(self) -> bool:
        return bool(self.gone or self.new or self.window or self.shuffled)


def compare(before: Standing, now: Standing, done: Collection[int]) -> Changes:
    """What a driver must be told: `now` is the whole route, `done` the orders on it that have their outcome.

    A stop that moved up because another was taken out is no news; two that changed places are.
    """
    left = [order_id for order_id in now if order_id not in done]
    known = [order_id for order_id in left if order_id in before]
    return Changes(
        gone=tuple(sorted(set(before) - set(now))),
        new=tuple(order_id for order_id in left if order_id not in before),
        window=tuple(order_id for order_id in known if before[order_id][1] != now[order_id][1]),
        shuffled=_order(known, before) != _order(known, now),
    )


def _order(ids: list[int], standing: Standing) -> list[int]:
    """Orders by their stops; those of one stop have no order among themselves."""
    return sorted(ids, key=lambda order_id: (standing[order_id][0], order_id))
