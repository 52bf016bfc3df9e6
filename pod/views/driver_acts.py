"""The buttons of the driver's pages. Plain forms; a script that sends them gets the same answers as JSON."""

import functools
import json
import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from dispatch.access import actor_of
from dispatch.lifecycle import RouteState
from dispatch.models import Driver, Route, Stop
from dispatch.services.driver_messages import confirm_message, send_to_station
from dispatch.services.routes import close_route, depart_route
from dispatch.services.visits import arrive_stop
from lastmile.api import problem
from lastmile.kernel.errors import LastmileError
from lastmile.refusals import in_words
from pod.api.messages import message_for
from pod.api.stops import DeliverReport, FailReport, StopReport, read_report
from pod.rules import Capture
from pod.selectors.driver import Call, call_at, round_of
from pod.services.deliveries import Rest, Shown, deliver
from pod.services.deliveries import fail as fail_visit
from pod.services.proof_files import MOST_FILES, Picture, photo, signed
from pod.views import seen
from pod.views.caller import HIDDEN, Caller, drivers_page, own_route, own_stop

GONE = ("not_at_this_stop", "order_not_out", "stop_cancelled")
SAYINGS = {
    "handed_over": gettext_lazy("I had already handed it over"),
    "with_me": gettext_lazy("I have it in the van and bring it back"),
    "never_had": gettext_lazy("I never had it in the van"),
    "other": gettext_lazy("Something else"),
}

Act = Callable[..., str | None]


def told(act: Act) -> Callable[..., HttpResponse]:
    """A form's target: does it, then leads to the next page; a refusal is said with its reason."""

    @require_POST
    @drivers_page
    @functools.wraps(act)
    def view(request: HttpRequest, driver: Driver, **keys: Any) -> HttpResponse:
        request.POST.keys()  # a body that cannot be read is refused before anything is done
        try:
            target = act(request, driver, **keys) or reverse("driver")
        except LastmileError as error:
            return _refused(request, driver, error)
        return JsonResponse({"next": target}) if wants_json(request) else redirect(target)

    return view


def wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def _refused(request: HttpRequest, driver: Driver, error: LastmileError) -> HttpResponse:
    if error.status in HIDDEN or error.code in GONE:
        asked = ids(request, "here") or ids(request, "orders")
        if not wants_json(request):
            return gone_page(request, driver, asked)
        query = f"?orders={','.join(map(str, asked))}" if asked else ""
        return JsonResponse(problem(error) | {"next": reverse("driver-gone") + query}, status=409)
    if wants_json(request):
        return JsonResponse(problem(error), status=error.status)
    messages.error(request, in_words(error))
    return redirect("driver-messages" if request.POST.get("back") == "messages" else "driver")


def gone_page(request: HttpRequest, driver: Driver, asked: list[int]) -> HttpResponse:
    """Not on the route any more, or never: the two look the same. What this phone has shown is named."""
    orders = seen.known_orders(request, asked)
    here = {order.pk for call in _calls(driver) for order in call.waiting}
    lost = [order for order in orders if order.pk not in here]
    context = {
        "depot": driver.station,
        "lost": lost,
        "sayings": SAYINGS.items(),
        "event_id": uuid.uuid4().hex,
    }
    return render(request, "pod/gone.html", context, status=404)


def _calls(driver: Driver) -> list[Any]:
    shown = round_of(driver, driver.station.now())
    return shown.calls if shown else []


@require_safe
@drivers_page
def gone(request: HttpRequest, driver: Driver) -> HttpResponse:
    asked = [int(each) for each in request.GET.get("orders", "").split(",") if each.isdigit()][:200]
    return gone_page(request, driver, [pk for pk in asked if pk < 2**63])


@told
def start(request: HttpRequest, driver: Driver, pk: int) -> None:
    _move(depart_route, own_route(request, driver, pk), RouteState.DEPARTED, actor_of(Caller(request.user)))


@told
def finish(request: HttpRequest, driver: Driver, pk: int) -> None:
    route = own_route(request, driver, pk)
    if route.state == RouteState.RELEASED:
        raise LastmileError(
            "route_not_departed",
            f"Route {route.name} has not departed.",
            "Start the route first.",
            status=409,
        )
    _move(close_route, route, RouteState.CLOSED, actor_of(Caller(request.user)))


def _move(move: Callable[..., Route], route: Route, goal: RouteState, actor: str) -> None:
    try:
        move(route=route, actor=actor, now=route.station.now())
    except LastmileError:
        # The other of two quick taps was first: it is where it should be.
        route.refresh_from_db()
        if route.state != goal:
            raise


@told
def arrive(request: HttpRequest, driver: Driver, pk: int) -> str:
    stop = own_stop(request, driver, pk)
    now = driver.station.now()
    report = read_report(_read(StopReport, request), now)
    arrive_stop(stop=stop, at=report.at, actor=actor_of(Caller(request.user)), now=now)
    return reverse("driver-stop", args=[pk]) + "?outcome=delivered"


@told
def hand_over(request: HttpRequest, driver: Driver, pk: int) -> None:
    stop, body = own_stop(request, driver, pk), _read(DeliverReport, request)
    now = driver.station.now()
    deliver(
        stop=stop,
        report=read_report(body, now),
        capture=Capture(body["received_by"], body["relation"]),
        order_ids=body.get("orders"),
        rest=_rest(request, stop, body),
        shown=Shown(accuracy_m=body.get("accuracy"), pictures=pictures(request, body["event_id"])),
        driver=driver,
        actor=actor_of(Caller(request.user)),
        now=now,
    )


