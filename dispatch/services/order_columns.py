"""Which column of a file is which field of an order: names shops use, in a few languages; pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dispatch.services.order_draft import INSIDE_NAMES, NAMES
from lastmile.kernel.errors import LastmileError

ALIASES = {
    "external_id": "order order_id order_no order_number order_nr id reference ref bestellnummer "
    "auftragsnummer tilausnumero tilaus",
    "address": "street street_address delivery_address address_1 address1 strasse adresse anschrift osoite "
    "katuosoite",
    "house_number": "house_no housenumber number hausnummer nr talonumero",
    "postcode": "postal_code zip zip_code plz postleitzahl postinumero",
    "place": "city town ort stadt kaupunki postitoimipaikka",
    "recipient": "name customer customer_name contact empfaenger empfanger kunde vastaanottaja nimi",
    "phone": "telephone tel mobile phone_number telefon handy puhelin",
    "email": "e_mail mail sahkoposti",
    "note": "notes comment comments instructions remark hinweis bemerkung huomautus lisatieto",
    "day": "date delivery_date delivery_day datum liefertag lieferdatum paiva toimituspaiva",
    "window": "time_window delivery_window slot zeitfenster aikaikkuna",
    "window_start": "from earliest time_from von alkaen",
    "window_end": "to until latest time_to bis asti",
    "lat": "latitude y breite",
    "lng": "lon long longitude x laenge",
    "weight_kg": "kg gewicht_kg paino_kg",
    "weight_g": "grams gramm",
    "weight_lb": "lb lbs pounds weight_lbs",
    "weight": "gewicht paino",
    "volume_l": "litres liters liter litraa",
    "volume_ft3": "ft3 cuft cu_ft cubic_feet",
    "volume": "volumen tilavuus",
    "pieces": "parcels_count packages colli anzahl pakete kollit",
    "barcodes": "barcode parcel_ids strichcode viivakoodi",
    "skills": "requirements requires",
    "priority": "prio",
    "service_min": "service_minutes",
    "kind": "type art tyyppi",
    "service_level": "service level promise versandart lieferart palvelutaso toimitustapa",
    "note_dispatch": "internal_note dispatcher_note interne_notiz sisainen_huomautus",
}
WHY = "why_refused"  # the column our own list of refused rows ends with: no field, and nothing to warn of
FIELDS = tuple(sorted(NAMES - {"parcels"} | INSIDE_NAMES))
FIELD_OF = {name: name for name in FIELDS} | {
    alias: field for field, aliases in ALIASES.items() for alias in aliases.split()
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each field stands; `unused` are headings nobody knows, shown so that a typing error is seen."""

    fields: tuple[str, ...]  # one a column, "" where unused
    unused: tuple[str, ...]

    @property
    def used(self) -> tuple[str, ...]:
        return tuple(field for field in self.fields if field)

    def row(self, cells: Sequence[str]) -> dict[str, str]:
        return {field: cell for field, cell in zip(self.fields, cells, strict=False) if field}


def key(heading: str) -> str:
    """A heading as it is compared: plain small letters with underscores."""
    plain = heading.casefold().replace("ä", "ae" if "laeng" in heading.casefold() else "a").replace("ß", "ss")
    plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def guess_columns(headings: Sequence[str], saved: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """A field for each column, "" where none: as somebody chose before (`saved`, by key), or by its name."""
    known = FIELD_OF | dict(saved or {})
    return tuple(known.get(key(heading), "") for heading in headings)


def check_columns(headings: Sequence[str], fields: Sequence[str], *, creates: bool = True) -> Columns:
    """The columns as chosen. Raises LastmileError where two mean the same or a needed one lacks.

    `creates`: rows may become new orders, which need an address.
    """
    twice = sorted({field for field in fields if field and fields.count(field) > 1})
    if twice:
        names = [heading for heading, field in zip(headings, fields, strict=True) if field == twice[0]]
        raise _refused("column_twice", f"Two columns mean {twice[0]}: {' and '.join(n[:40] for n in names)}.")
    if "external_id" not in fields:
        raise _refused("no_order_column", "No column holds the shop's order number (external_id).")
    if creates and "address" not in fields and not {"lat", "lng"} <= set(fields):
        raise _refused("no_address_column", "No column holds the address, nor are there lat and lng.")
    pairs = zip(headings, fields, strict=True)
    unused = tuple(h[:60] for h, field in pairs if not field and h.strip() and key(h) != WHY)
    return Columns(tuple(fields), unused)


def _refused(code: str, cause: str) -> LastmileError:
    action = "Choose for each column what it means, or check how the file is read."
    return LastmileError(code, cause, action, field="file")


def known_columns(headings: Sequence[str]) -> int:
    """How many headings are known: the measure of a guessed delimiter, and of which line holds the headings."""
    return sum(key(heading) in FIELD_OF for heading in headings)
