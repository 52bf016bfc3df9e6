"""Long work as the API shows it: how far it is, and stopping it."""

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dispatch.access import BOARD, READ, require_station
from dispatch.models import Role
from dispatch.selectors.jobs import job_card
from lastmile import jobs
from lastmile.kernel.errors import not_found
from lastmile.models import Job


def _job(request: Request, job_id: int, roles: tuple[Role, ...]) -> Job:
    """A job of one of the caller's stations; those of no station are the administrators'."""
    job = Job.objects.filter(pk=job_id).first()
    if job is None or (job.station_id is None and not request.user.is_superuser):
        raise not_found("The job")
    if job.station_id is not None:
        require_station(request.user, job.station_id, roles)
    return job


class JobDetail(APIView):
    def get(self, request: Request, job_id: int) -> Response:
        return Response(job_card(_job(request, job_id, READ)))


class JobCancel(APIView):
    def post(self, request: Request, job_id: int) -> Response:
        job = _job(request, job_id, BOARD)
        jobs.cancel(job_id=job.pk)
        job.refresh_from_db()
        return Response(job_card(job))


urlpatterns = [
    path("api/v1/jobs/<int:job_id>/", JobDetail.as_view(), name="api-job"),
    path("api/v1/jobs/<int:job_id>/cancel/", JobCancel.as_view(), name="api-job-cancel"),
]
