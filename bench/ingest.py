"""Fixes a second through the real server: starts Daphne on a database of its own and sends from many phones.

    python -m bench.ingest [--phones 100] [--batch 50] [--seconds 8]

Prints throughput and the time from request to answer (after the commit), p50 and p99.
"""

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from datetime import date, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DAY = date(2026, 3, 10)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--phones", type=int, default=100)
    words.add_argument("--batch", type=int, default=50)
    words.add_argument("--seconds", type=float, default=8.0)
    options = words.parse_args()
    with tempfile.TemporaryDirectory(prefix="lastmile-bench-") as home:
        env = os.environ | {
            "LASTMILE_HOME": home,
            "LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "lastmile.settings",
        }
        os.environ.update(env)
        tokens, business = world(options.phones)
        port = free_port()
        command = [
            sys.executable,
            "-m",
            "daphne",
            "-b",
            "127.0.0.1",
            "-p",
            str(port),
            "lastmile.asgi:application",
        ]
        with subprocess.Popen(
            command, env=env, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
        ) as server:
            try:
                wait_for(port)
                times, fixes = asyncio.run(load(port, tokens, business, options))
            finally:
                server.terminate()
    times.sort()
    print(
        f"{options.phones} phones, {options.batch} fixes a request: {fixes / options.seconds:,.0f} fixes/s, "
        f"p50 {times[len(times) // 2] * 1000:.0f} ms, p99 {times[int(len(times) * 0.99)] * 1000:.0f} ms, "
        f"{len(times)} requests"
    )


def world(phones: int) -> tuple[list[str], datetime]:
    """A station with so many vans on the road; their tokens."""
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import transaction
    from django.utils import timezone

    from dispatch.lifecycle import RouteState
    from tests.scenarios import at, make_fleet, make_route, make_station
    from tracking.services.devices import issue_device

    call_command("migrate", verbosity=0)
    with transaction.atomic():
        station = make_station()
        station.clock_business = at(station, DAY, 10)
        station.save()
        fleet = make_fleet(station, DAY, phones)
        for shift in fleet.shifts:
            make_route(station, DAY, [], shift=shift, state=RouteState.DEPARTED)
        tokens = [issue_device(driver=driver, now=timezone.now()) for driver in fleet.drivers]
    return tokens, station.now()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


async def load(
    port: int, tokens: list[str], business: datetime, options: argparse.Namespace
) -> tuple[list[float], int]:
    times: list[float] = []
    begun = time.monotonic()

    async def phone(number: int, token: str) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        sent = 0
        while time.monotonic() - begun < options.seconds:
            body = batch(business, sent, options.batch, number)
            head = (
                f"POST /api/v1/positions/ HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            asked = time.monotonic()
            writer.write(head.encode() + body)
            answer = await read_answer(reader)
            assert answer["stored"] == options.batch, answer
            times.append(time.monotonic() - asked)
            sent += options.batch
        writer.close()
        return sent

    counts = await asyncio.gather(*(phone(n, token) for n, token in enumerate(tokens)))
    return times, sum(counts)


def batch(business: datetime, first: int, size: int, number: int) -> bytes:
    """Fixes a tenth of a second apart, drifting north, none in the future."""
    start = business - timedelta(minutes=90)
    fixes = [
        {
            "seq": first + n,
            "at": (start + timedelta(seconds=(first + n) / 10)).isoformat(),
            "lat": 60.1 + ((first + n) * 1e-6) % 0.1,
            "lng": 24.9 + number * 1e-4,
            "speed": 1.0,
        }
        for n in range(size)
    ]
    return json.dumps({"sent_at": business.isoformat(), "fixes": fixes}).encode()


async def read_answer(reader: asyncio.StreamReader) -> dict[str, int]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = int(head.split("content-length:")[1].split("\r\n")[0])
    body = json.loads(await reader.readexactly(length))
    assert " 200 " in head.split("\r\n", 1)[0], body
    return dict(body)


if __name__ == "__main__":
    main()
