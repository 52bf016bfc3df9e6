"""Which column means what in a shop's files: guessed, chosen by a person once, remembered."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from dispatch.models import ColumnMapping, OrderImport, Shop
from dispatch.models.order_import import ImportMode, ImportState
from dispatch.services.order_columns import FIELDS, WHY, check_columns, guess_columns, key
from lastmile import bus
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError

KEY_LENGTH = 80


def saved_for(shop: Shop) -> dict[str, str]:
    """The shop's remembered choices: heading as it is compared -> field, "" for not used."""
    return dict(ColumnMapping.objects.filter(shop=shop).values_list("heading", "field"))


def guess_for(shop: Shop, headings: Sequence[str]) -> tuple[str, ...]:
    """A field for each column of a file of the shop, "" where none."""
    saved = saved_for(shop)
    return guess_columns(headings, {key(h): saved[_kept(h)] for h in headings if _kept(h) in saved})


def choose_columns(
    *,
    order_import: OrderImport,
    headings: Sequence[str],
    fields: Sequence[str],
    actor: str,
    now: datetime,
) -> None:
    """Read the file with these fields, and guess so the next time this shop sends a file.

    Raises LastmileError for a choice that cannot be used; nothing is changed then.
    """
    if len(fields) != len(headings) or any(field and field not in FIELDS for field in fields):
        raise LastmileError("bad_choice", "There is no such field.", "Choose from the lists.")
    check_columns(headings, fields, creates=order_import.mode != ImportMode.UPDATE)
    with transaction.atomic():
        waiting = OrderImport.objects.filter(pk=order_import.pk, state=ImportState.PREVIEW)
        if not waiting.update(mapping=list(fields), diff=None, job_id=None):
            raise _begun()
        changes = _remember(order_import.shop, headings, fields, now)
        if changes:
            _tell(order_import, "chosen", changes, actor, now)
    order_import.refresh_from_db()


def forget_columns(*, order_import: OrderImport, headings: Sequence[str], actor: str, now: datetime) -> None:
    """Guess by names alone again, for this file and the shop's next ones."""
    with transaction.atomic():
        waiting = OrderImport.objects.filter(pk=order_import.pk, state=ImportState.PREVIEW)
        if not waiting.update(mapping=list(guess_columns(headings)), diff=None, job_id=None):
            raise _begun()
        saved = ColumnMapping.objects.select_for_update().filter(shop=order_import.shop)
        changes: dict[str, list[str | None]] = {row.heading: [row.field, None] for row in saved}
        saved.delete()
        if changes:
            _tell(order_import, "forgotten", changes, actor, now)
    order_import.refresh_from_db()


def _remember(
    shop: Shop, headings: Sequence[str], fields: Sequence[str], now: datetime
) -> dict[str, list[str | None]]:
    """Keep what differs from the guess by name; headings that stand twice cannot be told apart."""
    count = Counter(_kept(heading) for heading in headings)
    before = saved_for(shop)
    changes: dict[str, list[str | None]] = {}
    for heading, field, plain in zip(headings, fields, guess_columns(headings), strict=True):
        name = _kept(heading)
        if not name or count[name] > 1 or name == WHY:
            continue
        wanted = None if field == plain else field
        if wanted == before.get(name):
            continue
        changes[name] = [before.get(name), wanted]
        if wanted is None:
            ColumnMapping.objects.filter(shop=shop, heading=name).delete()
        else:
            ColumnMapping.objects.update_or_create(
                shop=shop, heading=name, defaults={"field": wanted, "chosen_at": now}
            )
    return changes


def _kept(heading: str) -> str:
    return key(heading)[:KEY_LENGTH]


def _begun() -> LastmileError:
    return LastmileError("illegal_move", "This import has begun already.", "Reload the page.", status=409)


def _tell(
    order_import: OrderImport, what: str, changes: dict[str, list[str | None]], actor: str, now: datetime
) -> None:
    shop = order_import.shop
    event = events.SettingsChanged(
        station_id=order_import.station_id,
        what=what,
        noun="columns of files",
        row_id=shop.pk,
        label=shop.name,
        changes=dict(changes.items()),
    )
    bus.publish(event, actor=actor, at=now)
