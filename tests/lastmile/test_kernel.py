"""Pure words of the kernel: line text, distance, places, and the station's clock."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lastmile.kernel.clock import BusinessClock
from lastmile.kernel.errors import LastmileError
from lastmile.kernel.geo import decode_polyline, distance_m, encode_polyline, require_point

lat = st.floats(-90, 90)
lng = st.floats(-180, 180)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@given(st.lists(st.tuples(lat, lng)))
def test_a_line_survives_its_text_to_five_decimals(points: list[tuple[float, float]]) -> None:
    """Route lines are stored and sent as this text: a metre is the most that may be lost."""
    back = decode_polyline(encode_polyline(points))
    assert len(back) == len(points)
    for (a, b), (c, d) in zip(points, back, strict=True):
        assert abs(a - c) <= 0.500001e-5
        assert abs(b - d) <= 0.500001e-5


def test_the_published_example_is_met() -> None:
    """Leaflet plugins and other programs read this text: it must be the format's own, not one of ours."""
    points = [(38.5, -120.2), (40.7, -120.95), (43.252, -126.453)]
    assert encode_polyline(points) == "_p~iF~ps|U_ulLnnqC_mqNvxq`@"
    assert decode_polyline("_p~iF~ps|U_ulLnnqC_mqNvxq`@") == points


def test_a_known_distance() -> None:
    """Helsinki to Stockholm by the great circle is 396 km."""
    assert distance_m(60.1699, 24.9384, 59.3293, 18.0686) == pytest.approx(396_000, rel=0.005)


@given(lat, lng, lat, lng)
def test_distance_is_symmetric_and_bounded(a: float, b: float, c: float, d: float) -> None:
    """Antipodes bring the formula's root to its edge, where rounding may step over it."""
    there = distance_m(a, b, c, d)
    assert there == pytest.approx(distance_m(c, d, a, b), abs=1e-6)
    assert 0 <= there <= math.pi * 6_371_009


@pytest.mark.parametrize("bad", [math.nan, math.inf, -90.1, 91, "60", None, True])
def test_what_is_no_latitude_is_refused_by_name(bad: object) -> None:
    with pytest.raises(LastmileError) as refused:
        require_point(bad, 24.9)
    assert (refused.value.code, refused.value.field) == ("bad_place", "lat")


@given(moments, moments, st.floats(0.1, 600), st.integers(0, 86_400))
def test_the_business_clock_runs_at_its_speed_and_back(
    wall: datetime, business: datetime, speed: float, seconds: int
) -> None:
    """A simulated day reads this clock and plans alarms by its inverse: the two must agree."""
    clock = BusinessClock(wall, business, speed)
    later = wall + timedelta(seconds=seconds)
    passed = (clock.at(later) - business).total_seconds()
    assert passed == pytest.approx(seconds * speed, rel=1e-9, abs=1e-5)
    assert abs((clock.wall_at(clock.at(later)) - later).total_seconds()) < 1e-4
