"""What the board shows: cards of orders, routes, vehicles, plans and exceptions; the snapshot and its patches.

A card is always the row's present state, so a screen that upserts cards in the order of the ledger ends at a fresh
snapshot, whatever it missed in between.
"""

from collections.abc import Iterable
from datetime import date, datetime
from itertools import batched
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from dispatch.lifecycle import ExceptionState, PlanState
from dispatch.models import (
    DeliveryException,
    Driver,
    LivePosition,
    Order,
    Plan,
    Route,
    Shift,
    Station,
    Stop,
    StopOrder,
    Vehicle,
    Zone,
)
from dispatch.models.stop import Outcome
from dispatch.selectors.jobs import job_card
from dispatch.selectors.orders import CHUNK, order_cards
from dispatch.services.cities import StationCity, open_city
from dispatch.services.station_days import is_closed
from lastmile.bus import stream
from lastmile.models import ACTIVE_JOB, Event, Job

PLANS_SHOWN = 5


def iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def snapshot(station: Station, day: date) -> dict[str, Any]:
    """Everything one day of a station shows. The ledger's number is read first: later events apply twice, not never."""
    counter = stream(station.pk)
    city = open_city(station)
    vehicles = Vehicle.objects.filter(station=station, active=True)
    drivers = Driver.objects.filter(station=station, active=True)
    plans = Plan.objects.filter(station=station, day=day).order_by("-id")[:PLANS_SHOWN]
    return {
        "epoch": counter.epoch,
        "seq": counter.last,
        "day": day.isoformat(),
        "closed": is_closed(station, day),
        "station": station_card(station),
        "tiles": tiles_card(city),
        "zones": list(Zone.objects.filter(station=station).values("id", "name", "polygon")),
        "roads": {"kind": city.roads.kind, "approximate": city.roads.approximate},
        "orders": order_cards(Order.objects.filter(station=station, day=day), inside=True),
        "routes": route_cards(Route.objects.filter(station=station, day=day)),
        "vehicles": vehicle_cards(vehicles),
        "drivers": list(drivers.values("id", "name", "phone", "skills")),
        "shifts": shift_cards(Shift.objects.filter(station=station, day=day, active=True)),
        "plans": [plan_card(plan) for plan in plans],
        "exceptions": exception_cards(
            DeliveryException.objects.filter(station=station, day=day).exclude(state=ExceptionState.RESOLVED)
        ),
        "jobs": [job_card(job) for job in Job.objects.filter(ACTIVE_JOB, station_id=station.pk)],
    }


def station_card(station: Station) -> dict[str, Any]:
    fields = ("id", "code", "name", "city", "lat", "lng", "time_zone", "currency", "units", "language")
    card = {field: getattr(station, field) for field in fields}
    card["late_after_min"] = station.late_after_min
    card["clock"] = {
        "wall": iso(station.clock_wall),
        "business": iso(station.clock_business),
        "speed": station.clock_speed,
    }
    return card


def tiles_card(city: StationCity) -> dict[str, Any]:
    """Where the map's tiles come from; a plain background where the city has none."""
    return city.tiles() | {"online_url": settings.TILE_URL or None}


def route_cards(routes: QuerySet[Route]) -> list[dict[str, Any]]:
    """Cards with their stops: three queries, however many routes."""
    rows = list(routes.select_related("vehicle__type").order_by("id"))
    stops = _stop_cards([route.pk for route in rows])
    return [_route_card(route, stops.get(route.pk, [])) for route in rows]


def _route_card(route: Route, stops: list[dict[str, Any]]) -> dict[str, Any]:
    kind = route.vehicle.type
    plain = (
        *("id", "version", "name", "state", "colour", "locked", "vehicle_id", "driver_id", "shift_id"),
        *("distance_m", "drive_s", "cost_cents", "load", "violations", "line", "approximate", "breaks"),
    )
    moments = ("start_at", "end_at", "released_at", "departed_at", "closed_at")
    return {
        **{field: getattr(route, field) for field in plain},
        **{field: iso(getattr(route, field)) for field in moments},
        "day": route.day.isoformat(),
        "capacity": {
            "weight_g": kind.capacity_weight_g,
            "volume_cm3": kind.capacity_volume_cm3,
            "pieces": kind.capacity_pieces,
        },
        "stops": stops,
    }


