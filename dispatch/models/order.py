"""Order rows."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dispatch.lifecycle import OrderState
from dispatch.models.place import on_earth
from dispatch.models.recurring_order import RecurringOrder
from dispatch.models.service_level import ServiceLevel
from dispatch.models.shop import Shop
from dispatch.models.station import Station


class OrderKind(models.TextChoices):
    DELIVERY = "delivery", _("Delivery")
    COLLECTION = "collection", _("Collection")


class Pin(models.TextChoices):
    """What a dispatcher holds of a planned order: that it stays with its van, or that and all that comes before it."""

    ROUTE = "route", _("Its van")
    PLACE = "place", _("Its van and its place in the tour")


class Order(models.Model):
    """What a shop asked for: goods to or from one address on one day."""

    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="orders")
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="orders")
    external_id = models.CharField(max_length=80, help_text="The shop's own number: one order each.")
    number = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=10, choices=OrderKind, default=OrderKind.DELIVERY)
    day = models.DateField()
    state = models.CharField(
        max_length=14, choices=[(s.value, s.value) for s in OrderState], default=OrderState.NEEDS_LOCATION
    )
    version = models.PositiveIntegerField(default=1)

    recipient = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=20, blank=True, help_text="E.164.")
    email = models.EmailField(blank=True)
    address = models.CharField(max_length=200, help_text="Street and number.")
    postcode = models.CharField(max_length=12, blank=True)
    place = models.CharField(max_length=80, blank=True, help_text="Town.")
    note = models.CharField(max_length=500, blank=True, help_text="For the driver.")
    note_dispatch = models.CharField(max_length=500, blank=True, help_text="For the dispatcher only.")
    service_level = models.ForeignKey(
        ServiceLevel, on_delete=models.SET_NULL, null=True, blank=True, related_name="orders"
    )
    recurring = models.ForeignKey(
        RecurringOrder, on_delete=models.SET_NULL, null=True, blank=True, related_name="orders"
    )
    link_version = models.PositiveSmallIntegerField(
        default=1, help_text="A new one ends the recipient's links made before."
    )
    erased_at = models.DateTimeField(null=True, blank=True, help_text="When the recipient's data was erased.")
    lat = models.FloatField(null=True, blank=True)
    lng = models.FloatField(null=True, blank=True)
    located_by = models.CharField(max_length=16, blank=True, help_text="geocoder, person or shop")
    location_note = models.CharField(max_length=200, blank=True, help_text="Why the address needs a look.")

    window_start = models.DateTimeField(null=True, blank=True)
    window_end = models.DateTimeField(null=True, blank=True)
    priority = models.PositiveSmallIntegerField(default=50, validators=[MaxValueValidator(100)])
    service_time_s = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: the station's.")
    skills = models.JSONField(default=list, blank=True)
    asks = models.JSONField(
        default=dict, blank=True, help_text="What it asks of the plan besides: see services/order_asks.py."
    )
    pinned = models.CharField(max_length=5, choices=Pin, blank=True, help_text="What no planning may change.")
    weight_g = models.PositiveIntegerField(default=1000)
    volume_cm3 = models.PositiveIntegerField(default=5000)
    pieces = models.PositiveSmallIntegerField(default=1)
    left_out = models.JSONField(
        null=True, blank=True, help_text="Why the last plan left it out: code, words."
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["shop", "external_id"], name="order_external_id"),
            models.CheckConstraint(
                condition=Q(window_start__isnull=True)
                | Q(window_end__isnull=True)
                | Q(window_end__gt=F("window_start")),
                name="order_window",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[OrderState.NEEDS_LOCATION, OrderState.CANCELLED])
                | Q(lat__isnull=False, lng__isnull=False),
                name="order_has_place",
            ),
            models.CheckConstraint(condition=Q(priority__lte=100), name="order_priority"),
            models.CheckConstraint(condition=Q(pieces__gte=1), name="order_pieces"),
            on_earth("order"),
        ]
        indexes = [
            models.Index(fields=["station", "day", "state"], name="order_day"),
            models.Index(fields=["phone"], name="order_phone"),
            models.Index(fields=["station", "recipient"], name="order_recipient"),
        ]

    def __str__(self) -> str:
        return self.number
