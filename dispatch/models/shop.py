"""Shop rows."""

from django.db import models
from django.utils import timezone

from dispatch.models.station import Station


class Scope(models.TextChoices):
    """What an API token may do."""

    ORDERS_READ = "orders:read", "Read orders"
    ORDERS_WRITE = "orders:write", "Send, change and cancel orders"
    OPTIMIZE = "optimize", "Solve planning problems"


def all_scopes() -> list[str]:
    """Everything about a shop's orders: what a token may do unless more is said."""
    return [str(Scope.ORDERS_READ), str(Scope.ORDERS_WRITE)]


class Shop(models.Model):
    """Who asks for deliveries."""

    name = models.CharField(max_length=80, unique=True)
    code = models.SlugField(max_length=30, unique=True)
    stations = models.ManyToManyField(Station, related_name="shops")
    ship_complete = models.BooleanField(
        default=True, help_text="Short-loaded orders go back to the pool whole."
    )
    email = models.EmailField(blank=True)
    sandbox_of = models.OneToOneField(
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="sandbox",
        help_text="Set: the twin whose trial orders nobody delivers.",
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ShopToken(models.Model):
    """An API token of a shop. Only its hash is kept; the token is shown once."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=60)
    prefix = models.CharField(max_length=12, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(default=all_scopes, help_text="What it may do: orders:read, orders:write.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    def __str__(self) -> str:
        return f"{self.shop}: {self.name}"
