"""The problem in data classes, all of them immutable. Units: ``units.py``."""

from .dials import HARD, OFF, Dial, soft
from .jobs import Current, Group, Job, Offer, Relation, Shipment
from .places import Charger, Depot, Matrix, Period
from .problem import Incompatible, Plan, Problem, Weights
from .units import ALWAYS, NEVER, UNREACHABLE, IntMatrix, Window
from .vehicles import Battery, Break, Carrier, DrivingRule, RateCard, Vehicle

__all__ = [
    "ALWAYS", "HARD", "NEVER", "OFF", "UNREACHABLE",
    "Battery", "Break", "Carrier", "Charger", "Current", "Depot", "Dial", "DrivingRule", "Group", "Incompatible",
    "IntMatrix", "Job", "Matrix", "Offer", "Period", "Plan", "Problem", "RateCard", "Relation", "Shipment",
    "Vehicle", "Weights", "Window", "soft",
]  # fmt: skip
