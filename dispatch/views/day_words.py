"""The lines of the day page: each number in words of the reader's locale, its target, its rows, its comparisons."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dispatch.models.attempt import FailureReason
from dispatch.selectors.day_facts import Facts, rates
from dispatch.written import Writer


@dataclass(frozen=True)
class Figure:
    """A number on the page, the rows that it opens, and what it counts or sums there."""

    text: str
    rows: str
    value: int


@dataclass(frozen=True)
class Line:
    """One line: what it is called, what it means, its figures, and how it compares."""

    name: str
    title: str
    help: str
    main: str
    figures: list[Figure] = field(default_factory=list)
    target: str = ""
    met: bool | None = None
    before: str = ""
    week: str = ""


Read = Callable[[Facts], str]


def lines(compared: dict[str, Facts], units: str) -> list[Line]:
    """The page's lines, from the facts of the day and of the two it is compared with."""
    facts = compared["day"]
    write = Writer(units, facts["policy"]["currency"])
    made = [*_orders(facts, write), *_doors(facts, write), *_roads(facts, write), *_costs(facts, write)]
    readers = _readers(write)
    return [_compare(line, compared, readers[line.name]) for line in made]


def _compare(line: Line, compared: dict[str, Facts], read: Read) -> Line:
    others = {
        key: read(compared[name]) if compared[name]["counts"]["orders"] else "–"
        for key, name in (("before", "day_before"), ("week", "week_before"))
    }
    return Line(**(vars(line) | others))


def _readers(write: Writer) -> dict[str, Read]:
    """How a line's main number is read from any day's facts."""

    def count(name: str) -> Read:
        return lambda facts: write.whole(facts["counts"][name])

    def rate(name: str) -> Read:
        return lambda facts: write.percent(rates(facts)[name])

    return {
        **{name: count(name) for name in ("orders", "failed", "open", "returned", "cancelled")},
        **{name: rate(name) for name in ("delivered", "first_attempt", "on_time")},
        "stops_per_route": lambda facts: write.one(rates(facts)["stops_per_route"]),
        "distance": lambda facts: write.distance(facts["counts"]["distance_m"]),
        "hours": lambda facts: write.hours(facts["counts"]["out_s"]),
        "cost": lambda facts: write.money(facts["cost_cents"]["total"]),
        "cost_each": lambda facts: write.money(rates(facts)["cost_each"]),
    }


def _orders(facts: Facts, write: Writer) -> list[Line]:
    counts = facts["counts"]
    figure = _figures(counts, write)
    return [
        Line(
            "orders",
            _("Orders"),
            _("Orders of this day, without those cancelled before anybody tried."),
            write.whole(counts["orders"]),
            [figure("orders", "")],
        ),
        _rate(
            facts,
            write,
            "delivered",
            _("Delivered"),
            _("Orders handed over on this day, of all its orders."),
            [
                figure("delivered", _("delivered")),
                figure("orders", ngettext("%(n)s order", "%(n)s orders", counts["orders"])),
            ],
        ),
        Line(
            "open",
            _("Open"),
            _("Orders nobody has tried yet."),
            write.whole(counts["open"]),
            [figure("open", "")],
        ),
        *_rare(counts, write, figure),
    ]


def _rare(counts: dict[str, int], write: Writer, figure: Callable[[str, str], Figure]) -> list[Line]:
    words = {
        "returned": (_("Returned to the shop"), _("Orders sent back without an attempt on this day.")),
        "cancelled": (_("Cancelled"), _("Orders called off before anybody tried; they count nowhere else.")),
    }
    return [
        Line(name, *words[name], write.whole(counts[name]), [figure(name, "")])
        for name in words
        if counts[name]
    ]


def _doors(facts: Facts, write: Writer) -> list[Line]:
    counts = facts["counts"]
    figure = _figures(counts, write)
    labels = dict(FailureReason.choices)
    reasons = [
        Figure(f"{labels.get(reason, reason)}: {write.whole(n)}", f"reason:{reason}", n)
        for reason, n in sorted(facts["reasons"].items())
    ]
    return [
        _rate(
            facts,
            write,
            "first_attempt",
            _("First attempt"),
            _("Of the orders tried for the first time on this day, those handed over at that try."),
            [figure("first_delivered", _("at first try")), figure("first_tried", _("tried first"))],
        ),
        _rate(
            facts,
            write,
            "on_time",
            _("On time"),
            _("Of the delivered orders with a window, those handed over inside it; minutes allowed late: %s.")
            % facts["policy"]["late_after_min"],
            [
                figure("on_time", _("on time")),
                figure("off_time", _("early or late")),
                figure("windowed", _("with a window")),
            ],
        ),
        Line(
            "failed",
            _("Failed"),
            _("Orders whose last try of the day was in vain, by reason."),
            write.whole(counts["failed"]),
            [figure("failed", ""), *reasons],
        ),
    ]


