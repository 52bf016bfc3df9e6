"""The second factor: one-time codes of an authenticator app, and recovery codes for the day the phone is lost.

Once the site is public, admins and everybody who may open the admin or manage a station need one. Codes count once:
the device row remembers the last step taken, and is locked while a code is checked, so of two requests with the same
code one is refused. Wrong codes slow down the next tries, in the database, so also without Valkey.
"""

import secrets
from base64 import b32encode
from datetime import datetime
from typing import Any

import segno
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from lastmile import limits
from lastmile.kernel.errors import LastmileError
from lastmile.models import User
from lastmile.sign_ins import PROVEN, actor_name, roles_of, tell_person

RECOVERY_CODES = 10
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # no letters that look like others
CODE_LETTERS = 10


def required(user: User) -> bool:
    """Whether this person must have a second factor."""
    return settings.PUBLIC and (user.is_superuser or user.is_staff or "manager" in roles_of(user))


def lacking(user: User, session: Any) -> bool:
    """Whether a session must give a second factor before it may do anything else."""
    return settings.PUBLIC and not session.get(PROVEN) and required(user)


def enrolled(user: User) -> bool:
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


def codes_left(user: User) -> int:
    return StaticToken.objects.filter(device__user=user).count()


def begin_enrolment(user: User) -> TOTPDevice:
    """The device to confirm: the same again until it is, so that a reloaded page shows the same picture."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        waiting = TOTPDevice.objects.filter(user=user, confirmed=False).first()
        return waiting or TOTPDevice.objects.create(user=user, confirmed=False, name="app")


def picture(device: TOTPDevice) -> str:
    """The QR code to scan, as SVG; dark on white in both themes, or no camera would read it."""
    code = segno.make(device.config_url, error="m")
    return code.svg_inline(scale=4, border=4, light="#fff", svgclass="qr", omitsize=True)


def secret_words(device: TOTPDevice) -> str:
    """The secret for those who type it, in groups of four."""
    text = b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def confirm(*, user: User, code: str, now: datetime) -> list[str]:
    """Switch the second factor on; returns the recovery codes, which are shown this once.

    Raises LastmileError ``wrong_code``, ``already_on``.
    """
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if enrolled(user):
            raise LastmileError(
                "already_on",
                _("A second factor is on already."),
                _("Switch it off first to set up another."),
                status=409,
            )
        device = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=False).first()
        good = device is not None and _check(device, _digits(code))
        if good and device is not None:
            device.confirmed = True
            device.save(update_fields=["confirmed"])
            codes = _new_codes(user)
            tell_person(what="second_factor_on", user=user, actor=actor_name(user), now=now)
    if not good:  # outside, for the wrong try must stay counted
        raise _wrong(device)
    return codes


def verify(*, user: User, code: str, now: datetime) -> None:
    """Take a code of the app, or a recovery code. Raises LastmileError ``wrong_code``, ``too_many``."""
    typed = _digits(code)
    with transaction.atomic():
        recovery = not (typed.isascii() and typed.isdigit() and len(typed) == 6)
        kind = StaticDevice if recovery else TOTPDevice
        device = kind.objects.select_for_update().filter(user=user, confirmed=True).first()
        good = device is not None and _check(device, _kept(typed) if recovery else typed)
        if good and recovery:
            left = codes_left(user)
            tell_person(
                what="recovery_code_used", user=user, actor=actor_name(user), now=now, detail=f"{left}"
            )
        elif not good:
            tell_person(what="code_refused", user=user, actor=actor_name(user), now=now)
    if not good:
        raise _wrong(device)


def replace_codes(*, user: User, now: datetime) -> list[str]:
    """New recovery codes; the old ones end."""
    with transaction.atomic():
        codes = _new_codes(user)
        tell_person(what="recovery_codes_made", user=user, actor=actor_name(user), now=now)
    return codes


def switch_off(*, user: User, actor: str, now: datetime) -> None:
    """Remove device and recovery codes; whoever must have one sets up another at the next sign-in."""
    with transaction.atomic():
        gone = TOTPDevice.objects.filter(user=user).delete()[0]
        StaticDevice.objects.filter(user=user).delete()
        if gone:
            tell_person(what="second_factor_off", user=user, actor=actor, now=now)


def _new_codes(user: User) -> list[str]:
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(CODE_LETTERS)) for _ in range(RECOVERY_CODES)]
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="recovery", confirmed=True)
    StaticToken.objects.bulk_create([StaticToken(device=device, token=_kept(code)) for code in codes])
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def _kept(code: str) -> str:
    """What is stored of a recovery code: 64 bits of an HMAC, so that a stolen backup opens nothing."""
    return salted_hmac("lastmile recovery code", code, algorithm="sha256").hexdigest()[:16]


def _digits(code: str) -> str:
    """People write codes with gaps, dashes and capitals."""
    return "".join(letter for letter in code.lower() if letter.isalnum())[:32]


def _check(device: Any, typed: str) -> bool:
    return bool(device.verify_is_allowed()[0] and device.verify_token(typed))


def _wrong(device: Any) -> LastmileError:
    allowed, why = device.verify_is_allowed() if device is not None else (True, None)
    wait = (why or {}).get("locked_until")
    if not allowed and wait is not None:
        seconds = (wait - timezone.now()).total_seconds()
        if seconds > 3:
            return limits.too_many(seconds)
    return LastmileError(
        "wrong_code",
        _("That code is not right, or was used before."),
        _("Wait for the next code of your app and type it; check the clock of your phone."),
        field="code",
        status=422,
    )
