"""`manage.py login_link USER`: a way in without a password."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lastmile import people
from lastmile.models import User
from lastmile.runner.home import Home


class Command(BaseCommand):
    help = "Print a sign-in address for a person: one use, 15 minutes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="the person's user name")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(
                f"There is no person named {options['user']}: add one in the admin, or check the name."
            )
        if not user.is_active:
            raise CommandError(
                f"{user.username} may not sign in (not active): switch the account on in the admin."
            )
        running = Home(Path(settings.LASTMILE_HOME)).remembered().get("address")
        address = running or settings.ORIGINS[0]
        self.stdout.write(f"{address}{people.make_login_link(user=user, now=timezone.now())}")
