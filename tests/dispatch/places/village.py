"""A hand-made extract: a village of 1 x 1 km on the coast, small enough to check every answer by eye."""

from dataclasses import dataclass, field
from pathlib import Path

import osmium
from osmium.osm import Location, mutable

SOUTH, WEST = 55.0, 12.0
DEGREE_N, DEGREE_E = 1 / 111_195, 1 / 63_780
BOX = (WEST, SOUTH, WEST + 1000 * DEGREE_E, SOUTH + 1000 * DEGREE_N)


def at(east: float, north: float) -> tuple[float, float]:
    """(lng, lat) so many metres from the south-west corner."""
    return WEST + east * DEGREE_E, SOUTH + north * DEGREE_N


@dataclass
class Village:
    """Nodes, ways and relations put together by a test, then written as a PBF."""

    nodes: list[mutable.Node] = field(default_factory=list)
    ways: list[mutable.Way] = field(default_factory=list)
    relations: list[mutable.Relation] = field(default_factory=list)

    def node(self, east: float, north: float, **tags: str) -> int:
        number = len(self.nodes) + 1
        self.nodes.append(mutable.Node(id=number, location=at(east, north), tags=_tags(tags)))
        return number

    def way(self, refs: list[int], **tags: str) -> int:
        number = len(self.ways) + 1
        self.ways.append(mutable.Way(id=number, nodes=refs, tags=_tags(tags)))
        return number

    def line(self, *places: tuple[float, float], **tags: str) -> int:
        return self.way([self.node(*place) for place in places], **tags)

    def square(self, east: float, north: float, size: float, **tags: str) -> int:
        corners = [(east, north), (east + size, north), (east + size, north + size), (east, north + size)]
        refs = [self.node(*corner) for corner in corners]
        return self.way([*refs, refs[0]], **tags)

    def relation(self, members: list[tuple[int, str]], **tags: str) -> None:
        parts = [("w", ref, role) for ref, role in members]
        self.relations.append(mutable.Relation(id=len(self.relations) + 1, members=parts, tags=_tags(tags)))

    def address(self, street: str, number: str, east: float, north: float, **tags: str) -> int:
        return self.node(east, north, **{"addr:street": street, "addr:housenumber": number}, **tags)

    def write(self, path: Path, *, with_box: bool = True) -> Path:
        header = osmium.io.Header()
        if with_box:
            header.add_box(osmium.osm.Box(Location(BOX[0], BOX[1]), Location(BOX[2], BOX[3])))
        path.unlink(missing_ok=True)
        with osmium.SimpleWriter(str(path), header=header) as writer:
            for node in self.nodes:
                writer.add_node(node)
            for way in self.ways:
                writer.add_way(way)
            for relation in self.relations:
                writer.add_relation(relation)
        return path


def _tags(tags: dict[str, str]) -> dict[str, str]:
    return {key.replace("__", ":"): value for key, value in tags.items()}


NORTH = {"addr:postcode": "2200", "addr:city": "Strandby"}
SOUTHERN = {"addr:postcode": "2300", "addr:city": "Havnby"}


def strandby() -> Village:
    """Streets, addresses of every kind, a park, a lake with an island, and the sea along the east edge."""
    village = Village()
    village.line((0, 500), (300, 500), highway="primary", name="Nørrebrogade", name__en="North Bridge Street")
    village.line((300, 500), (700, 500), highway="primary", name="Nørrebrogade")
    village.line((300, 0), (300, 1000), highway="residential", name="H.C. Ørsteds Vej")
    village.line((0, 900), (700, 900), highway="residential", name="Møllestræde")
    village.line((0, 200), (300, 200), highway="residential", name="Straße des 17. Juni")
    village.line((0, 700), (300, 700), highway="footway", name="Kirkestien")
    village.node(500, 600, place="town", name="Strandby", name__en="Beachtown")
    _addresses(village)
    village.square(400, 700, 150, leisure="park", name="Byparken")
    village.square(50, 300, 120, natural="water", name="Søen")
    # The land is on the left of a coastline: going north, the land is west and the sea east.
    village.line((800, -50), (800, 500), (850, 700), (850, 1050), natural="coastline")
    village.square(900, 300, 40, natural="coastline")
    return village


def _addresses(village: Village) -> None:
    for number, east in (("1", 20), ("3", 60), ("5", 100), ("9", 180)):
        village.address("Nørrebrogade", number, east, 510, **NORTH)
    for number, east in (("2", 20), ("4", 60), ("12A", 200), ("12B", 210), ("22-24", 290)):
        village.address("Nørrebrogade", number, east, 490, **NORTH)
    village.address("Nørrebrogade", "5", 102, 511, shop="bakery", name="Bager", **NORTH)
    village.address("H.C. Ørsteds Vej", "25;27", 310, 600, **NORTH)
    village.address("Straße des 17. Juni", "135", 150, 210, **SOUTHERN)
    village.address("Kirkegade", "5", 100, 950, **NORTH)
    village.address("Kirkegade", "5", 100, 50, **SOUTHERN)
    village.node(500, 500, **{"addr:housenumber": "77"})
    building = village.square(
        500, 510, 20, building="yes", addr__street="Nørrebrogade", addr__housenumber="31"
    )
    assert building
    outer = village.square(550, 510, 40)
    inner = village.square(560, 520, 10)
    tags = {
        "type": "multipolygon",
        "building": "yes",
        "addr:street": "Nørrebrogade",
        "addr:housenumber": "33",
    }
    village.relation([(outer, "outer"), (inner, "inner")], **tags)
