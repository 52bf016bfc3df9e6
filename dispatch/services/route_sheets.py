"""Routes to print: what stands on a driver's paper, in the reader's language and the station's times and units."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dispatch.models import Order, Route, Station, Stop, StopOrder
from dispatch.models.stop import Outcome
from dispatch.printing.route_sheet import Sheet, SheetStop, draw
from dispatch.written import Writer, day_written
from lastmile import bus
from lastmile.kernel import events

MOST = 200

type Clock = Callable[[datetime | None], str]


def print_routes(
    *, station: Station, routes: QuerySet[Route], address: str, actor: str, now: datetime
) -> bytes:
    """A PDF of these routes' sheets, recorded as data.exported. ``address``: the board's, for the printed code."""
    visits = StopOrder.objects.exclude(outcome=Outcome.MISSED).select_related("order").order_by("id")
    visits = visits.prefetch_related("order__parcels")
    stops = Stop.objects.order_by("sequence", "id").prefetch_related(Prefetch("visits", queryset=visits))
    rows = list(
        routes.select_related("vehicle", "driver").prefetch_related(Prefetch("stops", queryset=stops))[:MOST]
    )
    writer = Writer(station.units, station.currency)
    sheets = [_sheet(route, station, writer, address) for route in rows]
    moment = now.astimezone(station.zone)
    footer = _("%(station)s, printed %(day)s %(time)s by %(who)s") % {
        "station": station.name,
        "day": day_written(moment.date()),
        "time": f"{moment:%H:%M}",
        "who": actor.removeprefix("user:"),
    }
    paper = "LETTER" if station.units == "imperial" else "A4"
    made = draw(sheets, paper=paper, footer=footer, page_words=_("Page {page}"))
    names = ", ".join(route.name for route in rows)
    event = events.DataExported(
        station_id=station.pk, what="route sheets", rows=len(rows), detail=names[:200]
    )
    bus.publish(event, actor=actor, at=now)
    return made


def _sheet(route: Route, station: Station, writer: Writer, address: str) -> Sheet:
    def clock(moment: datetime | None) -> str:
        return f"{moment.astimezone(station.zone):%H:%M}" if moment else ""

    load = route.load or {}
    plate = f" ({route.vehicle.plate})" if route.vehicle.plate else ""
    facts = (
        (_("Day"), day_written(route.day)),
        (_("Driver"), route.driver.name if route.driver else "–"),
        (_("Vehicle"), f"{route.vehicle.name}{plate}"),
        (_("Out and back"), f"{clock(route.start_at)}–{clock(route.end_at)}"),
        (_("Way"), writer.distance(route.distance_m)),
        (_("Load"), f"{writer.weight(load.get('weight_g', 0))}, {_pieces(load.get('pieces', 0))}"),
    )
    headings = (_("Stop"), _("Time"), _("Door"), _("Goods"), _("Codes"))
    stops = tuple(_stop(stop, clock, writer) for stop in route.stops.all())
    return Sheet(
        route.name, f"R{route.pk}", f"{address}?day={route.day}&route={route.pk}", facts, headings, stops
    )


def _pieces(count: int) -> str:
    return ngettext("%(count)s piece", "%(count)s pieces", count) % {"count": count}


def _stop(stop: Stop, clock: Clock, writer: Writer) -> SheetStop:
    orders: Sequence[Order] = [visit.order for visit in stop.visits.all()]
    window = f"{clock(stop.window_start)}–{clock(stop.window_end)}"
    door = [stop.address]
    for order in orders:
        door += [" · ".join(filter(None, (order.recipient, order.phone))), order.note]
    goods = []
    for order in orders:
        kind = _("collect") if order.kind == "collection" else ""
        needs = ", ".join(order.skills)
        goods.append(
            " · ".join(filter(None, (kind, _pieces(order.pieces), writer.weight(order.weight_g), needs)))
        )
    codes = [
        code
        for order in orders
        for code in ([parcel.barcode for parcel in order.parcels.all()] or [order.number])
    ]
    return SheetStop(
        str(stop.sequence),
        (clock(stop.eta or stop.planned_arrival), window if stop.window_start or stop.window_end else ""),
        tuple(door),
        tuple(goods),
        tuple(codes),
    )
