"""`manage.py publish`: the one process that numbers the ledger and fans it out."""

import signal
import time
from types import FrameType
from typing import Any

import redis
from django.core.management.base import BaseCommand
from django.db import OperationalError, close_old_connections

from lastmile import bus, live
from lastmile.models import Stream

POLL_S = 1.0
BEAT_S = 5.0


class Command(BaseCommand):
    help = "Number new ledger events and hand them to screens, jobs and subscribers."
    requires_system_checks: list[str] = []  # `up` made them a moment ago, and they take half a second

    def handle(self, *args: Any, **options: Any) -> None:
        self.running = True
        signal.signal(signal.SIGTERM, self.stop)
        next_beat = 0.0
        bell = Bell()
        self.stdout.write("publisher ready")
        while self.running:
            try:
                bus.drain()
                if time.monotonic() >= next_beat:
                    beat()
                    next_beat = time.monotonic() + BEAT_S
            except OperationalError as error:
                self.stderr.write(f"database not reachable, trying again: {error}")
                close_old_connections()
                time.sleep(POLL_S)
            bell.wait(POLL_S)

    def stop(self, signum: int, frame: FrameType | None) -> None:
        self.running = False


def beat() -> None:
    """Tell every screen the newest number, so that one that lost the last event notices."""
    for stream in Stream.objects.exclude(station_id=bus.ALL):
        live.push(stream.station_id, {"type": "beat", "seq": stream.last, "epoch": stream.epoch})


class Bell:
    """The doorbell's listening end; without a server it is a plain timer."""

    def __init__(self) -> None:
        self.subscription: redis.client.PubSub | None = None

    def wait(self, seconds: float) -> None:
        try:
            if self.subscription is None:
                self.subscription = bus.client().pubsub(ignore_subscribe_messages=True)
                self.subscription.subscribe(bus.DOORBELL)
                return  # one more look: something may have been committed before we listened
            if self.subscription.get_message(timeout=seconds):
                while self.subscription.get_message(timeout=0):
                    pass
        except redis.RedisError:
            self.subscription = None
            time.sleep(seconds)
