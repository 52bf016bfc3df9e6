"""Reading request bodies: plain types, refused with the field's name."""

from collections.abc import Mapping
from typing import Any

from rest_framework.request import Request

from lastmile.kernel.errors import LastmileError


def body_of(request: Request, allowed: set[str]) -> Mapping[str, Any]:
    """The JSON object of a request; unknown fields are refused rather than ignored."""
    data = request.data
    if not isinstance(data, Mapping):
        raise LastmileError("not_an_object", "The body must be a JSON object.", "Send {...}.")
    unknown = sorted(set(data) - allowed)
    if unknown:
        raise LastmileError(
            "unknown_field",
            f"{unknown[0]!r} is no field of this request.",
            f"Known fields: {', '.join(sorted(allowed))}.",
            field=unknown[0],
        )
    return data


def integer(data: Mapping[str, Any], field: str, *, low: int = 0, high: int = 2**31 - 1) -> int | None:
    """A whole number within limits, or None when absent or null."""
    value = data.get(field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise LastmileError(
            "bad_number",
            f"{field} must be a whole number between {low} and {high}.",
            "Correct it and send again.",
            field=field,
        )
    return value


def query_integer(request: Request, field: str) -> int | None:
    """A whole number of the address, or None when absent."""
    written = request.query_params.get(field, "")
    value: object = int(written) if written.isascii() and written.isdigit() and len(written) < 11 else written
    return integer({field: value or None} if written else {}, field)


def required_integer(data: Mapping[str, Any], field: str) -> int:
    value = integer(data, field)
    if value is None:
        raise LastmileError("missing", f"{field} is missing.", "Add it and send again.", field=field)
    return value


def integers(data: Mapping[str, Any], field: str, *, most: int = 5000) -> list[int]:
    """A list of distinct whole numbers, in order, not empty."""
    values = data.get(field)
    good = isinstance(values, list) and all(
        isinstance(v, int) and not isinstance(v, bool) and 0 <= v < 2**63 for v in values
    )
    if not good or not values or len(values) > most:
        raise LastmileError(
            "bad_list",
            f"{field} must be a list of 1 to {most} ids.",
            "Correct it and send again.",
            field=field,
        )
    return list(dict.fromkeys(values))


def text(data: Mapping[str, Any], field: str, default: str = "", *, most: int = 200) -> str:
    value = data.get(field, default)
    if not isinstance(value, str) or len(value) > most:
        raise LastmileError(
            "bad_text", f"{field} must be text of at most {most} characters.", "Shorten it.", field=field
        )
    return value.strip()


def mapping(data: Mapping[str, Any], field: str, kind: type) -> dict[str, Any]:
    """An object whose values are all of one type; absent is empty."""
    value = data.get(field) or {}
    if not isinstance(value, dict) or not all(type(item) is kind for item in value.values()):
        raise LastmileError(
            "bad_object", f"{field} must be an object of {kind.__name__} values.", "Correct it.", field=field
        )
    return value
