"""Finding orders by what somebody has before them: a number, a name, a phone in any spelling, a barcode, a street."""

import re

import phonenumbers
from django.db import connection
from django.db.models import Q, QuerySet

from dispatch.models import Order, Parcel, Station

MOST_WORDS = 8
MOST_EXACT = 1000
SHORTEST, LONGEST = 6, 80  # of what may be a whole number: a shorter one stands in many places
FEWEST_DIGITS = 5  # of a phone number; fewer are a house number or a postcode
NUMERIC = re.compile(r"[+(]?[0-9()./-]+")
CONTAINED = ("number", "external_id", "recipient", "phone", "address")
BEGUN = ("postcode", "place")
OPEN = ("number", "external_id")  # what who sees recipients masked may search: a hit would tell the rest


def search(
    orders: QuerySet[Order], text: str, region: str | None = None, *, masked: bool = False
) -> QuerySet[Order]:
    """Orders that every word of the text is found in; `region` is where national phone numbers are from.

    `masked` looks at nothing that tells about a recipient.
    """
    words = text.replace("\0", " ").split()[:MOST_WORDS]
    for run in _runs(words):
        found = Q()
        for word in run:
            found &= _word(word, OPEN if masked else CONTAINED)
        phone = not masked and NUMERIC.fullmatch(run[0])
        orders = orders.filter(found | _phone(run, region) if phone else found)
    return orders


def exact_matches(
    station: Station, text: str, region: str | None = None, *, masked: bool = False
) -> list[int]:
    """Ids of the station's orders that a whole number, barcode or phone number is that of: by indexes alone."""
    words = text.replace("\0", " ").split()
    one = "".join(words)
    if not SHORTEST <= len(one) <= LONGEST:
        return []
    here = Order.objects.filter(station=station)
    if len(words) == 1:
        spelled = {one, one.upper(), one.lower()}
        wanted = (
            Q(number__in=spelled),
            Q(shop__in=list(station.shops.values_list("pk", flat=True)), external_id__in=spelled),
            Q(pk__in=list(Parcel.objects.filter(barcode__in=spelled).values_list("order_id", flat=True))),
        )
        # One after the other: joined by OR, a database reads the whole station instead of its indexes.
        ids = {pk for each in wanted for pk in here.filter(each).values_list("pk", flat=True)[:MOST_EXACT]}
        if ids:
            return sorted(ids)
    if not masked and NUMERIC.fullmatch(one) and (phone := _e164(one, region)):
        return list(here.filter(phone=phone).values_list("pk", flat=True)[:MOST_EXACT])
    return []


def _runs(words: list[str]) -> list[list[str]]:
    """Words, those made of digits together with their neighbours of that kind: 040 123 4567 is one number."""
    runs: list[list[str]] = []
    for word in words:
        numeric = bool(NUMERIC.fullmatch(word))
        if runs and numeric and NUMERIC.fullmatch(runs[-1][-1]):
            runs[-1].append(word)
        else:
            runs.append([word])
    return runs


def _word(word: str, contained: tuple[str, ...]) -> Q:
    found = Q(pk__in=Parcel.objects.filter(barcode__in={word, word.upper(), word.lower()}).values("order_id"))
    for spelled in _spellings(word):
        for field in contained:
            found |= Q(**{f"{field}__icontains": spelled})
        for field in BEGUN:
            found |= Q(**{f"{field}__istartswith": spelled})
    return found


def _spellings(word: str) -> set[str]:
    """SQLite takes big and small letters for the same in English only: it is asked for both kinds of the others."""
    if word.isascii() or connection.vendor != "sqlite":
        return {word}
    return {word, word.lower(), word.upper(), word.title()}


def _phone(run: list[str], region: str | None) -> Q:
    """A number as kept, with country code: the one that is meant where it is whole, else one that holds its digits."""
    written = "".join(run)
    digits = re.sub(r"[^0-9]", "", written)
    core = digits.lstrip("0")
    if len(digits) < FEWEST_DIGITS or len(core) < FEWEST_DIGITS - 1:
        return Q()
    found = Q(phone__contains=core)
    whole = _e164(written, region)
    return found | Q(phone=whole) if whole else found


def _e164(written: str, region: str | None) -> str:
    try:
        parsed = phonenumbers.parse(written[:60], region)
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
