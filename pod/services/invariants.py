"""What must always hold over proofs: pod's part of the checker."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from lastmile.backup.checker import Finding, broken, invariant
from pod.models import ProofFile


@invariant("every file of a proof is there as it was taken, and none that was erased")
def files() -> Iterator[Finding]:
    missing, changed, left = [], [], []
    for row in ProofFile.objects.only("pk", "path", "sha256", "erased_at").iterator(chunk_size=1000):
        path = Path(settings.MEDIA_ROOT) / row.path
        if row.erased_at is not None:
            if path.is_file():
                left.append(row.pk)
        elif not path.is_file():
            missing.append(row.pk)
        else:
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != row.sha256:
                    changed.append(row.pk)
    yield from broken("proof_file_missing", "Proof files that are not there", missing)
    yield from broken("proof_file_changed", "Proof files that are not as they were taken", changed)
    yield from broken("proof_file_left", "Erased proof files that are still there", left)
