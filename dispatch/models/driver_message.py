"""Driver message rows."""

from django.db import models
from django.utils import timezone

from dispatch.models.driver import Driver
from dispatch.models.route import Route
from dispatch.models.station import Station


class DriverMessage(models.Model):
    """Words between the station and a driver on a day. One from the station is confirmed by the driver."""

    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="driver_messages")
    driver = models.ForeignKey(Driver, on_delete=models.CASCADE, related_name="messages")
    route = models.ForeignKey(
        Route, on_delete=models.SET_NULL, null=True, blank=True, related_name="messages"
    )
    from_driver = models.BooleanField(default=False)
    words = models.CharField(max_length=500)
    actor = models.CharField(max_length=80)
    at = models.DateTimeField(help_text="Business time.")
    confirmed_at = models.DateTimeField(
        null=True, blank=True, help_text="Business time; read and understood."
    )
    client_event_id = models.CharField(
        max_length=64, help_text="Given by the sender: the same message is one."
    )
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["driver", "client_event_id"], name="driver_message_once")
        ]
        indexes = [models.Index(fields=["driver", "at"], name="driver_message_of_day")]

    def __str__(self) -> str:
        return self.words
