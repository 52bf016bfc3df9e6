"""Invitations: a link by which somebody joins a station in a role.

The token is derived from the row under a key outside the database, and only its hash is kept: the job that mails it can
make it again, and neither the row nor the job gives it away. A link works once, for a week; a new one ends the old.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from dispatch.models import Driver, Invitation, Role, Station
from dispatch.services.people import give_role, tell
from lastmile import bus, jobs, mail, sign_ins
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError, conflict
from lastmile.models import User

LIFE = timedelta(days=7)
MAIL = "mail.invitation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """What somebody chooses who has no account yet."""

    username: str
    full_name: str
    email: str
    password: str
    language: str


def open_invitations(now: datetime) -> QuerySet[Invitation]:
    """Those that can still be accepted."""
    return Invitation.objects.filter(used_at=None, revoked_at=None, expires_at__gt=now)


def invite(
    *,
    station: Station,
    role: Role,
    full_name: str,
    email: str,
    actor: str,
    now: datetime,
    driver: Driver | None = None,
) -> tuple[Invitation, str]:
    """An invitation and the path of its link, which is nowhere else; mailed too, where there is mail.

    Raises LastmileError ``nobody_named``, ``already_invited``, ``driver_taken``.
    """
    full_name, email = full_name.strip(), email.strip()
    if not full_name and not email:
        raise LastmileError(
            "nobody_named",
            _("The invitation is for nobody."),
            _("Give a name or an e-mail address."),
            field="full_name",
            status=422,
        )
    with transaction.atomic():
        Station.objects.select_for_update().get(pk=station.pk)
        _require_new(station, role, full_name, email, now)
        _require_free(station, role, driver, now)
        made = Invitation(
            station=station, role=role, full_name=full_name, email=email, driver=driver, actor=actor
        )
        path = _store(made, now)
        _tell(made, "invited", actor, now)
    return made, path


def _require_new(station: Station, role: Role, full_name: str, email: str, now: datetime) -> None:
    same = open_invitations(now).filter(station=station, role=role)
    same = same.filter(email__iexact=email) if email else same.filter(email="", full_name__iexact=full_name)
    if same.exists():
        raise LastmileError(
            "already_invited",
            _("%(who)s is invited to this role already.") % {"who": email or full_name},
            _("Make a new link of the open invitation instead."),
            field="email" if email else "full_name",
            status=409,
        )


def _require_free(station: Station, role: Role, driver: Driver | None, now: datetime) -> None:
    if driver is None:
        return
    promised = open_invitations(now).filter(driver=driver).exists()
    if role != Role.DRIVER or driver.station_id != station.pk or driver.user_id or promised:
        raise LastmileError(
            "driver_taken",
            _("%(name)s cannot be bound to this invitation.") % {"name": driver.name},
            _("Choose a driver of this station who has no account and no open invitation."),
            field="driver",
            status=409,
        )


def revoke_invitation(*, invitation: Invitation, actor: str, now: datetime) -> bool:
    """End a link before it is used; False where there was nothing left to end."""
    with transaction.atomic():
        open_now = Invitation.objects.filter(pk=invitation.pk, used_at=None, revoked_at=None)
        if not open_now.update(revoked_at=now):
            return False
        _tell(invitation, "invitation_revoked", actor, now)
    return True


def renew_invitation(*, invitation: Invitation, actor: str, now: datetime) -> tuple[Invitation, str]:
    """A new link for the same person; the old one ends. Raises LastmileError ``conflict`` where it was used."""
    with transaction.atomic():
        held = Invitation.objects.filter(pk=invitation.pk, used_at=None, revoked_at=None)
        if not held.update(revoked_at=now):
            raise conflict(_("That invitation was used or revoked meanwhile."), _("Look at the list again."))
        made = Invitation(
            station=invitation.station, role=invitation.role, full_name=invitation.full_name,
            email=invitation.email, driver=invitation.driver, actor=actor,
        )  # fmt: skip
        path = _store(made, now)
        _tell(made, "invitation_renewed", actor, now)
    return made, path


def _store(made: Invitation, now: datetime) -> str:
    made.created_at, made.expires_at = now, now + LIFE
    made.token_hash = hashlib.sha256(f"{made.station_id} {now.timestamp()} {id(made)}".encode()).hexdigest()
    made.save()
    token = _token(made)
    made.token_hash = _hash(token)
    made.save(update_fields=["token_hash"])
    if made.email and settings.MAIL is not None:
        jobs.enqueue(kind=MAIL, payload={"invitation_id": made.pk}, actor=made.actor, now=now)
    return f"/join/{token}/"


def _token(made: Invitation) -> str:
    text = f"{made.pk} {made.created_at.timestamp():.6f}"
    return salted_hmac("lastmile invitation", text, algorithm="sha256").hexdigest()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


@jobs.kind(MAIL)
def mail_invitation(claim: jobs.Claim) -> dict[str, Any]:
    """Send the link; not where it was used, revoked or made under a key that is gone."""
    made = Invitation.objects.select_related("station").filter(pk=claim.job.payload["invitation_id"]).first()
    if made is None or made.used_at or made.revoked_at or _hash(_token(made)) != made.token_hash:
        return {"sent": False}
    words = {"invitation": made, "address": f"{settings.SITE_URL}/join/{_token(made)}/"}
    mail.send(
        to=made.email, language=made.station.language, template="dispatch/mail/invitation.txt", words=words
    )
    return {"sent": True}


def invitation_of(token: str, now: datetime) -> Invitation | None:
    """The invitation a link stands for, if it can still be accepted."""
    return (
        open_invitations(now)
        .select_related("station", "driver")
        .filter(token_hash=_hash(token), station__active=True)
        .first()
    )


def accept_as_new(*, invitation: Invitation, newcomer: Newcomer, now: datetime) -> User:
    """Make an account and join with it.

    Raises LastmileError ``link_spent``, ``name_taken``, ``email_taken``, ``weak_password``; then nothing is done.
    """
    user = User(
        username=User.normalize_username(newcomer.username.strip()),
        full_name=newcomer.full_name.strip(),
        email=newcomer.email.strip(),
        language=newcomer.language,
    )
    _require_good(user, newcomer.password)
    user.set_password(newcomer.password)  # slow by design, so before the transaction
    try:
        with transaction.atomic():
            _use_up(invitation, now)
            user.save()
            Invitation.objects.filter(pk=invitation.pk).update(used_by=user)
            _join(user, invitation, now)
    except IntegrityError:
        raise _name_taken() from None
    return user


def accept_as(*, invitation: Invitation, user: User, now: datetime) -> User:
    """Join with the account one has. Raises LastmileError ``link_spent``, ``is_driver_elsewhere``."""
    with transaction.atomic():
        _use_up(invitation, now)
        Invitation.objects.filter(pk=invitation.pk).update(used_by=user)
        _join(user, invitation, now)
    return user


def _use_up(invitation: Invitation, now: datetime) -> None:
    """Two tabs may press at once: whoever's UPDATE hits the row is in."""
    if not open_invitations(now).filter(pk=invitation.pk).update(used_at=now):
        raise LastmileError(
            "link_spent",
            _("This invitation was used, ended or is too old."),
            _("Ask for a new one."),
            status=409,
        )


