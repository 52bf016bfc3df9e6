"""`manage.py setup_link`: the address that begins the first run, once more."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lastmile import setup_link
from lastmile.runner.home import Home


class Command(BaseCommand):
    help = "Print the one-time address to set up an installation that has no admin yet: 15 minutes."

    def handle(self, *args: Any, **options: Any) -> None:
        if not setup_link.is_needed():
            raise CommandError(
                "There is an admin already: sign in as one and open /setup/, or use login_link USER."
            )
        address = Home(Path(settings.LASTMILE_HOME)).remembered().get("address") or settings.SITE_URL
        self.stdout.write(f"{address}{setup_link.make(timezone.now())}")
