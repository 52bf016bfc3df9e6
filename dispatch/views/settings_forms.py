"""Forms of the settings page: one a section, drawn from and compared with what the person was shown."""

import json
from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.dates import WEEKDAYS
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from dispatch.models import ServiceLevel, Station
from dispatch.models.station import AfterFailure, Demand, Units
from dispatch.services.changes import values_of
from dispatch.services.planning_policy import WEIGHTS
from dispatch.services.setting_checks import NUMBERS, SECTIONS, SPEED_PERCENT, currencies
from dispatch.services.speeds import PERIODS
from dispatch.views.dials_form import DialsField
from dispatch.views.fleet_forms import Answering, ClockInput, MarkedForm, clock_field, day_field

CENTS = ("cost_order_cents", "cost_failed_cents", "co2_kg_cents", *WEIGHTS)
TITLES = {
    "identity": _("Name and contact"),
    "clock": _("Time, money, language"),
    "opening": _("Opening days and hours"),
    "targets": _("Targets"),
    "policies": _("Policies and costs"),
    "planning": _("Rules of planning"),
    "speeds": _("Speeds by time of day"),
    "close": _("Day close"),
    "retention": _("How long data is kept"),
}
LABELS: dict[str, Any] = {
    "name": _("Name"),
    "address": _("Address"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "lat": _("Latitude"),
    "lng": _("Longitude"),
    "time_zone": _("Time zone"),
    "currency": _("Currency"),
    "language": _("Language"),
    "units": _("Units"),
    "open_days": _("Opening days"),
    "opens_at": _("Opens"),
    "closes_at": _("Closes"),
    "target_on_time_pct": _("On time, %"),
    "target_first_attempt_pct": _("Delivered at the first attempt, %"),
    "target_delivered_pct": _("Delivered, %"),
    "target_stops_per_route": _("Stops per route"),
    "late_after_min": _("Late after, minutes"),
    "silent_after_min": _("Van silent after, minutes"),
    "stopped_after_min": _("Van stopped too long after, minutes"),
    "stop_radius_m": _("At the stop within, metres"),
    "service_time_s": _("At the door, seconds an order"),
    "setup_time_s": _("Parking and finding, seconds an address"),
    "loading_time_s": _("Loading before departure, seconds"),
    "plan_limit_s": _("Planner searches for, seconds"),
    "photo_proof": _("Photo at the door"),
    "signature_proof": _("Signature at the door"),
    "cost_order_cents": _("Cost of an order at the station"),
    "cost_failed_cents": _("Cost of a failed attempt"),
    "weight_vehicle_cents": _("Each van used, besides its own costs"),
    "weight_finish_cents": _("Each hour until the last van is back"),
    "weight_hours_cents": _("Each hour between the longest and the shortest route"),
    "weight_stops_cents": _("Each order between the fullest and the emptiest route"),
    "weight_compact_cents": _("Each kilometre of a stop from the middle of its route"),
    "weight_driver_cents": _("Replanning: each order that changes its driver"),
    "weight_place_cents": _("Replanning: each order with another one before it"),
    "weight_moved_cents": _("Replanning: each minute that an order’s time moves"),
    "co2_kg_cents": _("A kilogram of CO₂"),
    "parking_m": _("One parking spot for stops within, metres"),
    "goods_apart": _("Goods that never travel together"),
    "dials": _("Rules"),
    "speed_night": _("Night"),
    "speed_morning": _("Morning peak"),
    "speed_midday": _("Midday"),
    "speed_evening": _("Evening peak"),
    "day_close_at": _("Closed by itself at"),
    "auto_close": _("Close the day by itself"),
    "after_failure": _("Orders attempted in vain"),
    "max_attempts": _("Attempts before a decision"),
    "keep_positions_days": _("Positions of vans, days"),
    "keep_proofs_days": _("Photos and signatures, days"),
    "keep_people_days": _("Recipients’ names and addresses, days"),
    "day": _("Day"),
    "code": _("Code"),
    "cutoff": _("Ordered before"),
    "days_after": _("Opening days later"),
    "window_from": _("Window from"),
    "window_to": _("Window to"),
    "active": _("Offered"),
}
HELP: dict[str, Any] = {
    "phone": _("Drivers and recipients call it."),
    "email": _("Recipients’ answers go here."),
    "time_zone": _("Like Europe/Helsinki. Not while routes of today or later are open."),
    "currency": _("Three letters, like EUR."),
    "late_after_min": _("Past the promised window and still on time."),
    "target_stops_per_route": _("Empty: no target."),
    "speed_night": _(
        "Percent of the free speed; 100 is free. All other hours are free. Empty times: not used."
    ),
    "max_attempts": _("After so many failed attempts an order waits for a decision."),
    "weight_vehicle_cents": _("0: indifferent. More: fewer vans."),
    "weight_compact_cents": _("0: indifferent. More: routes that keep to one area."),
    "weight_driver_cents": _("What a new plan must save before it changes what people know."),
    "parking_m": _("The driver walks between them. 0: every address is driven to."),
    "goods_apart": _("A pair in each line, such as: food chemicals. Orders name their goods."),
    "dials": _(
        "Off: not looked at. At a price: broken where that is cheaper, and shown. "
        "Hard: never broken by the planner. * is the default."
    ),
    "keep_proofs_days": _("At least 14: claims come late."),
    "keep_people_days": _("After the order’s day; at least 7."),
}
SELECTS: dict[str, Any] = {
    "units": Units.choices,
    "after_failure": AfterFailure.choices,
    "photo_proof": Demand.choices,
    "signature_proof": Demand.choices,
}
PERIOD_PARTS = (
    *(_("from"), _("until"), _("main roads, %"), _("through roads, %"), _("local streets, %")),
    _("only Monday to Friday"),
)
CLOCKS = ("opens_at", "closes_at", "day_close_at")


class PeriodWidget(forms.MultiWidget):
    """Two clocks, three percents and a tick, each with its own label: one time of day in a line."""

    def __init__(self) -> None:
        percent = {"min": SPEED_PERCENT[0], "max": SPEED_PERCENT[1]}
        super().__init__(
            [
                ClockInput(),
                ClockInput(),
                *(forms.NumberInput(attrs=percent) for _each in range(3)),
                forms.CheckboxInput(),
            ]
        )

    def decompress(self, value: Any) -> list[Any]:
        return list(value) if value else [None] * 5 + [False]

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        parts = self.get_context(name, value, attrs)["widget"]["subwidgets"]
        drawn = zip(self.widgets, parts, PERIOD_PARTS, strict=True)
        lines = (
            (
                mark_safe(' class="choice"') if part["type"] == "checkbox" else "",
                word,
                widget.render(part["name"], part["value"], part["attrs"], renderer),
            )
            for widget, part, word in drawn
        )
        return format_html(
            '<div class="speed">{}</div>', format_html_join("", "<label{}>{} {}</label>", lines)
        )


class PeriodField(forms.MultiValueField):
    """A time of day and its speeds, as the service takes them; empty times are none."""

    def __init__(self, **kwargs: Any) -> None:
        percents = [forms.IntegerField(required=False) for _each in range(3)]
        clocks = [forms.TimeField(required=False), forms.TimeField(required=False)]
        fields = [*clocks, *percents, forms.BooleanField(required=False)]
        super().__init__(fields, required=False, require_all_fields=False, widget=PeriodWidget(), **kwargs)

    def compress(self, data_list: Any) -> list[Any] | None:
        if not data_list or (data_list[0] is None and data_list[1] is None):
            return None
        if any(value is None for value in data_list[:5]):
            raise forms.ValidationError(_("Give both times and all three speeds, or neither time."))
        return [f"{data_list[0]:%H:%M}", f"{data_list[1]:%H:%M}", *data_list[2:5], bool(data_list[5])]


class PairsField(forms.Field):
    """Two words in each line."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, widget=forms.Textarea(attrs={"rows": 3}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(" ".join(pair) for pair in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:
        return [line for line in (value or "").splitlines() if line.strip()]


class SectionForm(Answering):
    """One section: its fields, and what they were when the page was drawn."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20_000)

    def __init__(self, section: str, station: Station, data: Any = None) -> None:
        self.section, self.names = section, SECTIONS[section]
        shown = values_of(station, self.names)
        initial = {name: getattr(station, name) for name in self.names}
        initial |= {name: Decimal(initial[name]) / 100 for name in CENTS if name in initial}
        super().__init__(data, initial=initial | {"seen": json.dumps(shown)}, auto_id=f"{section}-%s")
        for name in self.names:
            self.fields[name] = made(name)

    def values(self) -> dict[str, Any]:
        """What was entered, as the service takes it."""
        found = {name: self.cleaned_data[name] for name in self.names}
        for name in set(CENTS) & found.keys():
            found[name] = round(found[name] * 100)
        if "open_days" in found:
            found["open_days"] = [int(day) for day in found["open_days"]]
        return found

    def shown(self) -> dict[str, Any]:
        """What the person saw; of a page that was tampered with, nothing, so that all counts as unseen."""
        try:
            found = json.loads(self.cleaned_data["seen"])
        except ValueError:
            found = None
        return found if isinstance(found, dict) else dict.fromkeys(self.names)


def made(name: str) -> forms.Field:
    """The field of a setting; what it may be is for the service to say, so limits are only hinted at."""
    common = {"label": LABELS[name], "help_text": HELP.get(name, "")}
    if name in CENTS:
        return forms.DecimalField(**common, min_value=0, decimal_places=2, max_digits=9)
    if name in NUMBERS:
        low, high = NUMBERS[name]
        optional = name == "target_stops_per_route"
        return forms.IntegerField(**common, min_value=low, max_value=high, required=not optional)
    if name in SELECTS:
        return forms.ChoiceField(**common, choices=SELECTS[name])
    if name in CLOCKS:
        return clock_field(**common)
    return SPECIAL[name](common)


def listed(common: dict[str, Any], name: str, limit: int) -> forms.Field:
    """Text with suggestions: long lists are typed into faster than scrolled."""
    return forms.CharField(**common, max_length=limit, widget=forms.TextInput(attrs={"list": f"{name}-list"}))


SPECIAL: dict[str, Any] = {
    "name": lambda common: forms.CharField(**common, max_length=80),
    "address": lambda common: forms.CharField(**common, max_length=200, required=False),
    "phone": lambda common: forms.CharField(
        **common, max_length=40, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    ),
    "email": lambda common: forms.EmailField(**common, required=False),
    "lat": lambda common: forms.FloatField(**common, widget=forms.NumberInput(attrs={"step": "any"})),
    "lng": lambda common: forms.FloatField(**common, widget=forms.NumberInput(attrs={"step": "any"})),
    "time_zone": lambda common: listed(common, "zones", 40),
    "currency": lambda common: listed(common, "currencies", 3),
    "language": lambda common: forms.ChoiceField(**common, choices=list(settings.LANGUAGES)),
    "open_days": lambda common: forms.MultipleChoiceField(
        **common, choices=list(WEEKDAYS.items()), required=False, widget=forms.CheckboxSelectMultiple
    ),
    "auto_close": lambda common: forms.BooleanField(**common, required=False),
    "goods_apart": lambda common: PairsField(**common),
    "dials": lambda common: DialsField(**common),
    **dict.fromkeys(PERIODS, lambda common: PeriodField(**common)),
}


def suggestions() -> dict[str, list[str]]:
    zones = (zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    return {"zones": sorted(zones), "currencies": sorted(currencies())}


class HolidayForm(Answering):
    day = day_field(LABELS["day"])
    name = forms.CharField(label=_("Holiday"), max_length=80)


class LevelForm(MarkedForm):
    code = forms.SlugField(
        label=LABELS["code"], max_length=20, help_text=_("What shops send as service_level.")
    )
    name = forms.CharField(label=LABELS["name"], max_length=60)
    cutoff = clock_field(LABELS["cutoff"], help_text=_("Later orders count as the next opening day’s."))
    days_after = forms.IntegerField(label=LABELS["days_after"], min_value=0, max_value=30, initial=0)
    window_from = clock_field(
        LABELS["window_from"], required=False, help_text=_("Empty: from the station’s opening.")
    )
    window_to = clock_field(
        LABELS["window_to"], required=False, help_text=_("Empty: until the station closes.")
    )
    active = forms.BooleanField(label=LABELS["active"], required=False, initial=True)


def level_initial(level: ServiceLevel) -> dict[str, Any]:
    names = ("code", "name", "cutoff", "days_after", "window_from", "window_to", "active")
    return {name: getattr(level, name) for name in names} if level.pk else {}
