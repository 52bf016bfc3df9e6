"""Parcel rows, and the trail of what was done with them."""

from django.db import models
from django.utils import timezone

from dispatch.lifecycle import ParcelState
from dispatch.models.order import Order
from dispatch.models.route import Route
from dispatch.models.station import Station


class Parcel(models.Model):
    """A piece with a barcode."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="parcels")
    barcode = models.CharField(max_length=60, unique=True)
    state = models.CharField(
        max_length=12, choices=[(s.value, s.value) for s in ParcelState], default=ParcelState.ANNOUNCED
    )
    weight_g = models.PositiveIntegerField(default=0)
    volume_cm3 = models.PositiveIntegerField(default=0)
    lane = models.CharField(max_length=40, blank=True, help_text="Where it was sorted to.")
    aboard = models.ForeignKey(
        Route, on_delete=models.SET_NULL, null=True, blank=True, related_name="cargo",
        help_text="The route whose van it was scanned onto.",
    )  # fmt: skip

    def __str__(self) -> str:
        return self.barcode


class ParcelMove(models.Model):
    """One line of the trail: who did what with a barcode, when and where. Append-only.

    A scan that changed nothing stays as well, with its verdict; one of a barcode that nobody knows has no parcel.
    """

    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="parcel_moves")
    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, null=True, related_name="moves")
    route = models.ForeignKey(Route, on_delete=models.SET_NULL, null=True, related_name="parcel_moves")
    barcode = models.CharField(max_length=60)
    activity = models.CharField(max_length=10)
    verdict = models.CharField(max_length=20)
    ok = models.BooleanField()
    before = models.CharField(max_length=12, blank=True)
    after = models.CharField(max_length=12, blank=True, help_text="Empty: nothing changed.")
    lane = models.CharField(max_length=40, blank=True)
    actor = models.CharField(max_length=80)
    at = models.DateTimeField(help_text="When the device scanned it, in business time.")
    recorded_at = models.DateTimeField(default=timezone.now)
    client_event_id = models.CharField(max_length=64, help_text="Given by the scanner: the same scan is one.")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["station", "client_event_id"], name="parcel_move_once")
        ]
        indexes = [models.Index(fields=["station", "at"], name="parcel_move_station")]

    def __str__(self) -> str:
        return f"{self.barcode}: {self.verdict}"
