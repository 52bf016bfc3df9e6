"""The checker: sentences about the database that must always be true, asked one after another.

Each package registers what it knows must hold (`dispatch.services.invariants`, `pod.services.invariants`, and the
ledger's own here). A finding names the sentence by its code and the rows by their numbers, never by what they hold.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db.models import Count, F, Max, Min, Q

from lastmile.models import Event, Job, JobState, Stream, Subscription

MOST_SHOWN = 20
ALL = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken sentence: its stable code, and words with the rows' numbers."""

    code: str
    words: str


Invariant = Callable[[], Iterator[Finding]]
_invariants: dict[str, Invariant] = {}


def invariant(name: str) -> Callable[[Invariant], Invariant]:
    """Register a function that yields a Finding for each row that breaks its sentence; `name` says what it checks."""

    def register(check: Invariant) -> Invariant:
        _invariants[name] = check
        return check

    return register


def names() -> list[str]:
    """What is checked, in words."""
    return list(_invariants)


def check() -> list[Finding]:
    """Everything that does not hold; empty when all is well."""
    return [finding for each in _invariants.values() for finding in each()]


def broken(code: str, words: str, keys: list[int]) -> Iterator[Finding]:
    """One finding for many rows: their numbers, the first of them by name."""
    if keys:
        shown = ", ".join(str(key) for key in keys[:MOST_SHOWN])
        more = f" and {len(keys) - MOST_SHOWN} more" if len(keys) > MOST_SHOWN else ""
        yield Finding(code, f"{words}: {shown}{more}.")


@invariant("the ledger is numbered without gaps within each station, and its counters are its last numbers")
def ledger() -> Iterator[Finding]:
    numbered = Event.objects.filter(position__isnull=False)
    doubled = numbered.values("position").annotate(n=Count("pk")).filter(n__gt=1)
    yield from broken("position_twice", "Positions given twice", [row["position"] or 0 for row in doubled])
    streams = dict(Stream.objects.values_list("station_id", "last"))
    of_stations = numbered.exclude(station_id=ALL).order_by().values("station_id")
    for row in of_stations.annotate(
        n=Count("pk"), first=Min("seq"), last=Max("seq"), seqs=Count("seq", distinct=True)
    ):
        whole = row["n"] == row["seqs"] == (row["last"] or 0) - (row["first"] or 0) + 1 and row["first"] == 1
        if not whole:
            yield Finding("seq_gap", f"The ledger of station {row['station_id']} has gaps: {row['n']} events, "
                          f"numbers {row['first']} to {row['last']}.")  # fmt: skip
        if streams.get(row["station_id"]) != row["last"]:
            yield Finding(
                "stream_behind", f"The counter of station {row['station_id']} is not its last number."
            )
    top = numbered.aggregate(top=Max("position"))["top"] or 0
    if streams.get(ALL, 0) < top:
        yield Finding("stream_behind", f"The counter of all stations is behind position {top}.")
    half = Event.objects.filter(
        Q(position=None, seq__isnull=False) | ~Q(station_id=ALL) & Q(position__gt=0, seq=None)
    )
    yield from broken(
        "half_numbered", "Events with half of their numbers", list(half.values_list("pk", flat=True))
    )


@invariant("nobody has read further in the ledger than it goes")
def subscriptions() -> Iterator[Finding]:
    last = Stream.objects.filter(station_id=ALL).values_list("last", flat=True).first() or 0
    for name in Subscription.objects.filter(position__gt=last).values_list("name", flat=True):
        yield Finding("read_ahead", f"{name} has read further than the ledger goes.")


@invariant("no job was begun more often than it may be")
def jobs() -> Iterator[Finding]:
    often = Job.objects.filter(attempt__gt=F("max_attempts")).exclude(state=JobState.CANCELLED)
    yield from broken("job_too_often", "Jobs begun too often", list(often.values_list("pk", flat=True)))
