"""People: who may sign in and what they may do where."""

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q

from dispatch.models import Membership, Role, Station
from lastmile.models import User

MANAGERS = "Station managers"
# What a station manager may do in the admin, at their own stations only.
MAY_CHANGE = ("carrier", "driver", "shift", "vehicle", "zone")
MAY_EDIT = ("station", "order", "shop", "parcel")
MAY_REVOKE = ("shoptoken", "device")
MAY_READ = (
    *("membership", "vehicletype", "orderimport", "route", "stop", "stoporder", "plan", "attempt"),
    *("deliveryexception", "event", "job", "position", "proof", "liveposition"),
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
