"""Build the addresses and the map of a city out of one reading of its extract."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dispatch.places import extract
from dispatch.places.addresses import AddressCollector, IndexSummary, write_index
from dispatch.places.basemap import NO_TILES, make_tiles, tippecanoe, write_ground
from dispatch.places.errors import Note
from dispatch.places.extract import Scan
from dispatch.places.features import FeatureWriter
from dispatch.places.sea import CoastCollector

type StageProgress = Callable[[str, float], None]
"""Called with a stage's name and the share of that stage done, 0..1."""


@dataclass(frozen=True)
class PlacesSummary:
    """What was built, and the limits found on the way."""

    scan: Scan
    index: IndexSummary
    tiles: bool
    notes: tuple[Note, ...]


def build_places(source: Path, target: Path, progress: StageProgress) -> PlacesSummary:
    """Write ``addresses.sqlite`` and ``tiles.mbtiles`` into the folder `target`.

    Raises PlacesError as `extract.read` and `basemap.make_tiles` do. Lack of tippecanoe, addresses without
    a street, no addresses at all and missing nodes are notes, not errors.
    """
    addresses, coast = AddressCollector(), CoastCollector()
    features = target / "features.geojsonseq"
    with FeatureWriter(features) as writer:
        scan = extract.read(source, (addresses, coast, writer), lambda share: progress("reading", share))
        dry = [address.point for address in addresses.addresses]
        notes = write_ground(writer, coast, scan.bounds, dry)
    index = write_index(addresses, target / "addresses.sqlite", lambda share: progress("addresses", share))
    program = tippecanoe()
    if program is None:
        notes.append(NO_TILES)
    else:
        make_tiles(
            program, features, target / "tiles.mbtiles", scan.bounds, lambda share: progress("map", share)
        )
    features.unlink()
    return PlacesSummary(scan, index, program is not None, (*notes, *_limits(scan, index)))


def _limits(scan: Scan, index: IndexSummary) -> list[Note]:
    notes = []
    if index.addresses == 0:
        text = "The extract has no house numbers: orders are found by street, or placed on the map by hand."
        notes.append(Note("no_addresses", text))
    if index.nameless:
        text = f"{index.nameless} numbered places name no street and cannot be searched for."
        notes.append(Note("addresses_without_street", text))
    if scan.missing_nodes:
        text = f"{scan.missing_nodes} points of streets are not in the extract: streets end at its edge."
        notes.append(Note("missing_nodes", text))
    return notes
