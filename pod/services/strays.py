"""Pictures nobody names: a crash between the file and its row leaves one, whole or in part."""

import logging
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import batched
from pathlib import Path

from django.conf import settings

from dispatch.services.holders import BATCH
from pod.models import ProofFile

log = logging.getLogger(__name__)
SAFE = timedelta(hours=24)  # the row of a picture follows within one request
OURS = re.compile(r"[0-9a-f]{32}\.(jpg|png)(\.part)?")


def sweep(wall: datetime, dry: bool) -> Iterator[Counter[str]]:
    """Delete pictures that have lain for a day and that no row names, not even an erased one's."""
    root = Path(settings.MEDIA_ROOT)
    old = (path for path in sorted(root.glob("proofs/[0-9]*/[0-9]*/*")) if _is_old(path, wall))
    for paths in batched(old, BATCH):
        names = {path.relative_to(root).as_posix(): path for path in paths}
        named = set(ProofFile.objects.filter(path__in=names).values_list("path", flat=True))
        strays = [path for name, path in names.items() if name not in named]
        if strays and not dry:
            for path in strays:
                path.unlink(missing_ok=True)
            log.warning("deleted %d pictures below %s that no proof names", len(strays), root / "proofs")
        yield Counter(stray_files=len(strays))


def _is_old(path: Path, wall: datetime) -> bool:
    """Of files under names of our own making; by the time of the disk, which is no business clock's."""
    if not OURS.fullmatch(path.name):
        return False
    try:
        found = path.lstat()
    except FileNotFoundError:  # placed or dropped at this moment
        return False
    return found.st_mtime < (wall - SAFE).timestamp()
