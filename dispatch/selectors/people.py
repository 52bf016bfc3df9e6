"""Reading who works at a station: the same few queries however many they are."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, QuerySet
from django_otp.plugins.otp_totp.models import TOTPDevice

from dispatch.models import Driver, Invitation, Membership, Role, Station
from dispatch.services.invitations import open_invitations
from lastmile.models import SignIn, User
from lastmile.sign_ins import open_sign_ins

ORDER = {role: place for place, role in enumerate((Role.MANAGER, Role.DISPATCHER, Role.FLOOR, Role.DRIVER))}


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with a role at the station; `sessions` are browsers signed in now."""

    user: User
    roles: list[Role]
    driver: Driver | None
    second_factor: bool
    sessions: int
    seen_at: datetime | None


def members(station: Station, now: datetime, user: User | None = None) -> list[Member]:
    """Everybody with a role there (or one of them), managers first, then by name."""
    held: dict[int, list[Role]] = defaultdict(list)
    rows = Membership.objects.filter(station=station)
    rows = rows.filter(user=user) if user else rows
    for user_id, role in rows.values_list("user_id", "role"):
        held[user_id].append(Role(role))
    ids = list(held)
    counts = dict(open_sign_ins(ids, now).order_by().values_list("user_id").annotate(count=Count("id")))
    seen = dict(
        SignIn.objects.filter(user__in=ids).order_by().values_list("user_id").annotate(last=Max("seen_at"))
    )
    coded = set(TOTPDevice.objects.filter(user__in=ids, confirmed=True).values_list("user_id", flat=True))
    drivers = {row.user_id: row for row in Driver.objects.filter(user__in=ids, station=station)}
    found = [
        Member(
            user=person,
            roles=sorted(held[person.pk], key=lambda role: ORDER.get(role, 9)),
            driver=drivers.get(person.pk),
            second_factor=person.pk in coded,
            sessions=counts.get(person.pk, 0),
            seen_at=seen.get(person.pk),
        )
        for person in User.objects.filter(pk__in=ids)
    ]
    return sorted(found, key=lambda member: (ORDER.get(member.roles[0], 9), str(member.user).casefold()))


def invitations_waiting(station: Station, now: datetime) -> QuerySet[Invitation]:
    return open_invitations(now).filter(station=station).select_related("station", "driver")


def drivers_to_invite(station: Station, now: datetime) -> QuerySet[Driver]:
    """Drivers of the station whom nobody drives as yet, and to whom no link is on its way."""
    promised = open_invitations(now).filter(driver__isnull=False).values("driver_id")
    return Driver.objects.filter(station=station, user=None, active=True).exclude(pk__in=promised)
