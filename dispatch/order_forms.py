"""The form of an order: words as people write them, which the services read by the rules of every order."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django import forms
from django.utils.dateformat import format as date_words
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dispatch.models import Order, ServiceLevel, Shop, Station
from dispatch.models.station import Units
from dispatch.services.order_asks import ASKS
from dispatch.services.order_asks import words as asked
from dispatch.services.order_fields import Bad, clean
from dispatch.services.order_reading import Promises
from lastmile.kernel.errors import LastmileError
from lastmile.kernel.units import CUBIC_FOOT_CM3, POUND_G
from lastmile.refusals import in_words, said

WORDS = (
    *("external_id", "kind", "service_level", "day", "window_start", "window_end"),
    *("recipient", "phone", "email", "address", "postcode", "place", "lat", "lng"),
    *("pieces", "barcodes", "weight_kg", "weight_lb", "volume_l", "volume_ft3", "service_min", "skills"),
    "priority",
    *("note", "note_dispatch"),
    *ASKS,
)
METRIC, IMPERIAL = ("weight_kg", "volume_l"), ("weight_lb", "volume_ft3")
LEAST_LB, LEAST_FT3 = 3, 5  # places that tell grams and cubic centimetres apart: what is not changed stays
HOME = {  # where the reason of a refusal is shown, if not at the field it names
    "window": "window_start",
    "weight_g": "weight_kg",
    "volume_cm3": "volume_l",
    "service_time_s": "service_min",
    "parcels": "barcodes",
    "lat": "address",
    "lng": "address",
    "house_number": "address",
}
GROUPS = (
    (_("Order"), ("shop", "external_id", "kind")),
    (_("When"), ("service_level", "day", "window_start", "window_end")),
    (_("To whom"), ("recipient", "phone", "email")),
    (_("Where"), ("address", "postcode", "place")),
    (_("What"), ("pieces", "barcodes", *METRIC, *IMPERIAL, "service_min", "skills", "priority")),
    (_("Notes"), ("note", "note_dispatch")),
    (_("For the plan"), tuple(ASKS)),
)


def _word(label: Any, help_text: Any = "", **attrs: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off"} | attrs)
    return forms.CharField(label=label, help_text=help_text, required=False, widget=widget, strip=False)


def _lines(label: Any, help_text: Any = "", rows: int = 2) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "autocomplete": "off"})
    return forms.CharField(label=label, help_text=help_text, required=False, widget=widget, strip=False)


class OrderForm(forms.Form):
    """`seen` carries what the page showed: what differs from it was changed here, the rest by nobody."""

    shop = forms.ModelChoiceField(Shop.objects.none(), label=_("Shop"), empty_label=None)
    external_id = _word(_("Shop’s number"), _("Empty: one is offered."), maxlength=80)
    kind = forms.ChoiceField(
        label=_("Kind"), choices=[("delivery", _("Delivery")), ("collection", _("Collection"))]
    )
    service_level = forms.ChoiceField(label=_("Service level"), required=False)
    day = _word(_("Day"), type="date")
    window_start = _word(_("Not before"))
    window_end = _word(_("Not after"))
    recipient = _word(_("Name"), maxlength=120)
    phone = _word(_("Phone"), inputmode="tel", maxlength=60)
    email = _word(_("E-mail"), inputmode="email", maxlength=254)
    address = _word(_("Street and number"), maxlength=200)
    postcode = _word(_("Postcode"), maxlength=12)
    place = _word(_("Town"), maxlength=80)
    lat = forms.CharField(required=False, widget=forms.HiddenInput)
    lng = forms.CharField(required=False, widget=forms.HiddenInput)
    pieces = _word(_("Parcels"), inputmode="numeric", maxlength=4)
    barcodes = _lines(_("Barcodes"), _("One for each parcel. Empty: they are made."))
    weight_kg = _word(_("Weight, kg"), inputmode="decimal", maxlength=16)
    weight_lb = _word(_("Weight, lb"), inputmode="decimal", maxlength=16)
    volume_l = _word(_("Volume, litres"), inputmode="decimal", maxlength=16)
    volume_ft3 = _word(_("Volume, cu ft"), inputmode="decimal", maxlength=16)
    service_min = _word(
        _("Minutes at the door"), _("Empty: as usual at the station."), inputmode="decimal", maxlength=16
    )
    skills = _word(_("Skills needed"), _("Such as: chilled lift."), maxlength=300)
    priority = _word(
        _("Priority"), _("0 to 100: what must not be left behind is high."), inputmode="numeric", maxlength=4
    )
    note = _lines(_("Note to the driver"))
    note_dispatch = _lines(
        _("Note to the dispatcher"), _("Only the station’s people read it, never drivers or recipients.")
    )
    ready_at = _word(_("At the station from"), _("No van leaves with it before."), type="time")
    preferred_window = _word(_("Preferred window"), _("Such as: 10:00-12:00."), maxlength=11)
    preferred_price_cents = _word(
        _("Price outside the preferred window"), _("Cents a minute."), inputmode="numeric", maxlength=7
    )
    late_price_cents = _word(
        _("Price of coming late"),
        _("Cents a minute. Empty: as the station’s rules say."),
        inputmode="numeric",
        maxlength=7,
    )
    leave_price_cents = _word(
        _("May stay behind for"),
        _("Cents. Empty: only where it does not fit."),
        inputmode="numeric",
        maxlength=9,
    )
    max_wait_min = _word(_("Longest wait at the door, minutes"), inputmode="numeric", maxlength=4)
    max_aboard_min = _word(_("Longest time on board, minutes"), inputmode="numeric", maxlength=4)
    goods = _word(
        _("Classes of goods"), _("Such as: food chemicals. Settings say which never meet."), maxlength=300
    )
    only_by = _word(_("Only by"), _("Drivers or vehicles, with commas between."), maxlength=800)
    rather_by = _word(_("Rather by"), _("Drivers or vehicles, with commas between."), maxlength=800)
    never_by = _word(_("Never by"), _("Drivers or vehicles, with commas between."), maxlength=800)
    position = forms.ChoiceField(
        label=_("Place on the route"),
        required=False,
        choices=[("", _("anywhere")), ("first", _("first")), ("last", _("last"))],
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, station: Station, now: datetime, order: Order | None = None, **kwargs: Any
    ) -> None:
        kwargs["label_suffix"] = ""
        kwargs["initial"] = {"kind": "delivery"} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.order = order
        # One name for each unit: a page opened before the station changed its units is not read by the new ones.
        for name in METRIC if station.units == Units.IMPERIAL else IMPERIAL:
            del self.fields[name]
        shops: forms.ModelChoiceField = self.fields["shop"]  # type: ignore[assignment]
        shops.queryset = station.shops.filter(sandbox_of=None)
        levels: forms.ChoiceField = self.fields["service_level"]  # type: ignore[assignment]
        levels.choices = [("", gettext("None: by day and window")), *promised_levels(station, now, order)]
        if len(levels.choices) == 1:
            levels.widget = forms.HiddenInput()
        if order is not None:
            del self.fields["shop"]
            self.fields["external_id"].widget.attrs["readonly"] = True
            self.fields["external_id"].help_text = ""
        self._clocks()

    def _clocks(self) -> None:
        """A clock where both ends are clock times; an end on the next day is written out."""
        for name in ("window_start", "window_end"):
            written = str(self.data.get(name, "") if self.is_bound else self.initial.get(name, ""))
            if not written or len(written) == 5:
                self.fields[name].widget.input_type = "time"

    @property
    def groups(self) -> list[dict[str, Any]]:
        return [
            {
                "title": title,
                "key": names[-1],
                "folded": names == tuple(ASKS) and not any(self._filled(name) for name in names),
                "fields": [self[name] for name in names if name in self.fields],
            }
            for title, names in GROUPS
        ]

    def _filled(self, name: str) -> bool:
        return bool(self[name].value()) or bool(self.errors.get(name))

    @property
    def faults(self) -> list[dict[str, Any]]:
        """For the summary: each error with the field it leads to."""
        return [
            {
                "id": self[name].id_for_label if name in self.fields else "",
                "label": self[name].label,
                "error": e,
            }
            for name, errors in self.errors.items()
            if name in self.fields
            for e in errors
        ]

    def words(self) -> dict[str, str]:
        """What is written now, field by field, as the page can show it again."""
        return {name: str(self.cleaned_data.get(name) or "") for name in WORDS if name in self.fields}

    def before(self) -> dict[str, str]:
        """What the page showed when it was opened."""
        return seen_of(self.data.get("seen", ""))

    def row(self) -> dict[str, Any]:
        """A new order: everything written; a day left as it was offered is the service level's to say."""
        words = {name: word for name, word in self.words().items() if clean(word)}
        if words.get("service_level") and words.get("day") == self.before().get("day"):
            words.pop("day", None)
        return words

    def patch(self) -> dict[str, Any]:
        """An order there is: what was changed here, by the names of the API. Raises LastmileError."""
        before = self.before()
        changed: dict[str, Any] = {
            name: word for name, word in self.words().items() if _plain(word) != _plain(before.get(name, ""))
        }
        changed.pop("external_id", None)
        if changed.get("pieces") == "":
            raise LastmileError("missing", gettext("The number of parcels is missing."), "", field="pieces")
        if "barcodes" in changed:
            changed |= {"parcels": self._parcels(changed.pop("barcodes"))}
            if "pieces" not in changed and self.order is not None:
                changed["pieces"] = len(changed["parcels"])
        if not (changed.get("lat") and changed.get("lng")):
            changed.pop("lat", None)
            changed.pop("lng", None)
        return changed

    def _parcels(self, written: str) -> list[dict[str, Any]]:
        words = clean(written).replace("|", " ").replace(";", " ").replace(",", " ").split()
        if not words:
            raise LastmileError(
                "barcodes_missing",
                gettext("The parcels have barcodes already."),
                gettext("Leave them, write others, or change the number of parcels."),
                field="barcodes",
            )
        sizes = {p.barcode: p for p in self.order.parcels.all()} if self.order else {}
        return [
            {
                "barcode": word,
                "weight_g": sizes[word].weight_g if word in sizes else 0,
                "volume_cm3": sizes[word].volume_cm3 if word in sizes else 0,
            }
            for word in words
        ]

    def refuse(self, error: LastmileError) -> None:
        """Every reason at its field, or at the top where the form has no such field."""
        reasons: Any = error.data.get("errors")
        told = reasons or [{"field": error.field, "cause": in_words(error)}]
        for reason in told:
            home = HOME.get(reason["field"], reason["field"])
            if home not in self.fields:
                home = dict(zip(METRIC, IMPERIAL, strict=True)).get(home, home)
            self.add_error(home if home in self.fields else None, said(reason["cause"]))


