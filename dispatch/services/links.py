"""The recipient's link of an order: derived, never stored.

The token carries the order's id and a 128-bit HMAC over id and link version, under a key outside the database. A new
version ends all links made before (`decisions`: a link that went astray).
"""

import base64
import hashlib
import hmac
import re

from django.conf import settings
from django.utils.crypto import constant_time_compare

from dispatch.models import Order

SALT = b"lastmile recipient link v1"
SHAPE = re.compile(r"([0-9a-z]{1,13})-([A-Za-z0-9_-]{22})\Z")
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def link_path(order: Order) -> str:
    """The address of the recipient's page, without the site."""
    return f"/t/{token_of(order)}/"


def link_url(order: Order) -> str:
    """The whole address, as it is sent."""
    return f"{settings.SITE_URL}{link_path(order)}"


def token_of(order: Order) -> str:
    return f"{_short(order.pk)}-{_mark(settings.SECRET_KEY, order.pk, order.link_version)}"


def order_of(token: str) -> Order | None:
    """The order a token stands for; None for any other text, an ended link, or an erased recipient."""
    found = SHAPE.match(token)
    if found is None:
        return None
    pk = int(found[1], 36)
    if pk >= 2**63:
        return None
    # The work is the same whether there is such an order or not: its row is read only for whoever knows the mark.
    version = Order.objects.filter(pk=pk, erased_at=None).values_list("link_version", flat=True).first() or 0
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    marks = [_mark(key, pk, version) for key in keys]
    good = sum(constant_time_compare(found[2], mark) for mark in marks) > 0
    if not (good and version):
        return None
    return Order.objects.select_related("station", "shop").filter(pk=pk, link_version=version).first()


def _mark(key: str, pk: int, version: int) -> str:
    secret = hashlib.sha256(SALT + key.encode()).digest()
    mac = hmac.new(secret, f"{pk}.{version}".encode(), hashlib.sha256).digest()[:16]
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def _short(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = DIGITS[rest] + digits
    return digits or "0"
