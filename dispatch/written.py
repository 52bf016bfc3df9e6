"""Numbers, money, distances, weights and days as the reader's language and the station's units have them."""

from dataclasses import dataclass
from datetime import date

from babel import Locale, UnknownLocaleError
from babel.numbers import format_currency, format_decimal
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dispatch.models.station import Units
from lastmile.kernel.units import CUBIC_FOOT_CM3, MILE_M, POUND_G

# Django's own English formats are American, with the month first; a day must not be read two ways.
DAYS = {
    "en": {
        "day": "Y-m-d",
        "moment": "Y-m-d H:i",
        "long": "l, j F Y",
        "yearless": "l, j F",
        "weekday": "D j M",
        "short": "j M",
        "short_moment": "j M H:i",
    },
    "de": {
        "day": "d.m.Y",
        "moment": "d.m.Y H:i",
        "long": "l, j. F Y",
        "yearless": "l, j. F",
        "weekday": "D, j. M",
        "short": "d.m.",
        "short_moment": "d.m. H:i",
    },
}


def day_written(value: date, how: str = "day") -> str:
    """A day, or a moment in its own zone, in one of the ways of DAYS."""
    language = (get_language() or "en").partition("-")[0]
    return date_format(value, DAYS.get(language, DAYS["en"])[how])


@dataclass(frozen=True)
class Writer:
    """Numbers as the reader's language writes them, in a station's units and currency."""

    units: str
    currency: str

    @property
    def locale(self) -> Locale:
        try:
            return Locale.parse(get_language() or "en", sep="-")
        except (UnknownLocaleError, ValueError):
            return Locale.parse("en")

    @property
    def imperial(self) -> bool:
        return self.units == Units.IMPERIAL

    def whole(self, value: float) -> str:
        return format_decimal(round(value), locale=self.locale)

    def one(self, value: float | None) -> str:
        return "–" if value is None else format_decimal(value, format="#,##0.0", locale=self.locale)

    def percent(self, value: float | None) -> str:
        return "–" if value is None else _("%(number)s %%") % {"number": self.one(value)}

    def money(self, cents: float | None) -> str:
        if cents is None:
            return "–"
        return format_currency(round(cents) / 100, self.currency, locale=self.locale)

    def distance(self, metres: float) -> str:
        number = self.one(metres / (MILE_M if self.imperial else 1000))
        return (_("%(number)s mi") if self.imperial else _("%(number)s km")) % {"number": number}

    def weight(self, grams: float) -> str:
        """Up to three places: parcels are weighed to the gram."""
        number = format_decimal(
            grams / (POUND_G if self.imperial else 1000), format="#,##0.###", locale=self.locale
        )
        return (_("%(number)s lb") if self.imperial else _("%(number)s kg")) % {"number": number}

    def volume(self, cm3: float) -> str:
        number = format_decimal(
            cm3 / (CUBIC_FOOT_CM3 if self.imperial else 1000), format="#,##0.###", locale=self.locale
        )
        return (_("%(number)s cu ft") if self.imperial else _("%(number)s l")) % {"number": number}

    def hours(self, seconds: int) -> str:
        hours, minutes = divmod(seconds // 60, 60)
        return _("%(hours)s h %(minutes)02d min") % {"hours": self.whole(hours), "minutes": minutes}
