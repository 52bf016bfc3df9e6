"""Who asks for a driver's page, and what of the route is theirs."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from dispatch.lifecycle import RouteState
from dispatch.models import Driver, Route, Stop
from dispatch.services.driver_seen import note_seen
from lastmile.kernel.errors import not_found
from pod.access import driver_of, require_route, require_stop

HIDDEN = (403, 404)  # on these pages, what is not the driver's does not exist


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in browser, as the permission functions shared with the API expect to find it."""

    user: Any
    auth: None = None


Page = Callable[..., HttpResponse]


def drivers_page(view: Page) -> Page:
    """A page for a signed-in driver, handed in; others are told that it is for drivers."""

    @never_cache
    @login_required
    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        driver = driver_of(Caller(request.user))
        if driver is None:
            return render(request, "pod/no_driver.html", status=403)
        note_seen(driver=driver, now=driver.station.now())
        return view(request, driver, *args, **kwargs)

    return shown


def own_route(request: HttpRequest, driver: Driver, pk: int) -> Route:
    """A route of this driver; whoever works the board as well uses the board for the others."""
    route = require_route(Caller(request.user), pk)
    if route.driver_id != driver.pk or route.state == RouteState.DRAFT:
        raise not_found("The route")
    return route


def own_stop(request: HttpRequest, driver: Driver, pk: int) -> Stop:
    stop = require_stop(Caller(request.user), pk)
    own_route(request, driver, stop.route_id)
    return stop
