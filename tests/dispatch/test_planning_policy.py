"""A station says how strictly its plans keep each rule, and what else is worth money; plans are made that way."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from dispatch.models import VehicleType
from dispatch.planning import model
from dispatch.planning.rules.codes import CODES
from dispatch.planning.validate import validate
from dispatch.selectors.settings_history import history_of
from dispatch.services import planning_policy, routes, station_settings
from dispatch.services.mapping import Frame, frame_of
from dispatch.services.order_fields import Bad
from dispatch.services.planning_parking import metres_around, parking_groups
from dispatch.services.route_times import RouteTimes, unpriced
from dispatch.views.dials_form import LABELS
from lastmile.kernel.errors import LastmileError
from lastmile.settings import BASE_DIR
from tests.scenarios import DAY, at, make_fleet, make_orders, make_person, make_route, make_shop, make_station

pytestmark = pytest.mark.django_db


def change(station: Any, **values: Any) -> Any:
    return station_settings.change_settings(
        station=station, values=values, seen={}, actor="user:boss", now=at(station, DAY, 8)
    )


def walked(station: Any, orders: Any, shift: Any) -> RouteTimes:
    ids = [order.pk for order in orders]
    return frame_of(station, DAY, {shift.pk: ids}).times(shift.pk, ids)


def codes(times: RouteTimes) -> set[str]:
    return {each["code"] for each in times.violations}


def test_every_rule_with_a_dial_can_be_set() -> None:
    """A rule that the planner learns must not be missing on the page: nobody could turn it."""
    assert set(LABELS) == {code.name for code in CODES if not code.fixed} == set(planning_policy.DEFAULTS)


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_board_has_a_word_for_every_rule(language: str) -> None:
    """A code of the planner's on a badge is nobody's language."""
    words = (BASE_DIR / "static/js/core" / f"strings.{language}.js").read_text()
    told = words[words.index("  rules: {") : words.index("  whatItCosts:")]
    assert [code.name for code in CODES if f" {code.name}: " not in told] == []


def test_only_what_differs_is_kept() -> None:
    """Defaults may change with a release; a station that never touched a rule follows."""
    given = {"late": ["soft", 50], "overload": ["hard", 0], "not_preferred": ["off", 0], "skill": ["off", 7]}
    assert planning_policy.checked_dials(given) == {"late": ["soft", 50], "skill": ["off", 0]}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ([], "bad_dials"),
        ({"unreachable": ["off", 0]}, "unknown_rule"),
        ({"late": "soft"}, "bad_dials"),
        ({"late": ["gentle", 5]}, "bad_choice"),
        ({"late": ["soft", 0]}, "out_of_range"),
        ({"late": ["soft", 10**9]}, "out_of_range"),
        ({"late": ["soft", "a lot"]}, "not_a_number"),
    ],
)
def test_what_is_no_dial_is_refused(given: Any, code: str) -> None:
    """A wrong word in the row would stop every plan of the station."""
    with pytest.raises(Bad) as refused:
        planning_policy.checked_dials(given)
    assert refused.value.code == code
    with pytest.raises(LastmileError):
        change(make_station(), dials=given)


def test_a_manager_turns_a_rule_on_the_page_and_back() -> None:
    """Through the form as a browser sends it: 37 rules, one of them now at a price; the history says so."""
    station = make_station()
    client = Client()
    client.force_login(make_person("boss", "manager", station))
    url = reverse("station-settings", args=[station.pk])
    section = next(each for each in client.get(url).context["sections"] if each["name"] == "planning")
    data: dict[str, Any] = {"section": "planning"}
    for bound in section["form"]:
        if bound.name == "dials":
            parts = bound.field.widget.decompress(bound.value())
            data |= {f"dials_{n}": "" if part is None else part for n, part in enumerate(parts)}
        else:
            data[bound.name] = bound.value()
    number = 2 * list(LABELS).index("late")
    sent = data | {f"dials_{number}": "soft", f"dials_{number + 1}": "0.50", "weight_vehicle_cents": "12.50"}
    assert client.post(url, sent).status_code == 302
    station.refresh_from_db()
    assert station.dials == {"late": ["soft", 50]}
    assert station.weight_vehicle_cents == 1250
    assert {line.field for line in history_of(station)["planning"]} == {"dials", "weight_vehicle_cents"}
    assert "0.50" in client.get(url).content.decode()

    without = data | {f"dials_{number}": "soft", f"dials_{number + 1}": ""}
    assert "say what it costs" in client.post(url, without).content.decode()
    station.refresh_from_db()
    assert station.dials == {"late": ["soft", 50]}


def test_a_rule_at_a_price_is_paid_shown_and_needs_no_override() -> None:
    """Late at a price: the card still says so, with the price, and the route is released without a reason."""
    station = make_station()
    fleet = make_fleet(station, DAY, 1)
    closes = at(station, DAY, 8, 5)
    orders = make_orders(station, make_shop(station), 1, window_start=None, window_end=closes)
    hard = walked(station, orders, fleet.shifts[0])
    assert codes(hard) == {"late"}
    assert len(unpriced(hard.violations)) == 1

    change(station, dials={"late": ["soft", 100]})
    soft = walked(station, orders, fleet.shifts[0])
    assert codes(soft) == {"late"}
    assert unpriced(soft.violations) == []
    minutes = -(-soft.violations[0]["amount"] // 60)
    assert soft.violations[0]["cents"] == -(-soft.violations[0]["amount"] * 100 // 60)
    assert soft.violations[0]["words"] == hard.violations[0]["words"]
    assert 0 < soft.cost_cents - hard.cost_cents <= 100 * minutes

    route = make_route(station, DAY, orders, fleet.shifts[0])
    routes.rewalk_route(route=route, actor="user:boss", now=at(station, DAY, 7))
    routes.release_route(
        route=route, version=route.version, overrides={}, actor="user:boss", now=at(station, DAY, 7)
    )
    assert route.overrides == []

    change(station, dials={"late": ["off", 0]})
    assert walked(station, orders, fleet.shifts[0]).violations == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"max_orders": 3}, "too_many_stops"),
        ({"min_orders": 5}, "too_few_stops"),
        ({"max_out_min": 5}, "too_long"),
        ({"max_driving_min": 1}, "drives_too_long"),
        ({"max_km": 0}, "too_far"),
        ({"battery_wh": 100, "battery_wh_km": 500}, "battery_flat"),
        ({"capacity_pieces": 1}, "overload"),
    ],
)
def test_what_a_kind_of_vehicle_may_do_is_kept(fields: dict[str, Any], code: str) -> None:
    """Each limit that an administrator writes on a vehicle type is one the walker looks at."""
    station = make_station()
    fleet = make_fleet(station, DAY, 1)
    orders = make_orders(station, make_shop(station), 4, window_start=None, window_end=None)
    assert walked(station, orders, fleet.shifts[0]).violations == []
    VehicleType.objects.filter(pk=fleet.vehicles[0].type_id).update(**fields)
    assert codes(walked(station, orders, fleet.shifts[0])) == {code}


def test_what_kinds_of_vehicle_and_drivers_cost_is_counted() -> None:
    """Prices by order, by hour at the wheel and by kilogram of CO2 add up; a slower driver is paid longer."""
    station = make_station(co2_kg_cents=1000)
    fleet = make_fleet(station, DAY, 1)
    orders = make_orders(station, make_shop(station), 4, window_start=None, window_end=None)
    plain = walked(station, orders, fleet.shifts[0])
    kind = VehicleType.objects.filter(pk=fleet.vehicles[0].type_id)
    kind.update(cost_order_cents=100)
    assert walked(station, orders, fleet.shifts[0]).cost_cents == plain.cost_cents + 400
    kind.update(cost_order_cents=0, cost_driving_hour_cents=3600)
    assert walked(station, orders, fleet.shifts[0]).cost_cents == plain.cost_cents + plain.drive_s
    kind.update(cost_driving_hour_cents=0, co2_g_km=200)
    emitted = walked(station, orders, fleet.shifts[0]).cost_cents - plain.cost_cents
    assert abs(emitted - plain.distance_m * 200 / 1000) <= 1
    kind.update(co2_g_km=0)
    fleet.drivers[0].pace_percent = 200
    fleet.drivers[0].save()
    slow = walked(station, orders, fleet.shifts[0])
    assert slow.end_at - slow.start_at > plain.end_at - plain.start_at + timedelta(minutes=4)


def test_overtime_is_allowed_at_its_price() -> None:
    """A route that ends after its shift breaks no rule while the overtime lasts, and costs more."""
    station = make_station()
    fleet = make_fleet(station, DAY, 1)
    shift = fleet.shifts[0]
    shift.start, shift.end = at(station, DAY, 8), at(station, DAY, 8, 20)
    shift.save()
    orders = make_orders(station, make_shop(station), 4, window_start=None, window_end=None)
    over = walked(station, orders, shift)
    assert codes(over) == {"shift_end"}
    VehicleType.objects.filter(pk=shift.vehicle.type_id).update(overtime_min=120, cost_overtime_cents=6000)
    paid = walked(station, orders, shift)
    assert paid.violations == []
    assert paid.cost_cents - over.cost_cents == pytest.approx(
        (paid.end_at - shift.end).total_seconds() * 6000 / 3600, abs=1
    )


def test_weights_reach_the_planner() -> None:
    """Every weight of the page is the planner's weight of the same meaning, and the problem is one it reads."""
    names = list(planning_policy.WEIGHTS)
    station = make_station(**{name: 10 + number for number, name in enumerate(names)})
    fleet = make_fleet(station, DAY, 1)
    orders = make_orders(station, make_shop(station), 3)
    problem = frame_of(station, DAY, {fleet.shifts[0].pk: [order.pk for order in orders]}).problem
    assert problem.weights == model.Weights(
        vehicle=10, finish_per_hour=11, balance_per_hour=12, balance_per_stop=13,
        compact_per_km=14, other_vehicle=15, other_place=16, moved_per_min=17,
    )  # fmt: skip
    assert not validate(problem)


