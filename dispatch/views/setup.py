"""The first run, and every further station: from nothing to a board with vans, step by step, each a page of its own."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dispatch.access import actor_of
from dispatch.models import Driver, Role, Shift, Station, Vehicle
from dispatch.places.city import City
from dispatch.places.errors import PlacesError
from dispatch.services import city as cities
from dispatch.services import city_jobs, demo_removal, first_run
from dispatch.services.cities import StationCity
from dispatch.services.countries import places_of_zones
from dispatch.services.day_fleet import TYPES
from dispatch.services.invitations import invite
from dispatch.setup_forms import AdminForm, CityForm, KindForm, ManagerForm, RosterForm, StationForm
from dispatch.views import order_data
from lastmile import limits, setup_link
from lastmile.entering import first_factor
from lastmile.kernel.errors import LastmileError, not_found
from lastmile.models import Job, User
from lastmile.pages import answer, person_of, wait_page
from lastmile.refusals import in_words

STEPS = (
    ("admin", gettext_lazy("You")),
    ("city", gettext_lazy("City")),
    ("station", gettext_lazy("Station")),
    ("manager", gettext_lazy("Manager")),
    ("fleet", gettext_lazy("Fleet")),
    ("done", gettext_lazy("Done")),
)
PRESETS = {
    "Van": gettext_lazy("Vans"),
    "Cargo bike": gettext_lazy("Cargo bikes"),
    "Truck": gettext_lazy("Trucks"),
}
COSTS = ("fixed", "km", "hour")
FIRST_GUESSES = {"Van": 3, "Cargo bike": 0, "Truck": 0}
LINKS = "setup_links"  # in the session until they were shown: whom they are for, and the path
TRIES, TRIES_PER_S = 20, 3600

View = Callable[..., HttpResponseBase]


def admins(view: View) -> View:
    """A page for admins alone; a refusal of a service becomes words on the page before."""

    @login_required
    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not person_of(request).is_superuser:
            return render(request, "403.html", status=403)
        try:
            return view(request, *args, **kwargs)
        except LastmileError as error:
            if error.status == 404:
                return render(request, "404.html", status=404)
            messages.error(request, in_words(error))
            return redirect("setup")

    return shown


def words(step: str, **more: Any) -> dict[str, Any]:
    """What every step's page needs: where one is, and what comes before and after."""
    names = [name for name, _label in STEPS]
    at = names.index(step)
    shown = [
        {"name": name, "label": label, "number": number + 1, "done": number < at, "here": name == step}
        for number, (name, label) in enumerate(STEPS)
    ]
    return {"steps": shown, "step": step, "number": at + 1, "count": len(STEPS)} | more


@require_safe
@admins
def index(request: HttpRequest) -> HttpResponse:
    """Where one left off: stations that are there, cities that are there, and the demo, to be taken away."""
    stations = list(Station.objects.filter(active=True, sandbox_of=None))
    demo = demo_removal.demo_station()
    context = {"stations": stations, "demo": demo, "building": city_jobs.newest() if not stations else None}
    return render(request, "dispatch/setup.html", context)


@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def first(request: HttpRequest, token: str) -> HttpResponse:
    """The first admin, by the address the server printed."""
    now = timezone.now()
    try:
        limits.take(
            "setup", limits.household_of(limits.address_of(request)), amount=TRIES, per_s=TRIES_PER_S, at=now
        )
    except LastmileError as error:
        return wait_page(request, error)
    if not setup_link.is_good(token, now):
        return render(request, "dispatch/setup_spent.html", {"needed": setup_link.is_needed()}, status=404)
    form, refused = AdminForm(request.POST or None), None
    if form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("username", "full_name", "email", "password")}
        try:
            person = first_run.make_admin(token=token, language=_language(request), now=now, **given)
        except LastmileError as error:
            refused = error
        else:
            waits = first_factor(request=request, user=person, by="setup", go_on="/setup/city/", now=now)
            return redirect(waits or "setup-city")
    return answer(request, "dispatch/setup_admin.html", words("admin"), refused, form)


def _language(request: HttpRequest) -> str:
    code = str(getattr(request, "LANGUAGE_CODE", "en"))[:2]
    return code if code in dict(settings.LANGUAGES) else "en"


@require_http_methods(["GET", "HEAD", "POST"])
@admins
def city(request: HttpRequest) -> HttpResponse:
    """Pick a city that is built, or have one built."""
    form, refused = CityForm(request.POST or None), None
    if form.is_valid():
        try:
            job = city_jobs.add_city(
                name=form.cleaned_data["name"], source=form.cleaned_data["source"].strip(),
                actor=actor_of(request), now=timezone.now(),
            )  # fmt: skip
        except LastmileError as error:
            refused = error
        else:
            return redirect("setup-city-build", job.pk)
    context = words("city", cities=cities.list_cities(Path(settings.CITIES_HOME)), building=_building())
    return answer(request, "dispatch/setup_city.html", context, refused, form)


def _building() -> Job | None:
    job = city_jobs.newest()
    return job if job is not None and job.state in ("queued", "running") else None


