"""What pod holds: proofs and their pictures. Given out with the order, erased with the recipient."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from dispatch.models import Order, Station
from dispatch.services.holders import BATCH, Held, Holder, delete_in_batches
from pod.models import Proof, ProofFile
from pod.services.strays import sweep

COARSE = 2  # decimals of a degree that are kept: about a kilometre
AGAIN = timedelta(days=7)


def export(order: Order) -> Held:
    proofs, files = [], {}
    for proof in Proof.objects.filter(attempt__order=order).prefetch_related("files").order_by("pk"):
        pictures = []
        for row in proof.files.all():
            path = _path(row)
            there = row.erased_at is None and path.is_file()
            name = f"proofs/{row.kind}-{row.pk}{path.suffix}"
            if there:
                files[name] = path
            pictures.append(_picture(row) | {"file": name if there else None})
        proofs.append(_proof(proof) | {"files": pictures})
    return Held({"proofs": proofs}, files)


def _proof(proof: Proof) -> dict[str, Any]:
    names = ("attempt_id", "received_by", "relation", "captured_at", "recorded_at", "lat", "lng")
    return {name: getattr(proof, name) for name in (*names, "accuracy_m", "distance_m")}


def _picture(row: ProofFile) -> dict[str, Any]:
    names = ("kind", "sha256", "bytes", "width", "height", "recorded_at", "erased_at")
    return {name: getattr(row, name) for name in names}


def _path(row: ProofFile) -> Path:
    return Path(settings.MEDIA_ROOT) / row.path


def erase(order_ids: Sequence[int], now: datetime) -> tuple[Counter[str], list[Path]]:
    """Names and places go, and the pictures; that there was a proof, and each file's hash, stay."""
    proofs = Proof.objects.filter(attempt__order_id__in=order_ids)
    named = proofs.exclude(received_by="", relation="", lat=None).count()
    for proof in proofs.filter(lat__isnull=False).only("pk", "lat", "lng"):
        place = {"lat": round(proof.lat or 0, COARSE), "lng": round(proof.lng or 0, COARSE)}
        Proof.objects.filter(pk=proof.pk).update(**place)
    proofs.update(received_by="", relation="")
    rows = ProofFile.objects.filter(proof__attempt__order_id__in=order_ids)
    paths = [
        _path(row) for row in rows
    ]  # also of those erased before: their deletion may have been cut short
    taken = rows.filter(erased_at=None).update(erased_at=now)
    return Counter(proofs=named, proof_files=taken), paths


def outdated(station: Station, now: datetime, dry: bool) -> Iterator[Counter[str]]:
    """Pictures older than the station keeps, and what an interrupted erasure left on the disk."""
    mine = ProofFile.objects.filter(proof__attempt__order__station=station)
    old = mine.filter(erased_at=None, proof__captured_at__lt=now - timedelta(days=station.keep_proofs_days))
    if dry:
        yield Counter(proof_files=old.count())
        return
    for row in mine.filter(erased_at__gte=now - AGAIN).iterator():
        _path(row).unlink(missing_ok=True)
    while rows := list(old.order_by("pk")[:BATCH]):
        with transaction.atomic():
            ProofFile.objects.filter(pk__in=[row.pk for row in rows], erased_at=None).update(erased_at=now)
        for row in rows:
            _path(row).unlink(missing_ok=True)
        yield Counter(proof_files=len(rows))


def remove(station: Station) -> Iterator[Counter[str]]:
    mine = Q(attempt__order__station=station) | Q(attempt__stop__route__station=station)
    files = ProofFile.objects.filter(proof__in=Proof.objects.filter(mine))
    while rows := list(files.order_by("pk")[:BATCH]):
        for row in rows:
            _path(row).unlink(missing_ok=True)
        ProofFile.objects.filter(pk__in=[row.pk for row in rows]).delete()
        yield Counter(proof_files=len(rows))
    yield from delete_in_batches(Proof.objects.filter(mine), "proofs")


HOLDER = Holder(export, erase, outdated, remove, sweep)
