"""Drivers' phones and their tokens."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Q
from django.views.decorators.debug import sensitive_variables

from dispatch.api.authentication import Principal, new_token
from dispatch.models import Driver
from lastmile import bus
from lastmile.kernel import events
from tracking.models import Device

PREFIX = "lmd_"
HEARD_EVERY = timedelta(minutes=1)


class DevicePrincipal:
    """A driver, by one of their phones."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.driver = device.driver
        self.actor = f"driver:{device.driver_id}"


@sensitive_variables("token")
def issue_device(*, driver: Driver, now: datetime, name: str = "", actor: str = "system:setup") -> str:
    """A token for one phone of the driver, shown this once; a phone of the same name is replaced by it."""
    token, token_hash = new_token(PREFIX)
    with transaction.atomic():
        if name:
            for old in Device.objects.filter(driver=driver, name=name, revoked_at=None):
                revoke_device(device=old, now=now, actor=actor)
        made = Device.objects.create(driver=driver, name=name, token_hash=token_hash, created_at=now)
        _tell("issued", made, actor, now)
    return token


def revoke_device(*, device: Device, now: datetime, actor: str = "system:setup") -> bool:
    """Refuse the phone from now on; whether it was still allowed."""
    with transaction.atomic():
        if not Device.objects.filter(pk=device.pk, revoked_at=None).update(revoked_at=now):
            return False
        _tell("revoked", device, actor, now)
    return True


def revoke_phones(driver: Driver, actor: str, now: datetime) -> None:
    """Refuse every phone of a driver, because they left."""
    for device in Device.objects.filter(driver=driver, revoked_at=None):
        revoke_device(device=device, now=now, actor=actor)


def _tell(what: str, device: Device, actor: str, now: datetime) -> None:
    station = device.driver.station
    label = f"{device.driver.name}, {device.name}" if device.name else device.driver.name
    event = events.TokenChanged(
        station_id=station.pk, what=what, kind="device", token_id=device.pk, label=label
    )
    bus.publish(event, actor=actor, at=station.clock.at(now))


def device_of(token_hash: str) -> tuple[Any, Principal] | None:
    """Who a token belongs to, for the API's authentication."""
    device = allowed_devices([token_hash]).get(token_hash)
    return (AnonymousUser(), DevicePrincipal(device)) if device else None


def allowed_devices(token_hashes: list[str]) -> dict[str, Device]:
    """The devices of these tokens, by token hash: neither revoked nor of a driver who left or was switched off."""
    rows = Device.objects.select_related("driver__station").filter(
        Q(driver__user=None) | Q(driver__user__is_active=True),
        token_hash__in=token_hashes,
        revoked_at=None,
        driver__active=True,
        driver__station__active=True,
    )
    return {device.token_hash: device for device in rows}


def note_heard(heard: list[tuple[Device, datetime]]) -> None:
    """When phones were last heard of, to the minute: more would be a write for every fix."""
    late = {
        device.pk: at for device, at in heard if device.seen_at is None or at - device.seen_at > HEARD_EVERY
    }
    if late:
        Device.objects.filter(pk__in=late).update(seen_at=max(late.values()))
