"""Rate limits shared by all processes: sliding windows counted in Valkey.

Each limit has a name and a key (an account, an address, a token). Two counters per key, of this window and of the one
before, weighted by how much of it is still in sight: memory does not grow with the traffic that is refused. The wall
clock counts, never a station's. Without Valkey everything passes: a limit must not be what stops the work.
"""

import hashlib
import ipaddress
import logging
import math
from datetime import datetime

import redis
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext as _

from lastmile.kernel.errors import LastmileError

log = logging.getLogger(__name__)

_away = False


def take(name: str, key: str, *, amount: int, per_s: int, at: datetime) -> int:
    """Use one of `amount` turns per `per_s` seconds; how many are used now.

    Raises LastmileError ``too_many`` (429, `data.retry_after` in seconds). A refused turn is not counted: whoever
    keeps knocking is let in as soon as somebody patient would be.
    """
    here = _key(name, key)
    moment = at.timestamp()
    window, gone = divmod(moment, per_s)
    try:
        held_s = float(cache.get(f"{here}:held") or 0) - moment
        if held_s > 0:
            raise too_many(held_s)
        before = max(0, int(cache.get(f"{here}:{int(window) - 1}") or 0))
        current = _count(f"{here}:{int(window)}", 1, 2 * per_s)
        used = before * (1 - gone / per_s) + current
        if used > amount:
            _count(f"{here}:{int(window)}", -1, 2 * per_s)
            raise too_many(_wait_s(before, current - 1, amount, per_s, gone))
    except (redis.RedisError, OSError) as error:
        _tell(error)
        return 0
    _tell(None)
    return math.ceil(used)


def give_back(name: str, key: str, *, per_s: int, at: datetime) -> None:
    """Undo one `take`: the turn was well used and should not count."""
    try:
        _count(f"{_key(name, key)}:{int(at.timestamp() // per_s)}", -1, 2 * per_s)
    except (redis.RedisError, OSError) as error:
        _tell(error)


def hold(name: str, key: str, *, seconds: float, at: datetime) -> None:
    """Refuse every turn for so long, however few were used."""
    try:
        cache.set(f"{_key(name, key)}:held", at.timestamp() + seconds, math.ceil(seconds) + 1)
    except (redis.RedisError, OSError) as error:
        _tell(error)


def too_many(wait_s: float) -> LastmileError:
    """The refusal, with the seconds to wait."""
    seconds = max(1, math.ceil(wait_s))
    return LastmileError(
        "too_many",
        _("That was too often in a short time."),
        _("Wait %(time)s and try again.") % {"time": _in_words(seconds)},
        status=429,
        data={"retry_after": seconds},
    )


def retry_after(error: LastmileError) -> dict[str, str]:
    """The header that says when to come back, for a refusal that knows it."""
    seconds = error.data.get("retry_after")
    return {} if seconds is None else {"Retry-After": str(seconds)}


def address_of(request: HttpRequest) -> str:
    """The client's address; empty where there is none (a unix socket).

    Each of our own proxies adds to the right of X-Forwarded-For whom it was called by, so with N of them the N-th
    entry from the right is the first that no client can invent. What stands left of it is anybody's text.
    """
    peer = _address(request.META.get("REMOTE_ADDR", ""))
    proxies = int(getattr(settings, "TRUSTED_PROXIES", 0))
    if proxies < 1:
        return peer
    told = [part for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    return (_address(told[-proxies]) or peer) if len(told) >= proxies else peer


def household_of(address: str) -> str:
    """What to count an address by: of IPv6 one subscriber has 2**64, so the network is the key."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((known, 64), strict=False)) if known.version == 6 else str(known)


def _address(text: str) -> str:
    """One address as its canonical text, without port and brackets; empty for anything else."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        known = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    mapped = known.ipv4_mapped if isinstance(known, ipaddress.IPv6Address) else None
    return str(mapped or known)


def _key(name: str, key: str) -> str:
    """A key of fixed form: what people type may be long, or private."""
    return f"limit:{name.replace(' ', '-')}:{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def _count(key: str, step: int, life_s: int) -> int:
    cache.add(key, 0, life_s)
    try:
        return int(cache.incr(key, step))
    except ValueError:  # it expired between the two
        cache.set(key, step, life_s)
        return step


def _wait_s(before: int, current: int, amount: int, per_s: int, gone: float) -> float:
    """Seconds until one more turn fits: in this window while the last one fades, or in the next one."""
    if current < amount and before:
        return per_s * (1 - (amount - current - 1) / before) - gone
    fades = per_s * (1 - (amount - 1) / current) if current >= amount else 0
    return per_s - gone + fades


def _in_words(seconds: int) -> str:
    if seconds < 90:
        return f"{seconds} s"
    return f"{math.ceil(seconds / 60)} min"


def _tell(error: Exception | None) -> None:
    """Say once that limits are off, and once that they are on again."""
    global _away
    if (error is not None) == _away:
        return
    _away = error is not None
    if error is not None:
        log.warning("no limits are kept: Valkey does not answer (%s)", type(error).__name__)
    else:
        log.info("limits are kept again")
