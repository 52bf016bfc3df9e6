"""Rows of a file read as orders: over the order that has the number already, or as a new one, as the mode allows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from dispatch.models import Order, OrderImport
from dispatch.models.order_import import ImportMode
from dispatch.services.import_files import table_of
from dispatch.services.order_columns import Columns, check_columns
from dispatch.services.order_draft import FieldError, OrderDraft, Reader
from dispatch.services.order_overlay import cleared, overlay
from dispatch.services.order_reading import reader_of
from dispatch.services.order_table import Row, Table, rows_of


@dataclass(frozen=True)
class Read:
    """Rows as understood, and the orders they were laid over, by the shop's number."""

    rows: list[Row]
    known: dict[str, Order]

    @property
    def good(self) -> list[Row]:
        return [row for row in self.rows if row.draft]

    @property
    def drafts(self) -> list[OrderDraft]:
        return [row.draft for row in self.rows if row.draft]


class RowReader:
    """An import's file, row by row. Raises LastmileError where its columns cannot be used."""

    def __init__(self, order_import: OrderImport) -> None:
        self.order_import = order_import
        self.table: Table = table_of(order_import)
        self.columns: Columns = check_columns(
            self.table.headings,
            fitted(order_import.mapping, self.table.headings),
            creates=order_import.mode != ImportMode.UPDATE,
        )
        self.reader: Reader = reader_of(
            order_import.station, now=order_import.station.now(), day=order_import.day, inside=True
        )

    def rows(self) -> Iterator[Row]:
        """What stands in the file, not yet understood."""
        return rows_of(self.columns, self.table.records)

    def read(self, rows: Sequence[Row]) -> Read:
        """Understand a chunk of rows; one query for the orders they name."""
        numbers = {row.external_id for row in rows if not row.errors}
        found = Order.objects.filter(shop=self.order_import.shop, external_id__in=numbers)
        known = {order.external_id: order for order in found.select_related("service_level")}
        return Read([self._read(row, known.get(row.external_id)) for row in rows], known)

    def _read(self, row: Row, order: Order | None) -> Row:
        if row.errors:
            return row
        wrong = self._misses_mode(row, order)
        if wrong:
            return row.refused(wrong)
        values = cleared(row.values) if order is None else overlay(row.values, order, self.reader.zone)
        read = self.reader.read(values)
        if read.draft is None:
            return row.refused(*read.errors)
        return replace(row, draft=_keep_level(read.draft, row, order))

    def _misses_mode(self, row: Row, order: Order | None) -> FieldError | None:
        mode = self.order_import.mode
        if mode == ImportMode.CREATE and order is not None:
            cause = "There is an order with this number already; this import takes only new ones."
            return FieldError("external_id", "order_exists", cause)
        if mode == ImportMode.UPDATE and order is None and row.external_id:
            cause = "The shop has no order with this number; this import only changes orders."
            return FieldError("external_id", "unknown_order", cause)
        return None


def _keep_level(draft: OrderDraft, row: Row, order: Order | None) -> OrderDraft:
    """A row that says nothing of the service level leaves it, even one that is no longer sold."""
    if order is None or order.service_level is None or "service_level" in row.values:
        return draft
    return replace(draft, service_level=order.service_level.code)


def fitted(mapping: Sequence[str], headings: Sequence[str]) -> tuple[str, ...]:
    """The chosen fields, one for each heading."""
    return (*mapping[: len(headings)], *[""] * (len(headings) - len(mapping)))
