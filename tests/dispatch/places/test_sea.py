"""Sea out of coastlines: on which side, round which corners, and when it is not to be trusted."""

import pytest

from dispatch.places.extract import Ring
from dispatch.places.geometry import Box, Point, area_m2, inside, signed_area
from dispatch.places.sea import make_sea

BOX = Box(0.0, 0.0, 0.1, 0.1)
NORTHWARD: list[Point] = [(0.05, -0.01), (0.05, 0.11)]
ISLAND: list[Point] = [(0.08, 0.04), (0.09, 0.04), (0.09, 0.05), (0.08, 0.05), (0.08, 0.04)]


def wet(polygons: list[Ring], *point: float) -> bool:
    place = point[0], point[1]
    return any(
        inside(place, one.outer) and not any(inside(place, hole) for hole in one.holes) for one in polygons
    )


def test_water_is_on_the_right_of_the_line() -> None:
    """A line going north has its sea in the east, the same line going south in the west."""
    east = make_sea([NORTHWARD], BOX, [])
    west = make_sea([NORTHWARD[::-1]], BOX, [])
    assert (wet(east.polygons, 0.07, 0.05), wet(east.polygons, 0.03, 0.05)) == (True, False)
    assert (wet(west.polygons, 0.07, 0.05), wet(west.polygons, 0.03, 0.05)) == (False, True)


def test_half_the_box_is_half_the_area() -> None:
    """The corners of the box are walked round: nothing is cut off."""
    sea = make_sea([NORTHWARD], BOX, [])
    assert area_m2(sea.polygons[0].outer) == pytest.approx(area_m2(BOX.ring()) / 2, rel=1e-6)


def test_ways_are_joined_end_to_end_in_any_order() -> None:
    """A coast comes as many ways."""
    parts: list[list[Point]] = [[(0.05, 0.04), (0.05, 0.11)], [(0.05, -0.01), (0.05, 0.04)]]
    assert make_sea(parts, BOX, []).polygons == make_sea([[*parts[1], *parts[0][1:]]], BOX, []).polygons


def test_a_strait_is_one_sea_between_two_coasts() -> None:
    """Two lines, water between them, land on both sides."""
    sea = make_sea([[(0.03, -0.01), (0.03, 0.11)], [(0.07, 0.11), (0.07, -0.01)]], BOX, [])
    assert [wet(sea.polygons, lng, 0.05) for lng in (0.01, 0.05, 0.09)] == [False, True, False]


def test_a_bay_that_enters_and_leaves_by_one_edge() -> None:
    """In and out at the north edge: the bay is wet one way round, a peninsula the other."""
    outline: list[Point] = [(0.07, 0.11), (0.07, 0.06), (0.03, 0.06), (0.03, 0.11)]
    for line, bay in ((outline, True), (outline[::-1], False)):
        sea = make_sea([line], BOX, [])
        assert (wet(sea.polygons, 0.05, 0.08), wet(sea.polygons, 0.05, 0.02)) == (bay, not bay)


def test_islands_are_holes_and_alone_they_stand_in_the_sea() -> None:
    """A ring against the clock holds land; with no other coast the rest of the box is water."""
    assert signed_area(ISLAND) > 0
    for lines in ([NORTHWARD, ISLAND], [ISLAND]):
        sea = make_sea(lines, BOX, [])
        assert wet(sea.polygons, 0.095, 0.05)
        assert not wet(sea.polygons, 0.085, 0.045)


def test_no_coast_is_no_sea() -> None:
    """An inland town stays dry."""
    assert make_sea([], BOX, [(0.05, 0.05)]).polygons == []


def test_a_line_that_stops_far_inside_gives_no_sea_at_all() -> None:
    """A gap in the coast would flood the town: better no sea, and a note that says so."""
    sea = make_sea([[(0.05, -0.01), (0.05, 0.05)]], BOX, [])
    assert (sea.polygons, sea.usable) == ([], False)


def test_a_line_that_stops_just_short_of_the_edge_is_led_to_it() -> None:
    """Clipped extracts lose the last node outside: 200 m are bridged."""
    sea = make_sea([[(0.05, -0.01), (0.05, 0.098)]], BOX, [])
    assert sea.usable
    assert wet(sea.polygons, 0.07, 0.05)


def test_a_sea_that_covers_addresses_is_dropped() -> None:
    """A coastline drawn the wrong way round would put the town under water."""
    sea = make_sea([NORTHWARD], BOX, [(0.07, 0.01 * row) for row in range(1, 10)])
    assert (sea.polygons, sea.usable) == ([], False)
