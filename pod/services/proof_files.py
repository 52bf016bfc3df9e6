"""Photos and signatures of a visit: kept once, however often they are sent, before or long after the report."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from dispatch.models import Attempt, Driver, Stop
from lastmile import bus
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError
from pod import signature
from pod.models import Proof, ProofFile
from pod.models.proof_file import ProofKind
from pod.services.pictures import Kept, drop_picture, keep_picture, link_picture, reduce_photo

SUFFIX = {ProofKind.PHOTO: ".jpg", ProofKind.SIGNATURE: ".png"}
MOST_FILES = 8  # of one proof
MOST_A_DAY = 2000  # of one driver
ID_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of our own making, ready to be kept; the same `event_id` is the same picture."""

    kind: ProofKind
    event_id: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Promise:
    """A picture that the phone still has and will send by itself."""

    kind: ProofKind
    event_id: str


@dataclass(slots=True)
class Placed:
    """Pictures on the disk whose rows are not stored yet; `paths` are all there are to undo."""

    pictures: list[tuple[Picture, Kept]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


def photo(event_id: str, data: bytes) -> Picture:
    """A picture of what came from a camera. Raises LastmileError for whatever is no photo."""
    return Picture(ProofKind.PHOTO, require_id(event_id), reduce_photo(data))


def signed(event_id: str, given: Any) -> Picture:
    """A picture of strokes or a typed name. Raises LastmileError for anything else."""
    return Picture(ProofKind.SIGNATURE, require_id(event_id), signature.drawn(given))


def require_id(event_id: str) -> str:
    if not event_id.isprintable() or not 0 < len(event_id) <= ID_LENGTH:
        raise LastmileError(
            "bad_event_id",
            "The picture has no usable event_id.",
            f"Give each picture an id of its own, up to {ID_LENGTH} characters.",
            field="event_id",
        )
    return event_id


def add_picture(
    *, stop: Stop, report_id: str, picture: Picture, actor: str, now: datetime
) -> list[ProofFile]:
    """Keep a picture of a report that was sent before; sending it twice keeps one. Returns its rows, one an order."""
    attempts = list(Attempt.objects.filter(stop=stop, client_event_id=report_id).select_related("driver"))
    if not attempts:
        raise LastmileError(
            "report_unknown",
            "The report this picture belongs to has not arrived.",
            "Send the report of the visit first, then its pictures.",
            field="report",
            status=409,
        )
    _require_modest(attempts[0].driver)
    with placed([picture], now) as kept, transaction.atomic():
        attach_pictures(attempts, kept, actor=actor, now=now)
    return list(
        ProofFile.objects.filter(proof__attempt__in=attempts, client_event_id=picture.event_id).order_by("id")
    )


@contextmanager
def placed(pictures: Iterable[Picture], now: datetime) -> Iterator[Placed]:
    """The pictures on the disk, before any row says so; gone again when the rows could not be written."""
    done = Placed()
    try:
        for picture in pictures:
            kept = keep_picture(picture.content, suffix=SUFFIX[picture.kind], now=now)
            done.pictures.append((picture, kept))
            done.paths.append(kept.path)
        yield done
    except BaseException:
        for path in done.paths:
            drop_picture(path)
        raise


def attach_pictures(attempts: Sequence[Attempt], placed: Placed, *, actor: str, now: datetime) -> None:
    """Make rows of placed pictures, for every order of the visit; those known already are dropped again."""
    if not placed.pictures:
        return
    proofs = proofs_of(attempts)
    for picture, kept in placed.pictures:
        if ProofFile.objects.filter(proof__in=proofs, client_event_id=picture.event_id).exists():
            transaction.on_commit(partial(drop_picture, kept.path))
            continue
        if ProofFile.objects.filter(proof=proofs[0]).count() >= MOST_FILES:
            raise LastmileError(
                "too_many_pictures",
                f"A visit keeps at most {MOST_FILES} pictures.",
                "Leave the others out.",
                field="photo",
                status=422,
            )
        _add_rows(proofs, picture, kept, placed)
        event = events.ProofCaptured(
            station_id=attempts[0].stop.route.station_id,
            kind=picture.kind,
            attempt_id=attempts[0].pk,
            order_ids=[attempt.order_id for attempt in attempts],
        )
        bus.publish(event, actor=actor, at=now)


def _add_rows(proofs: list[Proof], picture: Picture, kept: Kept, placed: Placed) -> None:
    """Each order's row has a name of its own for the file, so that erasing the one leaves the others theirs."""
    names = [kept.path]
    for _ in proofs[1:]:
        names.append(link_picture(kept.path))
        placed.paths.append(names[-1])
    ProofFile.objects.bulk_create(
        ProofFile(
            proof=proof,
            kind=picture.kind,
            path=name,
            sha256=kept.sha256,
            bytes=kept.bytes,
            width=kept.width,
            height=kept.height,
            client_event_id=picture.event_id,
        )
        for proof, name in zip(proofs, names, strict=True)
    )


def proofs_of(attempts: Sequence[Attempt]) -> list[Proof]:
    """The proofs of a visit's attempts, locked; one that failed gets its proof with its first picture."""
    known = set(Proof.objects.filter(attempt__in=attempts).values_list("attempt_id", flat=True))
    Proof.objects.bulk_create(
        [
            Proof(attempt=attempt, captured_at=attempt.at, lat=attempt.lat, lng=attempt.lng)
            for attempt in attempts
            if attempt.pk not in known
        ],
        ignore_conflicts=True,
    )
    return list(Proof.objects.select_for_update().filter(attempt__in=attempts).order_by("id"))


def _require_modest(driver: Driver | None) -> None:
    """A phone gone mad, or in wrong hands, must not fill the disk."""
    since = timezone.now() - timedelta(days=1)
    sent = ProofFile.objects.filter(proof__attempt__driver=driver, recorded_at__gt=since)
    if driver is not None and sent.count() >= MOST_A_DAY:
        raise LastmileError(
            "too_many_pictures",
            f"More than {MOST_A_DAY} pictures came from this driver within a day.",
            "Send the rest tomorrow, and tell the station.",
            status=429,
        )
