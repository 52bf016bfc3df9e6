"""A station's day lived by simulated drivers: the clock, and a phone and a thread for each released route."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import OperationalError, close_old_connections, transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from dispatch.lifecycle import PlanState, RouteState
from dispatch.models import Driver as DriverRow
from dispatch.models import Plan, Route, Shift, Station
from dispatch.services.clocks import set_clock
from dispatch.services.plan_scopes import About
from dispatch.services.plans import start_plan
from dispatch.services.proposals import accept_plan
from dispatch.services.routes import release_route
from lastmile.kernel.errors import LastmileError
from tracking.services.devices import issue_device
from tracking.simulation.clock import SharedClock
from tracking.simulation.driver import Driver
from tracking.simulation.habits import Habits
from tracking.simulation.phone import Phone
from tracking.simulation.timing import AFTER_SHIFT, begin_at, leave_at, pick_day

log = logging.getLogger(__name__)

ACTOR = "system:simulate"
LOOK_S = 2.0
JOIN_S = 10.0
PLAN_LOOK_S = 0.5
OPEN = (RouteState.RELEASED, RouteState.DEPARTED)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command was asked for."""

    speed: float
    seed: int
    base_url: str
    until: time | None = None
    dispatch: bool = False


class Simulation:
    """One station's day. `say` tells people what goes on; `stop` ends it."""

    def __init__(
        self, *, station: Station, wish: Wish, stop: threading.Event, say: Callable[[str], None]
    ) -> None:
        self.station, self.wish, self.stop, self.say = station, wish, stop, say
        self.clock = SharedClock(station.clock, stop)
        self.drivers: dict[int, Driver] = {}
        self.threads: list[threading.Thread] = []
        self.going = False

    def run(self) -> None:
        """Until the day is over or `stop`; then the clock goes on at normal speed."""
        day = self._day()
        shifts = Shift.objects.filter(station=self.station, day=day, active=True)
        first, last = shifts.earliest("start").start, shifts.latest("end").end
        self._begin(day, first, last)
        try:
            if self.wish.dispatch:
                self._dispatch(day)
            while not self.stop.is_set() and not self._over(day, last):
                self._look(day)
                self.stop.wait(LOOK_S)
        finally:
            self._end()

    def _day(self) -> date:
        days = Shift.objects.filter(station=self.station, active=True).values_list("day", flat=True)
        today = self.station.now().astimezone(self.station.zone).date()
        day = pick_day(sorted(set(days)), today)
        if day is None:
            raise LastmileError(
                "no_shifts",
                f"{self.station.name} has no shifts.",
                f"Lay out a day first: manage.py make_day --station {self.station.code}.",
            )
        return day

    def _begin(self, day: date, first: datetime, last: datetime) -> None:
        routes = Route.objects.filter(station=self.station, day=day)
        seen = routes.aggregate(a=Max("released_at"), b=Max("departed_at"), c=Max("stops__departed_at"))
        known = max((moment for moment in seen.values() if moment), default=None)
        self.going = routes.filter(departed_at__isnull=False).exists()
        now = self.station.now()
        begin = begin_at(now=now, first_shift=first, last_shift=last, last_event=known)
        self._set_clock(begin, self.wish.speed if self.going else 1.0)
        local = begin.astimezone(self.station.zone)
        self.say(f"{self.station.name}: {day} at {local:%H:%M}.")
        if not self._routes(day) and not self.wish.dispatch:
            self.say("Waiting for a dispatcher to release routes.")

    def _set_clock(self, business: datetime, speed: float) -> None:
        set_clock(station=self.station, business=business, speed=speed, wall=timezone.now(), actor=ACTOR)
        self.clock.clock = self.station.clock

    def _routes(self, day: date) -> list[Route]:
        rows = Route.objects.filter(station=self.station, day=day, state__in=OPEN, driver__isnull=False)
        return list(rows.select_related("driver", "vehicle").order_by("id"))

    def _look(self, day: date) -> None:
        """Begin the routes released meanwhile; follow the clock if somebody else set it."""
        try:
            close_old_connections()
            self.station.refresh_from_db()
            self.clock.clock = self.station.clock
            new = [route for route in self._routes(day) if route.pk not in self.drivers]
            if new and not self.going:
                starts = [route.start_at for route in new if route.start_at]
                self._set_clock(leave_at(now=self.station.now(), starts=starts), self.wish.speed)
                self.going = True
            for route in new:
                self._send(route)
        except OperationalError as error:
            self.say(f"database not reachable, trying again: {error}")

    def _send(self, route: Route) -> None:
        """Give the route's driver a phone and let them live."""
        if route.driver is None:
            return
        phone = self._phone(route.driver, route.name)
        reply = phone.fetch(f"/api/v1/driver/route/?day={route.day.isoformat()}")
        if reply is None or not reply.ok or reply.body["id"] != route.pk:
            return  # the server is not up yet, or another route of this driver comes first: next look
        driver = Driver(
            card=reply.body,
            phone=phone,
            clock=self.clock,
            habits=Habits(self.wish.seed, route.driver.name),
            zone=self.station.zone,
        )
        self.drivers[route.pk] = driver
        thread = threading.Thread(target=self._live, args=(driver, route.name), name=f"route-{route.name}")
        self.threads.append(thread)
        thread.start()
        self.say(f"Route {route.name}: {route.driver.name} is ready.")

    def _phone(self, driver: DriverRow, name: str) -> Phone:
        token = issue_device(driver=driver, now=timezone.now(), name="simulated")
        return Phone(self.wish.base_url, token, self.clock.now, name)

    def _live(self, driver: Driver, name: str) -> None:
        try:
            driver.live()
        except Exception:
            # One driver's fault must not end the day of the others; it is told in full.
            log.exception("the driver of route %s stopped", name)
        else:
            self.say(f"Route {name}: {'stopped' if driver.stopping.is_set() else 'back at the station'}.")

    def _over(self, day: date, last: datetime) -> bool:
        now = self.clock.now()
        if self.wish.until is not None:
            local = now.astimezone(self.station.zone)
            if (local.date(), local.time()) >= (day, self.wish.until):
                return True
        busy = any(thread.is_alive() for thread in self.threads)
        return not busy and now > last + AFTER_SHIFT

    def _end(self) -> None:
        self.stop.set()
        for driver in self.drivers.values():
            driver.stopping.set()
        for thread in self.threads:
            thread.join(JOIN_S)
        close_old_connections()
        self.station.refresh_from_db()
        self._set_clock(self.station.now(), 1.0)

    def _dispatch(self, day: date) -> None:
        """Do the dispatcher's part, unless one has begun it; a day that cannot be planned is waited for."""
        if Route.objects.filter(station=self.station, day=day).exists() or self._planned(day).exists():
            self.say("This day is planned or being planned already, so it is left as it is.")
            return
        try:
            self._plan_and_release(day)
        except LastmileError as problem:
            self.say(f"The day was not dispatched: {problem.cause} {problem.action}")

    def _planned(self, day: date) -> QuerySet[Plan]:
        """Plans that somebody works on. The simulation's own, left by an earlier life, do not count."""
        begun = Plan.objects.filter(
            station=self.station, day=day, state__in=(PlanState.RUNNING, PlanState.PROPOSED)
        )
        return begun.exclude(actor=ACTOR)

    def _plan_and_release(self, day: date) -> None:
        """Plan, accept, release; each broken rule with a recorded reason."""
        self.say(f"Planning {day}.")
        plan = start_plan(
            about=About(self.station, day),
            time_limit_s=None,
            seed=self.wish.seed,
            actor=ACTOR,
            now=self.station.now(),
        )
        while plan.state == PlanState.RUNNING and not self.stop.wait(PLAN_LOOK_S):
            plan = Plan.objects.get(pk=plan.pk)
        if plan.state != PlanState.PROPOSED:
            self.say(f"The plan is {plan.state}, so there is nothing to release.")
            return
        with transaction.atomic():  # ended in between, drafts would look like a dispatcher's
            accept_plan(plan=plan, actor=ACTOR, now=self.station.now())
            for route in Route.objects.filter(plan=plan, state=RouteState.DRAFT):
                self._release(route)

    def _release(self, route: Route) -> None:
        if route.driver_id is None:
            self.say(f"Route {route.name} has no driver and stays a draft.")
            return
        release_route(
            route=route,
            version=route.version,
            overrides={violation["code"]: "simulated day" for violation in route.violations},
            actor=ACTOR,
            now=self.station.now(),
        )
