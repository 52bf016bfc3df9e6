"""The body of `POST /api/v1/positions/`: read strictly, refused with the field at fault."""

import json
import math
import zlib
from datetime import UTC, datetime
from typing import Any

from lastmile.kernel.errors import LastmileError
from lastmile.kernel.geo import require_point
from tracking.services.ingest import RawFix

MOST_FIXES = 500
MOST_BYTES = 1024 * 1024
LIMITS = {
    "accuracy": (0.0, 1e7),
    "speed": (0.0, 1e4),
    "heading": (0.0, 360.0),
    "battery": (0.0, 1.0),
}


def inflate(body: bytes, encoding: str) -> bytes:
    """The body itself; gzip is opened no further than the limit, so that a bomb costs nothing."""
    if encoding in ("", "identity"):
        return body
    if encoding != "gzip":
        raise LastmileError(
            "bad_encoding", f"Content-Encoding {encoding[:20]!r} is unknown.", "Use gzip or none.", status=415
        )
    opener = zlib.decompressobj(wbits=31)
    try:
        text = opener.decompress(body, MOST_BYTES + 1)
    except zlib.error as error:
        raise _bad(None, "bad_gzip", "The body is not gzip.") from error
    if len(text) > MOST_BYTES:
        raise LastmileError("too_large", "The body is too large.", "Send fewer fixes at a time.", status=413)
    if not opener.eof:
        raise _bad(None, "bad_gzip", "The gzip body is cut short.")
    return text


def parse(text: bytes) -> tuple[datetime, list[RawFix]]:
    """`sent_at` and the fixes, or `LastmileError` naming the field."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _bad(None, "bad_json", "The body is not JSON.") from error
    if not isinstance(body, dict):
        raise _bad(None, "bad_json", "The body is not a JSON object.")
    fixes = body.get("fixes")
    if not isinstance(fixes, list) or not 1 <= len(fixes) <= MOST_FIXES:
        raise _bad("fixes", "bad_fixes", f"fixes must be a list of 1 to {MOST_FIXES}.")
    sent_at = _moment(body.get("sent_at"), "sent_at")
    return sent_at, [_fix(fix, f"fixes.{index}") for index, fix in enumerate(fixes)]


def _fix(fix: Any, path: str) -> RawFix:
    if not isinstance(fix, dict):
        raise _bad(path, "bad_fix", "A fix must be an object.")
    seq = fix.get("seq")
    if not isinstance(seq, int) or isinstance(seq, bool) or not 0 <= seq < 2**63:
        raise _bad(f"{path}.seq", "bad_seq", "seq must be a whole number from 0.")
    lat = _number(fix.get("lat"), f"{path}.lat")
    lng = _number(fix.get("lng"), f"{path}.lng")
    require_point(lat, 0.0, f"{path}.lat")
    require_point(0.0, lng, f"{path}.lng")
    numbers = {name: _optional(fix.get(name), f"{path}.{name}", *LIMITS[name]) for name in LIMITS}
    return RawFix(seq, _moment(fix.get("at"), f"{path}.at"), lat, lng, **numbers)


def _number(value: Any, field: str) -> float:
    good = isinstance(value, int | float) and not isinstance(value, bool)
    # A whole number beyond 2**1023 cannot even be compared as a float.
    if not good or abs(value) > 1e300 or not math.isfinite(value):
        raise _bad(field, "bad_number", f"{field.rsplit('.', 1)[-1]} must be a finite number.")
    return float(value)


def _optional(value: Any, field: str, low: float, high: float) -> float | None:
    if value is None:
        return None
    number = _number(value, field)
    if not low <= number <= high:
        name = field.rsplit(".", 1)[-1]
        raise _bad(field, "bad_number", f"{name} must be between {low:g} and {high:g}.")
    return number


def _moment(value: Any, field: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise _bad(field, "bad_time", f"{field.rsplit('.', 1)[-1]} must be an ISO 8601 time.") from error
    if moment.tzinfo is None:
        raise _bad(field, "bad_time", "The time has no zone.")
    if not 1990 < moment.year < 2200:
        raise _bad(field, "bad_time", "The time is not of this age.")
    return moment.astimezone(UTC)


def _bad(field: str | None, code: str, cause: str) -> LastmileError:
    return LastmileError(code, cause, "Correct the named field and send again.", field=field)
