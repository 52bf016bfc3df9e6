"""Order import rows."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dispatch.models.shop import Shop
from dispatch.models.station import Station


class ImportState(models.TextChoices):
    PREVIEW = "preview", _("Preview")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class ImportMode(models.TextChoices):
    """What rows may do to orders."""

    CREATE = "create", _("Only new orders")
    UPDATE = "update", _("Only orders that are there")
    MERGE = "merge", _("Both")


class OrderImport(models.Model):
    """One uploaded file of orders: what it is, how it was read, what came of it."""

    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="imports")
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE)
    day = models.DateField()
    file_name = models.CharField(max_length=200)
    path = models.CharField(max_length=300, help_text="Below MEDIA_ROOT.")
    format = models.CharField(max_length=4, default="csv", help_text="csv or xlsx")
    sheet = models.CharField(max_length=31, blank=True, help_text="The sheet of a workbook.")
    encoding = models.CharField(max_length=20, blank=True)
    delimiter = models.CharField(max_length=4, blank=True)
    mode = models.CharField(max_length=6, choices=ImportMode, default=ImportMode.MERGE)
    whole = models.BooleanField(default=False, help_text="All rows or none.")
    mapping = models.JSONField(
        default=list, blank=True, help_text='A field for each column, "" where unused.'
    )
    diff = models.JSONField(
        null=True, blank=True, help_text="The dry run: counts, and what would change, row by row (bounded)."
    )
    rows = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.PREVIEW)
    job_id = models.BigIntegerField(null=True, blank=True)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    errors = models.JSONField(default=list, help_text="line, field, code, cause")
    actor = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.state})"

    @property
    def who(self) -> str:
        """Who uploaded it, as people say it."""
        return self.actor.partition(":")[2] or self.actor
