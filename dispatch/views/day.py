"""The manager's day: its numbers, the rows behind each, closing it, copying it."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dispatch.access import BOARD, READ, actor_of, require_station, roles_at
from dispatch.models import Attempt, Order, Role, Station, StationDay, Stop
from dispatch.selectors import board, day_facts
from dispatch.services.csv_writing import csv_lines
from dispatch.services.day_close import close_day, preview_close
from dispatch.services.day_copy import copy_day
from dispatch.services.day_schedule import closes_at
from dispatch.services.promises import next_open_day
from dispatch.views.closed_days import warn_of_day
from dispatch.views.day_words import lines, rows_title, what_words
from dispatch.views.imports import csv_response
from dispatch.views.order_words import actor_name
from dispatch.views.pages import frame, page
from dispatch.written import Writer, day_written
from lastmile import bus
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError, not_found
from lastmile.models import User
from lastmile.refusals import in_words

PAGE = 100
EARLIEST, LATEST = date(2000, 1, 1), date(2200, 1, 1)
EXPORT = (Role.MANAGER, Role.AUDITOR)


def _day(request: HttpRequest, station: Station) -> date:
    """The day asked for; what is no day is today."""
    text = request.POST.get("day") or request.GET.get("day") or ""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return board.today(station)
    return day if EARLIEST <= day <= LATEST else board.today(station)


def _address(name: str, station: Station, day: date) -> str:
    return f"{reverse(name, args=[station.pk])}?day={day}"


def _row(station: Station, day: date) -> StationDay | None:
    return StationDay.objects.filter(station=station, day=day).first()


def _context(request: HttpRequest, station: Station, day: date) -> dict[str, Any]:
    roles = roles_at(request.user, station.pk)
    return frame(request, station, "day") | {
        "day": day,
        "today": board.today(station),
        "may_close": bool(roles & set(BOARD)),
        "may_export": bool(roles & set(EXPORT)),
    }


@require_safe
@page
def show(request: HttpRequest, station_id: int) -> HttpResponse:
    """The day's numbers, each with its rows, its target and two days to compare with."""
    station = require_station(request.user, station_id, READ)
    day = _day(request, station)
    compared = day_facts.compared(station, day, station.now())
    closed = _row(station, day)
    write = Writer(station.units, compared["day"]["policy"]["currency"])
    context = _context(request, station, day)
    context |= {
        "lines": lines(compared, station.units),
        "routes": [_route_words(route, write) for route in compared["day"]["routes"]],
        "closed": closed,
        "closed_by": _closed_by(closed),
        "closes_at": closes_at(station, day) if station.auto_close and closed is None else None,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "over": closed is None and day < context["today"] and _had_work(compared["day"]),
        "plan_next": _plan_next(station, day) if context["may_close"] and day == context["today"] else None,
        "carried": _carried_out(closed),
        "carried_in": 0 if closed else _carried_in(station, day),
    }
    return render(request, "dispatch/day.html", context)


def _had_work(facts: day_facts.Facts) -> bool:
    """A day nothing was done on needs no closing."""
    return bool(facts["counts"]["orders"] or facts["routes"])


def _plan_next(station: Station, day: date) -> dict[str, Any] | None:
    """The next day the station takes orders for; None where it never opens again."""
    try:
        target = next_open_day(station, day)
    except LastmileError:
        return None  # the settings say so; there is no board to lead to
    return {"day": target, "tomorrow": target == day + timedelta(days=1)}


def _route_words(route: dict[str, Any], write: Writer) -> dict[str, Any]:
    return route | {
        "distance": write.distance(route["distance_m"]),
        "hours": write.hours(route["out_s"]),
        "cost": write.money(route["cost_cents"]),
    }


def _carried_out(closed: StationDay | None) -> dict[str, Any] | None:
    """How many orders of a closed day went on, and where to."""
    moved = [change for change in (closed.changes if closed else []) if change["what"] == "order_carried"]
    return {"count": len(moved), "day": date.fromisoformat(moved[0]["to"])} if moved else None


def _carried_in(station: Station, day: date) -> int:
    """How many orders days before gave to this one."""
    rows = StationDay.objects.filter(station=station, day__lt=day, day__gte=day - timedelta(days=14))
    changes = [change for row in rows.values_list("changes", flat=True) for change in row]
    return sum(change.get("to") == day.isoformat() for change in changes)


