"""Plan rows."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from dispatch.lifecycle import PlanState
from dispatch.models.station import Station


class Plan(models.Model):
    """One planning run and its outcome: a proposal until somebody accepts it."""

    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="plans")
    day = models.DateField()
    scope = models.CharField(
        max_length=20, default="all", help_text="What it may change: see services/plan_scopes.py."
    )
    about = models.JSONField(default=dict, blank=True, help_text="route_ids and order_ids of such scopes")
    goals = models.JSONField(
        default=dict, blank=True, help_text="preset and weights, see services/plan_goals.py"
    )
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in PlanState], default=PlanState.RUNNING
    )
    job_id = models.BigIntegerField(null=True, blank=True)
    time_limit_s = models.PositiveSmallIntegerField(default=10)
    seed = models.PositiveIntegerField(default=1)
    cost_cents = models.BigIntegerField(null=True, blank=True)
    proposal = models.JSONField(
        default=dict, blank=True, help_text="routes, left out, totals; the versions it was made from"
    )
    error = models.JSONField(null=True, blank=True)
    actor = models.CharField(max_length=80)
    started_at = models.DateTimeField(default=timezone.now)
    first_plan_ms = models.PositiveIntegerField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["station", "day", "scope"],
                condition=Q(state=PlanState.RUNNING),
                name="plan_one_running",
            )
        ]

    def __str__(self) -> str:
        return f"Plan {self.pk} ({self.state})"
