"""Service level rows."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q

from dispatch.models.station import Station


class ServiceLevel(models.Model):
    """A promise a station sells: ordered before the cut-off, delivered so many opening days later in a window."""

    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="service_levels")
    code = models.SlugField(max_length=20, help_text="What shops send as `service_level`.")
    name = models.CharField(max_length=60)
    cutoff = models.TimeField(help_text="Orders placed later count as the next opening day's.")
    days_after = models.PositiveSmallIntegerField(
        default=0,
        validators=[MaxValueValidator(30)],
        help_text="Opening days from the order to the delivery.",
    )
    window_from = models.TimeField(null=True, blank=True, help_text="Empty: from the station's opening.")
    window_to = models.TimeField(null=True, blank=True, help_text="Empty: until the station closes.")
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["days_after", "cutoff", "code"]
        constraints = [
            models.UniqueConstraint(fields=["station", "code"], name="service_level_code"),
            models.CheckConstraint(
                condition=Q(window_from__isnull=True)
                | Q(window_to__isnull=True)
                | Q(window_to__gt=F("window_from")),
                name="service_level_window",
            ),
        ]

    def __str__(self) -> str:
        return self.name
