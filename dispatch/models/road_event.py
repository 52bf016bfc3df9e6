"""Road event rows."""

from django.db import models
from django.db.models import F, Q

from dispatch.models.station import Station


class RoadEvent(models.Model):
    """A street that is closed, or slow, for a time."""

    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="road_events")
    name = models.CharField(max_length=120, help_text="What people call it: the street, the reason.")
    points = models.JSONField(help_text="Latitude and longitude of two or more places along the street.")
    percent = models.PositiveSmallIntegerField(default=0, help_text="Of the usual speed; 0 is closed.")
    start = models.DateTimeField()
    end = models.DateTimeField(null=True, blank=True, help_text="Empty: until somebody removes it.")
    actor = models.CharField(max_length=80)

    class Meta:
        ordering = ["start", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(end__gt=F("start")), name="road_event_ends_after_start"
            ),
            models.CheckConstraint(condition=Q(percent__lt=100), name="road_event_slows"),
        ]
        indexes = [models.Index(fields=["station", "end"], name="road_event_of_station")]

    def __str__(self) -> str:
        return self.name