def test_shared_parking_saves_the_search_for_a_spot() -> None:
    """Two doors forty metres apart: the van stands once, the driver walks, the kilometres between are none."""
    station = make_station(setup_time_s=300)
    fleet = make_fleet(station, DAY, 1)
    orders = make_orders(station, make_shop(station), 2, window_start=None, window_end=None)
    orders[1].lat, orders[1].lng = orders[0].lat + 0.00036, orders[0].lng
    orders[1].save()
    each = walked(station, orders, fleet.shifts[0])
    change(station, parking_m=60)
    shared = walked(station, orders, fleet.shifts[0])
    assert shared.stops[1].travel_m == 0
    saved = (each.end_at - each.start_at) - (shared.end_at - shared.start_at)
    assert saved > timedelta(seconds=150)


def test_parking_groups_are_the_same_in_any_order() -> None:
    """A walk on the board and the plan of the night see the places in different orders, and must agree."""
    dice = np.random.default_rng(5)
    spots = np.vstack([[[60.17, 24.94]], 60.17 + dice.uniform(0, 0.004, (80, 1)) * [[1, 0]] + [[0, 24.94]]])
    spots[1:, 1] = 24.94 + dice.uniform(0, 0.008, 80)
    metres = metres_around(spots)
    groups = parking_groups(metres, 50, first=1)
    assert groups
    shuffled = np.r_[0, 1 + dice.permutation(80)]
    again = parking_groups(metres[shuffled], 50, first=1)
    assert {int(shuffled[place]): name for place, name in again.items()} == groups
    for name in set(groups.values()):
        members = [place for place, group in groups.items() if group == name]
        away = np.hypot(*(metres[members][:, None] - metres[members][None]).transpose(2, 0, 1).astype(float))
        assert len(members) > 1
        assert away.max() <= 100
    assert parking_groups(metres, 0) == {}
    assert parking_groups(metres_around(np.zeros((0, 2))), 50) == {}


def test_frames_without_policies_state_what_they_did() -> None:
    """Who sets nothing plans as before: no points, no weights, no dials."""
    station = make_station()
    fleet = make_fleet(station, DAY, 1)
    orders = make_orders(station, make_shop(station), 3)
    frame: Frame = frame_of(station, DAY, {fleet.shifts[0].pk: [order.pk for order in orders]})
    assert frame.problem.dials == {}
    assert frame.problem.weights == model.Weights()
    assert frame.problem.points is None
    assert all(not job.parking for job in frame.problem.jobs)
