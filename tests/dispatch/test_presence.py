"""Presence: what a page may say of itself, and that others of the station hear it and nobody else."""

import asyncio
import json

import pytest
from django.conf import settings
from django.test import Client

from dispatch.models import Role
from dispatch.views.presence import MOST_ORDERS, Here, read_here
from tests.dispatch.test_board_socket import socket
from tests.scenarios import make_person, make_station

GOOD = {"page": "a1", "day": "2026-03-10", "route_id": 7, "dragging": [1, 2]}


def said(**fields):
    return json.dumps({"here": {**GOOD, **fields}})


def test_what_a_page_says_is_read():
    """And what is no such thing is left to others."""
    assert read_here(said()) == Here("a1", "2026-03-10", 7, (1, 2))
    assert read_here(said(asks=True, route_id=None, dragging=[])) == Here("a1", "2026-03-10", asks=True)
    assert read_here('{"ack": 3}') is None
    assert read_here(None) is None


@pytest.mark.parametrize(
    "wrong",
    [
        said(page="<b>"),
        said(page="x" * 33),
        said(page=7),
        said(day="tomorrow"),
        said(day=None),
        said(route_id="7"),
        said(route_id=True),
        said(route_id=2**60),
        said(dragging=list(range(MOST_ORDERS + 1))),
        said(dragging=[-1]),
        said(dragging={"a": 1}),
        said(more=1),
        '{"here": {}}',
        '{"here": []}',
        '{"here": {}, "ack": 1}',
        '{"here"',
    ],
)
def test_what_no_page_of_ours_would_say_is_refused(wrong):
    """The socket is closed: whoever says such things is no board."""
    with pytest.raises(ValueError, match=r"."):
        read_here(wrong)


@pytest.mark.django_db(transaction=True)
def test_others_of_the_station_hear_it(settings):
    """Who looks and drags is told to every page of the station, by the name the session says; also when they go."""
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    station, foreign = make_station(), make_station("OTH")
    cookies = {
        name: signed_in(name, at) for name, at in (("ann", station), ("bob", station), ("cid", foreign))
    }

    async def story() -> None:
        async with socket(station, cookies["ann"]) as ann, socket(foreign, cookies["cid"]) as cid:
            for page in (ann, cid):
                await page.connect()
                await page.receive_json_from()
            async with socket(station, cookies["bob"]) as bob:
                await bob.connect()
                await bob.send_to(text_data=said(page="b1"))
                frame = await ann.receive_json_from(3)
                assert (frame["name"], frame["data"]["name"]) == ("person.here", "Bob")
                assert (frame["data"]["route_id"], frame["data"]["dragging"]) == (7, [1, 2])
            gone = await ann.receive_json_from(3)
            assert gone["data"]["gone"]
            assert await cid.receive_nothing()

    asyncio.run(story())


def signed_in(name, station) -> str:
    client = Client()
    client.force_login(make_person(name, Role.DISPATCHER, station))
    return client.cookies[settings.SESSION_COOKIE_NAME].value
