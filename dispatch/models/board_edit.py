"""Rows of changes that can be taken back."""

from django.db import models
from django.utils import timezone

from dispatch.models.station import Station


class BoardEdit(models.Model):
    """A dispatcher's change of a day's routes, kept so that its author can take it back and do it again.

    `before` and `after` say the same things of the same shifts: what each had to visit, who drove, what was locked.
    """

    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="board_edits")
    day = models.DateField()
    actor = models.CharField(max_length=160)
    what = models.CharField(max_length=12)
    before = models.JSONField()
    after = models.JSONField()
    at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["station", "day", "actor"], name="edit_of_actor")]

    def __str__(self) -> str:
        return f"{self.what} by {self.actor}"
