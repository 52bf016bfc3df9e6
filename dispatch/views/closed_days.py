"""A day that a person names may be one the station is closed on: it is taken, and said."""

from collections.abc import Iterable
from datetime import date

from django.contrib import messages
from django.http import HttpRequest
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from dispatch.models import Station
from dispatch.services.promises import calendar_of
from dispatch.written import day_written


def warn_of_day(request: HttpRequest, station: Station, day: date) -> None:
    """Say so where no weekday or a holiday opens the station on the day that was named."""
    if not calendar_of(station, day).opens(day):
        words = _("The station is closed on %(day)s: make sure that somebody works then.")
        messages.warning(request, words % {"day": day_written(day, "long")})


def warn_of_weekdays(request: HttpRequest, station: Station, weekdays: Iterable[int]) -> None:
    """A series makes no orders on the weekdays of a station's rest; the list of its days says why, day by day."""
    closed = [day for day in sorted(weekdays) if day not in station.open_days]
    if closed:
        words = _("The station is closed on these days of the series, no orders are made for them: %(days)s.")
        messages.warning(request, words % {"days": ", ".join(str(WEEKDAYS[day]) for day in closed)})
