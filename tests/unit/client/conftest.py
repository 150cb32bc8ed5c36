from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route
from discord.webhook.async_ import async_context

from bot.app import features
from bot.discord.client import EaselBot
from tests.unit.client.bots import served, settings

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _discord_s_own_ways(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # A client points the whole library at its far end, and has it answer in its own way: put back
    # afterwards what it was, as other tests of this process are about the library itself.
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    adapter = async_context.set(async_context.get())
    yield
    async_context.reset(adapter)


@pytest.fixture
async def bot() -> EaselBot:
    loaded = EaselBot(settings(), features(), served)
    await loaded.setup_hook()
    return loaded
