"""Skills: a job may ask for several, its vehicle must have all."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="skills",
    meaning="The vehicle has every skill that the job asks for.",
    codes=("skill",),
    pyvrp="a profile in which the places of jobs it may not do are out of reach",
    ortools="allowed vehicles of the node",
)
