"""`manage.py retention`: what the nightly job does, now, or only counted."""

from argparse import ArgumentParser
from collections import Counter, defaultdict
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from dispatch.services.retention import keep


class Command(BaseCommand):
    help = "Let go of what stations keep no longer, as the nightly job does."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count it, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        total: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for where, counts in keep(wall=timezone.now(), dry=options["dry_run"]):
            total[where] += counts
        for where, counts in sorted(total.items()):
            words = ", ".join(f"{n} {name}" for name, n in sorted(counts.items()) if n)
            if words:
                self.stdout.write(f"{where or 'everywhere'}: {words}")
        if not any(+counts for counts in total.values()):
            self.stdout.write("Nothing is outdated.")
        elif options["dry_run"]:
            self.stdout.write("Only counted; nothing was changed.")
