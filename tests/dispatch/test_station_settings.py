"""Settings: checked at every entrance, under what the person saw, told to boards, kept as history."""

import json
from datetime import date, time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dispatch.models import Holiday, ServiceLevel, Station
from dispatch.selectors.settings_history import history_of
from dispatch.services import promise_rows, station_settings
from lastmile import bus, live
from lastmile.kernel.errors import LastmileError
from lastmile.models import Event
from tests.scenarios import DAY, at, make_orders, make_person, make_route, make_shop, make_station

pytestmark = pytest.mark.django_db


def change(station: Any, seen: Any = None, **values: Any) -> Any:
    return station_settings.change_settings(
        station=station, values=values, seen=seen or {}, actor="user:boss", now=at(station, DAY, 8)
    )


def client_of(station: Any, role: str, name: str = "") -> Client:
    client = Client()
    client.force_login(make_person(name or f"{role}-{station.code}", role, station))
    return client


def url(station: Any, name: str = "station-settings", *args: Any) -> str:
    return reverse(name, args=[station.pk, *args])


def form_of(client: Client, station: Any, section: str) -> dict[str, Any]:
    """What a browser would send of a section's untouched form."""
    shown = client.get(url(station)).context["sections"]
    form = next(each["form"] for each in shown if each["name"] == section)
    data = {
        bound.name: bound.value()
        for bound in form
        if bound.value() is not None and bound.value() is not False
    }
    return data | {"section": section}


def test_a_change_is_stored_told_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """One transaction: the row, the ledger line with before and after, the board's card."""
    station = make_station()
    frames: list[Any] = []
    monkeypatch.setattr(live, "push", lambda station_id, frame: frames.append(frame))
    assert change(station, late_after_min=5, name="Harbour") == {
        "late_after_min": [0, 5], "name": ["Station HEL", "Harbour"]
    }  # fmt: skip
    event = Event.objects.get(name="settings.changed")
    assert (event.actor, event.data["noun"], event.data["changes"]["late_after_min"]) == (
        "user:boss",
        "station",
        [0, 5],
    )
    bus.drain()
    cards = [frame["patch"]["station"] for frame in frames if "station" in frame.get("patch", {})]
    assert [card["late_after_min"] for card in cards] == [5]
    assert change(station, late_after_min=5) == {}
    assert Event.objects.filter(name="settings.changed").count() == 1, "nothing different is no change"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("time_zone", "Helsinki", "no time zone"),
        ("time_zone", "../../etc/passwd", "no time zone"),
        ("currency", "EURO", "no currency"),
        ("currency", "DEM", "no currency"),
        ("language", "klingon", "no language"),
        ("phone", "040-CALL-ME", "no phone number"),
        ("email", "boss@", "no e-mail"),
        ("name", "  ", "needs a name"),
        ("lat", 91, "degrees"),
        ("lng", float("nan"), "finite"),
        ("open_days", [], "At least one"),
        ("open_days", [7], "between"),
        ("closes_at", time(6), "before it opens"),
        ("opens_at", "25:00", "no time"),
        ("day_close_at", time(12), "still open"),
        ("keep_people_days", 1, "between 7"),
        ("keep_proofs_days", 0, "between 14"),
        ("max_attempts", 0, "between 1"),
        ("plan_limit_s", 3600, "between"),
        ("late_after_min", -1, "between"),
        ("photo_proof", "always", "none of"),
        ("cost_order_cents", 10**12, "between"),
        ("code", "NEW", "no setting"),
    ],
)
def test_bad_values_are_named_and_nothing_is_saved(field: str, value: Any, words: str) -> None:
    """A setting is read by every part of the day: rubbish is refused at the door, with the good ones beside it."""
    station = make_station()
    with pytest.raises(LastmileError, match=words) as caught:
        change(station, units="imperial", **{field: value})
    assert caught.value.field == field
    assert Station.objects.get().units == "metric"
    assert not Event.objects.exists()


