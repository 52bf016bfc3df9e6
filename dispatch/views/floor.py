"""The scanning page of the floor, and the trail of one parcel."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dispatch.access import FLOOR, require_station
from dispatch.api.board import day_of
from dispatch.floor import Activity
from dispatch.floor_words import ACTIVITIES, STATES, verdict_words
from dispatch.models import Parcel
from dispatch.selectors import board
from dispatch.selectors.floor import trail
from dispatch.views.pages import frame, page

SHOWN = ("announced", "received", "sorted", "loaded", "delivered", "undelivered", "damaged", "missing")


@require_safe
@page
def show(request: HttpRequest, station_id: int) -> HttpResponse:
    """Everything on it comes from the API; the page itself holds words only."""
    station = require_station(request.user, station_id, FLOOR)
    context = frame(request, station, "floor") | {
        "day": day_of(request.GET.get("day"), board.today(station)).isoformat(),
        "activities": [(activity.value, ACTIVITIES[activity.value]) for activity in Activity],
        "states": [(state, STATES[state]) for state in SHOWN],
    }
    return render(request, "dispatch/floor.html", context)


@require_safe
@page
def parcel(request: HttpRequest, station_id: int) -> HttpResponse:
    """What was done with a parcel, by its barcode."""
    station = require_station(request.user, station_id, FLOOR)
    barcode = request.GET.get("barcode", "").strip()[:60]
    rows = Parcel.objects.select_related("order", "aboard").filter(order__station=station)
    found = rows.filter(barcode=barcode).first() if barcode else None
    moves = [(move, verdict_words(move)) for move in trail(found)] if found else []
    context = frame(request, station, "floor") | {
        "barcode": barcode,
        "parcel": found,
        "state": STATES[found.state] if found else "",
        "moves": [(move, words, ACTIVITIES.get(move.activity, _("Scan"))) for move, words in moves],
    }
    return render(request, "dispatch/floor_parcel.html", context)


urlpatterns = [
    path("stations/<int:station_id>/floor/", show, name="floor"),
    path("stations/<int:station_id>/floor/parcel/", parcel, name="floor-parcel"),
]
