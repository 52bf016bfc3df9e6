"""People, the event ledger and the job table: what every app stands on."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A person who signs in. What they may do where is a dispatch.Membership."""

    full_name = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=8, default="en")

    def __str__(self) -> str:
        return self.full_name or self.username

    def get_full_name(self) -> str:
        """The one name we keep: not every name has a first and a last part."""
        return self.full_name or self.username


class LoginLink(models.Model):
    """A one-time sign-in address. Only the hash of its token is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="login_links")
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)


class SignIn(models.Model):
    """A browser somebody signed in with: what they can look over, and end."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, unique=True, editable=False)
    agent = models.CharField(max_length=200, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-seen_at"]

    def __str__(self) -> str:
        return f"{self.user}: {self.agent[:40]}"


class Event(models.Model):
    """One row of the append-only ledger, which is also the outbox.

    Written in the transaction of the change it tells. The publisher numbers rows after commit: `position` over all,
    `seq` without gaps within a station, so that a browser can tell what it missed.
    """

    position = models.BigIntegerField(null=True, unique=True, editable=False)
    station_id = models.BigIntegerField(default=0, editable=False)  # 0: no station
    seq = models.BigIntegerField(null=True, editable=False)
    name = models.CharField(max_length=40)
    data = models.JSONField()
    actor = models.CharField(max_length=80)
    at = models.DateTimeField(help_text="Business time of the station.")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["station_id", "seq"], name="event_station_seq")]
        indexes = [
            models.Index(fields=["id"], name="event_unnumbered", condition=Q(position__isnull=True)),
            models.Index(fields=["station_id", "name", "at"], name="event_by_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.position}"


class Stream(models.Model):
    """Counter of one station's ledger (station 0 counts positions over all); `epoch` changes when it is restored."""

    station_id = models.BigIntegerField(primary_key=True)
    epoch = models.CharField(max_length=32)
    last = models.BigIntegerField(default=0)


class Subscription(models.Model):
    """How far a subscriber has read the ledger."""

    name = models.CharField(max_length=60, primary_key=True)
    position = models.BigIntegerField(default=0)


class DeadLetter(models.Model):
    """An event a subscriber could not take, kept with its reason until somebody sends it again."""

    subscriber = models.CharField(max_length=60)
    event = models.ForeignKey(Event, on_delete=models.PROTECT)
    error = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subscriber", "event"], name="dead_letter_once")]


class JobState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    DEAD = "dead", _("Given up")
    CANCELLED = "cancelled", _("Cancelled")


ACTIVE_JOB = Q(state__in=[JobState.QUEUED, JobState.RUNNING])


class Job(models.Model):
    """A long piece of work. The row is the truth; Celery only rings the bell."""

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=120, blank=True, help_text="At most one active job of a kind per key.")
    station_id = models.BigIntegerField(null=True, blank=True)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=JobState, default=JobState.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=3)
    token = models.PositiveIntegerField(default=0, help_text="Fencing token: grows with every claim.")
    lease_until = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=80, blank=True)
    cancel_requested = models.BooleanField(default=False)
    percent = models.PositiveSmallIntegerField(default=0)
    words = models.CharField(max_length=200, blank=True)
    result = models.JSONField(default=dict)
    error = models.JSONField(null=True, blank=True, help_text="code, cause, action")
    actor = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=timezone.now)
    run_after = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"], condition=ACTIVE_JOB & ~Q(key=""), name="job_one_active_per_key"
            ),
            models.CheckConstraint(condition=Q(percent__lte=100), name="job_percent"),
            models.CheckConstraint(
                condition=~Q(state=JobState.RUNNING) | Q(lease_until__isnull=False),
                name="job_running_has_lease",
            ),
        ]
        indexes = [models.Index(fields=["state", "run_after"], name="job_queue")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} ({self.state})"