@require_safe
@page
def rows(request: HttpRequest, station_id: int) -> HttpResponse:
    """The rows behind one number of the day."""
    station = require_station(request.user, station_id, READ)
    day, name = _day(request, station), request.GET.get("of", "")
    facts = day_facts.facts_of(station, day, station.now())
    title = rows_title(name)
    if title == name:
        raise not_found("The number")
    write = Writer(station.units, facts["policy"]["currency"])
    context = _context(request, station, day) | {"title": title, "of": name}
    if name == "routes":
        shown = [_route_words(route, write) for route in facts["routes"]]
        counts = facts["counts"]
        totals = {
            "stops": counts["stops"],
            "distance": write.distance(counts["distance_m"]),
            "hours": write.hours(counts["out_s"]),
            "cost": write.money(facts["cost_cents"]["routes"]),
        }
        context |= {"kind": "routes", "rows": shown, "total": len(shown), "totals": totals}
    else:
        context |= _listed(request, station, day, facts, name)
    return render(request, "dispatch/day_rows.html", context)


def _listed(
    request: HttpRequest, station: Station, day: date, facts: day_facts.Facts, name: str
) -> dict[str, Any]:
    if name == "stops":
        ids = day_facts.kept_ids(facts, name, day_facts.visited_stops(station, day))
        kind = "stops"
    elif name == "failed_attempts":
        ids = day_facts.kept_ids(facts, name, day_facts.failed_attempts(station, day))
        kind = "attempts"
    else:
        ids = day_facts.order_ids(station, facts, day, name)
        kind = "orders"
    shown = Paginator(ids, PAGE).get_page(request.GET.get("page"))
    return {"kind": kind, "total": len(ids), "page": shown, "rows": _fetch(kind, station, day, list(shown))}


def _fetch(kind: str, station: Station, day: date, ids: list[int]) -> list[Any]:
    if kind == "orders":
        return day_facts.orders_on(station, day, ids)
    if kind == "stops":
        stops = Stop.objects.filter(pk__in=ids, route__station=station).select_related("route")
        return list(stops.order_by("route_id", "sequence", "pk"))
    attempts = Attempt.objects.filter(pk__in=ids, stop__route__station=station)
    return list(attempts.select_related("order", "stop__route").order_by("pk"))


@require_safe
@page
def export(request: HttpRequest, station_id: int) -> HttpResponseBase:
    """The day's numbers and routes as a spreadsheet file; that they left the system is recorded."""
    station = require_station(request.user, station_id, EXPORT)
    day = _day(request, station)
    compared = day_facts.compared(station, day, station.now())
    with transaction.atomic():
        event = events.DataExported(
            station_id=station.pk, what="day", rows=len(compared["day"]["routes"]), detail=day.isoformat()
        )
        bus.publish(event, actor=actor_of(request), at=station.now())
    made = csv_lines(
        _("Number,Value,Target,Met,Day before,Same weekday last week").split(","), _cells(compared, station)
    )
    return csv_response(made, f"day-{station.code}-{day}.csv")


def _cells(compared: dict[str, day_facts.Facts], station: Station) -> Iterator[list[object]]:
    met = {True: _("yes"), False: _("no"), None: ""}
    for line in lines(compared, station.units):
        yield [line.title, line.main, line.target, met[line.met], line.before, line.week]
    yield []
    yield [
        _("Route"),
        _("Driver"),
        _("Vehicle"),
        _("Stops finished"),
        _("Metres"),
        _("Seconds out"),
        _("Cost, cents"),
    ]
    names = ("name", "driver", "vehicle", "visited", "distance_m", "out_s", "cost_cents")
    for route in compared["day"]["routes"]:
        yield [route[name] for name in names]


