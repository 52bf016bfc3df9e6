"""Today's fleet: shifts never overlap, whoever is away loses theirs, and routes follow at once."""

from datetime import date, datetime, time, timedelta

import pytest

from dispatch.lifecycle import OrderState, PlanState, RouteState
from dispatch.models import Absence, Order, Outage, Plan, Route, Shift, StationDay, Vehicle, VehicleType
from dispatch.services import (
    absences,
    days,
    fleet,
    moves,
    outages,
    plan_scopes,
    plans,
    proposals,
    roster,
    routes,
    swaps,
)
from dispatch.services.mapping import frame_of
from dispatch.services.roster import Clocks
from lastmile.kernel.errors import LastmileError
from lastmile.models import Event
from tests.scenarios import DAY, at, make_fleet, make_orders, make_route, make_shop, make_station

pytestmark = pytest.mark.django_db
NEXT = DAY + timedelta(days=1)
BY = {"actor": "user:test"}


@pytest.fixture
def world():
    station = make_station()
    return station, make_fleet(station, DAY, 3), make_orders(station, make_shop(station), 6)


def by(station):
    return BY | {"now": at(station, DAY, 8)}


def spare(station, name="Spare", **fields):
    kind = VehicleType.objects.get_or_create(name=f"{name} type", defaults=fields)[0]
    return Vehicle.objects.create(station=station, name=name, type=kind)


def refused(code):
    return pytest.raises(LastmileError, match=f"^{code}:")


# The shift that is there runs from 22 to 06; each row is another's hours, on which day, and whether it is refused.
OVERLAPS = [
    ("ends as it begins", 0, time(14), time(22), False),
    ("reaches into it", 0, time(14), time(22, 1), True),
    ("within it", 0, time(23), time(23, 30), True),
    ("the same", 0, time(22), time(6), True),
    ("around it", 0, time(21, 30), time(6, 30), True),
    ("into the morning", 0, time(23), time(7), True),
    ("next day, before it ends", 1, time(5, 59), time(14), True),
    ("next day, as it ends", 1, time(6), time(14), False),
    ("the night before, ending that day", -1, time(20), time(4), False),
]


@pytest.mark.parametrize(("words", "offset", "start", "end", "clash"), OVERLAPS, ids=[r[0] for r in OVERLAPS])
@pytest.mark.parametrize("shared", ["driver", "vehicle"])
def test_nobody_and_nothing_is_in_two_shifts(world, words, offset, start, end, clash, shared):
    """The rule behind all others, over midnight too: half-open hours, whatever day a shift is filed under."""
    station, made, _ = world
    Shift.objects.all().delete()
    one = {"driver": made.drivers[0], "vehicle": made.vehicles[0]}
    fleet.add_shift(station=station, day=DAY, clocks=Clocks(time(22), time(6)), **one, **by(station))
    other = {"driver": made.drivers[1], "vehicle": made.vehicles[1]} | {shared: one[shared]}

    def add():
        day = DAY + timedelta(days=offset)
        return fleet.add_shift(station=station, day=day, clocks=Clocks(start, end), **other, **by(station))

    if clash:
        with refused(f"{shared}_double"):
            add()
    else:
        add()
    assert Shift.objects.count() == 1 + (not clash)


def test_hours_are_those_of_the_clock_in_the_nights_it_changes():
    """Helsinki: 29 March 2026 has no 03:30, 25 October has it twice; lengths are true hours."""
    station = make_station()
    spring, autumn = date(2026, 3, 28), date(2026, 10, 24)
    night = Clocks(time(22), time(6))
    real = [roster.hours_on(station, day, night) for day in (spring, autumn, DAY)]
    assert [(h.end - h.start) / timedelta(hours=1) for h in real] == [7, 9, 8]
    with refused("no_such_time") as caught:
        roster.hours_on(station, spring, Clocks(time(22), time(3, 30)))
    assert (caught.value.field, "skip" in caught.value.cause) == ("end", True)
    twice = roster.hours_on(station, date(2026, 10, 25), Clocks(time(3, 30), time(8)))
    assert twice.start.astimezone(station.zone).utcoffset() == timedelta(hours=3), (
        "a beginning is the first of the two"
    )
    last = roster.hours_on(station, autumn, Clocks(time(22), time(3, 30)))
    assert last.end.astimezone(station.zone).utcoffset() == timedelta(hours=2), (
        "an end is the last of the two"
    )


