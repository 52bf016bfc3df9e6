"""Writing many position rows at once.

The writer's largest cost: `bulk_create` takes three times as long for the same rows, and making model instances for it
as long again.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import NamedTuple

from django.db import connection

from tracking.models import Position


class PositionRow(NamedTuple):
    """The columns of `Position` but its id, by their names on the model."""

    device_id: int
    seq: int
    vehicle_id: int
    route_id: int | None
    fix_at: datetime
    device_at: datetime
    server_at: datetime
    lat: float
    lng: float
    accuracy_m: float | None
    speed_mps: float | None
    heading: float | None
    battery: float | None
    flags: str


def store_rows(rows: Sequence[PositionRow]) -> None:
    """Insert what is not there yet: the number of a device makes a fix what it is."""
    moment = connection.ops.adapt_datetimefield_value
    values = [
        (*row[:4], *map(moment, row[4:7]), *row[7:]) for row in rows
    ]  # the three times, as the database wants
    with connection.cursor() as cursor:
        cursor.executemany(_insert(), values)


@cache
def _insert() -> str:
    quote = connection.ops.quote_name
    columns = {field.attname: quote(field.column) for field in Position._meta.concrete_fields if field.column}
    names = [columns[name] for name in PositionRow._fields]
    marks = ", ".join(["%s"] * len(names))
    table = quote(Position._meta.db_table)
    # Nothing of a request is in these words: names are the model's, values are passed beside them.
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608