@require_safe
@admins
def build(request: HttpRequest, job_id: int) -> HttpResponse:
    """How far a city is; once it is there, on to the station."""
    job = Job.objects.filter(pk=job_id, kind=city_jobs.KIND).first()
    if job is None:
        raise not_found("The job")
    if job.state == "done":
        return redirect("setup-station", job.payload["name"])
    return render(request, "dispatch/setup_build.html", words("city", job=job))


def _city(name: str) -> City:
    try:
        return cities.open_city(Path(settings.CITIES_HOME), name)
    except PlacesError as error:
        raise not_found("The city") from error


@require_http_methods(["GET", "HEAD", "POST"])
@admins
def station(request: HttpRequest, city: str) -> HttpResponse:
    """The station's name and place; how people there live is guessed from the place."""
    found, now = _city(city), timezone.now()
    lat, lng = found.info.centre
    guess = first_run.guess_of(lat, lng, now)
    initial = {
        "name": city.replace("-", " ").title(), "code": first_run.code_of(city), "time_zone": guess.time_zone,
        "currency": guess.currency, "language": guess.language, "units": guess.units,
    }  # fmt: skip
    form = StationForm(request.POST or None, initial=initial, bounds=found.info.bounds)
    refused = None
    if form.is_valid():
        try:
            made = first_run.make_station(
                fields=form.cleaned_data | {"city": city},
                user=person_of(request),
                actor=actor_of(request),
                now=now,
            )
        except LastmileError as error:
            refused = error
        else:
            return redirect("setup-manager", made.pk)
    place = StationCity(found).tiles() | {"lat": lat, "lng": lng}
    if not form.is_bound:
        place["guesses"] = {one.time_zone: asdict(one) for one in first_run.guesses_near(lat, lng, now)}
    context = words("station", city=city, map=place, zones=sorted(places_of_zones()), back="setup-city")
    return answer(request, "dispatch/setup_station.html", context, refused, form)


@require_safe
@admins
def addresses(request: HttpRequest, city: str) -> JsonResponse:
    """Addresses of a city that no station belongs to yet: by text, or what lies under a click."""
    geocoder = _city(city).geocoder()
    text = request.GET.get("q", "")[:200].replace("\x00", "")
    try:
        lat, lng = float(request.GET["lat"]), float(request.GET["lng"])
        near = geocoder.reverse(lat, lng) if abs(lat) <= 90 and abs(lng) <= 180 else None
        found = [near] if near else []
    except (KeyError, ValueError):
        found = list(geocoder.search(text, 5) or geocoder.suggest(text, 5)) if text.strip() else []
    return JsonResponse([{"label": one.label, "lat": one.lat, "lng": one.lng} for one in found], safe=False)


def _station(station_id: int) -> Station:
    row = Station.objects.filter(pk=station_id, active=True, sandbox_of=None).first()
    if row is None:
        raise not_found("The station")
    return row


@require_http_methods(["GET", "HEAD", "POST"])
@admins
def manager(request: HttpRequest, station_id: int) -> HttpResponse:
    """Who manages it: oneself, or somebody who is invited."""
    row, refused = _station(station_id), None
    form = ManagerForm(request.POST or None)
    if form.is_valid():
        if form.cleaned_data["who"] == "self":
            return redirect("setup-fleet", row.pk)
        try:
            name, email = form.cleaned_data["full_name"], form.cleaned_data["email"]
            _made, link = invite(
                station=row,
                role=Role.MANAGER,
                full_name=name,
                email=email,
                actor=actor_of(request),
                now=timezone.now(),
            )
        except LastmileError as error:
            refused = error
        else:
            _keep_links(request, row, [(name, link)])
            return redirect("setup-fleet", row.pk)
    return answer(request, "dispatch/setup_manager.html", words("manager", station=row), refused, form)


def _keep_links(request: HttpRequest, row: Station, links: list[tuple[str, str]]) -> None:
    held = request.session.get(LINKS, {})
    held[str(row.pk)] = [
        *held.get(str(row.pk), []),
        *([name, request.build_absolute_uri(link)] for name, link in links),
    ]
    request.session[LINKS] = held


@require_http_methods(["GET", "HEAD", "POST"])
@admins
def fleet(request: HttpRequest, station_id: int) -> HttpResponse:
    """Vehicles by kind, drivers, and their shifts of today and tomorrow."""
    row, refused = _station(station_id), None
    none = {"count": 0} if Vehicle.objects.filter(station=row).exists() else {}
    kinds = {name: KindForm(request.POST or None, prefix=f"kind{at}", initial=_preset(name) | none)
             for at, name in enumerate(PRESETS)}  # fmt: skip
    form = RosterForm(request.POST or None, station=row, initial={"once": uuid4()})
    if request.method == "POST" and all([form.is_valid(), *(kind.is_valid() for kind in kinds.values())]):
        try:
            added = _add(request, row, kinds, form)
        except LastmileError as error:
            refused = error
        else:
            if added.again:
                messages.info(request, _("The form came twice. Its fleet was added once."))
            elif form.cleaned_data["invite"]:
                _keep_links(request, row, _invited(request, row, added.drivers))
            return redirect("setup-done", row.pk)
    shown = [{"label": PRESETS[name], "form": kind} for name, kind in kinds.items()]
    there = {
        "vehicles": Vehicle.objects.filter(station=row).count(),
        "drivers": Driver.objects.filter(station=row).count(),
    }
    context = words("fleet", station=row, kinds=shown, there=there)
    return answer(request, "dispatch/setup_fleet.html", context, refused, form)


