"""What is wrong so far: rules that are broken, and claims that are false."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..model import HARD, OFF, Dial, Problem
from ..solution import Penalty, Violation

_MINUTES = (
    "late", "waits_too_long", "not_released", "depot_closed", "dock_full", "shift_start", "late_start",
    "shift_end", "too_long", "drives_too_long", "break_missed", "pause_overdue", "too_long_aboard",
    "not_together",
)  # fmt: skip
_UNITS = dict.fromkeys(_MINUTES, 60) | {"too_far": 1000, "battery_flat": 1000}
_ALWAYS_HARD = (
    "unreachable", "pair_split", "delivery_before_pickup", "two_alternatives", "frozen_moved",
    "locked_changed", "reload_not_allowed",
)  # fmt: skip
_OFF_UNLESS_SAID = ("not_preferred", "away_from_home")


def up(amount: int, unit: int) -> int:
    """``amount / unit``, rounded up."""
    return -(-amount // unit)


def near(amount: int, unit: int) -> int:
    """``amount / unit``, rounded half up."""
    return (2 * amount + unit) // (2 * unit)


@dataclass(slots=True)
class Findings:
    """Of one route, or of the plan as a whole where ``route`` is empty.

    ``broken``: hard rules. ``false``: claims that do not hold. ``owed``: the penalties of soft rules.
    """

    problem: Problem
    route: str = ""
    broken: list[Violation] = field(default_factory=list)
    false: list[Violation] = field(default_factory=list)
    owed: list[Penalty] = field(default_factory=list)

    def breach(self, code: str, job: str, amount: int, words: str) -> None:
        """A rule that is broken by ``amount``, as its dial means it; nothing where that is 0 or less."""
        dial = _dial(self.problem, code)
        if amount <= 0 or dial.kind == "off":
            return
        if dial.kind == "hard":
            self.broken.append(Violation(code, self.route, job, amount, words))
        else:
            cents = up(amount * dial.price, _UNITS.get(code, 1))
            self.owed.append(Penalty(code, self.route, job, amount, cents))

    def lie(self, code: str, job: str, amount: int, words: str) -> None:
        """A claim that is false."""
        self.false.append(Violation(code, self.route, job, amount, words))

    def equal(self, code: str, job: str, what: str, says: int | None, is_: int | None) -> None:
        """What the solution says against what is."""
        if says != is_:
            self.lie(code, job, abs((says or 0) - (is_ or 0)), f"{what} says {says}, it is {is_}.")

    def penalties(self, claimed: Iterable[Penalty], also: Iterable[Penalty] = ()) -> None:
        """The penalties that are listed are those that are owed, and those of ``also``."""
        says, owes = Counter(claimed), Counter([*self.owed, *also])
        for more, word in (
            (says - owes, "is claimed and not owed"),
            (owes - says, "is owed and not claimed"),
        ):
            for penalty, count in more.items():
                self.lie("wrong_penalty", penalty.job, count, f"{penalty} {word}.")

    @property
    def rules(self) -> int:
        """Cents of all soft rules."""
        return sum(penalty.cents for penalty in self.owed)


def _dial(problem: Problem, code: str) -> Dial:
    if code in _ALWAYS_HARD:
        return HARD
    return problem.dials.get(code, OFF if code in _OFF_UNLESS_SAID else HARD)
