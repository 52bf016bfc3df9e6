"""Carrier rows."""

from django.db import models

from dispatch.models.station import Station


class Carrier(models.Model):
    """Who drives: the own fleet, or a company that delivers for us."""

    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="carriers")
    name = models.CharField(max_length=80)
    own = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["station", "name"], name="carrier_name")]

    def __str__(self) -> str:
        return self.name
