"""The day's numbers against a plain recount of the same rows, and what each of them means."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from dispatch.models import Attempt, Order, Stop
from dispatch.selectors.day_facts import facts_of, freeze_facts, live_facts, order_ids, rates
from tests.scenarios import DAY, at, make_fleet, make_orders, make_route, make_shop, make_station

REASONS = ("no_one_home", "refused")
tries = st.lists(
    st.tuples(st.sampled_from([0, 1]), st.sampled_from(["delivered", *REASONS]), st.integers(420, 1200)),
    max_size=3,
)
order_plans = st.fixed_dictionaries(
    {
        "moved": st.booleans(),  # it is another day's order now
        "state": st.sampled_from(["open", "cancelled", "returned", "failed", "delivered"]),
        "window": st.sampled_from([None, (540, 660), (None, 720), (600, None)]),
        "tries": tries,
    }
)


def minutes(station, count):
    return None if count is None else at(station, DAY, 0) + timedelta(minutes=count)


def lay(plans, late):
    """Rows for the plans: a route on the day before and one on the day, and attempts at their stops."""
    station = make_station(late_after_min=late, cost_order_cents=70, cost_failed_cents=200)
    shop = make_shop(station)
    orders = make_orders(station, shop, len(plans), window_start=None, window_end=None)
    days = [DAY - timedelta(days=1), DAY]
    stops = []
    for day in days:
        carrier = make_orders(station, shop, 1, day=DAY - timedelta(days=9))
        make_fleet(station, day, 1)
        route = make_route(station, day, carrier, state="closed", cost_cents=1234)
        stops.append(route.stops.get())
    for index, (order, plan) in enumerate(zip(orders, plans, strict=True)):
        start, end = plan["window"] or (None, None)
        Order.objects.filter(pk=order.pk).update(
            day=DAY + timedelta(days=3) if plan["moved"] else DAY,
            state=plan["state"],
            window_start=minutes(station, start),
            window_end=minutes(station, end),
        )
        for number, (which, outcome, minute) in enumerate(sorted(plan["tries"], key=lambda each: each[0])):
            Attempt.objects.create(
                order=order,
                stop=stops[which],
                outcome="delivered" if outcome == "delivered" else "failed",
                reason="" if outcome == "delivered" else outcome,
                at=minutes(station, minute),
                client_event_id=f"{index}-{number}",
            )
    return station


def recount(plans, late):
    """The same numbers in the plainest way: one order after the other."""
    found, reasons = Counter(), Counter()
    for plan in plans:
        today = [each for each in plan["tries"] if each[0] == 1]
        before = [each for each in plan["tries"] if each[0] == 0]
        if plan["moved"] and not today:
            continue
        if not today:
            bucket = plan["state"] if plan["state"] in ("cancelled", "returned") else "open"
            found[bucket] += 1
            found["orders"] += bucket != "cancelled"
            continue
        _, outcome, minute = today[-1]
        found["orders"] += 1
        found["tried"] += 1
        found["failed_attempts"] += sum(each[1] != "delivered" for each in today)
        if not before:
            found["first_tried"] += 1
            found["first_delivered"] += today[0][1] == "delivered"
        if outcome != "delivered":
            found["failed"] += 1
            reasons[outcome] += 1
            continue
        found["delivered"] += 1
        if plan["window"]:
            start, end = plan["window"]
            kept = (start is None or minute >= start) and (end is None or minute <= end + late)
            found["windowed"] += 1
            found["on_time" if kept else "off_time"] += 1
    return found, reasons


class Recount(TestCase):
    @settings(max_examples=25, deadline=None)
    @given(st.lists(order_plans, max_size=8), st.sampled_from([0, 15]))
    def test_numbers_are_what_a_plain_recount_finds(self, plans, late):
        """The statements are clever; counting one by one is not, and must come to the same."""
        station = lay(plans, late)
        now = at(station, DAY, 23)
        facts = live_facts(station, DAY, now)
        found, reasons = recount(plans, late)
        for name, value in facts["counts"].items():
            if name in ("routes", "stops", "distance_m", "out_s"):
                continue
            assert value == found[name], (name, plans)
        assert facts["reasons"] == dict(reasons)
        counts = facts["counts"]
        assert (
            counts["orders"] == counts["delivered"] + counts["failed"] + counts["open"] + counts["returned"]
        )
        assert (counts["routes"], counts["stops"]) == (1, 1)
        cost = facts["cost_cents"]
        assert cost["total"] == 1234 + 70 * found["tried"] + 200 * found["failed_attempts"]
        frozen = freeze_facts(station, DAY, now)
        for name in found:
            if name != "failed_attempts":
                live = order_ids(station, facts, DAY, name)
                assert len(live) == found[name]
                assert frozen["rows"][name] == live


@pytest.mark.django_db
def test_hours_and_rates_of_routes():
    """A route out from 8:15 to 10:15 is two hours; one still out counts until now; nothing divides by nothing."""
    station = make_station()
    fleet = make_fleet(station, DAY, 2)
    shop = make_shop(station)
    empty = facts_of(station, DAY, at(station, DAY, 12))
    assert set(rates(empty).values()) == {None}
    closed = make_route(station, DAY, make_orders(station, shop, 3), fleet.shifts[0], state="closed")
    closed.departed_at, closed.closed_at = at(station, DAY, 8, 15), at(station, DAY, 10, 15)
    closed.save()
    make_route(station, DAY, make_orders(station, shop, 1), fleet.shifts[1], state="departed")
    facts = facts_of(station, DAY, at(station, DAY, 9, 15))
    assert facts["counts"]["out_s"] == 3 * 3600
    assert facts["counts"]["distance_m"] == 4000 + 2000
    assert (facts["counts"]["stops"], rates(facts)["stops_per_route"]) == (3, 1.5)
    assert Stop.objects.count() == 4


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 60])
def test_a_day_is_counted_in_few_statements(count, django_assert_num_queries):
    """The page is opened every few minutes by everybody: its cost must not grow with the orders."""
    station = make_station()
    make_orders(station, make_shop(station), count)
    with django_assert_num_queries(4):
        live_facts(station, DAY, at(station, DAY, 12))
