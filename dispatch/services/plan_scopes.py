"""What a planning run is about: which orders it places, on which shifts, and what of the routes it must keep."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dispatch.lifecycle import OrderState, RouteState
from dispatch.models import Order, Plan, Route, Shift, Station
from dispatch.models.stop import Outcome
from dispatch.planning.rules.freeze import Level
from dispatch.services.roster import broken
from lastmile.kernel.errors import LastmileError

# What a run may change -> what of the draft routes holds.
SCOPES: dict[str, Level] = {
    "all": "free",
    "unassigned": "assignment",
    "insert": "order",
    "times": "times",
    "routes": "free",
    "selection": "order",
}


@dataclass(frozen=True)
class About:
    """`scope`: one of SCOPES. "routes" are these drafts among themselves; a "selection" is these orders, anywhere."""

    station: Station
    day: date
    scope: str = "all"
    route_ids: tuple[int, ...] = ()
    order_ids: tuple[int, ...] = ()

    @property
    def keep(self) -> Level:
        return SCOPES[self.scope]

    @property
    def loose(self) -> frozenset[int]:
        """Orders that may go anywhere, whatever the scope keeps."""
        return frozenset(self.order_ids)

    def drafts(self) -> list[Route]:
        """The routes that it may change."""
        rows = Route.objects.filter(station=self.station, day=self.day, state=RouteState.DRAFT, locked=False)
        return list(rows.filter(pk__in=self.route_ids) if self.scope == "routes" else rows)

    def shifts(self) -> Any:
        """Shifts that it may use: of its drafts, and (unless it is about some routes) those without a route."""
        free = free_shifts(self.station, self.day, keep_drafts=True)
        return free.filter(routes__in=self.drafts()) if self.scope == "routes" else free

    def wanted(self) -> Any:
        """The orders it is about: what it may place or move."""
        if self.scope in ("unassigned", "insert"):
            return self._pool()
        if self.scope == "selection":
            return (self._pool() | self._on_drafts().filter(pk__in=self.order_ids)).distinct()
        return self.planned()

    def planned(self) -> Any:
        """Every order of its problem: what it is about, and what stands on its drafts and stays."""
        return (self._pool() | self._on_drafts()).distinct()

    def _pool(self) -> Any:
        """The orders without a route that it may place."""
        pool = Order.objects.filter(station=self.station, day=self.day, state=OrderState.OPEN)
        if self.scope in ("times", "routes"):
            return pool.none()
        return pool.filter(pk__in=self.order_ids) if self.scope == "selection" else pool

    def _on_drafts(self) -> Any:
        return Order.objects.filter(
            visits__outcome=Outcome.PLANNED,
            visits__stop__route__in=[route.pk for route in self.drafts()],
            state=OrderState.PLANNED,
            station=self.station,
        )


def about_of(plan: Plan) -> About:
    """What a plan that was asked for is about."""
    about = plan.about
    return About(
        plan.station,
        plan.day,
        plan.scope,
        tuple(about.get("route_ids", ())),
        tuple(about.get("order_ids", ())),
    )


def asked(
    station: Station, day: date, scope: str, route_ids: Sequence[int], order_ids: Sequence[int]
) -> About:
    """What somebody asks for, checked. Raises bad_scope, missing, route_not_draft."""
    if scope not in SCOPES:
        raise LastmileError(
            "bad_scope", f"{scope!r} is no scope.", f"Use one of {', '.join(SCOPES)}.", field="scope"
        )
    for name, wanted, given in (("route_ids", "routes", route_ids), ("order_ids", "selection", order_ids)):
        if (scope == wanted) != bool(given):
            cause = f"{name} is missing." if scope == wanted else f"{name} belongs to the scope {wanted}."
            raise LastmileError("missing", cause, "Correct it and send again.", field=name)
    about = About(station, day, scope, tuple(sorted(route_ids)), tuple(sorted(order_ids)))
    if scope == "routes" and len(about.drafts()) != len(set(route_ids)):
        raise LastmileError(
            "route_not_draft",
            "One of the routes is locked, released or gone.",
            "Choose routes that are drafts and not locked.",
            field="route_ids",
            status=409,
        )
    return about


def require_work(about: About) -> None:
    """Refuse a run that has nothing to do it with, or nothing to do. Raises no_shifts, nothing_to_plan."""
    if not about.shifts().exists():
        raise LastmileError(
            "no_shifts",
            f"No driver and vehicle is free on {about.day}.",
            "Add shifts for the day, or close or recall routes.",
            status=409,
        )
    if not about.wanted().exists():
        raise LastmileError(
            "nothing_to_plan",
            f"There is no order to plan on {about.day}.",
            "Import orders, or give those without a place a location.",
            status=409,
        )


def free_shifts(station: Station, day: date, *, keep_drafts: bool) -> Any:
    """Shifts without a route, or (with `keep_drafts`) with one that the optimizer may still change."""
    shifts = Shift.objects.filter(station=station, day=day, active=True, vehicle__active=True)
    shifts = shifts.exclude(vehicle__in=broken(day).values("vehicle"))
    taken = Route.objects.filter(station=station, day=day).exclude(state=RouteState.CLOSED)
    if keep_drafts:
        taken = taken.exclude(state=RouteState.DRAFT, locked=False)
    return shifts.exclude(routes__in=taken).select_related("vehicle__type", "driver")
