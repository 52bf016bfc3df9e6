"""Who may act at a stop: the route's driver, by device or signed in, and the station's dispatchers."""

from typing import Any

from dispatch.access import require_station
from dispatch.models import Driver, Route, Stop
from lastmile.kernel.errors import LastmileError, not_found
from lastmile.models import User


def driver_of(request: Any) -> Driver | None:
    """The driver who asks: a device's token carries its driver, a signed-in person may be one."""
    if request.auth is not None:
        found: Driver | None = getattr(request.auth, "driver", None)
        return found
    if not isinstance(request.user, User) or not request.user.is_active:
        return None
    return Driver.objects.filter(user=request.user, active=True).first()


def require_route(request: Any, route_id: int) -> Route:
    """The route, if the caller drives it or works the station's board; else it does not seem to exist."""
    route = Route.objects.select_related("station", "vehicle").filter(pk=route_id).first()
    if route is None:
        raise not_found("The route")
    _require(request, route, "The route")
    return route


def require_stop(request: Any, stop_id: int) -> Stop:
    """The stop, under the same rule as its route."""
    stop = Stop.objects.select_related("route__station").filter(pk=stop_id).first()
    if stop is None:
        raise not_found("The stop")
    _require(request, stop.route, "The stop")
    return stop


def _require(request: Any, route: Route, what: str) -> None:
    driver = driver_of(request)
    # A draft is nobody's yet: a driver sees a route once it is released.
    if driver is not None and route.driver_id == driver.pk and route.state != "draft":
        return
    if request.auth is not None:
        raise not_found(what)
    if not request.user.is_authenticated:
        raise LastmileError("not_signed_in", "Nobody is signed in.", "Sign in first.", status=401)
    require_station(request.user, route.station_id)
