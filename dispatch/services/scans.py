"""Scans of the floor: each is judged, moves its parcel or not, and stands in the trail; the same scan twice is one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from dispatch.floor import Activity, Piece, Verdict, Way, judge
from dispatch.lifecycle import ParcelState, sources
from dispatch.models import Order, Parcel, ParcelMove, Route, Station, StopOrder, Zone
from dispatch.models.stop import Outcome
from dispatch.places.geometry import inside
from lastmile.kernel.errors import LastmileError, not_found

MOST = 200


@dataclass(frozen=True)
class Scan:
    """One reading of a barcode, as the scanner reports it."""

    client_event_id: str
    activity: str
    barcode: str
    at: datetime
    route_id: int | None = None


def record_scans(*, station: Station, scans: Sequence[Scan], actor: str, now: datetime) -> list[ParcelMove]:
    """Judge scans in their order and write each into the trail; those known by their id are answered as they were.

    Raises bad_choice for an activity that there is not, not_found for a route of another station.
    """
    _check(station, scans)
    try:
        return _record(station, scans, actor, now)
    except IntegrityError:  # the same scans came twice at one moment: the other one has written them
        return _record(station, scans, actor, now)


def _record(station: Station, scans: Sequence[Scan], actor: str, now: datetime) -> list[ParcelMove]:
    with transaction.atomic():
        known = _known(station, scans)
        floor = _Floor(station, [scan for scan in scans if scan.client_event_id not in known], actor, now)
        for scan in scans:
            if scan.client_event_id not in known:
                known[scan.client_event_id] = floor.take(scan)
        floor.write()
    return [known[scan.client_event_id] for scan in scans]


def _check(station: Station, scans: Sequence[Scan]) -> None:
    for scan in scans:
        if scan.activity not in Activity:
            raise LastmileError(
                "bad_choice",
                f"{scan.activity!r} is not one of {', '.join(Activity)}.",
                "Choose one of these.",
                field="activity",
            )
    wanted = {scan.route_id for scan in scans if scan.route_id is not None}
    if Route.objects.filter(pk__in=wanted, station=station).count() != len(wanted):
        raise not_found("The route")


def _known(station: Station, scans: Sequence[Scan]) -> dict[str, ParcelMove]:
    ids = [scan.client_event_id for scan in scans]
    rows = ParcelMove.objects.filter(station=station, client_event_id__in=ids)
    return {row.client_event_id: row for row in rows}


class _Floor:
    """What a batch of scans finds, and what it writes."""

    def __init__(self, station: Station, scans: Sequence[Scan], actor: str, now: datetime) -> None:
        self.station, self.actor, self.now = station, actor, now
        barcodes = {scan.barcode for scan in scans}
        rows = Parcel.objects.select_for_update(of=("self",)).filter(barcode__in=barcodes).order_by("pk")
        self.parcels = {row.barcode: row for row in rows.select_related("order")}
        self.planned = _planned(row.order_id for row in self.parcels.values())
        named = {scan.route_id or 0 for scan in scans} | {row.aboard_id or 0 for row in self.parcels.values()}
        routes = Route.objects.filter(pk__in=named)
        self.ways = {route.pk: Way(route.pk, route.name, route.state) for route in routes}
        zones = Zone.objects.filter(station=station).order_by("name").values_list("name", "polygon")
        self.zones = [(name, [*ring, *ring[:1]]) for name, ring in zones]
        self.moves: list[ParcelMove] = []
        self.touched: dict[int, Parcel] = {}

    def take(self, scan: Scan) -> ParcelMove:
        parcel = self.parcels.get(scan.barcode)
        verdict = self.judge(scan, parcel)
        before = parcel.state if parcel is not None and parcel.order.station_id == self.station.pk else ""
        move = ParcelMove(
            station=self.station,
            parcel=parcel if before else None,
            route_id=verdict.aboard or scan.route_id,
            barcode=scan.barcode,
            activity=scan.activity,
            verdict=verdict.code,
            ok=verdict.ok,
            before=before,
            after=verdict.moves or "",
            lane=verdict.lane[:40],
            actor=self.actor,
            at=scan.at,
            recorded_at=self.now,
            client_event_id=scan.client_event_id,
        )
        if parcel is not None and verdict.moves is not None:
            self.move(parcel, verdict.moves, verdict)
        self.moves.append(move)
        return move

    def judge(self, scan: Scan, parcel: Parcel | None) -> Verdict:
        if parcel is None:
            return Verdict("unknown_barcode", ok=False)
        if parcel.order.station_id != self.station.pk:
            return Verdict("other_station", ok=False)
        piece = Piece(
            parcel.state,
            parcel.order.state,
            self.planned.get(parcel.order_id),
            self.ways.get(parcel.aboard_id or 0),
            parcel.lane,
        )
        route = self.ways.get(scan.route_id or 0)
        return judge(Activity(scan.activity), piece, route=route, zone=self.zone_of(parcel.order))

    def zone_of(self, order: Order) -> str:
        """The lane of the first sort, before there are routes: the order's zone."""
        if order.lat is None or order.lng is None:
            return ""
        place = (order.lat, order.lng)
        return next((name for name, ring in self.zones if inside(place, ring)), "")

    def move(self, parcel: Parcel, after: ParcelState, verdict: Verdict) -> None:
        parcel.state = after
        parcel.aboard_id = verdict.aboard
        if after == ParcelState.SORTED:
            parcel.lane = verdict.lane[:40]
        elif after != ParcelState.LOADED:
            parcel.lane = ""
        self.touched[parcel.pk] = parcel

    def write(self) -> None:
        Parcel.objects.bulk_update(self.touched.values(), ["state", "aboard", "lane"])
        ParcelMove.objects.bulk_create(self.moves)


def _planned(order_ids: Iterable[int]) -> dict[int, Way]:
    """The route that each order is planned on."""
    rows = StopOrder.objects.filter(order_id__in=list(order_ids), outcome=Outcome.PLANNED)
    fields = ("order_id", "stop__route_id", "stop__route__name", "stop__route__state")
    return {order: Way(pk, name, state) for order, pk, name, state in rows.values_list(*fields)}


def move_parcels(
    rows: QuerySet[Parcel], after: ParcelState, *, activity: str, key: str, actor: str, at: datetime
) -> int:
    """Move parcels that nobody scans (handed over, failed, back with the van), with a line of the trail for each.

    `key` names the cause, so that the same one twice is one. Returns how many moved.
    """
    rows = rows.filter(state__in=sources(ParcelState, after)).exclude(state=after)
    found = list(rows.select_related("order").order_by("pk"))
    moves = [
        ParcelMove(
            station_id=row.order.station_id, parcel=row, route_id=row.aboard_id, barcode=row.barcode,
            activity=activity, verdict=after, ok=True, before=row.state, after=after, actor=actor, at=at,
            client_event_id=f"{key}:{row.pk}:{after}",
        )
        for row in found
    ]  # fmt: skip
    ParcelMove.objects.bulk_create(moves, ignore_conflicts=True)
    kept = {} if after in (ParcelState.LOADED, ParcelState.UNDELIVERED) else {"aboard": None, "lane": ""}
    return Parcel.objects.filter(pk__in=[row.pk for row in found]).update(state=after, **kept)
