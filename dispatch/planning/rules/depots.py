"""Opening hours of stations, loading time at the start and at reloads, and the number of docks."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="depots",
    number=10,
    kind="dial",
    meaning=(
        "The whole loading lies in one opening window of the station, and no more vehicles load at one time "
        "than it has docks. A station without docks, hours or loading time asks for nothing."
    ),
    codes=("depot_closed", "dock_full"),
    fields=("Depot.windows", "Depot.load_s", "Depot.docks", "Vehicle.depot"),
    pyvrp="depot windows and service times; docks are not stated",
    search=(
        "hours and loading by the kernel; docks by ``evaluate``, which holds vehicles back until one is free"
    ),
)
