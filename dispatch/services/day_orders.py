"""The made-up orders of a believable day, each by its own dice: a longer day begins like a shorter one."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from dispatch.lifecycle import OrderState
from dispatch.models import Order, Parcel, Shop, Station
from dispatch.places.sample import Door
from dispatch.services import fiction

# (from, to) on the station's clock, with its weight: people like to be home early and late.
NARROW = {(8, 10): 14, (10, 12): 20, (12, 14): 16, (14, 16): 16, (16, 18): 20, (18, 20): 14}
HALF_DAY = {(8, 14): 60, (14, 20): 40}
REACH = timedelta(hours=1)  # to a door and back
NARROW_SHARE, HALF_DAY_SHARE = 0.45, 0.35
PIECES = {1: 66, 2: 20, 3: 9, 4: 5}
HEAVY_G = 25_000
MARKET, BOOKS, HOME = range(3)
SHOPS = (
    ("demo-market", "Corner Market"),
    ("demo-books", "Paperbark Books"),
    ("demo-home", "Northlight Home"),
)
SHOP_WEIGHTS = (40, 35, 25)
# (median grams, median cm3, sigma) of a parcel
SIZES = {MARKET: (4500, 16_000, 0.6), BOOKS: (900, 3_500, 0.6), HOME: (3200, 18_000, 1.0)}
EVERY_NTH_UNKNOWN = 50


@dataclass(frozen=True, slots=True)
class Able:
    """What the shifts of a day can do; orders beyond it lose the window or the skill that nobody has."""

    opens: datetime
    closes: datetime
    skills: frozenset[str]


@dataclass(frozen=True, slots=True)
class Plot:
    """What all orders of a made-up day share."""

    station: Station
    shops: list[Shop]
    day: date
    seed: int
    country: str
    able: Able | None = None

    @property
    def mark(self) -> str:
        """How the external ids of this day and seed begin."""
        return f"{day_mark(self.station, self.day)}{self.seed}-"

    def dice(self, index: int) -> Random:
        return Random(f"{self.seed}/{self.day}/{index}")  # noqa: S311 - a made-up day, not a secret


def day_mark(station: Station, day: date) -> str:
    """How the external ids of every made-up order of a station and day begin."""
    return f"day-{station.pk}-{day:%Y%m%d}-"


def draw_order(plot: Plot, index: int, door: Door) -> tuple[Order, list[Parcel]]:
    """The `index`-th order of the day with its parcels; unsaved."""
    dice = plot.dice(index)
    kind = dice.choices(range(len(SHOPS)), SHOP_WEIGHTS)[0]
    number = f"D{plot.day:%y%m%d}-{plot.station.pk}-{index + 1:04d}"
    parcels = [_parcel(kind, f"{number}-{piece + 1}", dice) for piece in range(_pick(PIECES, dice))]
    start, end = _window(plot, dice)
    skills = _skills(kind, parcels, dice)
    if plot.able:
        skills = [skill for skill in skills if skill in plot.able.skills]
    order = Order(
        station=plot.station,
        shop=plot.shops[kind],
        external_id=f"{plot.mark}{index + 1}",
        number=number,
        day=plot.day,
        recipient=fiction.name(plot.country, dice),
        phone=fiction.phone(plot.country, dice) if dice.random() < 0.95 else "",
        email=f"recipient-{index + 1}@example.org" if dice.random() < 0.4 else "",
        note=dice.choice(fiction.NOTES) if dice.random() < 0.35 else "",
        window_start=start,
        window_end=end,
        priority=dice.choices((50, 80, 20), (85, 10, 5))[0],
        service_time_s=_service_time(skills, dice),
        skills=skills,
        weight_g=sum(parcel.weight_g for parcel in parcels),
        volume_cm3=sum(parcel.volume_cm3 for parcel in parcels),
        pieces=len(parcels),
        **_address(plot, index, door, dice),
    )
    for parcel in parcels:
        parcel.order = order
    return order, parcels


def _pick[Key](weights: dict[Key, int], dice: Random) -> Key:
    return dice.choices(list(weights), list(weights.values()))[0]


def _parcel(kind: int, barcode: str, dice: Random) -> Parcel:
    grams, cubic, sigma = SIZES[kind]
    size = dice.gauss(0, sigma)  # heavy things are large things, more or less
    weight = grams * 2.718281828 ** (size + dice.gauss(0, 0.3))
    volume = cubic * 2.718281828 ** (0.8 * size + dice.gauss(0, 0.25))
    return Parcel(
        barcode=barcode,
        weight_g=round(min(31_500, max(50, weight))),
        volume_cm3=round(min(180_000, max(200, volume))),
    )


def _window(plot: Plot, dice: Random) -> tuple[datetime | None, datetime | None]:
    share = dice.random()
    if share >= NARROW_SHARE + HALF_DAY_SHARE:
        return None, None
    start, end = _pick(NARROW if share < NARROW_SHARE else HALF_DAY, dice)
    midnight = datetime.combine(plot.day, time(), tzinfo=plot.station.zone)
    begins, ends = midnight + timedelta(hours=start), midnight + timedelta(hours=end)
    if plot.able and (begins + REACH > plot.able.closes or ends - REACH < plot.able.opens):
        return None, None
    return begins, ends


def _skills(kind: int, parcels: list[Parcel], dice: Random) -> list[str]:
    skills = []
    if kind == MARKET and dice.random() < 0.15:
        skills.append("chilled")
    if kind == MARKET and dice.random() < 0.10:
        skills.append("age")
    if any(parcel.weight_g > HEAVY_G for parcel in parcels) or (kind == HOME and dice.random() < 0.06):
        skills.append("lift")
    return skills


def _service_time(skills: list[str], dice: Random) -> int | None:
    if "lift" in skills:
        return dice.choice((300, 420, 600))
    return dice.choice((60, 90, 180, 240)) if dice.random() < 0.25 else None


def _address(plot: Plot, index: int, door: Door, dice: Random) -> dict[str, object]:
    """Most are in the city's index; one in fifty names a street that does not exist."""
    if index % EVERY_NTH_UNKNOWN == EVERY_NTH_UNKNOWN // 3:
        street = fiction.nowhere(plot.country)
        return {
            "address": f"{street} {dice.randint(1, 60)}",
            "postcode": door.postcode,
            "place": door.place,
            "state": OrderState.NEEDS_LOCATION,
            "location_note": f"No street of this city is called like '{street}'.",
        }
    return {
        "address": door.address[:200],
        "postcode": door.postcode,
        "place": door.place,
        "lat": door.lat,
        "lng": door.lng,
        "located_by": "geocoder",
        "state": OrderState.OPEN,
    }