@pytest.mark.parametrize(
    ("clocks", "code", "field"),
    [
        (Clocks(time(8), time(7)), "bad_hours", "end"),
        (Clocks(time(8), time(8)), "bad_hours", "end"),
        (Clocks(time(8), time(16), 30, time(7), time(9)), "bad_break", "break_from"),
        (Clocks(time(8), time(16), 30, time(12), time(12, 10)), "bad_break", "break_from"),
        (Clocks(time(8), time(16), 600), "bad_break", "break_from"),
    ],
)
def test_hours_that_cannot_be_meant_are_refused(clocks, code, field):
    """A typing slip in an end makes a shift of 23 hours, which the planner would happily fill."""
    with refused(code) as caught:
        roster.hours_on(make_station(), DAY, clocks)
    assert caught.value.field == field


def test_a_break_after_midnight_is_in_the_night():
    """Night shifts pause at two in the morning: of the next day, not of the one before."""
    station = make_station()
    hours = roster.hours_on(station, DAY, Clocks(time(22), time(6), 30, time(1), time(3)))
    assert (hours.break_from, hours.break_to) == (at(station, NEXT, 1), at(station, NEXT, 3))


def test_a_sick_driver_loses_shifts_and_drafts_and_what_is_out_is_listed(world):
    """One call in the morning; a van on the road still has somebody at the wheel until another is named."""
    station, made, orders = world
    sick = made.drivers[0]
    tomorrow = fleet.add_shift(
        station=station,
        day=NEXT,
        vehicle=made.vehicles[0],
        driver=sick,
        clocks=Clocks(time(8), time(16)),
        **by(station),
    )
    draft = make_route(station, DAY, orders[:2], made.shifts[0])
    released = make_route(station, DAY, orders[2:4], made.shifts[1], RouteState.RELEASED, driver=sick)
    departed = make_route(station, DAY, orders[4:], made.shifts[2], RouteState.DEPARTED, driver=sick)
    away = absences.report_absence(driver=sick, first_day=DAY, last_day=NEXT, reason="flu", **by(station))
    assert {shift.pk for shift in away.shifts} == {made.shifts[0].pk, tomorrow.pk}
    assert not Shift.objects.filter(driver=sick, active=True).exists()
    draft.refresh_from_db()
    assert draft.driver is None
    assert away.needing == [released, departed]
    assert Route.objects.filter(driver=sick).count() == 2
    days_told = {
        e.data["day"] for e in Event.objects.filter(name="fleet.changed", data__day__gte=DAY.isoformat())
    }
    assert days_told == {DAY.isoformat(), NEXT.isoformat()}
    assert "flu" not in str(list(Event.objects.values_list("data", flat=True))), (
        "health is no matter of the ledger"
    )
    with refused("driver_away"):
        fleet.add_shift(
            station=station,
            day=NEXT,
            vehicle=spare(station),
            driver=sick,
            clocks=Clocks(time(17), time(19)),
            **by(station),
        )


@pytest.mark.parametrize("state", [RouteState.DRAFT, RouteState.RELEASED, RouteState.DEPARTED])
def test_a_route_is_given_to_another_in_one_step(world, state):
    """Whatever has become of the route: shift and route never name different people afterwards."""
    station, made, orders = world
    route = make_route(station, DAY, orders[:2], made.shifts[0], state)
    Shift.objects.filter(pk=made.shifts[1].pk).update(active=False)
    other = made.drivers[1]
    swaps.replace_driver(shift=made.shifts[0], driver=other, mark=None, **by(station))
    route.refresh_from_db()
    assert (route.driver, route.shift.driver, route.state) == (other, other, state)
    with refused("driver_double"):
        swaps.replace_driver(shift=made.shifts[0], driver=made.drivers[2], mark=None, **by(station))


def test_a_released_route_is_never_left_without_a_driver(world):
    """It is on somebody's phone; taking the name off it would strand it."""
    station, made, orders = world
    make_route(station, DAY, orders[:2], made.shifts[0], RouteState.RELEASED)
    with refused("route_needs_driver"):
        swaps.replace_driver(shift=made.shifts[0], driver=None, mark=None, **by(station))
    assert Shift.objects.get(pk=made.shifts[0].pk).driver == made.drivers[0], "nothing half-done"


