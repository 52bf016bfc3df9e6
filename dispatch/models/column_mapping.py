"""Column mapping rows."""

from django.db import models
from django.utils import timezone

from dispatch.models.shop import Shop


class ColumnMapping(models.Model):
    """Which column of a shop's files means which field: what somebody chose once is the guess next time."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="column_mappings")
    heading = models.CharField(max_length=80, help_text="As compared: small letters with underscores.")
    field = models.CharField(max_length=40, blank=True, help_text="Empty: not used.")
    chosen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["heading"]
        constraints = [models.UniqueConstraint(fields=["shop", "heading"], name="column_mapping_once")]

    def __str__(self) -> str:
        return f"{self.heading}: {self.field}"
