"""Idempotency-Key: a request sent again after a lost answer is answered again, not carried out again."""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from dispatch.models.idempotency import IdempotencyKey
from lastmile.kernel.errors import LastmileError

KEPT = timedelta(hours=24)
STALE = timedelta(seconds=60)  # a first request that took longer died with its process
FORM = re.compile(r"[\x21-\x7e]{1,255}")

Answer = tuple[int, dict[str, Any]]


def answer_once(
    *, holder: str, key: str, request: Any, now: datetime, work: Callable[[], Answer]
) -> tuple[Answer, bool]:
    """The answer of `work`, or the stored one and True where the key was used before; `now` is wall time.

    Another request under the same key is refused with 422, one that is still worked on with 409. A request
    that is refused leaves no trace, so that it can be corrected and sent under its key.
    """
    if not FORM.fullmatch(key):
        raise LastmileError(
            "bad_idempotency_key",
            "The Idempotency-Key must be 1 to 255 visible ASCII characters.",
            "Send a UUID.",
            field="Idempotency-Key",
        )
    row, stored = _begin(holder, key, _hash(request), now)
    if stored is not None:
        return stored, True
    try:
        status, answer = work()
    except BaseException:
        _mine(row).delete()
        raise
    _mine(row).update(status=status, answer=answer)
    return (status, answer), False


def _mine(row: IdempotencyKey) -> Any:
    return IdempotencyKey.objects.filter(pk=row.pk, began_at=row.began_at, status=None)


def _hash(request: Any) -> str:
    return hashlib.sha256(json.dumps(request, sort_keys=True, default=str).encode()).hexdigest()


def _begin(holder: str, key: str, body_hash: str, now: datetime) -> tuple[IdempotencyKey, Answer | None]:
    IdempotencyKey.objects.filter(began_at__lt=now - KEPT).delete()
    try:
        with transaction.atomic():
            row = IdempotencyKey.objects.create(holder=holder, key=key, body_hash=body_hash, began_at=now)
            return row, None
    except IntegrityError:
        return _again(IdempotencyKey.objects.filter(holder=holder, key=key).first(), body_hash, now)


def _again(row: IdempotencyKey | None, body_hash: str, now: datetime) -> tuple[IdempotencyKey, Answer | None]:
    if row is not None and row.body_hash != body_hash:
        raise LastmileError(
            "idempotency_key_reused",
            "This Idempotency-Key was used for another request.",
            "Use a new key for a new request.",
            field="Idempotency-Key",
            status=422,
        )
    if row is not None and row.status is not None:
        return row, (row.status, row.answer or {})
    # Taking over a dead one is a conditional UPDATE: of many that try, one goes on.
    if row is not None and row.began_at < now - STALE and _mine(row).update(began_at=now):
        row.began_at = now
        return row, None
    raise LastmileError(
        "idempotency_in_progress",
        "The first request with this Idempotency-Key is still worked on.",
        "Wait a second and send it again.",
        field="Idempotency-Key",
        status=409,
    )
