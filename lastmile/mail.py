"""Mail to people who work here: queued as a job, so that no page waits for a mail server, nor tells by its time."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from lastmile import jobs
from lastmile.models import User

RESET = "mail.reset"


def send(*, to: str, language: str, template: str, words: Mapping[str, Any]) -> None:
    """One plain mail; the template's first line is the subject."""
    known = {code for code, _ in settings.LANGUAGES}
    with translation.override(language if language in known else settings.LANGUAGE_CODE):
        subject, _, body = render_to_string(template, dict(words)).strip().partition("\n")
    EmailMessage(subject=subject, body=body.strip() + "\n", to=[to]).send()


def reset_path(user: User) -> str:
    """The address where this person chooses a new password; it ends with its use, or after a day."""
    where = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("password-reset-confirm", args=[where, default_token_generator.make_token(user)])


@jobs.kind(RESET)
def mail_reset(claim: jobs.Claim) -> dict[str, Any]:
    """The link is made here: a job's row must not hold what opens an account."""
    user = User.objects.filter(pk=claim.job.payload["user_id"], is_active=True).first()
    if user is None or not user.email:
        return {"sent": False}
    words = {"person": user, "address": settings.SITE_URL + reset_path(user)}
    send(to=user.email, language=user.language, template="lastmile/mail/reset.txt", words=words)
    return {"sent": True}
