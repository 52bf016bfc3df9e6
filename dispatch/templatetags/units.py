"""Amounts and days in templates: {{ grams|weight:station }}, {{ cents|money:station }}, {{ day|written:"long" }}."""

from datetime import date

from django import template

from dispatch.models import Station
from dispatch.written import Writer, day_written

register = template.Library()


def of(station: Station) -> Writer:
    return Writer(station.units, station.currency)


@register.filter(expects_localtime=True)
def written(value: date | None, how: str = "day") -> str:
    return "" if value in (None, "") else day_written(value, how)


@register.filter
def money(cents: float | None, station: Station) -> str:
    return of(station).money(cents)


@register.filter
def distance(metres: float | None, station: Station) -> str:
    return "–" if metres is None else of(station).distance(metres)


@register.filter
def weight(grams: float | None, station: Station) -> str:
    return "–" if grams is None else of(station).weight(grams)


@register.filter
def volume(cm3: float | None, station: Station) -> str:
    return "–" if cm3 is None else of(station).volume(cm3)
