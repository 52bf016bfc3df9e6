"""Travel by profile: van, truck, cargo bike, foot, drone; each has matrices of its own."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="profiles",
    number=36,
    kind="dial",
    meaning="Each leg is as long as the vehicle's profile says; a leg that does not exist is always refused.",
    codes=("unreachable",),
    fields=("Vehicle.profile", "Problem.matrices", "Matrix.durations", "Matrix.distances"),
    pyvrp="one profile per kind of vehicle; legs that do not exist take longer than any shift",
    ortools="arc tables per vehicle; legs that do not exist take longer than any shift",
)
