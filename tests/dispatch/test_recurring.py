"""Recurring orders: one order for each of their days, made once, following their series while nobody touched them."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from dispatch.lifecycle import OrderState
from dispatch.models import Holiday, Order, RecurringOrder, Shop, Station, StationDay
from dispatch.services.orders import cancel_order
from dispatch.services.promises import calendar_of
from dispatch.services.recurring import end_recurring, save_recurring, set_active
from dispatch.services.recurring_days import (
    days_of,
    horizon,
    make_recurring_orders,
    queue_due,
)
from lastmile import jobs
from lastmile.kernel.errors import LastmileError
from lastmile.models import Event, Job
from tests.scenarios import DAY, make_shop, make_station

pytestmark = [pytest.mark.django_db, pytest.mark.database]
BREAD = {"address": "Testikatu 1", "lat": 60.17, "lng": 24.94, "recipient": "Café", "window": "08:00-10:00"}
WORKDAYS = [0, 1, 2, 3, 4]  # DAY is a Tuesday


@pytest.fixture
def station() -> Station:
    return make_station()


@pytest.fixture
def shop(station: Station) -> Shop:
    return make_shop(station)


def series(station: Station, shop: Shop, **changes: Any) -> RecurringOrder:
    given: dict[str, Any] = {
        "name": "Bread",
        "fields": BREAD,
        "weekdays": WORKDAYS,
        "first_day": DAY,
        "last_day": None,
    }
    return save_recurring(station=station, shop=shop, actor="user:m", now=station.now(), **(given | changes))


def edit(of: RecurringOrder, **changes: Any) -> RecurringOrder:
    given = {
        name: getattr(of, name) for name in ("name", "fields", "weekdays", "first_day", "last_day", "version")
    }
    return series(of.station, of.shop, recurring=of, **(given | changes))


def work() -> dict[str, Any]:
    """Run what is queued; the last result."""
    result: dict[str, Any] = {}
    for pk in Job.objects.filter(state="queued").order_by("pk").values_list("pk", flat=True):
        jobs.run(pk)
        done = Job.objects.get(pk=pk)
        assert done.state == "done", done.error
        result = done.result
    return result


def days(state: str = OrderState.OPEN) -> list[date]:
    return list(Order.objects.filter(state=state).order_by("day").values_list("day", flat=True))


def test_seven_opening_days_get_their_orders_once(station: Station, shop: Shop) -> None:
    """Tuesday to next Tuesday without Sunday (closed) and Saturday (not a day of the series): six orders."""
    made = series(station, shop)
    assert work()["created"] == 6
    assert days() == [DAY + timedelta(days=n) for n in (0, 1, 2, 3, 6, 7)]
    order = Order.objects.order_by("day")[0]
    assert (order.recurring, order.external_id) == (made, f"recurring-{made.pk}-20260310")
    until = horizon(station, station.now())
    assert until == DAY + timedelta(days=7)
    again = make_recurring_orders(station=station, until_day=until, now=station.now())
    assert (again.created, again.updated, Order.objects.count()) == (0, 0, 6)


def test_holidays_and_closed_weekdays_are_skipped_and_said(station: Station, shop: Shop) -> None:
    """Nobody moves bread to another day by guess: the day is left out, with its reason."""
    Holiday.objects.create(station=station, day=DAY + timedelta(days=1), name="Half-term")
    StationDay.objects.create(station=station, day=DAY, closed_at=station.now(), actor="x")
    series(station, shop, weekdays=list(range(7)))
    skipped = {each["day"]: each["why"] for each in work()["skipped"]}
    assert skipped == {"2026-03-10": "closed", "2026-03-11": "holiday", "2026-03-15": "closed_weekday"}
    assert set(days()).isdisjoint({DAY, DAY + timedelta(days=1), DAY + timedelta(days=5)})


def test_an_edit_changes_the_orders_nobody_touched(station: Station, shop: Shop) -> None:
    """What a dispatcher changed, planned or called off is theirs; the rest follows the series."""
    made = series(station, shop)
    work()
    touched, planned, off, *rest = Order.objects.order_by("day")
    Order.objects.filter(pk=touched.pk).update(note="gate code 7", version=2)
    Order.objects.filter(pk=planned.pk).update(state=OrderState.PLANNED)
    cancel_order(order=off, actor="user:d", now=station.now())
    edit(made, fields=BREAD | {"recipient": "Bistro", "window": "07:00-09:00"})
    result = work()
    assert (result["created"], result["updated"], result["cancelled"]) == (0, 3, 0)
    names = dict(Order.objects.values_list("pk", "recipient"))
    assert [names[order.pk] for order in (touched, planned, off)] == ["Café"] * 3
    assert {names[order.pk] for order in rest} == {"Bistro"}
    starts = Order.objects.filter(recipient="Bistro").values_list("window_start", flat=True)
    hours = {at.astimezone(station.zone).hour for at in starts if at}
    assert hours == {7}


def test_a_day_dropped_is_called_off_and_can_come_back(station: Station, shop: Shop) -> None:
    """Wednesdays are dropped and taken up again; a Thursday that a person called off stays off."""
    made = series(station, shop)
    work()
    thursday = Order.objects.get(day=DAY + timedelta(days=2))
    cancel_order(order=thursday, actor="user:d", now=station.now())
    edit(made, weekdays=[0, 1, 3, 4])
    assert work()["cancelled"] == 1
    made.refresh_from_db()
    edit(made, weekdays=WORKDAYS)
    assert work()["created"] == 1
    assert DAY + timedelta(days=1) in days()
    assert DAY + timedelta(days=2) not in days()


def test_pause_ends_what_is_to_come_and_resume_brings_it_back(station: Station, shop: Shop) -> None:
    made = series(station, shop)
    work()
    set_active(recurring=made, active=False, version=made.version, actor="user:m", now=station.now())
    assert work()["cancelled"] == 6
    assert days() == []
    set_active(recurring=made, active=True, version=made.version, actor="user:m", now=station.now())
    assert work()["created"] == 6
    end_recurring(recurring=made, last_day=DAY, version=made.version, actor="user:m", now=station.now())
    work()
    assert days() == [DAY]


def test_two_people_at_one_series(station: Station, shop: Shop) -> None:
    """The second, who saw the old version, is refused; nothing of theirs is stored."""
    made = series(station, shop)
    mine, theirs = RecurringOrder.objects.get(pk=made.pk), RecurringOrder.objects.get(pk=made.pk)
    edit(mine, name="Bread A")
    with pytest.raises(LastmileError) as refusal:
        edit(theirs, name="Bread B")
    assert refusal.value.status == 412
    assert RecurringOrder.objects.get().name == "Bread A"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": " "}, "name_missing"),
        ({"name": "x" * 81}, "name_missing"),
        ({"weekdays": []}, "weekdays_missing"),
        ({"weekdays": [7]}, "weekdays_missing"),
        ({"last_day": DAY - timedelta(days=1)}, "ends_before_start"),
        ({"fields": {}}, "missing"),
        ({"fields": BREAD | {"phone": "call me"}}, "bad_phone"),
        ({"fields": BREAD | {"window": "10:00-09:00"}}, "window_backwards"),
        ({"fields": {"address": "a", "window_start": "2026-03-10T09:00"}}, "bad_time"),
        ({"fields": BREAD | {"day": "2026-03-10"}}, "unknown_field"),
        ({"fields": BREAD | {"service_level": "gold"}}, "no_such_service_level"),
    ],
)
def test_bad_series_are_refused_when_they_are_saved(
    station: Station, shop: Shop, changes: dict[str, Any], code: str
) -> None:
    """Else they would fail every night, unseen."""
    with pytest.raises(LastmileError) as refusal:
        series(station, shop, **changes)
    assert refusal.value.code == code
    assert not RecurringOrder.objects.exists()


def test_a_name_is_taken_once_per_shop(station: Station, shop: Shop) -> None:
    series(station, shop)
    with pytest.raises(LastmileError, match="name_taken"):
        series(station, shop)
    series(station, make_shop(station, "other"))


def test_a_window_that_the_clocks_skip_costs_one_day_and_says_so(station: Station, shop: Shop) -> None:
    """29 March 2026: 03:30 does not exist in Helsinki; Saturday and Monday have their orders all the same."""
    station.open_days = list(range(7))
    station.save()
    series(
        station,
        shop,
        fields=BREAD | {"window": "03:30-05:00"},
        weekdays=list(range(7)),
        first_day=date(2026, 3, 28),
        last_day=date(2026, 3, 30),
    )
    made = make_recurring_orders(station=station, until_day=date(2026, 4, 1), now=station.now())
    assert days() == [date(2026, 3, 28), date(2026, 3, 30)]
    assert [(each["day"], each["code"]) for each in made.refused] == [("2026-03-29", "no_such_time")]


def test_the_schedule_queues_only_where_the_horizon_moved(station: Station, shop: Shop) -> None:
    """Once a day and station, not once an hour; nothing for twins."""
    series(station, shop)
    work()
    assert queue_due(wall=timezone.now()) == 0
    assert queue_due(wall=timezone.now() + timedelta(days=1)) == 1
    RecurringOrder.objects.update(active=False)
    assert queue_due(wall=timezone.now() + timedelta(days=1)) == 0


def test_the_ledger_names_changes_but_keeps_no_personal_data(station: Station, shop: Shop) -> None:
    """The ledger is never rewritten, so an erased recipient must not stand in it."""
    made = series(station, shop, fields=BREAD | {"phone": "+358401234567"})
    edit(made, fields=BREAD | {"phone": "+358407654321"}, weekdays=[0])
    told = list(Event.objects.filter(name="settings.changed").order_by("pk").values_list("data", flat=True))
    assert [data["what"] for data in told] == ["created", "updated"]
    assert told[1]["changes"] == {"weekdays": [WORKDAYS, [0]], "fields": [[], ["phone"]]}
    assert "+3584" not in str(told)


def test_days_of_a_series_keep_to_its_first_and_last(station: Station, shop: Shop) -> None:
    made = series(station, shop, first_day=DAY + timedelta(days=1), last_day=DAY + timedelta(days=2))
    calendar = calendar_of(station, DAY)
    found = days_of(made, calendar, DAY, DAY + timedelta(days=20))
    assert [each.day for each in found] == [DAY + timedelta(days=1), DAY + timedelta(days=2)]
