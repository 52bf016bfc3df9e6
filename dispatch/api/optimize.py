"""VROOM's endpoint: a problem in, a plan out, at once or at the address of a job. Errors, too, are VROOM's."""

from typing import Any

from django.urls import path, reverse
from django.utils import timezone
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dispatch.access import BOARD, actor_of, roles_at, stations_of
from dispatch.api.authentication import BearerToken, ShopPrincipal
from dispatch.limits import spend
from dispatch.models.shop import Scope
from dispatch.services import optimize
from lastmile.kernel.errors import LastmileError, forbidden
from lastmile.models import Job


class PlainToken(BearerToken):
    """Also `Authorization: TOKEN` without a word before it, as openrouteservice's clients send their key."""

    def words(self, request: Request) -> list[str]:
        found = super().words(request)
        return ["Bearer", *found] if len(found) == 1 else found


class Door(APIView):
    """Who may come in, and how refusals read."""

    authentication_classes = (PlainToken, SessionAuthentication)
    permission_classes = (AllowAny,)  # `caller` asks, and refuses in VROOM's words

    def caller(self, request: Request) -> tuple[str, list[str]]:
        """(key of the limits, cities whose streets may be used). Tokens need the scope, people a board."""
        if isinstance(request.auth, ShopPrincipal):
            if request.auth.sandbox:
                raise forbidden("A token for trials may not plan.")
            request.auth.require(Scope.OPTIMIZE)
            names = request.auth.shop.stations.filter(active=True).values_list("city", flat=True)
            return f"token:{request.auth.token_id}", sorted({name for name in names if name})
        if request.auth is not None:
            raise forbidden("This token may not plan.")
        if not request.user.is_authenticated:
            raise LastmileError("not_signed_in", "Nobody is signed in.", "Send a token.", status=401)
        stations = [s for s in stations_of(request.user) if roles_at(request.user, s.pk) & set(BOARD)]
        if not stations and not request.user.is_superuser:
            raise forbidden(f"This needs one of the roles {', '.join(BOARD)}.")
        return str(request.user.pk), sorted({station.city for station in stations if station.city})

    def handle_exception(self, exc: Exception) -> Response:
        response = super().handle_exception(exc)
        problem: dict[str, Any] = response.data or {}
        cause, action = str(problem.get("cause", "Refused.")), str(problem.get("action", ""))
        response.data = optimize.refusal(response.status_code, cause, action)
        response.content_type = "application/json"
        return response


def answered(job: Job) -> Response:
    """The answer in VROOM's words, or how far it is."""
    answer = optimize.answer_of(job)
    if answer is not None:
        return Response(answer.body, status=answer.status)
    address = reverse("api-optimize-job", args=[job.pk])
    return Response(
        {"job": address, "state": job.state}, status=202, headers={"Location": address, "Retry-After": "1"}
    )


class Optimize(Door):
    def post(self, request: Request) -> Response:
        key, cities = self.caller(request)
        now = timezone.now()
        spend("optimize", key, at=now)
        later = "respond-async" in request.headers.get("Prefer", "").replace(",", ";").replace(" ", "").split(
            ";"
        )
        job = optimize.submit(
            data=request.data, cities=cities, waits=not later, actor=actor_of(request), now=now
        )
        if later:
            response = answered(job)
            response["Preference-Applied"] = "respond-async"
            return response
        job = optimize.wait_for(job)
        if optimize.answer_of(job) is None:
            optimize.cancel(job=job)
            raise LastmileError(
                "no_solver",
                "No solver was free in time.",
                "Try again, or send the header Prefer: respond-async.",
                status=503,
            )
        return answered(job)


class OptimizeJob(Door):
    def get(self, request: Request, job_id: int) -> Response:
        self.caller(request)
        return answered(optimize.find(job_id=job_id, actor=actor_of(request)))

    def delete(self, request: Request, job_id: int) -> Response:
        self.caller(request)
        optimize.cancel(job=optimize.find(job_id=job_id, actor=actor_of(request)))
        return Response(status=204)


urlpatterns = [
    path("api/v1/optimize/", Optimize.as_view(), name="api-optimize"),
    # openrouteservice's clients add this word to their base address.
    path("api/v1/optimize/optimization", Optimize.as_view()),
    path("api/v1/optimize/jobs/<int:job_id>/", OptimizeJob.as_view(), name="api-optimize-job"),
]
