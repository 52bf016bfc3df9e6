"""The rules of planning as a form: for each, whether it is off, has a price, or is hard."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dispatch.services.planning_policy import DEAREST, DEFAULTS, UNITS

GROUPS: tuple[tuple[Any, dict[str, Any]], ...] = (
    (
        _("Times at the door"),
        {
            "late": _("Service starts inside the promised window"),
            "waits_too_long": _("No van waits longer than the order allows"),
            "not_released": _("No van leaves before its parcels are there"),
            "too_long_aboard": _("No goods are on board longer than they may be"),
        },
    ),
    (
        _("Drivers’ days"),
        {
            "shift_start": _("No route begins before its shift"),
            "shift_end": _("Every route ends with its shift and the overtime allowed"),
            "late_start": _("Every van leaves by its latest start"),
            "break_missed": _("Every break is taken"),
            "pause_overdue": _("Pauses after hours of driving"),
            "too_long": _("Longest time out"),
            "drives_too_long": _("Longest time at the wheel"),
            "too_far": _("Longest distance"),
        },
    ),
    (
        _("Vans and loads"),
        {
            "overload": _("What is on board fits"),
            "too_many_stops": _("Most orders on a route"),
            "too_few_stops": _("Fewest orders on a route"),
            "too_many_trips": _("Most trips of a van"),
            "blocked": _("Nothing lies on top of what is delivered"),
            "goods_together": _("Goods that never travel together"),
            "battery_flat": _("The battery stays above its reserve"),
        },
    ),
    (
        _("The station"),
        {
            "depot_closed": _("Vans load in its hours"),
            "dock_full": _("No more vans load at once than there are docks"),
            "wrong_depot": _("Goods go out where they lie"),
        },
    ),
    (
        _("Who goes where"),
        {
            "skill": _("The van and its driver have every skill asked for"),
            "vehicle_not_allowed": _("Only allowed vans or drivers"),
            "vehicle_forbidden": _("Never a van or driver that is ruled out"),
            "type_refused": _("No vehicle that street or building refuses"),
            "pinned_elsewhere": _("Orders tied to a route stay on it"),
            "outside_zone": _("Stops lie in the zones of the van"),
            "not_preferred": _("The preferred driver comes"),
            "away_from_home": _("Drivers stay in the area they know"),
        },
    ),
    (
        _("Orders among themselves"),
        {
            "not_same_route": _("Orders that belong together share a route"),
            "not_apart": _("Orders that must not meet do not share one"),
            "out_of_sequence": _("Orders come in their sequence"),
            "not_direct": _("Orders follow each other directly"),
            "not_first": _("First on the route"),
            "not_last": _("Last on the route"),
            "not_together": _("Two vans meet at one door at one time"),
        },
    ),
)
LABELS: dict[str, Any] = {code: label for _title, group in GROUPS for code, label in group.items()}
KINDS = {"off": _("off"), "soft": _("at a price"), "hard": _("hard")}
FOLDED = '<details class="dials"><summary>{}</summary>{}</details>'
OPEN = FOLDED.replace("<details", "<details open")
UNIT_WORDS = {60: _("a minute"), 1000: _("a kilometre, or kilowatt-hour"), 1: _("for each")}


def said_dials(value: dict[str, list[Any]]) -> str:
    """What differs from the defaults, in words."""
    lines = []
    for code, (kind, cents) in value.items():
        price = f" {number_format(cents / 100, 2)} {UNIT_WORDS[UNITS[code]]}" if kind == "soft" else ""
        lines.append(f"{LABELS[code]}: {KINDS[kind]}{price}")
    return "; ".join(lines) or gettext("all as they are by default")


class DialsWidget(forms.MultiWidget):
    """A choice and a price for each rule, in groups."""

    def __init__(self) -> None:
        widgets: list[forms.Widget] = []
        for code in LABELS:
            default = DEFAULTS[code].kind
            kinds = [(kind, f"{word} *" if kind == default else word) for kind, word in KINDS.items()]
            label = {"aria-label": LABELS[code]}
            widgets.append(forms.Select(choices=kinds, attrs=label))
            price = {"min": 0, "step": "0.01", "aria-label": _price_label(code)}
            widgets.append(forms.NumberInput(attrs=price))
        super().__init__(widgets)

    def decompress(self, value: Any) -> list[Any]:
        found: list[Any] = []
        for code in LABELS:
            kind, cents = (value or {}).get(code, [DEFAULTS[code].kind, 0])
            found += [kind, Decimal(cents).scaleb(-2) if kind == "soft" else None]
        return found

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """A group is folded while all its rules are as they are by default."""
        parts = self.get_context(name, value, attrs)["widget"]["subwidgets"]
        drawn = [
            widget.render(part["name"], part["value"], part["attrs"], renderer)
            for widget, part in zip(self.widgets, parts, strict=True)
        ]
        at = {code: 2 * number for number, code in enumerate(LABELS)}
        groups = []
        for title, group in GROUPS:
            differs = any(parts[at[code]]["value"] not in ([DEFAULTS[code].kind], []) for code in group)
            rows = [(LABELS[c], drawn[at[c]], drawn[at[c] + 1], UNIT_WORDS[UNITS[c]]) for c in group]
            lines = format_html_join(
                "", '<div class="dial"><span>{}</span>{}<span class="dial__price">{} {}</span></div>', rows
            )
            groups.append((format_html_join("", OPEN if differs else FOLDED, [(title, lines)]),))
        return format_html_join("", "{}", groups)


def _price_label(code: str) -> str:
    return f"{LABELS[code]}: {gettext('price')} {UNIT_WORDS[UNITS[code]]}"


class DialsField(forms.MultiValueField):
    """The rules by code, as the service takes them."""

    def __init__(self, **kwargs: Any) -> None:
        fields: list[forms.Field] = []
        for _code in LABELS:
            fields.append(forms.ChoiceField(choices=list(KINDS.items())))
            fields.append(
                forms.DecimalField(
                    required=False, min_value=0, max_value=DEAREST // 100, decimal_places=2, max_digits=9
                )
            )
        super().__init__(fields, required=False, require_all_fields=False, widget=DialsWidget(), **kwargs)

    def compress(self, data_list: Any) -> dict[str, list[Any]]:
        found = {}
        for number, code in enumerate(LABELS):
            kind, price = data_list[2 * number : 2 * number + 2] if data_list else (DEFAULTS[code].kind, None)
            if kind == "soft" and not price:
                raise forms.ValidationError(_("%(rule)s: say what it costs."), params={"rule": LABELS[code]})
            found[code] = [kind or DEFAULTS[code].kind, round((price or 0) * 100) if kind == "soft" else 0]
        return found
