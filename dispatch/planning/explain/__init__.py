"""Why a job was left out and what would fit it; why it is with this driver and not that one; what rules cost."""

from .changes import Fitting, changes
from .choices import Choice, why
from .prices import rule_costs
from .reasons import explain

__all__ = ["Choice", "Fitting", "changes", "explain", "rule_costs", "why"]
