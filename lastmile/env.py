"""Typed readers of environment variables; every secret may come as NAME or as NAME_FILE."""

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import overload
from urllib.parse import unquote, urlsplit

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


class EnvError(ValueError):
    """A variable that cannot be read; the message names it and what it should hold."""


@overload
def text(name: str, default: str) -> str: ...
@overload
def text(name: str, default: None = None) -> str | None: ...
def text(name: str, default: str | None = None) -> str | None:
    """The variable's value, or what the file named by NAME_FILE holds, or the default."""
    if name in os.environ:
        return os.environ[name]
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return default
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise EnvError(f"{name}_FILE points at {path}, which cannot be read: {error.strerror}") from error


def boolean(name: str, default: bool) -> bool:
    value = (text(name) or str(default)).strip().lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise EnvError(f"{name} must be one of on/off, true/false, 1/0; it is {value!r}")


def integer(name: str, default: int) -> int:
    value = text(name)
    if value is None:
        return default
    try:
        return int(value)
    except ValueError as error:
        raise EnvError(f"{name} must be a whole number; it is {value!r}") from error


def words(name: str, default: list[str]) -> list[str]:
    """A comma-separated list."""
    value = text(name)
    return default if value is None else [part.strip() for part in value.split(",") if part.strip()]


def made_secret(name: str, path: Path) -> str:
    """NAME or NAME_FILE; else a random key kept in `path`, made once and readable by the owner only."""
    given = text(name)
    if given:
        return given
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as stream:
                stream.write(secrets.token_urlsafe(64))
            with suppress(FileExistsError):  # another process was quicker: its key is the key
                path.hardlink_to(fresh)
        return path.read_text().strip()
    except OSError as error:
        raise EnvError(
            f"{path} cannot be made ({error.strerror}): free some room or check who owns the folder, "
            f"name another by LASTMILE_HOME, or give {name}."
        ) from error
    finally:
        fresh.unlink(missing_ok=True)


def origin(url: str) -> list[str]:
    """The origin a browser must be allowed to ask for an address template like https://{s}.tile.example/{z}.png."""
    if not url:
        return []
    parts = urlsplit(url)
    return [f"{parts.scheme}://{parts.netloc.replace('{s}', '*')}"]


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over, and how."""

    host: str
    port: int
    user: str
    password: str
    ssl: bool
    starttls: bool


def mail(name: str) -> MailServer | None:
    """A mail server by its address: smtp://user:password@host:587 (STARTTLS), smtps://host:465, smtp+plain://host:25."""
    value = text(name)
    if not value:
        return None
    parts = urlsplit(value)
    ports = {"smtp": 587, "smtps": 465, "smtp+plain": 25}
    try:
        port = parts.port
    except ValueError:
        port = 0
    if parts.scheme not in ports or not parts.hostname or port == 0:
        raise EnvError(f"{name} must look like smtp://user:password@mail.example:587; passwords %-escaped")
    return MailServer(
        host=parts.hostname,
        port=port or ports[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        ssl=parts.scheme == "smtps",
        starttls=parts.scheme == "smtp",
    )
