"""One order as a shop wrote it, understood and checked: a row of a file or an object of the API; pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dispatch.services import order_asks
from dispatch.services import order_fields as fields
from dispatch.services.order_fields import Bad
from lastmile.kernel.units import CUBIC_FOOT_CM3, POUND_G

MAX_WEIGHT_G = 50_000_000
MAX_VOLUME_CM3 = 200_000_000
MAX_PIECES = 200
MAX_SERVICE_S = 4 * 3600
KINDS = ("delivery", "collection")


@dataclass(frozen=True, slots=True)
class ParcelDraft:
    """A piece with its barcode; sizes in grams and cubic centimetres, 0 where unknown."""

    barcode: str
    weight_g: int = 0
    volume_cm3: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDraft:
    """What a shop asks for. Times in UTC, weight in g, volume in cm3, service time in seconds."""

    external_id: str
    day: date
    address: str = ""
    postcode: str = ""
    place: str = ""
    lat: float | None = None
    lng: float | None = None
    kind: str = "delivery"
    recipient: str = ""
    phone: str = ""
    email: str = ""
    note: str = ""
    window_start: datetime | None = None
    window_end: datetime | None = None
    priority: int = 50
    service_time_s: int | None = None
    skills: tuple[str, ...] = ()
    weight_g: int = 1000
    volume_cm3: int = 5000
    pieces: int = 1
    parcels: tuple[ParcelDraft, ...] = ()
    service_level: str = ""
    promised: bool = False  # day and window are the service level's, not the shop's own words
    note_dispatch: str | None = None  # None: as it is
    recurring_id: int | None = None
    asks: Mapping[str, Any] = field(default_factory=dict)  # what was said of them; None: no longer


@dataclass(frozen=True, slots=True)
class FieldError:
    """Why a row was refused: the field, a stable code, the cause in words."""

    field: str
    code: str
    cause: str

    def card(self) -> dict[str, str]:
        return {"field": self.field, "code": self.code, "cause": self.cause}


@dataclass(frozen=True, slots=True)
class Read:
    """A draft, or every reason why there is none."""

    draft: OrderDraft | None
    errors: tuple[FieldError, ...]
    external_id: str = ""


# A service level's code and the day meant, or None for an order placed now -> day, window start and end in UTC.
Promised = Callable[[str, date | None], tuple[date, datetime, datetime]]


@dataclass(frozen=True, slots=True)
class Reader:
    """How a station reads drafts: its zone, the country its phone numbers are written for, the day meant.

    `promise` answers what a service level says for a day, or for an order placed now where None is passed; it raises
    `Bad`. `inside`: the station's own people write, who may note things for the dispatcher.
    """

    zone: ZoneInfo
    region: str | None
    day: date | None = None
    promise: Promised | None = None
    inside: bool = False

    def read(self, row: Mapping[str, Any]) -> Read:
        """Understand one row: keys are field names, values text or JSON. Never raises for what a row says."""
        reading = _Reading(self, row)
        reading.all()
        if reading.errors:
            return Read(None, tuple(reading.errors), reading.found.get("external_id", ""))
        draft = OrderDraft(**reading.found)
        return Read(draft, (), draft.external_id)


Field = Callable[["_Reading", Any], Any]


def _text(limit: int) -> Field:
    return lambda reading, value: fields.text(value, limit)


def _scaled(factor: float, high: int) -> Field:
    return lambda reading, value: fields.scaled(value, factor, high)


def _coordinate(limit: float) -> Field:
    return lambda reading, value: fields.coordinate(value, limit)


# Field of a row -> (field of the draft, how to read it). Two names for one draft field may not both be given.
SIMPLE: dict[str, tuple[str, Field]] = {
    "external_id": ("external_id", _text(80)),
    "service_level": ("service_level", _text(20)),
    "postcode": ("postcode", _text(12)),
    "place": ("place", _text(80)),
    "recipient": ("recipient", _text(120)),
    "note": ("note", _text(500)),
    "phone": ("phone", lambda reading, value: fields.phone(value, reading.reader.region)),
    "email": ("email", lambda reading, value: fields.email(value)),
    "kind": ("kind", lambda reading, value: fields.choice(value, KINDS)),
    "priority": ("priority", lambda reading, value: fields.integer(value, 0, 100)),
    "skills": ("skills", lambda reading, value: fields.skills(value)),
    "pieces": ("pieces", lambda reading, value: fields.integer(value, 1, MAX_PIECES)),
    "service_time_s": ("service_time_s", lambda reading, value: fields.integer(value, 0, MAX_SERVICE_S)),
    "service_min": ("service_time_s", _scaled(60, MAX_SERVICE_S)),
    "weight_g": ("weight_g", _scaled(1, MAX_WEIGHT_G)),
    "weight_kg": ("weight_g", _scaled(1000, MAX_WEIGHT_G)),
    "weight_lb": ("weight_g", _scaled(POUND_G, MAX_WEIGHT_G)),
    "weight": ("weight_g", lambda reading, value: fields.quantity(value, ("g", "kg"), MAX_WEIGHT_G)),
    "volume_cm3": ("volume_cm3", _scaled(1, MAX_VOLUME_CM3)),
    "volume_l": ("volume_cm3", _scaled(1000, MAX_VOLUME_CM3)),
    "volume_m3": ("volume_cm3", _scaled(1_000_000, MAX_VOLUME_CM3)),
    "volume_ft3": ("volume_cm3", _scaled(CUBIC_FOOT_CM3, MAX_VOLUME_CM3)),
    "volume": (
        "volume_cm3",
        lambda reading, value: fields.quantity(value, ("cm3", "cm³", "l", "m3", "m³"), MAX_VOLUME_CM3),
    ),
}
INSIDE = "note_dispatch"
NAMES = frozenset(
    {*SIMPLE, "address", "house_number", "lat", "lng", "day", "window", "window_start", "window_end"}
    | {"parcels", "barcodes", *order_asks.PUBLIC}
)
INSIDE_NAMES = frozenset({INSIDE, *order_asks.INSIDE})
"""Fields that only the station's own people may send."""