def _roads(facts: Facts, write: Writer) -> list[Line]:
    counts = facts["counts"]
    figure = _figures(counts, write)
    target = facts["policy"]["target_stops_per_route"]
    each = rates(facts)["stops_per_route"]
    return [
        Line(
            "stops_per_route",
            _("Stops per route"),
            _("Stops finished, by the routes that left the station."),
            write.one(each),
            [
                figure("stops", ngettext("%(n)s stop", "%(n)s stops", counts["stops"])),
                figure("routes", ngettext("%(n)s route", "%(n)s routes", counts["routes"])),
            ],
            _("at least %s") % write.whole(target) if target else "",
            None if not target or each is None else each >= target,
        ),
        Line(
            "distance",
            _("Distance planned"),
            _("Planned driving of the routes that left."),
            write.distance(counts["distance_m"]),
            [Figure(write.distance(counts["distance_m"]), "routes", counts["distance_m"])],
        ),
        Line(
            "hours",
            _("Hours on the road"),
            _("From departure to the close of each route; for those still out, until now."),
            write.hours(counts["out_s"]),
            [Figure(write.hours(counts["out_s"]), "routes", counts["out_s"])],
        ),
    ]


def _costs(facts: Facts, write: Writer) -> list[Line]:
    cost, counts = facts["cost_cents"], facts["counts"]
    parts = [
        Figure(f"{_('routes')}: {write.money(cost['routes'])}", "routes", cost["routes"]),
        Figure(f"{_('handling')}: {write.money(cost['orders'])}", "tried", counts["tried"]),
        Figure(
            f"{_('failed attempts')}: {write.money(cost['failed'])}",
            "failed_attempts",
            counts["failed_attempts"],
        ),
    ]
    figure = _figures(counts, write)
    return [
        Line(
            "cost",
            _("Cost"),
            _("Planned cost of the routes that left, handling of each order tried, and each failed attempt."),
            write.money(cost["total"]),
            parts,
        ),
        Line(
            "cost_each",
            _("Cost per delivered order"),
            _("The cost above, by the orders delivered."),
            write.money(rates(facts)["cost_each"]),
            [figure("delivered", _("delivered"))],
        ),
    ]


def _figures(counts: dict[str, int], write: Writer) -> Callable[[str, str], Figure]:
    def figure(name: str, word: str) -> Figure:
        """A word that changes with the number holds its place, `%(n)s`; any other follows it."""
        number = write.whole(counts[name])
        text = word % {"n": number} if "%(n)s" in word else f"{number} {word}".strip()
        return Figure(text, name, counts[name])

    return figure


def _rate(facts: Facts, write: Writer, name: str, title: str, help_text: str, figures: list[Figure]) -> Line:
    value, target = rates(facts)[name], facts["policy"][f"target_{name}_pct"]
    return Line(
        name,
        title,
        help_text,
        write.percent(value),
        figures,
        _("at least %s") % write.percent(target),
        None if value is None else value >= target,
    )


def rows_title(name: str) -> str:
    """What a list of rows is called."""
    if name.startswith("reason:"):
        reason = name.removeprefix("reason:")
        return _("Failed: %s") % dict(FailureReason.choices).get(reason, reason)
    return {
        "orders": _("Orders"),
        "delivered": _("Delivered"),
        "failed": _("Failed"),
        "returned": _("Returned to the shop"),
        "open": _("Open"),
        "cancelled": _("Cancelled"),
        "tried": _("Tried"),
        "first_tried": _("Tried for the first time"),
        "first_delivered": _("Delivered at the first try"),
        "windowed": _("Delivered, with a window"),
        "on_time": _("On time"),
        "off_time": _("Early or late"),
        "stops": _("Stops finished"),
        "routes": _("Routes that left"),
        "failed_attempts": _("Failed attempts"),
    }.get(name, name)


def what_words(change: dict[str, Any]) -> str:
    """What day close did with one thing, in words."""
    reasons = {
        "no_place": _("its address was not found"),
        "not_planned": _("it was on no route when the day was closed"),
        "not_departed": _("its route never left"),
        "not_reached": _("its van did not get there"),
        "attempt_failed": _("nobody could take it"),
        "late_delivered": _("handed over while the phone was offline"),
        "late_failed": _("tried in vain while the phone was offline"),
    }
    return reasons.get(change.get("reason", ""), "")
