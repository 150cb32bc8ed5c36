from __future__ import annotations

import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.client import EaselBot
from tests.unit.client.bots import services, settings


@pytest.fixture(autouse=True)
def _discord_s_own_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    # A client points the whole library at its far end: put back afterwards what it was.
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)


@pytest.fixture
async def bot() -> EaselBot:
    loaded = EaselBot(settings(), services())
    await loaded.setup_hook()
    return loaded