def test_a_swapped_van_is_walked_again_with_what_it_can_do(world):
    """A smaller, dearer van: load broken, cost other, both at once and told to the board."""
    station, made, orders = world
    route = make_route(station, DAY, orders[:3], made.shifts[0], RouteState.RELEASED)
    routes.rewalk_route(route=route, actor="user:test", now=at(station, DAY, 8))
    before = (route.cost_cents, [v["code"] for v in route.violations])
    small = spare(station, "Handcart", capacity_weight_g=1, profile="cargo_bike", cost_fixed_cents=99_000)
    swaps.swap_vehicle(shift=made.shifts[0], vehicle=small, mark=None, **by(station))
    route.refresh_from_db()
    assert route.vehicle == Shift.objects.get(pk=made.shifts[0].pk).vehicle == small
    assert "overload" in [v["code"] for v in route.violations], (before, route.violations)
    assert route.cost_cents > 99_000 > before[0]
    assert {o["code"] for o in route.overrides} >= {"overload"}, "who swapped answers for it by name"
    frame = frame_of(station, DAY, {made.shifts[0].pk: [order.pk for order in orders[:3]]})
    assert frame.times(made.shifts[0].pk, [o.pk for o in orders[:3]]).cost_cents == route.cost_cents
    assert {e.data["what"] for e in Event.objects.filter(name="routes.changed")} >= {"vehicle", "rewalked"}


def test_two_shifts_trade_their_vans(world):
    """Each alone would be refused: the other's van is busy."""
    station, made, orders = world
    route = make_route(station, DAY, orders[:2], made.shifts[0])
    with refused("vehicle_double"):
        swaps.swap_vehicle(shift=made.shifts[0], vehicle=made.vehicles[1], mark=None, **by(station))
    swaps.exchange_vehicles(shift=made.shifts[0], other=made.shifts[1], marks=(None, None), **by(station))
    vans = {s.pk: (s.vehicle_id, s.active) for s in Shift.objects.all()}
    assert vans[made.shifts[0].pk] == (made.vehicles[1].pk, True)
    assert vans[made.shifts[1].pk] == (made.vehicles[0].pk, True)
    route.refresh_from_db()
    assert route.vehicle == made.vehicles[1]


def test_a_van_that_left_is_not_swapped(world):
    """The parcels are in it; a row that says otherwise would be a lie."""
    station, made, orders = world
    make_route(station, DAY, orders[:2], made.shifts[0], RouteState.DEPARTED)
    with refused("route_left"):
        swaps.swap_vehicle(shift=made.shifts[0], vehicle=spare(station), mark=None, **by(station))
    with refused("route_left"):
        swaps.exchange_vehicles(shift=made.shifts[1], other=made.shifts[0], marks=(None, None), **by(station))


def test_a_broken_van_names_its_shifts_and_the_planner_leaves_it_out(world):
    """Its shifts stay, so that one sees who needs another van."""
    station, made, _ = world
    out = outages.report_outage(
        vehicle=made.vehicles[0], first_day=DAY, last_day=DAY, reason="clutch", **by(station)
    )
    assert out.shifts == [made.shifts[0]]
    free = set(plan_scopes.free_shifts(station, DAY, keep_drafts=True).values_list("pk", flat=True))
    assert free == {shift.pk for shift in made.shifts[1:]}
    swaps.swap_vehicle(shift=made.shifts[0], vehicle=spare(station), mark=None, **by(station))
    assert plan_scopes.free_shifts(station, DAY, keep_drafts=True).count() == 3
    with refused("vehicle_out_of_service"):
        swaps.swap_vehicle(shift=made.shifts[1], vehicle=made.vehicles[0], mark=None, **by(station))
    outages.end_outage(outage=out.outage, back_on=DAY, **by(station))
    assert not Outage.objects.exists()
    swaps.swap_vehicle(shift=made.shifts[1], vehicle=made.vehicles[0], mark=None, **by(station))


def test_back_again_keeps_the_days_that_were(world):
    """Ill for two days of a reported week: those two stay on record."""
    station, made, _ = world
    driver = made.drivers[0]
    week = absences.report_absence(
        driver=driver, first_day=DAY, last_day=DAY + timedelta(days=6), reason="", **by(station)
    ).absence
    with refused("already_away"):
        absences.report_absence(driver=driver, first_day=NEXT, last_day=NEXT, reason="", **by(station))
    absences.end_absence(absence=week, back_on=DAY + timedelta(days=2), **by(station))
    assert Absence.objects.get().last_day == NEXT
    with pytest.raises(LastmileError) as caught:
        absences.end_absence(absence=week, back_on=DAY + timedelta(days=3), **by(station))
    assert caught.value.code == "conflict", "pressed twice, or in two tabs"


