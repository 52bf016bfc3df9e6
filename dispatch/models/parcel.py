"""Parcel rows."""

from django.db import models

from dispatch.lifecycle import ParcelState
from dispatch.models.order import Order


class Parcel(models.Model):
    """A piece with a barcode."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="parcels")
    barcode = models.CharField(max_length=60, unique=True)
    state = models.CharField(
        max_length=12, choices=[(s.value, s.value) for s in ParcelState], default=ParcelState.ANNOUNCED
    )
    weight_g = models.PositiveIntegerField(default=0)
    volume_cm3 = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.barcode