def _preset(name: str) -> dict[str, Any]:
    type_ = Vehicle._meta.get_field("type").related_model
    facts = {field.name: field.default for field in type_._meta.concrete_fields} | TYPES[name]
    money = {cost: f"{facts[f'cost_{cost}_cents'] / 100:.2f}" for cost in COSTS}
    return money | {
        "count": FIRST_GUESSES[name],
        "weight": facts["capacity_weight_g"] // 1000,
        "volume": facts["capacity_volume_cm3"] / 1_000_000,
        "pieces": facts["capacity_pieces"],
    }


def _add(
    request: HttpRequest, row: Station, kinds: dict[str, KindForm], form: RosterForm
) -> first_run.FleetAdded:
    given, today = form.cleaned_data, first_run.today_of(row)
    days = [today] * given["today"] + [today + timedelta(days=1)] * given["tomorrow"]
    profiles = {"Van": "van", "Cargo bike": "cargo_bike", "Truck": "truck"}
    return first_run.add_fleet(
        station=row, kinds=[kind.kind(name, profiles[name]) for name, kind in kinds.items()], people=given["drivers"],
        clocks=form.clocks(), days=days, once=str(given["once"] or ""), actor=actor_of(request), now=timezone.now(),
    )  # fmt: skip


def _invited(request: HttpRequest, row: Station, drivers: list[Driver]) -> list[tuple[str, str]]:
    actor, now = actor_of(request), timezone.now()
    return [
        (driver.name, invite(station=row, role=Role.DRIVER, full_name=driver.name, email=driver.email, driver=driver,
                             actor=actor, now=now)[1])
        for driver in drivers
    ]  # fmt: skip


@require_safe
@admins
def done(request: HttpRequest, station_id: int) -> HttpResponse:
    """What is there now, the links to hand out, and where to go on."""
    row = _station(station_id)
    held = request.session.get(LINKS, {})
    links = held.pop(str(row.pk), [])
    if links:
        request.session[LINKS] = held  # shown once
    today = first_run.today_of(row)
    context = words(
        "done", station=row, links=links, tomorrow=today + timedelta(days=1), demo=demo_removal.demo_station(),
        shifts=Shift.objects.filter(station=row, day__gte=today, active=True).count(),
        vehicles=Vehicle.objects.filter(station=row).count(), drivers=Driver.objects.filter(station=row).count(),
    )  # fmt: skip
    return render(request, "dispatch/setup_done.html", context)


@require_POST
@admins
def trial(request: HttpRequest, station_id: int) -> HttpResponse:
    """Lay out a made-up day to try things on."""
    row = _station(station_id)
    day, orders = first_run.make_trial(station=row, actor=actor_of(request), now=row.now())
    messages.success(
        request, _("%(n)s made-up orders wait for %(day)s.") % {"n": orders, "day": day.isoformat()}
    )
    return redirect(f"/stations/{row.pk}/?day={day.isoformat()}")


@require_POST
@admins
def remove_demo(request: HttpRequest) -> HttpResponse:
    """Take the demo away, once its code was typed."""
    found = demo_removal.demo_station()
    if found is None:
        messages.info(request, _("There is no demo here."))
    elif request.POST.get("code", "").strip().upper() != found.code.upper():
        messages.error(
            request, _("Type the code %(code)s to remove the demo station.") % {"code": found.code}
        )
    elif not _another_admin(person_of(request)):
        messages.error(
            request, _("You are signed in as the demo's admin: make an account of your own first.")
        )
    else:
        counts = demo_removal.remove_demo(actor=actor_of(request), now=timezone.now())
        messages.success(request, _("The demo is gone: %(n)s rows.") % {"n": sum(counts.values())})
    return redirect("setup")


def _another_admin(person: User) -> bool:
    """Whether this person stays when the demo goes."""
    found = demo_removal.demo_station()
    return found is None or not demo_removal.demo_people(found).filter(pk=person.pk).exists()


urlpatterns = [
    path("setup/", index, name="setup"),
    path("setup/first/<str:token>/", first, name="setup-first"),
    path("setup/city/", city, name="setup-city"),
    path("setup/city/build/<int:job_id>/", build, name="setup-city-build"),
    path("setup/station/<slug:city>/", station, name="setup-station"),
    path("setup/addresses/<slug:city>/", addresses, name="setup-addresses"),
    path("setup/<int:station_id>/manager/", manager, name="setup-manager"),
    path("setup/<int:station_id>/fleet/", fleet, name="setup-fleet"),
    path("setup/<int:station_id>/done/", done, name="setup-done"),
    path("setup/<int:station_id>/trial/", trial, name="setup-trial"),
    path("setup/demo/remove/", remove_demo, name="setup-demo-remove"),
    *order_data.urlpatterns,
]
