"""What stands around every view."""

import asyncio
from typing import Any

import pytest
from asgiref.sync import SyncToAsync
from django.test import AsyncClient, Client


def test_pages_are_not_kept_by_caches(db: None) -> None:
    """They hold people's addresses."""
    assert Client().get("/login/").headers["Cache-Control"].find("no-store") >= 0


def test_an_asynchronous_view_is_reached_by_few_visits_to_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """The busiest address is asynchronous; an innermost middleware that is so too makes it three times as slow."""
    visits = 0
    real = SyncToAsync.__call__

    async def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        nonlocal visits
        visits += 1
        return await real(self, *args, **kwargs)

    async def call() -> int:
        client = AsyncClient()
        answer = await client.post("/api/v1/positions/", b"{}", content_type="application/json")
        return answer.status_code

    monkeypatch.setattr(SyncToAsync, "__call__", counted)
    assert asyncio.run(call()) == 401
    assert 1 <= visits <= 6
