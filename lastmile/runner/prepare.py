"""What must be in order before the parts start: the database's shape and the static files."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import OperationalError

from lastmile.runner.trouble import Trouble

STAMP = ".stamp"


def migrate() -> bool:
    """Bring the database to the newest shape; False when it was."""
    try:
        connection = connections[DEFAULT_DB_ALIAS]
        executor = MigrationExecutor(connection)
        pending = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        if pending:
            call_command("migrate", verbosity=0, interactive=False)
        connection.close()
    except OperationalError as error:
        raise Trouble(database_words(error)) from error
    return pending


def database_words(error: OperationalError) -> str:
    words = str(error).strip()
    if "disk is full" in words or "No space left" in words:
        return f"The disk of {settings.LASTMILE_HOME} is full: free some room, then start again."
    return f"The database cannot be used ({words}): check DATABASE_URL and that its server runs."


def collect_static() -> bool:
    """Put static files, with hashed names, where the web server reads them; False when nothing changed."""
    root = Path(settings.STATIC_ROOT)
    stamp, newest = root / STAMP, fingerprint()
    if stamp.exists() and stamp.read_text() == newest:
        return False
    root.mkdir(parents=True, exist_ok=True)
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(newest)
    return True


def fingerprint() -> str:
    """Changes whenever a static file is added, removed or written."""
    seen = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            facts = Path(storage.path(path)).stat()
            prefix = getattr(storage, "prefix", "") or ""
            seen.update(f"{prefix}/{path}:{facts.st_size}:{facts.st_mtime_ns}\n".encode())
    return seen.hexdigest()
