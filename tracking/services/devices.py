"""Drivers' phones and their tokens."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from dispatch.api.authentication import Principal, new_token
from dispatch.models import Driver
from tracking.models import Device

PREFIX = "lmd_"


class DevicePrincipal:
    """A driver, by one of their phones."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.driver = device.driver
        self.actor = f"driver:{device.driver_id}"


@sensitive_variables("token")
def issue_device(*, driver: Driver, now: datetime, name: str = "") -> str:
    """A token for one phone of the driver, shown this once; a phone of the same name is replaced by it."""
    token, token_hash = new_token(PREFIX)
    with transaction.atomic():
        if name:
            Device.objects.filter(driver=driver, name=name, revoked_at=None).update(revoked_at=now)
        Device.objects.create(driver=driver, name=name, token_hash=token_hash, created_at=now)
    return token


def revoke_device(*, device: Device, now: datetime) -> bool:
    """Refuse the phone from now on; whether it was still allowed."""
    return bool(Device.objects.filter(pk=device.pk, revoked_at=None).update(revoked_at=now))


def device_of(token_hash: str) -> tuple[Any, Principal] | None:
    """Who a token belongs to, for the API's authentication."""
    device = allowed_devices([token_hash]).get(token_hash)
    return (AnonymousUser(), DevicePrincipal(device)) if device else None


def allowed_devices(token_hashes: list[str]) -> dict[str, Device]:
    """The devices of these tokens, by token hash: neither revoked nor of a driver who left."""
    rows = Device.objects.select_related("driver__station").filter(
        token_hash__in=token_hashes, revoked_at=None, driver__active=True, driver__station__active=True
    )
    return {device.token_hash: device for device in rows}
