"""What an auditor sees of recipients: enough to follow an order, not enough to know or find a person."""

import re
from collections.abc import Iterable
from copy import deepcopy
from typing import Any

from dispatch.access import BOARD, roles_at
from dispatch.models import Membership, Order, Role
from lastmile.models import User

HIDDEN = ("email", "note", "note_dispatch", "location_note")
HOUSE = re.compile(r"[\s,]*\S*\d.*$", re.DOTALL)  # from the first word with a digit on: number, stairs, flat
LEADING = re.compile(r"^\S*\d\S*[\s,]+")  # 12 Main Street
COARSE = 3  # decimals of degrees, about a hundred metres: a block, not a house
NUMBER = "…"

Card = dict[str, Any]


def is_masked(roles: set[str]) -> bool:
    """Whether these roles at a station show recipients masked: an auditor's, without one that works there."""
    return Role.AUDITOR in roles and not roles & set(BOARD)


def masked_at(user: Any, station_id: int) -> bool:
    """Whether somebody sees the station's recipients masked."""
    return is_masked(roles_at(user, station_id))


def masked_stations(user: Any) -> set[int]:
    """The stations whose recipients somebody sees masked, in one query."""
    if not isinstance(user, User) or user.is_superuser:
        return set()
    held: dict[int, set[str]] = {}
    for station_id, role in Membership.objects.filter(user=user).values_list("station_id", "role"):
        held.setdefault(station_id, set()).add(role)
    return {station_id for station_id, roles in held.items() if is_masked(roles)}


def mask_name(name: str) -> str:
    return f"{name[0]}…" if name else ""


def mask_phone(phone: str) -> str:
    return f"…{phone[-2:]}" if phone else ""


def mask_address(address: str) -> str:
    """The street alone: house number, stairs and flat are left out, whether they stand behind or in front."""
    street = HOUSE.sub("", LEADING.sub("", address)).strip()
    return f"{street} {NUMBER}" if street else NUMBER if address else ""


def mask_cards(cards: Iterable[Card]) -> list[Card]:
    """Cards of orders as an auditor sees them; the cards given stay as they are."""
    return [_masked(card) for card in cards]


def _masked(card: Card) -> Card:
    found = card | {name: "" for name in HIDDEN if name in card}
    return found | _masked_place(card) | {
        "recipient": mask_name(card["recipient"]),
        "phone": mask_phone(card["phone"]),
        "masked": True,
    }  # fmt: skip


def _masked_place(card: Card) -> Card:
    found: Card = {name: _coarse(card[name]) for name in ("lat", "lng") if name in card}
    return found | ({"address": mask_address(card["address"])} if "address" in card else {})


def _coarse(degrees: float | None) -> float | None:
    return None if degrees is None else round(degrees, COARSE)


def mask_order(order: Order) -> Order:
    """A row as an auditor sees it, for templates and files, which read only: it must never be saved."""
    order.recipient, order.phone = mask_name(order.recipient), mask_phone(order.phone)
    order.address = mask_address(order.address)
    order.lat, order.lng = _coarse(order.lat), _coarse(order.lng)
    for name in HIDDEN:
        setattr(order, name, "")
    return order


def mask_snapshot(snapshot: Card) -> Card:
    """The board as an auditor sees it: no recipient, no house, and nobody's van while it drives."""
    found = snapshot | {"orders": mask_cards(snapshot["orders"])}
    found["routes"] = mask_routes(snapshot["routes"])
    found["plans"] = mask_plans(snapshot["plans"])
    found["exceptions"] = [card | {"words": mask_words(card["kind"])} for card in snapshot["exceptions"]]
    found["vehicles"] = [card | {"position": None} for card in snapshot["vehicles"]]
    return found


def mask_routes(routes: Iterable[Card]) -> list[Card]:
    """Routes whose stops name no house; the line leads from door to door and is left out."""
    return [
        card | {"line": "", "stops": [stop | _masked_place(stop) for stop in card["stops"]]}
        for card in routes
    ]


def mask_plans(plans: Iterable[Card]) -> list[Card]:
    """Plans whose proposals name no house."""
    found = []
    for plan in plans:
        if plan.get("proposal"):
            plan = plan | {"proposal": _walk(deepcopy(plan["proposal"]))}
        found.append(plan)
    return found


def _walk(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {key: "" if key == "line" else _walk(inner) for key, inner in value.items()}
        return kept | _masked_place(kept)
    return [_walk(inner) for inner in value] if isinstance(value, list) else value


def mask_words(kind: str) -> str:
    """What an alert is about; its own words may name an address."""
    return kind.replace("_", " ")
