"""The walk over the websockets: who is let in, at one's own and at a foreign station."""

import asyncio
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.test import Client

from lastmile import live
from lastmile.asgi import application
from tests.authorization.test_walk import TABLE, address, doors, may
from tests.authorization.world import ROLES, World, make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def layer(settings: Any) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}


async def let_in(client: Client, url: str, origin: str) -> bool:
    """Whether a page gets in and is greeted."""
    headers = [(b"origin", origin.encode())]
    cookie = client.cookies.get(settings.SESSION_COOKIE_NAME)
    if cookie is not None:
        headers.append((b"cookie", f"{settings.SESSION_COOKIE_NAME}={cookie.value}".encode()))
    if bearer := client.defaults.get("HTTP_AUTHORIZATION"):
        headers.append((b"authorization", str(bearer).encode()))
    page = WebsocketCommunicator(application, url, headers=headers)
    try:
        accepted, _ = await page.connect(timeout=20)
        return accepted
    finally:
        await page.disconnect()
        live._hubs.clear()


def test_sockets_let_in_whom_the_table_names(layer: None) -> None:
    """Role by role at the own station; nobody but an admin at the other; nobody at all from another site."""
    wrong = asyncio.run(walk(make_world()))
    assert not wrong, "\n".join(wrong)


async def walk(world: World) -> list[str]:
    wrong = []
    for path in doors():
        row = TABLE[path]
        allowed = may(row["SOCKET"])
        own, foreign = address(path, world.own, row), address(path, world.foreign, row)
        for role in ROLES:
            client = world.clients[role]
            if await let_in(client, own, settings.ORIGINS[0]) != (role in allowed):
                wrong.append(f"{role}: {own}")
            if await let_in(client, own, "https://elsewhere.example"):
                wrong.append(f"{role}: {own} from another site")
            hidden = row.get("scope") == "site" or role == "admin"
            if not hidden and await let_in(client, foreign, settings.ORIGINS[0]):
                wrong.append(f"{role}: {foreign}")
    return wrong
