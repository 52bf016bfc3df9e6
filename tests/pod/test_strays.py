"""A crash between a picture and its row: the nightly job deletes what nobody names, never what somebody does."""

import io
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image

from dispatch.services import retention
from pod.models import ProofFile
from pod.services.pictures import keep_picture
from pod.services.strays import SAFE
from tests.lastmile.backup_world import prove
from tests.scenarios import DAY, make_orders, make_route, make_shop, make_station

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def picture(now: datetime) -> str:
    out = io.BytesIO()
    Image.new("L", (4, 4)).save(out, "JPEG")
    return keep_picture(out.getvalue(), suffix=".jpg", now=now).path


def aged(path: Path, by: timedelta) -> Path:
    then = (timezone.now() - by).timestamp()
    os.utime(path, (then, then))
    return path


def nightly(*, dry: bool = False) -> dict[str, int]:
    total, finished = retention.spend(
        retention.keep(wall=timezone.now(), dry=dry), lambda *a: None, clock=lambda: 0.0
    )
    assert finished
    return dict(total)


def test_old_pictures_without_a_row_go_and_all_others_stay(
    media: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whole and half-written ones; young ones may be under way, erased rows still name theirs, and other files are
    not ours to judge."""
    station = make_station()
    orders = make_orders(station, make_shop(station), 2)
    make_route(station, DAY, orders, state="closed")
    now = timezone.now()
    rows = [prove(order) for order in orders]
    for row in rows:
        ProofFile.objects.filter(pk=row.pk).update(path=picture(now))
    ProofFile.objects.filter(pk=rows[0].pk).update(erased_at=station.now() - timedelta(days=60))
    named = [media / row.path for row in ProofFile.objects.all()]
    stray = media / picture(now)
    half = stray.with_name(f"{'0' * 32}.png.part")
    foreign = stray.with_name("notes.txt")
    for path in (half, foreign):
        path.write_bytes(b"\x89PNG")
    for path in (*named, stray, half, foreign):
        aged(path, SAFE + timedelta(minutes=1))
    young = aged(media / picture(now), SAFE - timedelta(minutes=1))

    assert nightly(dry=True)["stray_files"] == 2
    assert stray.exists()
    assert nightly()["stray_files"] == 2
    assert not stray.exists()
    assert not half.exists()
    assert all(path.exists() for path in (*named, foreign, young))
    assert "deleted 2 pictures" in caplog.text
    assert "stray_files" not in nightly()


def test_a_station_without_pictures_has_nothing_to_sweep() -> None:
    """No folder yet: the nightly job goes on."""
    make_station()
    assert not nightly()