def _require_good(user: User, password: str) -> None:
    try:
        User.username_validator(user.username)
    except ValidationError:
        raise LastmileError(
            "bad_name",
            _("A user name has letters, digits and @ . + - _ only."),
            _("Choose another, without spaces."),
            field="username",
            status=422,
        ) from None
    if User.objects.filter(username__iexact=user.username).exists():
        raise _name_taken()
    if user.email and User.objects.filter(email__iexact=user.email).exists():
        raise LastmileError(
            "email_taken",
            _("Somebody has an account with that e-mail address."),
            _("If that is you, sign in and join with it."),
            field="email",
            status=409,
        )
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise LastmileError(
            "weak_password",
            " ".join(error.messages),
            _("Choose another password."),
            field="new_password1",
            status=422,
        ) from None


def _name_taken() -> LastmileError:
    return LastmileError(
        "name_taken", _("That user name is taken."), _("Choose another."), field="username", status=409
    )


def _join(user: User, invitation: Invitation, now: datetime) -> None:
    station, role, actor = invitation.station, Role(invitation.role), sign_ins.actor_name(user)
    if role == Role.DRIVER:
        _bind_driver(user, invitation)
    give_role(user=user, station=station, role=role, actor=actor, now=now)
    tell(station=station, what="joined", user=user, actor=actor, now=now, detail=role)


def _bind_driver(user: User, invitation: Invitation) -> None:
    """A driver's account needs a driver's row: the one invited, or a new one by the person's name."""
    if Driver.objects.filter(user=user).exclude(station=invitation.station).exists():
        raise LastmileError(
            "is_driver_elsewhere",
            _("You drive for another station with this account."),
            _("Join with another account, or ask to be taken off there first."),
            status=409,
        )
    if Driver.objects.filter(user=user).exists():
        return
    driver = invitation.driver
    if driver is not None and Driver.objects.filter(pk=driver.pk, user=None).update(user=user, active=True):
        return
    name = user.get_full_name()[:70]
    taken = set(Driver.objects.filter(station=invitation.station).values_list("name", flat=True))
    names = (name if count == 1 else f"{name} ({count})" for count in range(1, len(taken) + 2))
    Driver.objects.create(
        station=invitation.station, user=user, email=user.email, name=next(n for n in names if n not in taken)
    )


def _tell(invitation: Invitation, what: str, actor: str, now: datetime) -> None:
    station = invitation.station
    event = events.PersonChanged(
        station_id=station.pk,
        what=what,
        person=invitation.full_name or invitation.email,
        detail=invitation.role,
    )
    bus.publish(event, actor=actor, at=station.clock.at(now))