def _plain(word: str) -> str:
    return clean(word)


def seen_of(written: str) -> dict[str, str]:
    """The hidden field as words; what is no such thing is nothing seen."""
    try:
        found = json.loads(written[:60_000])
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: word for name, word in found.items() if name in WORDS and isinstance(word, str)}


def promised_levels(station: Station, now: datetime, order: Order | None) -> list[tuple[str, str]]:
    """The levels the station sells, each with what it promises an order placed now; and the one the order has."""
    sold = list(ServiceLevel.objects.filter(station=station, active=True))
    promises = Promises(station, now)
    choices = [(level.code, f"{level.name}: {_promised(promises, level.code, station)}") for level in sold]
    held = order.service_level if order else None
    if held is not None and held.code not in {level.code for level in sold}:
        choices.append((held.code, held.name))
    return choices


def _promised(promises: Promises, code: str, station: Station) -> str:
    try:
        day, start, end = promises(code, None)
    except Bad as bad:
        return said(bad.cause)
    clocks = [at.astimezone(station.zone).strftime("%H:%M") for at in (start, end)]
    return f"{date_words(day, 'D j M')}, {clocks[0]}–{clocks[1]}"


def initial_new(station: Station, day: date) -> dict[str, str]:
    imperial = station.units == Units.IMPERIAL
    size = {"weight_lb": "2", "volume_ft3": "0.2"} if imperial else {"weight_kg": "1", "volume_l": "5"}
    return {"day": day.isoformat(), "pieces": "1", "priority": "50"} | size


