"""Shift rows."""

from django.db import models
from django.db.models import F, Q

from dispatch.models.driver import Driver
from dispatch.models.station import Station
from dispatch.models.vehicle import Vehicle


class Shift(models.Model):
    """A driver with a vehicle for some hours of a day: what a route may be given to."""

    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="shifts")
    day = models.DateField()
    driver = models.ForeignKey(Driver, on_delete=models.PROTECT, related_name="shifts", null=True, blank=True)
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="shifts")
    start = models.DateTimeField()
    end = models.DateTimeField()
    break_minutes = models.PositiveSmallIntegerField(default=0)
    break_from = models.DateTimeField(null=True, blank=True)
    break_to = models.DateTimeField(null=True, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["day", "start", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="shift_ends_after_start"),
            models.CheckConstraint(
                condition=Q(break_minutes=0)
                | Q(break_from__isnull=False, break_to__isnull=False, break_to__gt=F("break_from")),
                name="shift_break_has_window",
            ),
            models.UniqueConstraint(
                fields=["driver", "start"], condition=Q(active=True), name="shift_driver_once"
            ),
            models.UniqueConstraint(
                fields=["vehicle", "start"], condition=Q(active=True), name="shift_vehicle_once"
            ),
        ]
        indexes = [models.Index(fields=["station", "day"], name="shift_day")]

    def __str__(self) -> str:
        return f"{self.driver or 'no driver'} in {self.vehicle}, {self.day}"