def _stop_cards(route_ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    """Stops in driving order by route, as plain rows: a day has thousands."""
    plain = ("id", "sequence", "lat", "lng", "address", "state", "slack_s", "travel_s", "travel_m")
    moments = (
        *("window_start", "window_end", "planned_arrival", "planned_start", "planned_departure"),
        *("eta", "arrived_at", "departed_at"),
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for part in batched(route_ids, CHUNK):
        visits = StopOrder.objects.filter(stop__route_id__in=part).exclude(outcome=Outcome.MISSED)
        orders: dict[int, list[int]] = {}
        for stop_id, order_id in visits.order_by("id").values_list("stop_id", "order_id"):
            orders.setdefault(stop_id, []).append(order_id)
        stops = Stop.objects.filter(route_id__in=part).order_by("sequence", "id")
        for row in stops.values("route_id", *plain, *moments):
            card = {field: row[field] for field in plain}
            card |= {field: iso(row[field]) for field in moments}
            card["order_ids"] = orders.get(row["id"], [])
            found.setdefault(row["route_id"], []).append(card)
    return found


def vehicle_cards(vehicles: QuerySet[Vehicle]) -> list[dict[str, Any]]:
    rows = vehicles.select_related("type", "live_position").order_by("name")
    return [_vehicle_card(vehicle) for vehicle in rows]


def _vehicle_card(vehicle: Vehicle) -> dict[str, Any]:
    seen: LivePosition | None = getattr(vehicle, "live_position", None)
    return {
        "id": vehicle.pk,
        "name": vehicle.name,
        "plate": vehicle.plate,
        "type": vehicle.type.name,
        "profile": vehicle.type.profile,
        "skills": vehicle.skills,
        "position": seen
        and {
            "lat": seen.lat,
            "lng": seen.lng,
            "heading": seen.heading,
            "speed_mps": seen.speed_mps,
            "at": iso(seen.fix_at),
        },
    }


def shift_cards(shifts: QuerySet[Shift]) -> list[dict[str, Any]]:
    return [
        {
            "id": shift.pk,
            "day": shift.day.isoformat(),
            "driver_id": shift.driver_id,
            "vehicle_id": shift.vehicle_id,
            "start": iso(shift.start),
            "end": iso(shift.end),
            "break_minutes": shift.break_minutes,
            "break_from": iso(shift.break_from),
            "break_to": iso(shift.break_to),
        }
        for shift in shifts
    ]


def plan_card(plan: Plan, *, whole: bool = False) -> dict[str, Any]:
    """A plan; while it is a proposal that somebody may accept, its sums, and the `whole` of it where that is asked."""
    plain = (
        "id",
        "scope",
        "about",
        "goals",
        "state",
        "time_limit_s",
        "cost_cents",
        "first_plan_ms",
        "error",
        "actor",
        "job_id",
    )
    card = {field: getattr(plan, field) for field in plain}
    card |= {
        "day": plan.day.isoformat(),
        "started_at": iso(plan.started_at),
        "finished_at": iso(plan.finished_at),
    }
    if plan.state == PlanState.PROPOSED:
        card |= {name: plan.proposal.get(name) for name in ("totals", "before")}
        if whole:
            card["proposal"] = plan.proposal
    return card


def exception_cards(exceptions: QuerySet[DeliveryException]) -> list[dict[str, Any]]:
    return [
        {
            "id": row.pk,
            "day": row.day.isoformat(),
            "kind": row.kind,
            "severity": row.severity,
            "state": row.state,
            "words": row.words,
            "route_id": row.route_id,
            "stop_id": row.stop_id,
            "order_ids": [order.pk for order in row.orders.all()],
            "raised_at": iso(row.raised_at),
            "acknowledged_by": row.acknowledged_by,
            "acknowledged_at": iso(row.acknowledged_at),
            "snoozed_until": iso(row.snoozed_until),
            "resolved_at": iso(row.resolved_at),
        }
        for row in exceptions.prefetch_related(Prefetch("orders", queryset=Order.objects.only("id")))
    ]


# --- patches: what changed, for screens that hold a snapshot -------------------------------------------------------


def patches(rows: list[Event]) -> dict[int, dict[str, Any]]:
    """The changed cards of each ledger event, by event id. Cards are read once for the whole batch."""
    wants = {row.pk: _wants(row) for row in rows}
    cards = {
        kind: _cards_by_id(kind, {pk for want in wants.values() for pk in want.get(kind, ())})
        for kind in ("orders", "routes", "plans", "exceptions", "jobs")
    }
    found = {}
    for row in rows:
        want = wants[row.pk]
        patch: dict[str, Any] = {
            kind: [cards[kind][pk] for pk in ids if pk in cards[kind]] for kind, ids in want.items() if ids
        }
        gone = [pk for pk in want.get("routes", ()) if pk not in cards["routes"]]
        if gone:
            patch["removed_routes"] = gone
        found[row.pk] = patch | _fleet(row)
    return found


def _wants(row: Event) -> dict[str, list[int]]:
    """Which rows an event touched; an order's card names its stop and route, so they travel together."""
    data = row.data
    return {
        "orders": data.get("order_ids", []),
        "routes": data.get("route_ids", []) + ([data["route_id"]] if data.get("route_id") else []),
        "plans": [data["plan_id"]] if "plan_id" in data else [],
        "exceptions": [data["exception_id"]] if "exception_id" in data else [],
        "jobs": [data["job_id"]] if "job_id" in data else [],
    }


def _cards_by_id(kind: str, ids: set[int]) -> dict[int, dict[str, Any]]:
    if not ids:
        return {}
    cards: Iterable[dict[str, Any]]
    if kind == "orders":
        cards = order_cards(Order.objects.filter(pk__in=ids), inside=True)
    elif kind == "routes":
        cards = route_cards(Route.objects.filter(pk__in=ids))
    elif kind == "plans":
        cards = [plan_card(plan) for plan in Plan.objects.filter(pk__in=ids)]
    elif kind == "jobs":
        cards = [job_card(job) for job in Job.objects.filter(pk__in=ids)]
    else:
        cards = exception_cards(DeliveryException.objects.filter(pk__in=ids))
    return {card["id"]: card for card in cards}


def _fleet(row: Event) -> dict[str, Any]:
    """Station, vehicles, drivers, shifts: few rows, sent whole when they change.

    A clock that is set back makes vans forget where they are, so it sends them too.
    """
    if row.name not in ("clock.changed", "fleet.changed"):
        return {}
    both = {
        "station": station_card(Station.objects.get(pk=row.station_id)),
        "vehicles": vehicle_cards(Vehicle.objects.filter(station_id=row.station_id, active=True)),
    }
    if row.name == "clock.changed":
        return both
    day = date.fromisoformat(row.data["day"])
    return both | {
        "drivers": list(
            Driver.objects.filter(station_id=row.station_id, active=True).values(
                "id", "name", "phone", "skills"
            )
        ),
        "shifts": shift_cards(Shift.objects.filter(station_id=row.station_id, day=day, active=True)),
    }


def today(station: Station) -> date:
    """The station's business day now."""
    return station.clock.at(timezone.now()).astimezone(station.zone).date()
