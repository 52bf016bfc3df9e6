"""People: who may sign in and what they may do where."""

from collections.abc import Callable
from datetime import datetime

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from dispatch.models import Driver, Membership, Role, Station
from lastmile import bus, sign_ins
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError, forbidden
from lastmile.models import User

PhonesOut = Callable[[Driver, str, datetime], None]
_phones_out: list[PhonesOut] = []
MANAGERS = "Station managers"
# What a station manager may do in the admin, at their own stations only.
MAY_CHANGE = ("carrier", "driver", "shift", "vehicle", "zone", "holiday", "servicelevel")
MAY_EDIT = ("station", "order", "shop", "parcel")
MAY_REVOKE = ("shoptoken", "device")
MAY_READ = (
    *("membership", "vehicletype", "orderimport", "route", "stop", "stoporder", "plan", "attempt"),
    *("deliveryexception", "event", "job", "position", "proof", "prooffile", "liveposition"),
    *("absence", "outage", "invitation", "drivermessage", "recipientmessage", "recurringorder", "stationday"),
)


def ensure_person(
    *,
    username: str,
    full_name: str,
    role: Role | None = None,
    station: Station | None = None,
    superuser: bool = False,
    language: str = "en",
) -> User:
    """A person without a password, who comes in by one-time link.

    Whoever has the name already is left as they are, without the role too: they may be somebody else.
    """
    with transaction.atomic():
        person, made = User.objects.get_or_create(
            username=username,
            defaults={
                "full_name": full_name,
                "language": language,
                "is_superuser": superuser,
                "is_staff": superuser,
            },
        )
        if made:
            person.set_unusable_password()
            person.save(update_fields=["password"])
            if role is not None and station is not None:
                grant_role(user=person, station=station, role=role)
    return person


def grant_role(*, user: User, station: Station, role: Role) -> Membership:
    """Let somebody act in a role at a station; a manager may also open the admin."""
    with transaction.atomic():
        membership = Membership.objects.get_or_create(user=user, station=station, role=role)[0]
        if role == Role.MANAGER:
            user.groups.add(manager_group())
            if not user.is_staff:
                user.is_staff = True
                user.save(update_fields=["is_staff"])
    return membership


def manager_group() -> Group:
    """The group with a station manager's rights in the admin, brought up to date."""
    group = Group.objects.get_or_create(name=MANAGERS)[0]
    wanted = Q(codename__in=[f"view_{model}" for model in (*MAY_READ, *MAY_EDIT, *MAY_REVOKE, *MAY_CHANGE)])
    wanted |= Q(codename__in=[f"change_{model}" for model in (*MAY_EDIT, *MAY_REVOKE, *MAY_CHANGE)])
    wanted |= Q(codename__in=[f"{verb}_{model}" for model in MAY_CHANGE for verb in ("add", "delete")])
    wanted |= Q(codename="add_shoptoken")
    ours = ("dispatch", "lastmile", "tracking", "pod")
    group.permissions.set(Permission.objects.filter(wanted, content_type__app_label__in=ours))
    return group


def register_phones(revoke: PhonesOut) -> None:
    """Let the app that knows phones end all of a driver's: (driver, actor, wall time)."""
    _phones_out[:] = [revoke]


def tell(*, station: Station, what: str, user: User, actor: str, now: datetime, detail: str = "") -> None:
    """Record, in the caller's transaction, what was done about somebody at a station; `now` is wall time."""
    event = events.PersonChanged(
        station_id=station.pk, what=what, person=user.get_username(), user_id=user.pk, detail=detail
    )
    bus.publish(event, actor=actor, at=station.clock.at(now))


def give_role(*, user: User, station: Station, role: Role, actor: str, now: datetime) -> bool:
    """Let somebody act in one more role; False where they did already."""
    with transaction.atomic():
        if Membership.objects.filter(user=user, station=station, role=role).exists():
            return False
        grant_role(user=user, station=station, role=role)
        tell(station=station, what="role_given", user=user, actor=actor, now=now, detail=role)
    return True


