"""Django's command line with one sentence instead of a traceback where a person can mend it."""

import os
import sqlite3
import sys
from collections.abc import Sequence

INTERRUPTED = 130
MISSING = ("no such table", "no such column", "does not exist", "unable to open database")


def run(arguments: Sequence[str]) -> None:
    """Execute a management command; ends the process with a sentence where there is nothing to work on."""
    from django.core.management import execute_from_command_line
    from django.db import DatabaseError

    from lastmile.env import EnvError

    try:
        execute_from_command_line(list(arguments))
    except EnvError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        sys.exit(INTERRUPTED)
    except (DatabaseError, sqlite3.Error) as error:
        if "--traceback" in arguments or not any(words in str(error) for words in MISSING):
            raise
        sys.exit(_nothing_here(error))


def _nothing_here(error: Exception) -> str:
    from django.conf import settings

    where = "The database" if os.environ.get("DATABASE_URL") else f"{settings.LASTMILE_HOME}"
    return (
        f"{where} holds no installation of this version ({str(error).splitlines()[0]}): start it once by "
        "manage.py up, or name the right folder by LASTMILE_HOME. With --traceback you see where it happened."
    )