def _blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not fields.clean(value))


@dataclass(slots=True)
class _Reading:
    """One row being read: what was found so far and what is wrong with it."""

    reader: Reader
    row: Mapping[str, Any]
    found: dict[str, Any] = field(default_factory=dict)
    errors: list[FieldError] = field(default_factory=list)
    present: set[str] = field(default_factory=set)

    def all(self) -> None:
        self.present = {name for name, value in self.row.items() if not _blank(value)}
        for name in self.row:
            if name not in NAMES and not (name in INSIDE_NAMES and self.reader.inside):
                self.refuse(fields.clean(str(name))[:60], "unknown_field", "There is no such field.")
        for name, (target, read) in SIMPLE.items():
            if name in self.present:
                self.take(name, target, read)
        if not self.found.get("external_id") and not any(e.field == "external_id" for e in self.errors):
            self.refuse("external_id", "missing", "The shop's own order number is missing.")
        if INSIDE in self.row and self.reader.inside:
            self.note_dispatch()
        self.asks()
        self.address()
        self.times()
        self.parcels()

    def note_dispatch(self) -> None:
        self.found[INSIDE] = ""  # sent empty it is emptied; not sent it stays
        if self.given(INSIDE):
            self.found.pop(INSIDE)
            self.take(INSIDE, INSIDE, _text(500))

    def asks(self) -> None:
        """Sent empty an ask goes; not sent it stays."""
        said: dict[str, Any] = {}
        for name in order_asks.PUBLIC | (order_asks.INSIDE if self.reader.inside else {}):
            if name in self.row:
                try:
                    said[name] = order_asks.checked(name, self.row[name])
                except Bad as bad:
                    self.refuse(name, bad.code, bad.cause)
        if said:
            self.found["asks"] = said

    def given(self, name: str) -> bool:
        return name in self.present

    def refuse(self, name: str, code: str, cause: str) -> None:
        self.errors.append(FieldError(name, code, cause))

    def take(self, name: str, target: str, read: Field) -> None:
        if target in self.found:
            self.refuse(name, "given_twice", f"{target} is given in two ways; send one of them.")
            return
        try:
            self.found[target] = read(self, self.row[name])
        except Bad as bad:
            self.refuse(name, bad.code, bad.cause)

    def address(self) -> None:
        if self.given("address"):
            self.take("address", "address", _text(200))
            self.join_house_number()
        self.place()
        if not self.given("address") and not self.given("lat"):
            self.refuse("address", "missing", "There is neither an address nor a place (lat and lng).")
        elif not self.given("address") and "lat" in self.found and "lng" in self.found:
            self.found["address"] = f"{self.found['lat']:.5f}, {self.found['lng']:.5f}"

    def join_house_number(self) -> None:
        if not self.given("house_number") or "address" not in self.found:
            return
        try:
            joined = f"{self.found['address']} {fields.text(self.row['house_number'], 20)}"
            self.found["address"] = fields.text(joined, 200)
        except Bad as bad:
            self.refuse("house_number", bad.code, bad.cause)

    def place(self) -> None:
        if self.given("lat") != self.given("lng"):
            self.refuse("lat" if self.given("lng") else "lng", "missing", "lat and lng belong together.")
        for name, limit in (("lat", 90.0), ("lng", 180.0)):
            if self.given(name):
                self.take(name, name, _coordinate(limit))
        if self.found.get("lat") == 0 and self.found.get("lng") == 0:
            self.refuse("lat", "bad_place", "0, 0 lies in the sea off Africa: the place is not filled in.")

    def times(self) -> None:
        if self.given("day"):
            self.take("day", "day", lambda reading, value: fields.day(value))
            if "day" not in self.found:
                return
        start, end = self.window_ends()
        if not self.keep_promise(start is None and end is None):
            return
        on = self.found.get("day") or self.reader.day or self.day_of(start)
        if on is None:
            self.refuse("day", "missing", "The day is missing.")
            return
        self.found["day"] = on
        for name, value, last in (("window_start", start, False), ("window_end", end, True)):
            if value is not None:
                self.take_moment(name, value, on, last)
        self.check_window(on)

    def keep_promise(self, whole: bool) -> bool:
        """Take day and window from the service level where the row leaves them open; False: it has no such level."""
        code, promise = self.found.get("service_level", ""), self.reader.promise
        if not code or promise is None:
            return True
        try:
            day, start, end = promise(code, self.found.get("day"))
        except Bad as bad:
            self.refuse("service_level", bad.code, bad.cause)
            return False
        self.found["promised"] = whole and "day" not in self.found
        self.found["day"] = day
        if whole and not self.given("window"):
            self.found["window_start"], self.found["window_end"] = start, end
        return True

    def window_ends(self) -> tuple[Any, Any]:
        start, end = (self.row.get(n) if self.given(n) else None for n in ("window_start", "window_end"))
        if not self.given("window"):
            return start, end
        if start is not None or end is not None:
            self.refuse("window", "given_twice", "The window is given in two ways; send one of them.")
            return None, None
        value = self.row["window"]
        parts = fields.clean(value).replace("–", "-").split("-") if isinstance(value, str) else []
        if len(parts) != 2 or not all(fields.CLOCK.fullmatch(part.strip()) for part in parts):
            self.refuse("window", "bad_time", f"{fields.shown(value)} is no window; write HH:MM-HH:MM.")
            return None, None
        return parts[0].strip(), parts[1].strip()

    def day_of(self, start: Any) -> date | None:
        try:
            return datetime.fromisoformat(start).date() if isinstance(start, str) and len(start) > 9 else None
        except ValueError:  # read again, and refused by name, as the window's start
            return None

    def take_moment(self, name: str, value: Any, on: date, last: bool) -> None:
        try:
            self.found[name] = fields.moment(value, on, self.reader.zone, last=last)
        except Bad as bad:
            self.refuse(name if self.given(name) else "window", bad.code, bad.cause)

    def check_window(self, on: date) -> None:
        start, end = self.found.get("window_start"), self.found.get("window_end")
        if start and end and end <= start:
            self.refuse("window_end", "window_backwards", "The window ends before it begins.")
        if start and self.day_here(start) != on:
            self.refuse("window_start", "window_other_day", f"The window begins on another day than {on}.")
        if end and not on <= self.day_here(end) <= on + timedelta(days=1):
            self.refuse("window_end", "window_other_day", f"The window ends on another day than {on}.")

    def day_here(self, at: datetime) -> date:
        try:
            return at.astimezone(self.reader.zone).date()
        except OverflowError:  # the first or last hours of the calendar
            return at.date()

    def parcels(self) -> None:
        if self.given("barcodes") and self.given("parcels"):
            self.refuse("barcodes", "given_twice", "Send barcodes or parcels, not both.")
            return
        for name in ("barcodes", "parcels"):
            if self.given(name):
                self.take(name, "parcels", _PARCELS[name])
        self.check_parcels()

    def check_parcels(self) -> None:
        parcels: tuple[ParcelDraft, ...] = self.found.get("parcels", ())
        if not parcels:
            return
        if self.found.setdefault("pieces", len(parcels)) != len(parcels):
            self.refuse("pieces", "pieces_differ", f"pieces does not fit the {len(parcels)} parcels given.")
        for name in ("weight_g", "volume_cm3"):
            sizes = [getattr(parcel, name) for parcel in parcels]
            if all(sizes):
                self.found.setdefault(name, sum(sizes))