@require_http_methods(["GET", "HEAD", "POST"])
@page
def close(request: HttpRequest, station_id: int) -> HttpResponse:
    """What closing the day would do; the POST does it."""
    station = require_station(request.user, station_id, BOARD)
    day, now = _day(request, station), station.now()
    if _row(station, day) is not None:
        return redirect(_address("day-closed", station, day))
    if request.method != "POST":
        preview = preview_close(station=station, day=day, now=now)
        context = _context(request, station, day) | {
            "preview": preview,
            "not_begun": day > board.today(station),
        }
        return render(request, "dispatch/day_close.html", context)
    try:
        close_day(
            station=station,
            day=day,
            actor=actor_of(request),
            now=now,
            vans_out_too=request.POST.get("vans_out") == "on",
        )
    except LastmileError as error:
        messages.error(request, in_words(error))
        return redirect(_address("day-close", station, day))
    return redirect(_address("day-closed", station, day))


@require_safe
@page
def closed(request: HttpRequest, station_id: int) -> HttpResponse:
    """What was closed and why."""
    station = require_station(request.user, station_id, READ)
    day = _day(request, station)
    row = _row(station, day)
    if row is None:
        return redirect(_address("day", station, day))
    context = _context(request, station, day) | {
        "closed": row,
        "closed_by": _closed_by(row),
        "groups": _groups(row),
        "carried": _carried_out(row),
    }
    return render(request, "dispatch/day_closed.html", context)


def _closed_by(row: StationDay | None) -> str:
    """Who closed the day, by the name people know."""
    if row is None:
        return ""
    person = User.objects.filter(username=row.actor.removeprefix("user:")).first()
    return actor_name(row.actor, {"actor": {row.actor: person.get_full_name()} if person else {}})


def _groups(row: StationDay) -> list[dict[str, Any]]:
    titles = {
        "route_closed": _("Routes closed"),
        "route_dissolved": _("Draft routes dissolved"),
        "order_carried": _("Orders carried over"),
        "order_waits": _("Orders that wait for a decision"),
        "parcels_received": _("Parcels back in the station"),
        "plan_discarded": _("Plans discarded"),
        "plan_cancelled": _("Plans cancelled"),
        "exception_resolved": _("Alerts resolved"),
        "late_report": _("Reports that came in after the close"),
    }
    known = set(
        Order.objects.filter(station=row.station).filter(pk__in=_ids(row)).values_list("pk", flat=True)
    )
    groups = []
    for what, title in titles.items():
        found = [change for change in row.changes if change["what"] == what]
        items = [_item(change, known) for change in found]
        count = sum(change.get("count", 1) for change in found)
        if found:
            groups.append({"what": what, "title": title, "count": count, "items": items})
    return groups


def _ids(row: StationDay) -> list[int]:
    return [change["id"] for change in row.changes if change["what"].startswith("order_")]


def _item(change: dict[str, Any], known: set[int]) -> dict[str, Any]:
    order = change["id"] if change["what"].startswith("order_") and change["id"] in known else None
    return {
        "name": change.get("name", ""),
        "order": order,
        "why": what_words(change),
        "orders": change.get("orders"),
    }


@require_POST
@page
def copy(request: HttpRequest, station_id: int) -> HttpResponse:
    """Copy the day's orders to another day."""
    station = require_station(request.user, station_id, BOARD)
    day = _day(request, station)
    try:
        target = date.fromisoformat(request.POST.get("to", ""))
    except ValueError:
        messages.error(request, _("Choose the day to copy to."))
        return redirect(_address("day", station, day))
    try:
        copied = copy_day(station=station, day=day, target=target, actor=actor_of(request), now=station.now())
    except LastmileError as error:
        messages.error(request, in_words(error))
        return redirect(_address("day", station, day))
    new = len(copied.order_ids)
    words = [ngettext("%(n)s order copied to %(day)s.", "%(n)s orders copied to %(day)s.", new)]
    words[0] %= {"n": new, "day": day_written(target)}
    if copied.known:
        known = ngettext("%(n)s was there already.", "%(n)s were there already.", copied.known)
        words.append(known % {"n": copied.known})
    messages.success(request, " ".join(words))
    warn_of_day(request, station, target)
    return redirect(_address("day", station, target))


urlpatterns = [
    path("stations/<int:station_id>/day/", show, name="day"),
    path("stations/<int:station_id>/day/rows/", rows, name="day-rows"),
    path("stations/<int:station_id>/day/export/", export, name="day-export"),
    path("stations/<int:station_id>/day/close/", close, name="day-close"),
    path("stations/<int:station_id>/day/closed/", closed, name="day-closed"),
    path("stations/<int:station_id>/day/copy/", copy, name="day-copy"),
]
