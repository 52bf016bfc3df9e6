"""How a station reads the orders that it is sent: its zone, its phones, its promises."""

from datetime import date, datetime

from dispatch.models import Station
from dispatch.services.countries import region_of
from dispatch.services.order_draft import Reader
from dispatch.services.order_fields import Bad
from dispatch.services.promises import Calendar, Terms, calendar_of, level_of, promise, terms_of, window_on
from lastmile.kernel.errors import LastmileError


def reader_of(station: Station, *, now: datetime, day: date | None = None, inside: bool = False) -> Reader:
    """The station's reader for orders placed at business time `now`.

    `day` is meant where a row names none and no service level either. `inside`: its own people write.
    """
    promised = Promises(station.sandbox_of or station, now)
    return Reader(station.zone, region_of(station.time_zone), day, promised, inside)


class Promises:
    """What the service levels of a station say, each looked up once."""

    def __init__(self, station: Station, now: datetime) -> None:
        self.station, self.now = station, now
        self.known: dict[str, Terms] = {}
        self.calendar: Calendar | None = None

    def __call__(self, code: str, day: date | None) -> tuple[date, datetime, datetime]:
        try:
            if code not in self.known:
                self.known[code] = terms_of(level_of(self.station, code))
            if self.calendar is None:
                today = self.now.astimezone(self.station.zone).date()
                self.calendar = calendar_of(self.station, today)
            if day is not None:
                return day, *window_on(self.calendar, self.known[code], day)
            promised = promise(self.calendar, self.known[code], self.now)
        except LastmileError as error:
            raise Bad(error.code, f"{error.cause} {error.action}") from error
        return promised.day, promised.window_start, promised.window_end