def initial_of(order: Order) -> dict[str, str]:
    """An order as the form shows it."""
    parcels = order.parcels.order_by("pk").values_list("barcode", flat=True)
    return {
        **{name: getattr(order, name) for name in ("external_id", "kind", "recipient", "phone", "email")},
        **{name: getattr(order, name) for name in ("address", "postcode", "place", "note", "note_dispatch")},
        "service_level": order.service_level.code if order.service_level else "",
        "day": order.day.isoformat(),
        "window_start": _clock(order.window_start, order),
        "window_end": _clock(order.window_end, order),
        "pieces": str(order.pieces),
        "barcodes": "\n".join(parcels),
        **size_words(order),
        "service_min": "" if order.service_time_s is None else f"{order.service_time_s / 60:.6g}",
        "skills": " ".join(order.skills),
        "priority": str(order.priority),
        **{name: asked(order.asks, name) for name in ASKS},
    }


def size_words(order: Order) -> dict[str, str]:
    """Weight and volume in the station's units, with as many places as read back to the same gram."""
    if order.station.units == Units.IMPERIAL:
        pounds, feet = order.weight_g / POUND_G, order.volume_cm3 / CUBIC_FOOT_CM3
        return {"weight_lb": _places(pounds, LEAST_LB), "volume_ft3": _places(feet, LEAST_FT3)}
    return {"weight_kg": f"{order.weight_g / 1000:.10g}", "volume_l": f"{order.volume_cm3 / 1000:.10g}"}