def test_a_roster_is_copied_without_whoever_is_away(world):
    """And it says who: a gap nobody was told of is found when the van stands still."""
    station, made, _ = world
    absences.report_absence(driver=made.drivers[0], first_day=NEXT, last_day=NEXT, reason="", **by(station))
    outages.report_outage(vehicle=made.vehicles[1], first_day=NEXT, last_day=NEXT, reason="", **by(station))
    copied, skipped = fleet.copy_roster(station=station, source=DAY, day=NEXT, **by(station))
    assert [(s.driver, s.start, s.end) for s in copied] == [
        (made.drivers[2], at(station, NEXT, 8), at(station, NEXT, 16))
    ]
    assert [s.code for s in skipped] == ["driver_away", "vehicle_out_of_service"]
    again, doubles = fleet.copy_roster(station=station, source=DAY, day=NEXT, **by(station))
    assert (again, [s.code for s in doubles][2]) == ([], "driver_double")


def test_copied_hours_are_the_same_by_the_clock():
    """From the winter side of the change to the summer side: eight o'clock stays eight o'clock."""
    station = make_station()
    made = make_fleet(station, date(2026, 3, 28), 1)
    [shift], _ = fleet.copy_roster(
        station=station, source=date(2026, 3, 28), day=date(2026, 3, 30), **by(station)
    )
    assert shift.start.astimezone(station.zone).hour == 8
    assert made.shifts[0].start.utcoffset() != shift.start.astimezone(station.zone).utcoffset()


def test_other_hours_move_the_routes_times(world):
    """The shift starts later, so does its route; one that left keeps its start."""
    station, made, orders = world
    route = make_route(station, DAY, orders[:2], made.shifts[0])
    fleet.change_hours(shift=made.shifts[0], clocks=Clocks(time(10), time(16)), mark=None, **by(station))
    route.refresh_from_db()
    assert route.start_at >= at(station, DAY, 10)
    gone = make_route(station, DAY, orders[2:4], made.shifts[1], RouteState.DEPARTED)
    with refused("route_left"):
        fleet.change_hours(shift=made.shifts[1], clocks=Clocks(time(9), time(16)), mark=None, **by(station))
    fleet.change_hours(shift=made.shifts[1], clocks=Clocks(time(8), time(8, 10)), mark=None, **by(station))
    gone.refresh_from_db()
    assert gone.violations, "the rest no longer fits the shift, and the card says so"


def test_a_shift_taken_out_gives_its_drafts_orders_back(world):
    """Nothing may hang on a shift that is not there; what is on a phone is recalled first."""
    station, made, orders = world
    make_route(station, DAY, orders[:2], made.shifts[0])
    make_route(station, DAY, orders[2:4], made.shifts[1], RouteState.RELEASED)
    back = fleet.remove_shift(shift=made.shifts[0], mark=None, **by(station))
    assert sorted(back) == sorted(order.pk for order in orders[:2])
    assert set(Order.objects.filter(pk__in=back).values_list("state", flat=True)) == {OrderState.OPEN}
    assert not Route.objects.filter(shift=made.shifts[0]).exists()
    with refused("shift_has_route"):
        fleet.remove_shift(shift=made.shifts[1], mark=None, **by(station))
    with refused("shift_removed"):
        fleet.remove_shift(shift=made.shifts[0], mark=None, **by(station))


def test_who_saw_an_older_shift_is_told(world):
    """Two tabs: the second would undo the first without knowing."""
    station, made, _ = world
    seen = fleet.shift_mark(made.shifts[0])
    change = {"shift": made.shifts[0], "mark": seen}
    fleet.change_hours(clocks=Clocks(time(9), time(16)), **change, **by(station))
    with refused("conflict"):
        fleet.change_hours(clocks=Clocks(time(8), time(15)), **change, **by(station))


def test_a_closed_day_is_read_only(world):
    """Its numbers are settled."""
    station, made, _ = world
    StationDay.objects.create(station=station, day=DAY, closed_at=at(station, DAY, 23), actor="user:x")
    with refused("day_closed"):
        fleet.add_shift(
            station=station,
            day=DAY,
            vehicle=spare(station),
            driver=None,
            clocks=Clocks(time(8), time(9)),
            **by(station),
        )
    with refused("day_closed"):
        fleet.remove_shift(shift=made.shifts[0], mark=None, **by(station))
    with refused("day_closed"):
        fleet.copy_roster(station=station, source=NEXT, day=DAY, **by(station))
    away = absences.report_absence(
        driver=made.drivers[0], first_day=DAY, last_day=NEXT, reason="", **by(station)
    )
    assert away.shifts == []


def proposal(station, shift, orders):
    card = {"shift_id": shift.pk, "name": "R1", "line": "", "stops": [{"order_ids": [o.pk]} for o in orders]}
    return Plan.objects.create(
        station=station,
        day=DAY,
        state=PlanState.PROPOSED,
        actor="user:x",
        proposal={"routes": [card], "base": {}},
    )


