"""Who may do what at which station. Deny first: what is not the caller's looks as if it did not exist."""

from typing import Any

from django.db.models import Model, QuerySet

from dispatch.models import Membership, Role, Station
from lastmile.kernel.errors import LastmileError, forbidden, not_found
from lastmile.models import User

BOARD = (Role.DISPATCHER, Role.MANAGER)
READ = (Role.DISPATCHER, Role.MANAGER, Role.AUDITOR)
MANAGE = (Role.MANAGER,)
FLOOR = (Role.FLOOR, Role.DISPATCHER, Role.MANAGER)


def stations_of(user: Any) -> QuerySet[Station]:
    """Stations where the user has any role; all of them for an admin."""
    if not isinstance(user, User) or not user.is_active:
        return Station.objects.none()
    if user.is_superuser:
        return Station.objects.filter(active=True, sandbox_of=None)
    return Station.objects.filter(active=True, sandbox_of=None, memberships__user=user).distinct()


def roles_at(user: Any, station_id: int) -> set[str]:
    """The user's roles at the station; an admin has them all except driver."""
    if not isinstance(user, User) or not user.is_active:
        return set()
    if user.is_superuser:
        return set(Role.values) - {Role.DRIVER}
    return set(Membership.objects.filter(user=user, station_id=station_id).values_list("role", flat=True))


def roles_anywhere(user: User) -> set[str]:
    """The roles somebody has at any station: what sessions and second factors go by."""
    return set(Membership.objects.filter(user=user).values_list("role", flat=True))


def require_station(user: Any, station_id: int, roles: tuple[Role, ...] = BOARD) -> Station:
    """The station, if the user has one of the roles there; 404 for strangers, 403 for the wrong role."""
    station = stations_of(user).filter(pk=station_id).first()
    if station is None:
        raise not_found("The station")
    if not roles_at(user, station_id) & set(roles):
        raise forbidden(f"This needs one of the roles {', '.join(roles)} at {station.name}.")
    return station


def require_row[Row: Model](
    user: Any, rows: QuerySet[Row], pk: int, what: str, roles: tuple[Role, ...] = BOARD
) -> Row:
    """A row with a `station`, if the user has one of the roles there."""
    row = rows.filter(pk=pk, station__in=stations_of(user)).first()
    if row is None:
        raise not_found(what)
    require_station(user, row.station_id, roles)  # type: ignore[attr-defined]
    return row


def actor_of(request: Any) -> str:
    """How the ledger names whoever did it."""
    principal = request.auth if getattr(request, "auth", None) is not None else None
    if principal is not None and hasattr(principal, "actor"):
        return str(principal.actor)
    if request.user.is_authenticated:
        return f"user:{request.user.username}"
    raise LastmileError("not_signed_in", "Nobody is signed in.", "Sign in first.", status=401)