def test_values_are_kept_in_one_form() -> None:
    """A phone typed as people type it, a currency in small letters."""
    station = make_station()
    change(station, phone="09 310 1691", currency="sek", open_days=[4, 0, 0])
    station.refresh_from_db()
    assert (station.phone, station.currency, station.open_days) == ("+35893101691", "SEK", [0, 4])


def test_the_second_of_two_is_told_what_the_first_changed() -> None:
    """Both opened the page at nine; the later save must not silently undo the earlier."""
    station = make_station()
    one, two = client_of(station, "manager", "one"), client_of(station, "manager", "two")
    mine, yours = form_of(one, station, "policies"), form_of(two, station, "policies")
    assert one.post(url(station), mine | {"late_after_min": 7}).status_code == 302
    text = two.post(url(station), yours | {"silent_after_min": 9}, follow=True).content.decode()
    assert "Somebody else saved" in text
    assert "Late after, minutes is now: 7" in text
    station.refresh_from_db()
    assert (station.late_after_min, station.silent_after_min) == (7, 8)
    other = form_of(two, station, "targets") | {"target_on_time_pct": 90}
    assert two.post(url(station), other).status_code == 302, "another section is no conflict"
    station.refresh_from_db()
    assert station.target_on_time_pct == 90


def test_the_time_zone_stays_while_routes_are_open() -> None:
    """All times of the day would be shown an hour off, on phones too."""
    station = make_station()
    route = make_route(station, DAY, make_orders(station, make_shop(station), 2))
    with pytest.raises(LastmileError, match="routes_open") as caught:
        change(station, time_zone="Europe/Berlin")
    assert route.name in caught.value.cause
    route.state = "closed"
    route.save()
    change(station, time_zone="Europe/Berlin")
    assert Station.objects.get().time_zone == "Europe/Berlin"


def test_every_section_of_the_page_saves_and_shows_its_history() -> None:
    """The whole way by browser: money with a comma's two places, hidden seen values, a history line each."""
    station = make_station()
    client = client_of(station, "manager")
    edits = {
        "identity": {"address": "Satamakatu 1", "lat": "60.2", "lng": "25.0"},
        "clock": {"units": "imperial"},
        "opening": {"open_days": ["0", "6"], "opens_at": "06:30"},
        "targets": {"target_stops_per_route": "80"},
        "policies": {"cost_order_cents": "0.35", "photo_proof": "required"},
        "close": {"day_close_at": "22:00", "after_failure": "wait"},
        "retention": {"keep_people_days": "30"},
    }
    for section, fields in edits.items():
        data = form_of(client, station, section) | fields
        assert client.post(url(station), data).status_code == 302, section
        assert client.post(url(station), data, follow=True).status_code == 200
    station.refresh_from_db()
    assert (station.cost_order_cents, station.open_days, station.opens_at) == (35, [0, 6], time(6, 30))
    assert (station.auto_close, station.after_failure, station.keep_people_days) == (True, "wait", 30)
    text = client.get(url(station)).content.decode()
    assert "Satamakatu 1" in text
    assert text.count("settings__history") >= len(edits)
    bad = client.post(url(station), form_of(client, station, "opening") | {"closes_at": "05:00"})
    assert bad.status_code == 200
    assert "before it opens" in bad.content.decode()


def test_a_value_of_the_history_comes_back() -> None:
    """The mistake of last week, undone without knowing what the value was."""
    station = make_station()
    client = client_of(station, "manager")
    change(station, late_after_min=5)
    change(station, late_after_min=60, silent_after_min=30)
    first = Event.objects.filter(name="settings.changed").earliest("pk")
    data = {"event": first.pk, "field": "late_after_min", "seen": json.dumps(60)}
    assert client.post(url(station, "settings-restore"), data).status_code == 302
    station.refresh_from_db()
    assert (station.late_after_min, station.silent_after_min) == (0, 30)
    assert (
        "Somebody else" in client.post(url(station, "settings-restore"), data, follow=True).content.decode()
    )
    assert [c.after for c in history_of(station)["policies"] if c.field == "late_after_min"] == [0, 60, 5]
    foreign = make_station("TKU")
    change(foreign, late_after_min=99)
    other = Event.objects.filter(name="settings.changed").latest("pk")
    for bad in ({"event": other.pk}, {"event": "x"}, {"field": "code"}, {"seen": "{"}, {"event": "9" * 40}):
        assert client.post(url(station, "settings-restore"), data | bad).status_code in (302, 404)
    station.refresh_from_db()
    assert (station.late_after_min, station.code) == (0, "HEL")