def take_role(
    *, user: User, station: Station, role: Role, by: User, now: datetime, confirmed: bool = False
) -> bool:
    """Take a role away; False where they did not have it.

    Raises LastmileError ``last_manager`` where nobody would be left to manage the station, and ``confirm_self`` where
    somebody gives up managing it themselves and has not confirmed that.
    """
    with transaction.atomic():
        # Two managers may take the role from each other at the same moment: the station's row lets one go first.
        Station.objects.select_for_update().get(pk=station.pk)
        held = Membership.objects.filter(user=user, station=station, role=role)
        if not held.exists():
            return False
        if role == Role.MANAGER:
            _require_another_manager(user, station)
            if user == by and not confirmed and not by.is_superuser:
                raise LastmileError(
                    "confirm_self",
                    _("This is your own role of manager here."),
                    _("Tick the box if you really want to give it up: you cannot take it back yourself."),
                    field="confirmed",
                    status=409,
                )
        held.delete()
        actor = sign_ins.actor_name(by)
        tell(station=station, what="role_taken", user=user, actor=actor, now=now, detail=role)
        _after_role(user, station, role, actor, now)
    return True


def _require_another_manager(user: User, station: Station) -> None:
    others = Membership.objects.filter(station=station, role=Role.MANAGER, user__is_active=True)
    if not others.exclude(user=user).exists():
        raise LastmileError(
            "last_manager",
            _("%(name)s is the last manager of %(station)s.") % {"name": user, "station": station.name},
            _("Make somebody else a manager first."),
            status=409,
        )


def _after_role(user: User, station: Station, role: Role, actor: str, now: datetime) -> None:
    """What hangs on a role ends with it: the admin, the driver's row and phones, and at last the sessions."""
    left = set(Membership.objects.filter(user=user).values_list("role", flat=True))
    if role == Role.MANAGER and Role.MANAGER not in left:
        user.groups.remove(*Group.objects.filter(name=MANAGERS))
        if not user.is_superuser:
            User.objects.filter(pk=user.pk).update(is_staff=False)
    if role == Role.DRIVER:
        for driver in Driver.objects.filter(user=user, station=station):
            for revoke in _phones_out:
                revoke(driver, actor, now)
            Driver.objects.filter(pk=driver.pk).update(user=None)
    if not left and not user.is_superuser:
        sign_ins.end_all(user=user, actor=actor, now=now)


def remove_member(
    *, user: User, station: Station, by: User, now: datetime, confirmed: bool = False
) -> list[str]:
    """Take every role somebody has at the station, or none; the roles taken."""
    with transaction.atomic():
        roles = list(Membership.objects.filter(user=user, station=station).values_list("role", flat=True))
        for role in roles:
            take_role(user=user, station=station, role=Role(role), by=by, now=now, confirmed=confirmed)
    return roles


def deactivate_person(*, user: User, by: User, now: datetime) -> bool:
    """Let somebody in nowhere any more; False where that was so before. Only an admin may, and not themselves."""
    if not by.is_superuser:
        raise forbidden(_("Only an admin may switch an account off."))
    if user == by:
        raise LastmileError(
            "own_account",
            _("This is your own account."),
            _("Ask another admin to switch it off."),
            status=409,
        )
    with transaction.atomic():
        if not User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
            return False
        actor = sign_ins.actor_name(by)
        sign_ins.end_all(user=user, actor=actor, now=now)
        sign_ins.tell_person(what="deactivated", user=user, actor=actor, now=now)
    return True


def reactivate_person(*, user: User, by: User, now: datetime) -> bool:
    """Let somebody in again, with the roles they still have."""
    if not by.is_superuser:
        raise forbidden(_("Only an admin may switch an account on."))
    with transaction.atomic():
        if not User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
            return False
        actor = sign_ins.actor_name(by)
        sign_ins.tell_person(what="reactivated", user=user, actor=actor, now=now)
    return True


def may_help(by: User, user: User) -> bool:
    """Whether `by` may open `user`'s account for them: a link to enter, a lost phone, a lost second factor.

    That is as good as being them, so a manager may only where everything they could do is the manager's own anyway.
    """
    if by.is_superuser:
        return True
    mine = Membership.objects.filter(user=by, role=Role.MANAGER).values("station_id")
    elsewhere = Membership.objects.filter(user=user).exclude(station_id__in=mine)
    return not user.is_superuser and not elsewhere.exists()


def require_help(by: User, user: User) -> None:
    if not may_help(by, user):
        raise forbidden(
            _("%(name)s has rights that you do not have, here or elsewhere: only an admin can do this.")
            % {"name": user}
        )