@pytest.mark.parametrize("what", ["removed", "broken"])
def test_a_plan_on_old_shifts_is_refused(world, what):
    """Accepting would put orders into a van that is not there."""
    station, made, orders = world
    plan = proposal(station, made.shifts[0], orders[:2])
    if what == "removed":
        fleet.remove_shift(shift=made.shifts[0], mark=None, **by(station))
    else:
        outages.report_outage(vehicle=made.vehicles[0], first_day=DAY, last_day=DAY, reason="", **by(station))
    with refused("conflict"):
        proposals.accept_plan(plan=plan, **by(station))
    plan.refresh_from_db()
    assert (plan.state, Route.objects.count()) == (PlanState.PROPOSED, 0)


@pytest.mark.parametrize(("what", "works"), [("swapped", False), ("later", False), ("driver", True)])
def test_a_plan_made_for_other_hours_or_another_van_is_refused(world, what, works):
    """Its times were promised for the shift as it was; who drives it is another matter."""
    station, made, orders = world
    plan = proposal(station, made.shifts[0], orders[:2])
    plan.proposal["shifts"] = {str(shift.pk): plans.planned_mark(shift) for shift in made.shifts}
    plan.save()
    if what == "swapped":
        swaps.swap_vehicle(shift=made.shifts[0], vehicle=spare(station), mark=None, **by(station))
    elif what == "later":
        fleet.change_hours(shift=made.shifts[0], clocks=Clocks(time(12), time(16)), mark=None, **by(station))
    else:
        Shift.objects.filter(pk=made.shifts[0].pk).update(driver=None)
    if works:
        proposals.accept_plan(plan=plan, **by(station))
    else:
        with refused("conflict"):
            proposals.accept_plan(plan=plan, **by(station))
    assert Route.objects.exists() == works


@pytest.mark.parametrize("what", ["removed", "swapped", "later"])
def test_a_shift_that_changes_while_a_plan_is_accepted_refuses_it(world, monkeypatch, what):
    """Between the walk and the lock there is time enough for another tab."""
    station, made, orders = world
    plan = proposal(station, made.shifts[0], orders[:2])
    walk = proposals._walk

    def slow(*given):
        walked = walk(*given)
        if what == "removed":
            fleet.remove_shift(shift=made.shifts[0], mark=None, **by(station))
        elif what == "swapped":
            swaps.swap_vehicle(shift=made.shifts[0], vehicle=spare(station), mark=None, **by(station))
        else:
            fleet.change_hours(
                shift=made.shifts[0], clocks=Clocks(time(12), time(16)), mark=None, **by(station)
            )
        return walked

    monkeypatch.setattr(proposals, "_walk", slow)
    with refused("conflict"):
        proposals.accept_plan(plan=plan, **by(station))
    assert not Route.objects.exists()


def test_a_made_up_day_takes_nobody_out_of_the_night_shift(world):
    """The demo's roster is an entrance like any other."""
    station, made, _ = world
    Shift.objects.all().delete()
    night = {"driver": made.drivers[0], "vehicle": made.vehicles[0], "clocks": Clocks(time(20), time(10))}
    fleet.add_shift(station=station, day=DAY, **night, **by(station))
    absences.report_absence(driver=made.drivers[1], first_day=NEXT, last_day=NEXT, reason="", **by(station))
    days.make_day(
        station=station,
        day=NEXT,
        orders=0,
        vehicles=3,
        seed=1,
        doors=[],
        actor="x",
        now=datetime.now(station.zone),
    )
    laid = Shift.objects.filter(day=NEXT)
    assert laid.count() == 3
    assert not laid.filter(vehicle=made.vehicles[0]).exists()
    assert not laid.filter(driver__in=made.drivers[:2]).exists()


def test_the_board_gives_nothing_to_whoever_is_away_or_broken(world):
    """A hand is an entrance too: neither the sick driver nor the van in the workshop gets a route."""
    station, made, orders = world
    route = make_route(station, DAY, orders[:2], made.shifts[0])
    absences.report_absence(driver=made.drivers[1], first_day=DAY, last_day=DAY, reason="", **by(station))
    outages.report_outage(vehicle=made.vehicles[2], first_day=DAY, last_day=DAY, reason="", **by(station))
    with refused("driver_away"):
        routes.assign_driver(route=route, version=route.version, driver=made.drivers[1], **by(station))
    move = moves.Move(order_ids=[orders[4].pk], shift_id=made.shifts[2].pk)
    with refused("vehicle_out_of_service"):
        moves.move_orders(station=station, day=DAY, move=move, versions={}, **by(station))
    assert Order.objects.get(pk=orders[4].pk).state == OrderState.OPEN
