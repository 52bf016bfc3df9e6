"""The station's clock as the simulation's threads see it."""

import threading
from datetime import UTC, datetime

from lastmile.kernel.clock import BusinessClock


class SharedClock:
    """Read by every driver, renewed by the one thread that knows the database."""

    def __init__(self, clock: BusinessClock, stop: threading.Event) -> None:
        self.clock, self.stop = clock, stop

    def now(self) -> datetime:
        return self.clock.at(datetime.now(UTC))

    def wait(self, until: datetime, most_wall_s: float) -> None:
        ahead = (self.clock.wall_at(until) - datetime.now(UTC)).total_seconds()
        self.stop.wait(min(max(ahead, 0.01), most_wall_s))
