"""Station day rows."""

from django.db import models
from django.utils import timezone

from dispatch.models.station import Station


class StationDay(models.Model):
    """A day of a station that was closed: what was done to it, and its facts as they were then.

    A day without a row is open. A closed day is read-only; its facts do not change with later settings.
    """

    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    closed_at = models.DateTimeField(help_text="Business time.")
    actor = models.CharField(max_length=80)
    changes = models.JSONField(default=list, help_text="What day close did: what, ids, words, reason.")
    facts = models.JSONField(default=dict, help_text="The numbers of the day page.")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["station", "day"], name="station_day_once")]

    def __str__(self) -> str:
        return f"{self.station} {self.day}"
