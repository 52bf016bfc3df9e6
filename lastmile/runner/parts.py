"""The parts of an installation: which programs make it, and how each is started."""

import sys
from dataclasses import dataclass
from pathlib import Path

from lastmile.runner.part import Part
from lastmile.runner.public import Site


@dataclass(frozen=True)
class Where:
    """The address this run answers at, the one people reach it by, and the folder it lives in."""

    host: str
    port: int
    home: Path
    site: Site | None = None

    @property
    def address(self) -> str:
        shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104
        return f"http://{f'[{shown}]' if ':' in shown and shown[0] != '[' else shown}:{self.port}"

    @property
    def door(self) -> str:
        """Where people come in: through the proxy, where there is one."""
        return self.site.origin if self.site else self.address

    def hosts(self) -> list[str]:
        """Names this run answers to. More come by ALLOWED_HOSTS."""
        name = self.address.removeprefix("http://").rsplit(":", 1)[0]
        return list(dict.fromkeys(["localhost", "127.0.0.1", "[::1]", name]))

    def origins(self) -> list[str]:
        return [f"http://{host}:{self.port}" for host in self.hosts()]


def python(*words: str) -> list[str]:
    return [sys.executable, *words]


def manage(base: Path, *words: str) -> list[str]:
    return python(str(base / "manage.py"), *words)


def web(where: Where) -> Part:
    return Part("web", python("-m", "lastmile.server", "--host", where.host, "--port", str(where.port)))


WORKER_ENV = {
    # Jobs may ask the database for more at a time than a page may (PostgreSQL).
    "STATEMENT_TIMEOUT_S": "60",
    # The road engine takes and gives back the memory of a whole matrix for each one. glibc returns it to the kernel at
    # once and faults it in anew: keeping it took 1,000 x 1,000 from 0.79 to 0.57 s. Other C libraries ignore both.
    "MALLOC_TRIM_THRESHOLD_": "500000000",
    "MALLOC_TOP_PAD_": "1000000",
}


def worker() -> Part:
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    words = ["worker", "--pool", "prefork", "--concurrency", "2", "-O", "fair", *quiet, "--loglevel", "INFO"]
    command = python("-m", "celery", "-A", "lastmile.celery", *words)
    return Part("worker", command, ready=" ready.", env=dict(WORKER_ENV))


def scheduler(where: Where) -> Part:
    # No pid file: after a kill it would keep the next one from starting. The home's lock does that work.
    words = ["beat", "--schedule", str(where.home / "run" / "beat"), "--pidfile", "", "--loglevel", "WARNING"]
    return Part("scheduler", python("-m", "celery", "-A", "lastmile.celery", *words))


def publisher(base: Path) -> Part:
    return Part("publisher", manage(base, "publish"), ready="publisher ready")


def simulation(base: Path, station: str, speed: float) -> Part:
    words = ["simulate", "--station", station, "--speed", f"{speed:g}", "--seed", "1", "--dispatch"]
    return Part("simulation", manage(base, *words), vital=False)
