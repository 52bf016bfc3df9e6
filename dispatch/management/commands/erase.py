"""`manage.py erase`: let go of a recipient on their request."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from dispatch.models import Order
from dispatch.services.erasure import (
    Recipient,
    erase_recipient,
    find_by_order,
    find_by_phone,
    require_erasable,
)
from lastmile.kernel.errors import LastmileError


class Command(BaseCommand):
    help = "Erase a recipient: name, ways to reach them, address, notes, proofs. Without --yes it only shows what."

    def add_arguments(self, parser: ArgumentParser) -> None:
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("--phone", help="E.164, like +358401234567")
        who.add_argument("--order", metavar="NUMBER", help="the recipient of this order")
        parser.add_argument("--yes", action="store_true", help="erase, not only show")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = self.find(options)
            require_erasable(found)
            numbers = ", ".join(order.number for order in found.ended[:20])
            self.stdout.write(f"{len(found.ended)} orders: {numbers}{' …' if len(found.ended) > 20 else ''}")
            if not options["yes"]:
                self.stdout.write("Nothing was erased: say --yes to do it. It cannot be undone.")
                return
            counts = erase_recipient(found=found, actor="system:erase", now=timezone.now())
        except LastmileError as problem:
            raise CommandError(f"{problem.cause} {problem.action} [{problem.code}]") from problem
        self.stdout.write(
            "Erased: " + ", ".join(f"{n} {name}" for name, n in sorted(counts.items()) if n) + "."
        )

    def find(self, options: dict[str, Any]) -> Recipient:
        if options["phone"]:
            return find_by_phone(phone=options["phone"].strip(), within=Order.objects.all())
        order = Order.objects.filter(number=options["order"]).first()
        if order is None:
            raise CommandError(f"There is no order {options['order']}.")
        return find_by_order(order=order, within=Order.objects.all())
