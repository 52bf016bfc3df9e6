"""Every address of the table, shot at with what no sane client sends: always an answer, never a fault."""

import logging
import os
import random
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import Resolver404

from tests.authorization import garbage
from tests.authorization.garbage import Shot
from tests.authorization.test_walk import METHODS, PARAMETER, TABLE, address, body_of, may, refused
from tests.authorization.world import World, make_world

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600)]
PARTS = 6  # of the table, so that one of them fits every run
SHOTS = int(os.environ.get("GARBAGE_SHOTS", "6"))  # per address and method
SEED = int(os.environ.get("GARBAGE_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
# What a refusal may leave behind: who was refused, the session it said so in, when a token was last used, and the
# second factor that the page offers to set up (unconfirmed until its code is typed).
AUDIT = ("event", "django_session", "signin", "shoptoken", "totpdevice")
WRITE = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)
SEEN = re.compile(r'UPDATE "dispatch_driver" SET "seen_at" = [^,]+ WHERE')


@pytest.fixture
def world() -> World:
    return make_world()


@contextmanager
def written() -> Iterator[list[str]]:
    """The tables written and not rolled back again."""
    tables: list[str] = []
    marks: dict[str, int] = {}

    def look(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        done = execute(sql, params, many, context)
        if SEEN.match(sql):
            return done  # that the driver's page is in use is true of a refused request too
        if found := WRITE.match(sql):
            tables.append(found[1])
        elif sql.startswith("SAVEPOINT "):
            marks[sql.removeprefix("SAVEPOINT ")] = len(tables)
        elif sql.startswith("ROLLBACK TO SAVEPOINT "):
            del tables[marks[sql.removeprefix("ROLLBACK TO SAVEPOINT ")] :]
        return done

    with connection.execute_wrapper(look):
        yield tables


def aim(draw: random.Random, path: str, world: World) -> tuple[str, dict[str, Any]]:
    """An address of the table, usually right, with now and then a strange id and often a strange query."""
    row = dict(TABLE[path])
    ids = PARAMETER.findall(path)
    url = address(path, world.own, row)
    known = garbage.fields_of(url.partition("?")[0])
    if ids and draw.random() < 0.25:
        name = draw.choice(ids)
        numeric = f"<int:{name}>" in path
        bad = draw.choice(garbage.IDS if numeric else garbage.TEXTS)
        url = address(path.replace(f"<int:{name}>", bad).replace(f"<str:{name}>", bad), world.own, row)
    if draw.random() < 0.6:
        url = url + ("&" if "?" in url else "?") + draw.choice(garbage.QUERIES)
    return url, known


def shots(draw: random.Random, path: str, method: str, world: World) -> Iterator[Shot]:
    for _ in range(SHOTS):
        try:
            url, known = aim(draw, path, world)
        except Resolver404:  # the converter itself takes no such text
            continue
        shot = Shot(method, url, headers=dict(draw.choice(garbage.HEADERS)))
        if method != "GET":
            garbage.body(draw, shot, known, world.own.ids | body_of(world.own, TABLE[path]))
        yield shot


def fire(client: Client, shot: Shot) -> tuple[HttpResponse | None, list[str], str]:
    """The answer, what it wrote, and the fault if there was one; everything is undone."""
    cookies = deepcopy(client.cookies)
    answer, fault = None, ""
    with transaction.atomic():
        with written() as tables:
            try:
                answer = client.generic(
                    shot.method, shot.path, shot.data, shot.content_type, headers=shot.headers
                )
                content = b"".join(answer) if answer.streaming else answer.content
                if b"Traceback (most recent" in content:
                    fault = "a traceback in the answer"
            except Exception as error:  # noqa: BLE001 - the test is that there is none
                ours = [
                    f for f in traceback.extract_tb(error.__traceback__) if "site-packages" not in f.filename
                ]
                where = f"{ours[-1].filename}:{ours[-1].lineno}" if ours else "?"
                fault = f"{type(error).__name__}: {str(error)[:160]} at {where}"
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer, tables, fault


def complaints(answer: HttpResponse, tables: list[str], shot: Shot, row: dict[str, Any]) -> Iterator[str]:
    if answer.status_code >= 500:
        yield f"{answer.status_code} {answer.content[:200]!r}"
    if shot.path.startswith("/api/") and answer.status_code >= 400:
        told = answer.headers.get("Content-Type", "")
        if row.get("errors") == "vroom":
            if told != "application/json" or set(answer.json()) != {"code", "error"}:
                yield f"{answer.status_code} is not as VROOM says it: {answer.content[:200]!r}"
        elif told != "application/problem+json":
            yield f"{answer.status_code} as {told or 'nothing'}"
        elif not all(answer.json().get(key) for key in ("code", "cause", "action")):
            yield f"a problem without code, cause and action: {answer.content[:200]!r}"
    loud = {table for table in tables if not any(name in table for name in AUDIT)}
    if loud and (answer.status_code >= 400 or refused(answer, row)):
        yield f"{answer.status_code} and wrote {sorted(loud)}"


def roles_for(draw: random.Random, names: str) -> str:
    """Mostly somebody who may; now and then a stranger."""
    if draw.random() < 0.15:
        return draw.choice(("anonymous", "floor", "shop"))
    return draw.choice(sorted(may(names)))


@pytest.mark.long
@pytest.mark.usefixtures("_quiet")
@pytest.mark.parametrize("part", range(PARTS))
def test_no_input_makes_an_address_fail(world: World, part: int) -> None:
    """Whatever is sent, to whatever address: no fault, a readable refusal, and nothing half-done.

    Each run draws its own inputs; GARBAGE_SEED repeats one, GARBAGE_SHOTS draws more.
    """
    print(f"GARBAGE_SEED={SEED}")
    wrong = []
    for path, row in list(TABLE.items())[part::PARTS]:
        for method in METHODS:
            if method not in row:
                continue
            draw = random.Random(f"{SEED} {method} {path}")
            for shot in shots(draw, path, method, world):
                role = roles_for(draw, row[method])
                answer, tables, fault = fire(world.clients[role], shot)
                found = [fault] if fault else list(complaints(answer, tables, shot, row)) if answer else []
                wrong += [f"{role}: {shot}\n    {one}" for one in found]
    assert not wrong, f"GARBAGE_SEED={SEED}\n" + "\n".join(wrong)


@pytest.fixture
def _quiet() -> Iterator[None]:
    """Refusals are logged one by one, thousands of them here."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
