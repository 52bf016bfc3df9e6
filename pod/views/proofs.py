"""Photos and signatures, to whoever may see them."""

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from dispatch.access import READ, roles_at, stations_of
from lastmile.models import User
from pod.models import ProofFile
from pod.services.pictures import read_picture

OWN_FOR = timedelta(hours=24)
TYPES = {".jpg": "image/jpeg", ".png": "image/png"}
SANDBOX = "default-src 'none'; sandbox"


@require_safe
@login_required
def proof_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The picture itself, as a file that can do nothing in a browser; 410 once it was erased."""
    rows = ProofFile.objects.select_related("proof__attempt__order", "proof__attempt__driver")
    found = rows.filter(pk=pk).first()
    if found is None or not may_see(request.user, found):
        return render(request, "404.html", status=404)
    content = None if found.erased_at else read_picture(found.path)
    if content is None:
        return render(request, "pod/erased.html", {"file": found}, status=410)
    suffix = found.path[found.path.rindex(".") :]
    return HttpResponse(
        content,
        content_type=TYPES[suffix],
        headers={
            "Content-Disposition": f'inline; filename="{found.kind}-{found.pk}{suffix}"',
            "Content-Security-Policy": SANDBOX,
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )


def may_see(user: object, file: ProofFile) -> bool:
    """Who works or audits the station; and for a day the driver who took it."""
    attempt = file.proof.attempt
    station_id = attempt.order.station_id
    if not isinstance(user, User) or not user.is_active:
        return False
    if stations_of(user).filter(pk=station_id).exists() and roles_at(user, station_id) & set(READ):
        return True
    driver = attempt.driver
    own = driver is not None and driver.active and driver.user_id == user.pk
    return own and timezone.now() - file.recorded_at < OWN_FOR


urlpatterns = [path("proofs/<int:pk>/", proof_file, name="proof-file")]
