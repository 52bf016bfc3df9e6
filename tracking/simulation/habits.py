"""How a simulated driver and the world around behave: chance, but the same for the same seed. Pure."""

import random
from dataclasses import dataclass
from datetime import datetime

REFUSED, NO_ONE_HOME = 0.01, 0.06
RUSH_HOURS = {7, 8, 15, 16, 17}
RELATIONS = ("recipient", "household", "neighbour", "safe_place")
SHARES = (0.7, 0.15, 0.1, 0.05)
FIRST_NAMES = ("Aino", "Eero", "Helmi", "Ilmari", "Kerttu", "Leo", "Oiva", "Saga", "Toivo", "Venla")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happens with one order at the door: handed over, or a reason why not."""

    reason: str = ""
    received_by: str = ""
    relation: str = ""


class Habits:
    """All chances of one driver's day. Keyed by what they are about, so that order and re-runs do not matter."""

    def __init__(self, seed: int, driver: str) -> None:
        self.seed, self.driver = seed, driver
        self.pace = min(1.3, max(0.85, self._dice("pace").gauss(1.03, 0.08)))

    def _dice(self, *about: object) -> random.Random:
        return random.Random(":".join(map(str, (self.seed, self.driver, *about))))  # noqa: S311

    def traffic(self, at: datetime) -> float:
        """Driving times are multiplied by this in that hour (local time): jams, luck and the driver's manner."""
        rush = 1.15 if at.hour in RUSH_HOURS else 1.0
        return (
            self.pace * rush * min(1.6, max(0.8, self._dice("traffic", at.date(), at.hour).gauss(1.02, 0.1)))
        )

    def service_s(self, planned_s: float, stop_key: str) -> float:
        """Seconds at the door: the planned ones, sometimes much longer."""
        return planned_s * min(4.0, self._dice("service", stop_key).lognormvariate(-0.03, 0.25))

    def outcome(self, order_key: str, *, age_check: bool) -> Outcome:
        """Refusals one in a hundred, nobody home six in a hundred; with an age check somebody must take it."""
        dice = self._dice("outcome", order_key)
        chance = dice.random()
        if chance < REFUSED:
            return Outcome(reason="refused")
        if chance < REFUSED + NO_ONE_HOME:
            return Outcome(reason="no_one_home")
        relation = "recipient" if age_check else dice.choices(RELATIONS, SHARES)[0]
        left = relation == "safe_place"
        return Outcome(received_by="" if left else dice.choice(FIRST_NAMES), relation=relation)
