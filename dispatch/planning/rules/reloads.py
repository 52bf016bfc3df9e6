"""Back to the station to reload: several trips, at most so many."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="reloads",
    number=18,
    kind="dial",
    meaning=(
        "A route may reload at the vehicle's own stations, up to its most trips; a station that is not its "
        "own is always refused."
    ),
    codes=("too_many_trips", "reload_not_allowed"),
    fields=("Vehicle.max_trips", "Vehicle.reloads"),
    pyvrp="reload depots and max_reloads of the vehicle type",
)
