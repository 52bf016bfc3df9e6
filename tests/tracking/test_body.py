"""Reading a batch of fixes: whatever comes in, a coded refusal names the field."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lastmile.kernel.errors import LastmileError
from tracking.api.body import parse


@pytest.mark.parametrize(
    ("field", "fix"),
    [
        ("fixes.0.lat", '{"seq":1,"at":"2026-03-10T06:00:00Z","lat":NaN,"lng":24}'),
        ("fixes.0.lng", '{"seq":1,"at":"2026-03-10T06:00:00Z","lat":60,"lng":Infinity}'),
        ("fixes.0.lat", '{"seq":1,"at":"2026-03-10T06:00:00Z","lat":1e999,"lng":24}'),
        ("fixes.0.lat", '{"seq":1,"at":"2026-03-10T06:00:00Z","lat":true,"lng":24}'),
        ("fixes.0.lat", '{"seq":1,"at":"2026-03-10T06:00:00Z","lat":"60","lng":24}'),
        ("fixes.0.lat", '{"seq":1,"at":"2026-03-10T06:00:00Z","lat":120.5,"lng":60}'),
        ("fixes.0.lat", '{"seq":1,"at":"2026-03-10T06:00:00Z","lat":1' + "0" * 400 + ',"lng":24}'),
        ("fixes.0.lng", '{"seq":1,"at":"2026-03-10T06:00:00Z","lat":60}'),
        ("fixes.0.seq", '{"seq":true,"at":"2026-03-10T06:00:00Z","lat":60,"lng":24}'),
        ("fixes.0.seq", '{"seq":-1,"at":"2026-03-10T06:00:00Z","lat":60,"lng":24}'),
        ("fixes.0.at", '{"seq":1,"at":"2026-03-10T06:00:00","lat":60,"lng":24}'),
        ("fixes.0.at", '{"seq":1,"at":"yesterday","lat":60,"lng":24}'),
        ("fixes.0.at", '{"seq":1,"at":5,"lat":60,"lng":24}'),
        ("fixes.0.at", '{"seq":1,"at":"0001-01-01T00:00:00+14:00","lat":60,"lng":24}'),
        ("fixes.0.speed", '{"seq":1,"at":"2026-03-10T06:00:00Z","lat":60,"lng":24,"speed":-1}'),
        ("fixes.0.heading", '{"seq":1,"at":"2026-03-10T06:00:00Z","lat":60,"lng":24,"heading":361}'),
        ("fixes.0.battery", '{"seq":1,"at":"2026-03-10T06:00:00Z","lat":60,"lng":24,"battery":99}'),
        ("fixes.0", "7"),
    ],
)
def test_what_is_no_fix_is_refused_with_its_field(field, fix):
    """No row, no 500: the one who wrote the phone's program is told where to look."""
    with pytest.raises(LastmileError) as refused:
        parse(f'{{"sent_at":"2026-03-10T06:00:00Z","fixes":[{fix}]}}'.encode())
    assert (refused.value.status, refused.value.field) == (400, field)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"fixes":[]}',
        b'{"sent_at":"2026-03-10T06:00:00Z","fixes":[]}',
        b'{"sent_at":null,"fixes":[1]}',
    ],
)
def test_what_is_no_batch_is_refused(content):
    """Broken bodies end in a coded 400."""
    with pytest.raises(LastmileError) as refused:
        parse(content)
    assert refused.value.status == 400
    assert refused.value.action


@given(
    st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists, max_leaves=5)
)
def test_no_value_of_a_fix_is_a_fault(value):
    """Any JSON value in any place is either read or refused."""
    good = {"seq": 1, "at": "2026-03-10T06:00:00Z", "lat": 60, "lng": 24, "speed": 1}
    for field in good:
        body = {"sent_at": "2026-03-10T06:00:00Z", "fixes": [good | {field: value}]}
        assert refusal_of(json.dumps(body).encode()) in (None, f"fixes.0.{field}")


def refusal_of(content):
    try:
        _, fixes = parse(content)
    except LastmileError as refused:
        return refused.field
    return None if abs(fixes[0].lat) <= 90 else "a place off the earth was read"
