"""The one error a caller can do something about: a code for programs, a cause and an action for people."""


class LastmileError(Exception):
    """A refused request.

    `code` is stable and snake_case; `cause` says what is wrong, `action` what to do about it; `field` names the
    input at fault; `status` is the HTTP status the edge answers with; `data` is anything a client may need
    to go on (for a conflict, the newer state).
    """

    def __init__(
        self,
        code: str,
        cause: str,
        action: str,
        *,
        field: str | None = None,
        status: int = 400,
        data: dict[str, object] | None = None,
    ) -> None:
        super().__init__(f"{code}: {cause}")
        self.code = code
        self.cause = cause
        self.action = action
        self.field = field
        self.status = status
        self.data = data or {}


def conflict(cause: str, action: str, **data: object) -> LastmileError:
    """Somebody else was faster: the caller holds an old version."""
    return LastmileError("conflict", cause, action, status=412, data=data)


def not_found(what: str) -> LastmileError:
    """Absent, or not the caller's: the two look the same from outside."""
    return LastmileError(
        "not_found", f"{what} was not found.", "Check the address or your station.", status=404
    )


def forbidden(cause: str) -> LastmileError:
    return LastmileError(
        "forbidden", cause, "Ask a station manager for the role that may do this.", status=403
    )
