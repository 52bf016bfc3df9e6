"""The columns of anything that stands somewhere, with the wall that keeps impossible places out."""

from django.db.models import CheckConstraint, Q


def on_earth(model: str, *, prefix: str = "") -> CheckConstraint:
    """Latitude and longitude are both absent or both on the globe (NaN and infinity fail the comparison)."""
    lat, lng = f"{prefix}lat", f"{prefix}lng"
    both = Q(**{f"{lat}__gte": -90, f"{lat}__lte": 90, f"{lng}__gte": -180, f"{lng}__lte": 180})
    none = Q(**{f"{lat}__isnull": True, f"{lng}__isnull": True})
    return CheckConstraint(condition=both | none, name=f"{model}_{prefix}on_earth")
