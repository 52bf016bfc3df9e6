"""Which tags become which layer of the map, with which properties and from which zoom on."""

from __future__ import annotations

from dataclasses import dataclass

from dispatch.places.extract import Tags

MIN_ZOOM = 9
MAX_ZOOM = 15

type Properties = dict[str, str | int]


@dataclass(frozen=True)
class Paint:
    """A feature's layer, properties and first zoom."""

    layer: str
    minzoom: int
    properties: Properties


_ROADS = {
    "motorway": ("motorway", 9),
    "trunk": ("trunk", 9),
    "primary": ("primary", 9),
    "secondary": ("secondary", 10),
    "tertiary": ("tertiary", 11),
    "unclassified": ("minor", 12),
    "residential": ("minor", 12),
    "living_street": ("minor", 12),
    "road": ("minor", 12),
    "pedestrian": ("pedestrian", 13),
    "service": ("service", 13),
    "track": ("track", 13),
    "cycleway": ("path", 14),
    "footway": ("path", 14),
    "path": ("path", 14),
    "steps": ("path", 15),
}
_GREEN = {
    ("leisure", "park"): "park",
    ("leisure", "garden"): "park",
    ("leisure", "common"): "park",
    ("leisure", "nature_reserve"): "park",
    ("leisure", "dog_park"): "park",
    ("leisure", "golf_course"): "park",
    ("landuse", "village_green"): "park",
    ("landuse", "recreation_ground"): "park",
    ("landuse", "cemetery"): "cemetery",
    ("amenity", "grave_yard"): "cemetery",
    ("landuse", "grass"): "grass",
    ("landuse", "meadow"): "grass",
    ("landuse", "flowerbed"): "grass",
    ("natural", "grassland"): "grass",
    ("natural", "heath"): "grass",
    ("landuse", "allotments"): "allotments",
    ("landuse", "orchard"): "farmland",
    ("landuse", "vineyard"): "farmland",
    ("landuse", "farmland"): "farmland",
    ("landuse", "farm"): "farmland",
    ("landuse", "forest"): "wood",
    ("natural", "wood"): "wood",
    ("natural", "scrub"): "wood",
    ("leisure", "pitch"): "pitch",
    ("leisure", "track"): "pitch",
    ("leisure", "playground"): "pitch",
    ("natural", "sand"): "sand",
    ("natural", "beach"): "sand",
    ("natural", "wetland"): "wetland",
}
_LAND = {
    ("landuse", "industrial"): "industrial",
    ("landuse", "commercial"): "industrial",
    ("landuse", "retail"): "industrial",
    ("landuse", "railway"): "industrial",
    ("landuse", "construction"): "industrial",
    ("amenity", "parking"): "parking",
    ("amenity", "hospital"): "institution",
    ("amenity", "school"): "institution",
    ("amenity", "university"): "institution",
    ("amenity", "college"): "institution",
    ("place", "square"): "square",
    ("man_made", "pier"): "pier",
}
_WATER = {
    ("natural", "water"),
    ("waterway", "riverbank"),
    ("waterway", "dock"),
    ("landuse", "reservoir"),
    ("landuse", "basin"),
}
_DRY_LAND = {("natural", "land"), ("place", "island"), ("place", "islet")}
_WATERWAYS = {"river": 10, "canal": 11, "stream": 13, "ditch": 14, "drain": 14}
_RAILS = {"rail": 11, "light_rail": 12, "subway": 13, "tram": 14, "narrow_gauge": 13, "funicular": 13}
_PLACES = {
    "city": 9,
    "town": 9,
    "village": 11,
    "borough": 11,
    "suburb": 11,
    "quarter": 12,
    "island": 12,
    "hamlet": 13,
    "neighbourhood": 13,
    "square": 14,
}


def line(tags: Tags) -> Paint | None:
    """The layer of an open way, or of a closed one that is no area."""
    if "highway" in tags:
        return _road(tags)
    if tags.get("railway") in _RAILS and tags.get("service") not in ("yard", "siding", "spur"):
        underground = int(tags.get("tunnel") == "yes" or tags["railway"] == "subway")
        return Paint("rails", _RAILS[tags["railway"]], {"kind": tags["railway"], "tunnel": underground})
    if tags.get("waterway") in _WATERWAYS and tags.get("tunnel") not in ("yes", "culvert"):
        return Paint("waterways", _WATERWAYS[tags["waterway"]], named({"kind": tags["waterway"]}, tags))
    return None


def _road(tags: Tags) -> Paint | None:
    highway = tags["highway"]
    kind, minzoom = _ROADS.get(highway.removesuffix("_link"), ("", 0))
    if not kind or tags.get("area") == "yes" or tags.get("indoor") == "yes":
        return None
    properties: Properties = {"kind": kind}
    if highway.endswith("_link"):
        properties["link"] = 1
        minzoom += 2
    if tags.get("tunnel", "no") not in ("no", "building_passage"):
        properties["tunnel"] = 1
    if tags.get("service") in ("driveway", "parking_aisle") or tags.get("footway") in (
        "sidewalk",
        "crossing",
    ):
        minzoom = MAX_ZOOM
        properties["small"] = 1
    return Paint("roads", min(minzoom, MAX_ZOOM), named(properties, tags))


def area(tags: Tags) -> Paint | None:
    """The layer of a closed way or a multipolygon."""
    if tags.get("building", "no") != "no":
        return None if tags.get("location") == "underground" else Paint("buildings", 13, {})
    pairs = {
        (key, tags[key])
        for key in ("natural", "landuse", "leisure", "waterway", "amenity", "man_made", "place")
        if key in tags
    }
    if pairs & _WATER:
        return Paint("water", MIN_ZOOM, named({"kind": "water"}, tags))
    for table, layer in ((_GREEN, "green"), (_LAND, "land")):
        for pair in sorted(pairs):
            if pair in table:
                return Paint(layer, 10 if layer == "green" else 12, named({"kind": table[pair]}, tags))
    if pairs & _DRY_LAND:
        return Paint("islands", MIN_ZOOM, {})
    walkable = tags.get("highway") in ("pedestrian", "footway") and tags.get("area", "yes") == "yes"
    return Paint("land", 13, named({"kind": "square"}, tags)) if walkable and _is_area(tags) else None


def _is_area(tags: Tags) -> bool:
    """A closed pedestrian way is a square only where it says so."""
    return tags.get("area") == "yes" or tags.get("type") == "multipolygon"


def point(tags: Tags) -> Paint | None:
    """The layer of a node: names of places and stations."""
    place = tags.get("place", "")
    if place in _PLACES and "name" in tags:
        return Paint("places", _PLACES[place], named({"kind": place}, tags))
    if tags.get("railway") in ("station", "halt") and "name" in tags:
        return Paint("places", 13, named({"kind": "station"}, tags))
    return None


def named(properties: Properties, tags: Tags) -> Properties:
    """The properties with the name, where there is one."""
    return {**properties, "name": tags["name"]} if tags.get("name") else properties
