"""`manage.py export_order NUMBER`: everything that is kept about one order, as a zip."""

import shutil
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dispatch.models import Order
from dispatch.services.order_export import export_order


class Command(BaseCommand):
    help = "Everything that is kept about one order, as a zip: for a claim, or for whoever asks."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number")
        parser.add_argument("file", nargs="?", type=Path, help="default: NUMBER.zip here")

    def handle(self, *args: Any, **options: Any) -> None:
        order = Order.objects.select_related("station", "shop").filter(number=options["number"]).first()
        if order is None:
            raise CommandError(f"There is no order {options['number']}.")
        target = options["file"] or Path(f"{order.number}.zip")
        try:
            with (
                export_order(order=order, actor="system:export_order", now=order.station.now()) as made,
                target.open("xb") as file,
            ):
                shutil.copyfileobj(made, file)
        except OSError as error:
            raise CommandError(f"{target} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"{target}: {target.stat().st_size / 1024:.0f} KiB.")
