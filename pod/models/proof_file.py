"""Proof file rows."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pod.models.proof import Proof


class ProofKind(models.TextChoices):
    PHOTO = "photo", _("Photo")
    SIGNATURE = "signature", _("Signature")


class ProofFile(models.Model):
    """A picture that belongs to a proof: re-encoded by us, without what the camera wrote beside it. Append-only.

    `sha256` is of the file as it is kept. An erased file keeps its row and its hash, not its content.
    """

    proof = models.ForeignKey(Proof, on_delete=models.PROTECT, related_name="files")
    kind = models.CharField(max_length=10, choices=ProofKind)
    path = models.CharField(max_length=200, help_text="Below MEDIA_ROOT.")
    sha256 = models.CharField(max_length=64)
    bytes = models.PositiveIntegerField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    client_event_id = models.CharField(max_length=64, help_text="Given by the phone: the same file is one.")
    recorded_at = models.DateTimeField(default=timezone.now)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["proof", "client_event_id"], name="proof_file_once")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.proof_id}"
