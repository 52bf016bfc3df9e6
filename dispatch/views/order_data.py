"""What is kept about one order, in one file; and letting go of its recipient."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from dispatch.access import MANAGE, actor_of, require_station, stations_of
from dispatch.models import Membership, Order, Role, Station
from dispatch.services import erasure
from dispatch.services.order_export import export_order
from dispatch.views.pages import frame, page
from lastmile.kernel.errors import LastmileError, not_found
from lastmile.pages import person_of

SHOWN = 200


def _order(station: Station, order_id: int) -> Order:
    row = Order.objects.select_related("station", "shop").filter(pk=order_id, station=station).first()
    if row is None:
        raise not_found("The order")
    return row


@require_safe
@page
def export(request: HttpRequest, station_id: int, order_id: int) -> FileResponse:
    """Everything about the order, as a zip."""
    station = require_station(request.user, station_id, MANAGE)
    order = _order(station, order_id)
    made = export_order(order=order, actor=actor_of(request), now=station.now())
    return FileResponse(
        made, as_attachment=True, filename=f"{order.number}.zip", content_type="application/zip"
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page
def erase(request: HttpRequest, station_id: int, order_id: int) -> HttpResponse:
    """Show all that is kept of the order's recipient; the POST, with the order's number typed, erases it."""
    station = require_station(request.user, station_id, MANAGE)
    order = _order(station, order_id)
    refused, status = None, 200
    found = erasure.Recipient([], [], [])
    try:
        found = erasure.find_by_order(order=order, within=_within(request))
        erasure.require_erasable(found)
        if request.method == "POST":
            if request.POST.get("number", "").strip() == order.number:
                counts = erasure.erase_recipient(found=found, actor=actor_of(request), now=timezone.now())
                words = ngettext(
                    "Erased: %(n)s order of the recipient.",
                    "Erased: %(n)s orders of the recipient.",
                    counts["orders"],
                )
                messages.success(request, words % {"n": counts["orders"]})
                return redirect("order-erase", station.pk, order.pk)
            refused = LastmileError(
                "not_confirmed",
                _("Nothing was erased."),
                _("Type the order's number to confirm."),
                status=422,
            )
    except LastmileError as error:
        refused = error
    if refused is not None and request.method == "POST":
        status = refused.status
    context = frame(request, station, "orders") | {
        "order": order, "found": found, "refused": refused, "rows": found.ended[:SHOWN], "erased": order.erased_at,
    }  # fmt: skip
    return render(request, "dispatch/order_erase.html", context, status=status)


def _within(request: HttpRequest) -> QuerySet[Order]:
    """Orders at every station this person manages: the recipient asked all of us."""
    person = person_of(request)
    mine = stations_of(person)
    if not person.is_superuser:
        managed = Membership.objects.filter(user=person, role=Role.MANAGER).values("station_id")
        mine = mine.filter(pk__in=managed)
    return erasure.at_stations(mine.values_list("pk", flat=True))


urlpatterns = [
    path("stations/<int:station_id>/orders/<int:order_id>/export/", export, name="order-export"),
    path("stations/<int:station_id>/orders/<int:order_id>/erase/", erase, name="order-erase"),
]
