"""Holiday rows."""

from django.db import models

from dispatch.models.station import Station


class Holiday(models.Model):
    """A day on which a station does not deliver."""

    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="holidays")
    day = models.DateField()
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["station", "day"], name="holiday_once")]

    def __str__(self) -> str:
        return f"{self.name} ({self.day})"
