"""Write the features of the map as GeoJSON, one a line, the form that tippecanoe reads."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from dispatch.places import layers
from dispatch.places.extract import Ring, Tags
from dispatch.places.geometry import Point, area_m2, metres, middle
from dispatch.places.layers import MAX_ZOOM, MIN_ZOOM, Paint, Properties
from dispatch.places.lines import Line, join, thin

LABELLED_AREA = 3_000.0
LARGE_AREA = 60_000.0
NAME_TOLERANCE = 4.0
"""Metres by which the line under a street's name may leave the street: straighter lines hold more names."""
SAME_HOUSE = 60.0
"""Metres within which a number of a street is written once: every shop in a house repeats it."""
LONGEST_NUMBER = 9
DIGITS = 6


@dataclass
class FeatureWriter:
    """A consumer of `extract.read` that writes features to a file; used as a context manager."""

    path: Path
    written: int = 0
    _lines: dict[tuple[str, str], list[Line]] = field(default_factory=lambda: defaultdict(list))
    _paints: dict[tuple[str, str], Paint] = field(default_factory=dict)
    _numbers: dict[tuple[str, str], list[Point]] = field(default_factory=lambda: defaultdict(list))

    def __enter__(self) -> Self:
        self._file = self.path.open("w", encoding="utf-8")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._write_lines()
        self._file.close()

    def node(self, tags: Tags, point: Point) -> None:
        """Write place names and house numbers."""
        paint = layers.point(tags)
        if paint:
            self.write(paint, {"type": "Point", "coordinates": _round(point)})
        if "addr:housenumber" in tags:
            self._number(tags, point)

    def way(self, tags: Tags, refs: list[int], points: list[Point], closed: bool) -> None:
        """Keep a line until all are known: those alike are joined end to end."""
        paint = layers.line(tags) if len(points) > 1 else None
        if paint:
            self._keep(Paint(paint.layer, paint.minzoom, _nameless(paint)), (refs, points))
            if "name" in paint.properties:
                said = {"kind": paint.properties["kind"], "name": paint.properties["name"]}
                names = "street_names" if paint.layer == "roads" else "water_names"
                self._keep(Paint(names, max(12, paint.minzoom), said), (refs, points))
        if closed and tags.get("building") and "addr:housenumber" in tags:
            self._number(tags, middle(points))

    def area(self, tags: Tags, rings: list[Ring], from_relation: bool) -> None:
        """Write a polygon, and a label where it has a name and room for it."""
        paint = layers.area(tags)
        if paint is None:
            return
        self.polygons(Paint(paint.layer, paint.minzoom, _nameless(paint)), rings)
        size = sum(area_m2(ring.outer) for ring in rings)
        if "name" in paint.properties and size >= LABELLED_AREA:
            kind = "water" if paint.layer == "water" else str(paint.properties.get("kind", ""))
            minzoom = 12 if size >= LARGE_AREA else 14
            label = Paint("areas", minzoom, {"kind": kind, "name": paint.properties["name"]})
            self.write(label, {"type": "Point", "coordinates": _round(middle(rings[0].outer))})

    def polygons(self, paint: Paint, rings: list[Ring]) -> None:
        """Write rings with their holes as one multipolygon."""
        coordinates = [
            [[_round(point) for point in ring] for ring in (one.outer, *one.holes)] for one in rings
        ]
        if coordinates:
            self.write(paint, {"type": "MultiPolygon", "coordinates": coordinates})

    def write(self, paint: Paint, geometry: dict[str, Any]) -> None:
        """One feature on one line."""
        zooms = {
            "layer": paint.layer,
            "minzoom": min(MAX_ZOOM, max(MIN_ZOOM, paint.minzoom)),
            "maxzoom": MAX_ZOOM,
        }
        feature = {
            "type": "Feature",
            "tippecanoe": zooms,
            "properties": paint.properties,
            "geometry": geometry,
        }
        self._file.write(json.dumps(feature, ensure_ascii=False, separators=(",", ":")) + "\n")
        self.written += 1

    def _keep(self, paint: Paint, line: Line) -> None:
        alike = paint.layer, json.dumps(paint.properties, sort_keys=True)
        self._paints.setdefault(alike, paint)
        self._lines[alike].append(line)

    def _number(self, tags: Tags, point: Point) -> None:
        """A house number once a house."""
        number = tags["addr:housenumber"]
        written = self._numbers[tags.get("addr:street", ""), number]
        if len(number) <= LONGEST_NUMBER and all(metres(point, other) > SAME_HOUSE for other in written):
            written.append(point)
            paint = Paint("numbers", MAX_ZOOM, {"number": number})
            self.write(paint, {"type": "Point", "coordinates": _round(point)})

    def _write_lines(self) -> None:
        for alike, lines in self._lines.items():
            for points in join(lines):
                line = thin(points, NAME_TOLERANCE) if alike[0].endswith("_names") else points
                coordinates = [_round(point) for point in line]
                self.write(self._paints[alike], {"type": "LineString", "coordinates": coordinates})


def _nameless(paint: Paint) -> Properties:
    return {key: value for key, value in paint.properties.items() if key != "name"}


def _round(point: Point) -> list[float]:
    return [round(point[0], DIGITS), round(point[1], DIGITS)]
