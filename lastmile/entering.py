"""Signing in, step by step: who somebody says they are, the first factor, then the second, then a session."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from lastmile import limits, second_factor
from lastmile.kernel.errors import LastmileError
from lastmile.limits import address_of, household_of
from lastmile.models import SignIn, User
from lastmile.sign_ins import end_here, open_session, tell_person

TRIES, TRIES_PER_S = 10, 3600
FREE_TRIES = 3  # then each wrong password doubles the wait, from two seconds
PENDING, PENDING_LIFE = "first_factor", timedelta(minutes=10)
KNOWN_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Pending:
    """Somebody who gave the first factor and has yet to give the second."""

    user: User
    by: str
    go_on: str


def person_named(name: str) -> User | None:
    """Whom a user name or an e-mail address means; None where it is nobody's, or more than one person's."""
    name = name.strip()
    for lookup in ("username", "username__iexact", "email__iexact"):
        found = list(User.objects.filter(**{lookup: name}, is_active=True)[:2]) if name else []
        if len(found) == 1:
            return found[0]
    return None


def check_password(*, request: HttpRequest, name: str, password: str, now: datetime) -> User | None:
    """The person, if the password is theirs. Raises LastmileError ``too_many``.

    Names that nobody has cost the same turns and the same hashing, so that answers and their times tell nothing.
    """
    user = person_named(name)
    address = household_of(address_of(request))
    account = _account(name, user, address, now)
    turns = (("sign-in account", account), ("sign-in address", address))
    used = [limits.take(what, key, amount=TRIES, per_s=TRIES_PER_S, at=now) for what, key in turns]
    # An unknown name goes through the backend too: it hashes the password all the same.
    found = authenticate(request, username=user.get_username() if user else "\x01", password=password)
    if found is not None and isinstance(found, User):
        for what, key in turns:
            limits.give_back(what, key, per_s=TRIES_PER_S, at=now)
        return found
    if used[0] > FREE_TRIES:
        limits.hold("sign-in account", account, seconds=2 ** (used[0] - FREE_TRIES), at=now)
    # The name as typed is not kept: it may be a password in the wrong field.
    tell_person(
        what="refused", user=user, person="somebody unknown", actor="nobody", now=now, detail=address_of(request)
    )  # fmt: skip
    return None


def _account(name: str, user: User | None, address: str, now: datetime) -> str:
    """What the account's turns are counted by: an address it came in from lately has turns of its own.

    So a stranger who guesses on purpose cannot keep the owner out.
    """
    if user is None:
        return name.strip().casefold()
    seen = SignIn.objects.filter(user=user, seen_at__gt=now - KNOWN_FOR).values_list("address", flat=True)
    known = bool(address) and address in {household_of(there) for there in seen[:50] if there}
    return f"#{user.pk} at {address}" if known else f"#{user.pk}"


def first_factor(*, request: HttpRequest, user: User, by: str, go_on: str, now: datetime) -> str | None:
    """Open the session, or the wait for the second factor: the name of the page where it is given."""
    has_one = second_factor.enrolled(user)
    if not has_one and not second_factor.required(user):
        open_session(request=request, user=user, now=now, by=by, proven=False)
        return None
    end_here(request=request, now=now)
    request.session[PENDING] = {
        "user": user.pk, "proof": user.get_session_auth_hash(), "by": by, "go_on": go_on,
        "until": (now + PENDING_LIFE).timestamp(),
    }  # fmt: skip
    request.session.set_expiry(int(PENDING_LIFE.total_seconds()))
    return "sign-in-code" if has_one else "second-factor"


def pending(request: HttpRequest, now: datetime) -> Pending | None:
    """Who waits on this browser to give the second factor; a password changed meanwhile ends it."""
    held: dict[str, Any] | None = request.session.get(PENDING)
    if not held or held["until"] < now.timestamp():
        return None
    user = User.objects.filter(pk=held["user"], is_active=True).first()
    if user is None or not constant_time_compare(held["proof"], user.get_session_auth_hash()):
        return None
    return Pending(user, held["by"], held["go_on"])


def second_factor_given(*, request: HttpRequest, waits: Pending, now: datetime) -> None:
    """Open the session of somebody who has given both."""
    open_session(request=request, user=waits.user, now=now, by=f"{waits.by} and code", proven=True)


def require_code(*, user: User, code: str, now: datetime) -> None:
    """For what a passer-by at an open screen must not do: a code, from those who have a second factor."""
    if not second_factor.enrolled(user):
        raise LastmileError(
            "no_second_factor", "There is no second factor to switch off.", "Reload the page.", status=409
        )
    second_factor.verify(user=user, code=code, now=now)
