"""The one-time address of the first run: who holds it may make the first admin, while there is none."""

import hashlib
import json
import os
import secrets
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils.crypto import constant_time_compare

from lastmile.models import User

LIFE = timedelta(minutes=15)


def is_needed() -> bool:
    """Whether nobody can administer this installation."""
    return not User.objects.filter(is_superuser=True, is_active=True).exists()


def make(now: datetime) -> str:
    """The path of a fresh address; earlier ones end. Only the hash of its token is kept, in the home."""
    token = secrets.token_urlsafe(32)
    note = json.dumps({"hash": _hash(token), "until": (now + LIFE).timestamp()})
    fresh = _file().with_name(".setup.json")
    _file().parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(fresh, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w") as file:
        file.write(note)
    fresh.replace(_file())
    return f"/setup/first/{token}/"


def is_good(token: str, now: datetime) -> bool:
    """Whether this is the address's token, in time, and still of use."""
    try:
        note = json.loads(_file().read_text())
        good = constant_time_compare(note["hash"], _hash(token)) and now.timestamp() < note["until"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return good and is_needed()


def use_up() -> None:
    _file().unlink(missing_ok=True)


def _file() -> Path:
    return Path(settings.LASTMILE_HOME) / "run" / "setup.json"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