ROLES = [
    ("manager", 200, 302),
    ("auditor", 200, 403),
    *((r, 403, 403) for r in ("dispatcher", "floor", "driver")),
]


@pytest.mark.parametrize(("role", "reads", "edits"), ROLES)
def test_who_may_read_and_who_may_change(role: str, reads: int, edits: int) -> None:
    """Managers of the station, auditors to look; another station's manager finds nothing."""
    station = make_station()
    client = client_of(station, role)
    page = client.get(url(station))
    assert page.status_code == reads
    assert ('<form method="post" action="#' in page.content.decode()) is False or role == "manager"
    holiday = Holiday.objects.create(station=station, day=DAY, name="Feast")
    answers = {
        client.post(url(station, "settings-holiday-new"), {"day": "2026-12-25", "name": "X"}).status_code,
        client.post(url(station, "settings-holiday-remove", holiday.pk)).status_code,
        client.post(url(station, "settings-restore"), {"event": 1, "field": "name"}).status_code,
    }
    assert answers <= {edits, 404 if edits == 302 else edits}
    if edits == 403:
        assert client.post(url(station), {"section": "targets"}).status_code == 403
        assert client.get(url(station, "settings-level-new")).status_code == 403
        assert Holiday.objects.get() == holiday
    assert client_of(make_station("TKU"), "manager").get(url(station)).status_code == 404


def test_holidays_and_service_levels_have_their_history_too() -> None:
    """What was promised on the day of a claim must be found years later."""
    station = make_station()
    client = client_of(station, "manager")
    new = {"day": "2020-12-24", "name": "Christmas Eve"}
    assert client.post(url(station, "settings-holiday-new"), new).status_code == 302, (
        "one in the past is fine"
    )
    twice = client.post(url(station, "settings-holiday-new"), new, follow=True)
    assert "holiday already" in twice.content.decode()
    client.post(url(station, "settings-holiday-remove", Holiday.objects.get().pk))
    assert not Holiday.objects.exists()
    level = {"code": "same-day", "name": "Same day", "cutoff": "11:00", "days_after": "0", "active": "on"}
    assert client.post(url(station, "settings-level-new"), level).status_code == 302
    bad = client.post(
        url(station, "settings-level-new"),
        level | {"code": "b", "window_from": "18:00", "window_to": "10:00"},
    )
    assert "ends before it starts" in str(bad.context["form"].errors["window_to"])
    assert "code" in client.post(url(station, "settings-level-new"), level).context["form"].errors
    row = ServiceLevel.objects.get()
    page = url(station, "settings-level", row.pk)
    mark = client.get(page).context["form"]["mark"].value()
    level.pop("active")
    assert client.post(page, level | {"mark": mark}).status_code == 302
    assert "meanwhile" in client.post(page, level | {"mark": mark, "active": "on"}).content.decode()
    row.refresh_from_db()
    assert not row.active, "retired"
    seen = history_of(station)
    assert [c.what for c in seen["holidays"]] == ["removed", "removed", "added", "added"]
    assert ("active", True, False) in [(c.field, c.before, c.after) for c in seen["levels"]]
    with pytest.raises(LastmileError, match="missing"):
        promise_rows.add_holiday(
            station=station, day=date(2026, 1, 1), name=" ", actor="x", now=at(station, DAY, 8)
        )
