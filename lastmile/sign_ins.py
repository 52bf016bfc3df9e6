"""Sessions of people: opened at one of our doors, looked over, and ended.

A session ends after 12 hours without use (a driver's after 30 days) and 30 days after it began. There is a session
only once every factor was given: nothing that asks "who is signed in" has to ask how far they came.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth import login
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from lastmile import bus
from lastmile.kernel import events
from lastmile.limits import address_of
from lastmile.models import SignIn, User

BACKEND = "django.contrib.auth.backends.ModelBackend"
IDLE = timedelta(hours=12)
DRIVER_IDLE = LONGEST = timedelta(days=30)
NOTED_EVERY = timedelta(minutes=1)
BEGAN, SEEN, PROVEN = "began", "seen", "second_factor"  # keys in the session

Roles = Callable[[User], set[str]]
_roles: list[Roles] = []


def register_roles(lookup: Roles) -> None:
    """Let the app that knows stations say which roles somebody has at any of them."""
    _roles[:] = [lookup]


def roles_of(user: User) -> set[str]:
    return set().union(*(lookup(user) for lookup in _roles))


def tell_person(
    *, what: str, user: User | None, actor: str, now: datetime, person: str = "", detail: str = ""
) -> None:
    """Record what happened to somebody's sign-in; it belongs to no station."""
    with transaction.atomic():
        event = events.PersonChanged(
            station_id=None,
            what=what,
            person=user.get_username() if user else person,
            user_id=user.pk if user else None,
            detail=detail,
        )
        bus.publish(event, actor=actor, at=now)


def actor_name(user: User) -> str:
    return f"user:{user.get_username()}"


def open_session(*, request: HttpRequest, user: User, now: datetime, by: str, proven: bool) -> SignIn:
    """Sign somebody in with a new session id; `proven` says whether a second factor was given."""
    with transaction.atomic():
        end_here(request=request, now=now)  # Django itself would keep the id for the same person
        login(request, user, backend=BACKEND)
        idle = DRIVER_IDLE if roles_of(user) == {"driver"} and not user.is_superuser else IDLE
        request.session.set_expiry(int(idle.total_seconds()))
        request.session[BEGAN] = request.session[SEEN] = now.timestamp()
        if proven:
            request.session[PROVEN] = True
        request.session.save()
        key = request.session.session_key or ""
        agent = request.headers.get("User-Agent", "")[:200].replace("\x00", "")
        address = address_of(request)
        made = SignIn.objects.create(
            user=user, session_key=key, agent=agent, address=address or None, created_at=now, seen_at=now
        )
        where = ", ".join(part for part in (browser_words(agent), address) if part)
        tell_person(what="signed_in", user=user, actor=actor_name(user), now=now, detail=f"{by}; {where}")
    return made


def end_here(*, request: HttpRequest, now: datetime) -> None:
    """Whoever was signed in on this browser is out."""
    SignIn.objects.filter(session_key=request.session.session_key, ended_at=None).update(ended_at=now)
    request.session.flush()


def close_session(*, request: HttpRequest, user: User, now: datetime) -> None:
    """Note that somebody signed out; the caller flushes the session."""
    with transaction.atomic():
        SignIn.objects.filter(session_key=request.session.session_key, ended_at=None).update(ended_at=now)
        tell_person(what="signed_out", user=user, actor=actor_name(user), now=now)


def keep_session(*, request: HttpRequest, old_key: str | None) -> None:
    """The session goes on under another id (after a change of password)."""
    SignIn.objects.filter(session_key=old_key).update(session_key=request.session.session_key)


def is_over(session: Any, now: datetime) -> bool:
    """Whether a session has reached its longest age, however much it is used."""
    began = session.get(BEGAN)
    return began is not None and now - datetime.fromtimestamp(began, UTC) > LONGEST


def note_use(session: Any, now: datetime) -> None:
    """Move the end of an idle session on, at most once a minute: more would be a write for every request."""
    seen = session.get(SEEN)
    if seen is None or now - datetime.fromtimestamp(seen, UTC) < NOTED_EVERY:
        return
    session[SEEN] = now.timestamp()
    SignIn.objects.filter(session_key=session.session_key).update(seen_at=now)


def open_sign_ins(users: list[int], now: datetime) -> QuerySet[SignIn]:
    """Sign-ins of these people that still open something, last used first."""
    alive = Session.objects.filter(expire_date__gt=now).values("session_key")
    return SignIn.objects.filter(user__in=users, ended_at=None, session_key__in=alive)


def end_sign_in(*, sign_in: SignIn, actor: str, now: datetime) -> bool:
    """Sign a browser out from afar; its sockets follow within a minute. False where it was out before."""
    with transaction.atomic():
        if not SignIn.objects.filter(pk=sign_in.pk, ended_at=None).update(ended_at=now):
            return False
        Session.objects.filter(session_key=sign_in.session_key).delete()
        words = browser_words(sign_in.agent)
        tell_person(what="session_ended", user=sign_in.user, actor=actor, now=now, detail=words)
    return True


def end_all(*, user: User, actor: str, now: datetime, but: str | None = None) -> int:
    """Sign somebody out of every browser, but for one session; how many that were."""
    with transaction.atomic():
        rows = SignIn.objects.filter(user=user, ended_at=None)
        rows = rows.exclude(session_key=but) if but else rows
        keys = list(rows.values_list("session_key", flat=True))
        SignIn.objects.filter(session_key__in=keys, ended_at=None).update(ended_at=now)
        ended = Session.objects.filter(session_key__in=keys, expire_date__gt=now).count()
        Session.objects.filter(session_key__in=keys).delete()
        if ended:
            tell_person(what="session_ended", user=user, actor=actor, now=now, detail=f"{ended}")
    return ended


BROWSERS = (
    ("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("FxiOS", "Firefox"),
    ("Firefox", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("CrOS", "ChromeOS"), ("Mac OS", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


def browser_words(agent: str) -> str:
    """A User-Agent in words for people: "Firefox, Android". Empty where it says nothing we know."""
    names = [next((word for mark, word in table if mark in agent), "") for table in (BROWSERS, SYSTEMS)]
    return ", ".join(name for name in names if name)
