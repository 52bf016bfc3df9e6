"""Idempotency key rows."""

from django.db import models
from django.utils import timezone


class IdempotencyKey(models.Model):
    """The answer to a request that its sender may repeat: the same key and body get it again."""

    holder = models.CharField(max_length=80, help_text="Whose key: keys of two shops never meet.")
    key = models.CharField(max_length=255)
    body_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(
        null=True, help_text="Empty while the first request is worked on."
    )
    answer = models.JSONField(null=True)
    began_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["holder", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return f"{self.holder}: {self.key}"