def _barcodes(reading: _Reading, value: Any) -> tuple[ParcelDraft, ...]:
    words = fields.text(value, 200 * 61).replace("|", " ").replace(";", " ").replace(",", " ").split()
    return _checked([ParcelDraft(fields.text(word, 60)) for word in words])


def _parcel_objects(reading: _Reading, value: Any) -> tuple[ParcelDraft, ...]:
    if not isinstance(value, list) or len(value) > MAX_PIECES:
        raise Bad("bad_parcels", f"parcels must be a list of at most {MAX_PIECES} objects.")
    return _checked([_parcel(item) for item in value])


PARCEL = {"barcode", "weight_g", "volume_cm3"}


def _parcel(item: Any) -> ParcelDraft:
    if not isinstance(item, dict) or not item.get("barcode") or set(item) - PARCEL:
        raise Bad("bad_parcels", "A parcel is an object of barcode, weight_g and volume_cm3.")
    weight, volume = item.get("weight_g") or 0, item.get("volume_cm3") or 0
    return ParcelDraft(
        fields.text(item["barcode"], 60),
        fields.scaled(weight, 1, MAX_WEIGHT_G),
        fields.scaled(volume, 1, MAX_VOLUME_CM3),
    )


def _checked(parcels: list[ParcelDraft]) -> tuple[ParcelDraft, ...]:
    if len(parcels) > MAX_PIECES or not all(parcel.barcode for parcel in parcels):
        raise Bad("bad_parcels", f"There must be at most {MAX_PIECES} parcels, each with a barcode.")
    if len({parcel.barcode for parcel in parcels}) != len(parcels):
        raise Bad("bad_parcels", "The same barcode stands twice.")
    return tuple(parcels)


_PARCELS: dict[str, Field] = {"barcodes": _barcodes, "parcels": _parcel_objects}
