"""What became of a route: told when it matters to the driver, and not otherwise."""

import pytest

from pod.changes import Changes, compare

BEFORE = {1: (1, "a"), 2: (2, "b"), 3: (3, "c")}


@pytest.mark.parametrize(
    ("now", "done", "told"),
    [
        (BEFORE, set(), Changes()),
        (BEFORE, {1, 2, 3}, Changes()),
        ({1: (1, "a"), 3: (2, "c")}, {1}, Changes(gone=(2,))),
        ({**BEFORE, 4: (4, "")}, set(), Changes(new=(4,))),
        ({**BEFORE, 4: (4, "")}, {4}, Changes()),
        ({1: (1, "a"), 2: (3, "b"), 3: (2, "c")}, {1}, Changes(shuffled=True)),
        ({1: (3, "a"), 2: (1, "b"), 3: (2, "c")}, {1}, Changes()),
        ({1: (1, "a"), 2: (2, "later"), 3: (3, "c")}, set(), Changes(window=(2,))),
        ({}, set(), Changes(gone=(1, 2, 3))),
    ],
)
def test_what_is_told(now: dict[int, tuple[int, str]], done: set[int], told: Changes) -> None:
    """A stop that moves up because another left is no news; an alarm a minute would be heard by nobody."""
    assert compare(BEFORE, now, done) == told