def _places(value: float, places: int) -> str:
    return f"{value:.{places}f}".rstrip("0").rstrip(".")


def _clock(at: datetime | None, order: Order) -> str:
    """HH:MM where that reads back as the same moment, else date and time with the offset."""
    if at is None:
        return ""
    local = at.astimezone(order.station.zone)
    return local.strftime("%H:%M") if local.date() == order.day else local.isoformat(timespec="minutes")


def comes_twice(at: datetime, zone: Any) -> bool:
    """Whether the station's clocks show this time twice that night."""
    local = at.astimezone(zone)
    other = local.replace(fold=1 - local.fold)
    return local.utcoffset() != other.utcoffset() and abs(other.astimezone(UTC) - at) <= timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that somebody else changed meanwhile: what the page showed, what it is now, what was written here."""

    name: str
    label: str
    before: str
    now: str
    mine: str
    both: bool


def differences(form: OrderForm, newest: Mapping[str, str], mine: Mapping[str, str]) -> list[Difference]:
    """Field by field what changed since the page was opened; `both`: here too, to something else."""
    before = form.before()
    found = []
    for name in WORDS:
        if name in form.fields and name in newest and newest[name] != before.get(name, ""):
            here = _plain(mine.get(name, "")) != _plain(before.get(name, ""))
            both = here and _plain(mine.get(name, "")) != _plain(newest[name])
            label = str(form.fields[name].label)
            found.append(
                Difference(name, label, before.get(name, ""), newest[name], mine.get(name, ""), both)
            )
    return found


def reapplied(form: OrderForm, newest: Mapping[str, str], mine: Mapping[str, str]) -> dict[str, str]:
    """The newest order with what was changed here written over it."""
    before = form.before()
    changed = {name for name in mine if _plain(mine[name]) != _plain(before.get(name, ""))}
    return {name: mine[name] if name in changed else newest.get(name, "") for name in WORDS}