def _rest(request: HttpRequest, stop: Stop, body: dict[str, Any]) -> Rest | None:
    """Orders the driver saw and left unticked; refusals name things as the page of the stop does."""
    here = ids(request, "here")
    left = [pk for pk in here if pk not in (body.get("orders") or here)]
    if here and not body.get("orders"):
        raise _none_ticked(call_at(stop))
    if left and not body.get("reason"):
        collects = call_at(stop).collects
        raise LastmileError(
            "no_reason",
            _("Some orders are not ticked, and no reason is given."),
            _("Choose why they were not collected.")
            if collects
            else _("Choose why they were not handed over."),
            field="reason",
        )
    return Rest(left, body["reason"]) if left else None


def _none_ticked(call: Call) -> LastmileError:
    if call.collects:
        cause = _("No order is ticked as collected.")
        action = _("Tick what was collected, or use “Not collected”.")
    else:
        cause = _("No order is ticked as delivered.")
        action = _("Tick what was handed over, or use “Failed”.")
    return LastmileError("none_delivered", cause, action, field="orders")


@told
def fail(request: HttpRequest, driver: Driver, pk: int) -> None:
    stop, body = own_stop(request, driver, pk), _read(FailReport, request)
    now = driver.station.now()
    fail_visit(
        stop=stop,
        report=read_report(body, now),
        reason=body["reason"],
        order_ids=body.get("orders"),
        shown=Shown(pictures=pictures(request, body["event_id"])),
        driver=driver,
        actor=actor_of(Caller(request.user)),
        now=now,
    )


def pictures(request: HttpRequest, event_id: str) -> list[Picture]:
    """What came with the form; ids follow from the report's, so that a second sending is the same pictures."""
    files = [file for file in request.FILES.getlist("photos") if file.size or file.name]
    if len(files) > MOST_FILES - 1:
        raise LastmileError(
            "too_many_pictures",
            _("There are too many photos."),
            _("Send at most seven."),
            field="photo",
            status=422,
        )
    found = [photo(f"{event_id[:52]}-photo-{index}", file.read()) for index, file in enumerate(files)]
    given = _signature(request)
    return found if given is None else [*found, signed(f"{event_id[:52]}-signature", given)]


def _signature(request: HttpRequest) -> Any:
    strokes, typed = request.POST.get("signature", ""), request.POST.get("signature_typed", "").strip()
    if strokes:
        try:
            return json.loads(strokes)
        except (ValueError, RecursionError):
            return "unreadable"  # refused with everything else that is no signature
    return {"typed": typed} if typed else None


@told
def understood(request: HttpRequest, driver: Driver, pk: int) -> None:
    """The driver has seen what changed."""
    shown = round_of(driver, driver.station.now())
    if shown is not None and shown.route.state != RouteState.CLOSED:
        seen.remember(request, shown)
    else:
        seen.forget(request)


@told
def confirm(request: HttpRequest, driver: Driver, pk: int) -> str | None:
    confirm_message(
        message=message_for(driver, pk), actor=actor_of(Caller(request.user)), now=driver.station.now()
    )
    return reverse("driver-messages") if request.POST.get("back") == "messages" else None


@told
def write(request: HttpRequest, driver: Driver) -> str:
    send_to_station(
        driver=driver,
        words=request.POST.get("words", ""),
        event_id=request.POST.get("event_id", ""),
        actor=actor_of(Caller(request.user)),
        now=driver.station.now(),
    )
    return reverse("driver-messages")


@told
def tell_lost(request: HttpRequest, driver: Driver) -> None:
    """What became of an order that was called off under way."""
    orders = seen.known_orders(request, ids(request, "orders"))
    saying = SAYINGS.get(request.POST.get("saying", ""))
    if saying is None or not orders:
        raise LastmileError(
            "no_saying", _("It is not said what became of the order."), _("Choose one."), field="saying"
        )
    names = ", ".join(order.number for order in orders)
    words = f"{names}: {saying}. {request.POST.get('note', '').strip()}".strip()
    send_to_station(
        driver=driver,
        words=words[:500],
        event_id=request.POST.get("event_id", "") or f"lost-{orders[0].pk}",
        actor=actor_of(Caller(request.user)),
        now=driver.station.now(),
    )
    messages.success(request, _("The station knows."))


def ids(request: HttpRequest, field: str) -> list[int]:
    found = [int(each) for each in request.POST.getlist(field) if each.isascii() and each.isdigit()]
    return [pk for pk in found if pk < 2**63][:500]


def _read(shape: type[StopReport], request: HttpRequest) -> dict[str, Any]:
    """The form under the API's own rules. Its moment is now: the page is sent as it is tapped."""
    read = shape(data=request.POST)
    if not read.is_valid():
        field, words = next(iter(read.errors.items()))
        said = words[0] if isinstance(words, list) else words
        raise LastmileError("bad_form", f"{field}: {said}", "Correct it and send it again.", field=field)
    return {name: value for name, value in read.validated_data.items() if name not in ("at", "sent_at")}


urlpatterns = [
    path("driver/gone/", gone, name="driver-gone"),
    path("driver/lost/", tell_lost, name="driver-lost"),
    path("driver/routes/<int:pk>/start/", start, name="driver-start"),
    path("driver/routes/<int:pk>/finish/", finish, name="driver-finish"),
    path("driver/routes/<int:pk>/understood/", understood, name="driver-understood"),
    path("driver/stops/<int:pk>/arrive/", arrive, name="driver-arrive"),
    path("driver/stops/<int:pk>/deliver/", hand_over, name="driver-deliver"),
    path("driver/stops/<int:pk>/fail/", fail, name="driver-fail"),
    path("driver/messages/<int:pk>/confirm/", confirm, name="driver-confirm"),
    path("driver/messages/send/", write, name="driver-write"),
]
