"""Signing in: one-time links, whose GET is free of effects so that a mail scanner cannot use them up."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.contrib.auth import login
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from lastmile.models import LoginLink, User

LINK_LIFE = timedelta(minutes=15)


@sensitive_variables("token")
def make_login_link(*, user: User, now: datetime) -> str:
    """The path of a sign-in address that works once within 15 minutes."""
    token = secrets.token_urlsafe(32)
    LoginLink.objects.create(user=user, token_hash=_hash(token), expires_at=now + LINK_LIFE)
    return f"/enter/{token}/"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Show who would be signed in; the POST uses the link up."""
    links = LoginLink.objects.filter(
        token_hash=_hash(token), used_at=None, expires_at__gt=timezone.now(), user__is_active=True
    )
    link = links.select_related("user").first()
    if link is None:
        return render(request, "lastmile/enter_spent.html", status=404)
    if request.method != "POST":
        return render(request, "lastmile/enter.html", {"person": link.user})
    # Two tabs may press at once: whoever's UPDATE hits the row is in.
    if not links.filter(pk=link.pk).update(used_at=timezone.now()):
        return render(request, "lastmile/enter_spent.html", status=404)
    login(request, link.user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("home")


@require_GET
def health(request: HttpRequest) -> JsonResponse:
    """Up, and the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})
