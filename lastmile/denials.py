"""What somebody asked for and may not have, for the audit: told once for each, not for every retry."""

from datetime import datetime

from django.db import transaction
from django.http import HttpRequest

from lastmile import bus, limits
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError
from lastmile.models import User
from lastmile.sign_ins import actor_name

TOLD, TOLD_PER_S = 20, 3600


def record_denial(*, request: HttpRequest, station_id: int | None, now: datetime) -> None:
    """Put a refusal of somebody signed in into the ledger; a script that keeps trying fills no ledger."""
    user = request.user
    if not isinstance(user, User):
        return
    try:
        limits.take("denials", str(user.pk), amount=TOLD, per_s=TOLD_PER_S, at=now)
    except LastmileError:
        return  # told often enough within the hour
    with transaction.atomic():
        event = events.AccessDenied(
            station_id=station_id,
            person=user.get_username(),
            method=request.method or "",
            path=request.path.replace("\0", "")[:200],  # PostgreSQL keeps no NUL
        )
        bus.publish(event, actor=actor_name(user), at=now)
