"""The engine over streams of fixes: what is believed, what moves, and that disorder changes nothing."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lastmile.kernel.geo import distance_m
from tracking.engine.model import Fix, Flagged, Limits, Neared, Place, Started, State, Stopped
from tracking.engine.run import run, run_batch

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
LIMITS = Limits()
DEGREE_M = 111_195.0


def fix(seq, seconds, north_m=0.0, **more):
    at = NOON + timedelta(seconds=seconds)
    return Fix(
        seq=seq, at=at, lat=60 + north_m / DEGREE_M, lng=25.0, received=NOON + timedelta(hours=3), **more
    )


def flags(events):
    return [flag for event in events if isinstance(event, Flagged) for flag in event.flags]


def walk(*fixes, limits=LIMITS):
    state, told = State(), []
    for each in fixes:
        state, events = run(state, each, limits)
        told.append(events)
    return state, told


def test_late_fixes_are_flagged_and_move_nothing():
    """A phone that comes out of a tunnel sends old fixes after new ones; the pin must not jump back."""
    state, told = walk(fix(1, 0), fix(3, 20, 100), fix(2, 10, 50))
    assert flags(told[2]) == ["late"]
    assert state.pin == fix(3, 20, 100)


def test_future_and_imprecise_fixes_are_flagged():
    """A fix measured after it arrived, or good to 5 km, says nothing about where the van is."""
    ahead = Fix(seq=2, at=NOON + timedelta(hours=4), lat=60, lng=25, received=NOON)
    state, told = walk(fix(1, 0), ahead, fix(3, 10, accuracy_m=5000))
    assert flags(told[1]) == ["future"]
    assert flags(told[2]) == ["imprecise"]
    assert state.pin.seq == 1


def test_one_jump_is_doubted_three_agreeing_are_believed():
    """A wild reflection is ignored, but a wrong first fix must not hold the pin for half an hour."""
    state, told = walk(fix(1, 0), fix(2, 10, 30_000), fix(3, 20, 100))
    assert flags(told[1]) == ["jump"]
    assert state.pin.seq == 3
    state, told = walk(fix(1, 0, 30_000), fix(2, 10), fix(3, 20, 50), fix(4, 30, 100))
    assert [flags(each) for each in told] == [[], ["jump"], ["jump"], []]
    assert state.pin.seq == 4


def test_noise_is_standing_and_creeping_is_driving():
    """Standing is measured from where it began: 15 m of noise is no driving, 15 m each time adds up."""
    state, _ = walk(*(fix(n, n * 10, (n % 2) * 15) for n in range(1, 20)))
    assert state.still_since == NOON + timedelta(seconds=10)
    state, told = walk(*(fix(n, n * 10, n * 15) for n in range(1, 6)))
    assert state.moving_since is not None
    assert any(isinstance(event, Started) for events in told for event in events)


def test_standing_begins_when_it_came_to_rest():
    """still_since names the last moment of driving, not the moment we noticed."""
    state, told = walk(fix(1, 0), fix(2, 10, 200), fix(3, 20, 400), fix(4, 30, 410), fix(5, 80, 405))
    assert state.still_since == NOON + timedelta(seconds=20)
    assert told[4][0] == Stopped(NOON + timedelta(seconds=20))


def test_near_a_stop_is_told_once():
    """A geofence event each ten seconds would be noise; leaving needs half as much again."""
    limits = Limits(places=(Place(7, 60.0 + 1000 / DEGREE_M, 25.0),))
    state, told = walk(*(fix(n, n * 60, m) for n, m in enumerate([0, 950, 1000, 1090, 1300])), limits=limits)
    neared = [event for events in told for event in events if isinstance(event, Neared)]
    assert neared == [Neared(7, NOON + timedelta(seconds=60))]
    assert state.near is None


paces = st.lists(st.floats(0, 300), min_size=1, max_size=25)


@st.composite
def disordered(draw):
    """A believable trace, and the same fixes doubled and shuffled."""
    north, trace = 0.0, []
    for number, pace in enumerate(draw(paces)):
        north += pace
        trace.append(fix(number, number * 10, north))
    doubled = trace + draw(st.lists(st.sampled_from(trace), max_size=10))
    return trace, draw(st.permutations(doubled))


@given(disordered())
def test_any_order_and_doubling_within_a_batch_gives_the_same_state(traces):
    """A phone's outbox is no queue: a batch counts by when its fixes were measured."""
    trace, shuffled = traces
    assert run_batch(State(), shuffled, LIMITS)[0] == run_batch(State(), trace, LIMITS)[0]


@given(disordered())
def test_one_by_one_in_any_order_the_pin_only_moves_forward_and_ends_newest(traces):
    """Whatever order batches come in, the pin never goes back and ends on the newest fix."""
    trace, shuffled = traces
    state = State()
    for each in shuffled:
        before = state.pin
        state, _ = run(state, each, LIMITS)
        assert before is None or state.pin.rank >= before.rank
    assert state.pin == trace[-1]


@given(disordered())
def test_sending_everything_again_changes_nothing(traces):
    """A phone that saw no answer sends again."""
    trace, shuffled = traces
    state, _ = run_batch(State(), trace, LIMITS)
    again, told = run_batch(state, shuffled, LIMITS)
    assert again == state
    assert all(flags(events) == ["late"] for _, events in told)


@given(st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180)), min_size=2, max_size=12))
def test_the_pin_never_goes_faster_than_a_van_unless_three_agree(places):
    """Whatever the receiver makes up, the pin moves by drivable hops or after three agreeing fixes."""
    state = State()
    for number, (lat, lng) in enumerate(places):
        made = Fix(seq=number, at=NOON + timedelta(seconds=10 * number), lat=lat, lng=lng, received=NOON)
        before = state
        state, _ = run(state, made, Limits(future_s=1e6))
        if before.pin and state.pin != before.pin:
            metres = distance_m(before.pin.lat, before.pin.lng, lat, lng)
            seconds = (made.at - before.pin.at).total_seconds() + 1
            assert metres <= 50 * seconds or len(before.doubted) == 2
