"""Zone rows."""

from django.db import models

from dispatch.models.station import Station


class Zone(models.Model):
    """A named area of a station, drawn as one polygon."""

    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="zones")
    name = models.CharField(max_length=60)
    polygon = models.JSONField(help_text="A ring of [lat, lng] pairs.", default=list, blank=True)
    colour = models.CharField(max_length=7, default="#5b7083")

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["station", "name"], name="zone_name")]

    def __str__(self) -> str:
        return self.name
