from __future__ import annotations

import asyncio
import logging
from typing import Any

import aiohttp
import discord
import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.client import LOGIN_PAUSES, EaselBot, _shards
from bot.errors import LoginRefused
from tests.fakes import elapsed
from tests.unit.client.bots import services, settings

# --- where and as what it connects ----------------------------------------------------------------


def test_the_far_end_is_discord_unless_the_settings_say_otherwise() -> None:
    EaselBot(settings(), services())
    assert Route.BASE == "https://discord.com/api/v10"
    assert str(DiscordWebSocket.DEFAULT_GATEWAY) == "wss://gateway.discord.gg/"
    EaselBot(
        settings(api_url="http://127.0.0.1:1/api/v10", gateway_url="ws://127.0.0.1:1/gateway"), services()
    )
    assert Route("GET", "/gateway").url == "http://127.0.0.1:1/api/v10/gateway"
    assert str(DiscordWebSocket.DEFAULT_GATEWAY) == "ws://127.0.0.1:1/gateway"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {}),
        ({"shard_count": 4}, {"shard_count": 4}),
        ({"shard_count": 4, "shard_ids": (0, 3)}, {"shard_count": 4, "shard_ids": [0, 3]}),
    ],
)
def test_shards_are_chosen_or_left_to_discord(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    assert _shards(settings(**changes)) == expected


def test_the_client_asks_for_servers_alone_and_pings_nobody() -> None:
    bot = EaselBot(settings(), services())
    assert bot.intents == discord.Intents(guilds=True)
    assert bot.allowed_mentions is not None
    assert dict(bot.allowed_mentions.to_dict()) == {"parse": []}


class Unreachable(EaselBot):
    """A bot whose attempts to log in end by a script; None is a success."""

    script: list[Exception | None]
    tried_at: list[float]

    async def login(self, token: str) -> None:
        assert token == "made-up-token"
        self.tried_at.append(elapsed())
        if error := self.script.pop(0):
            raise error


def unreachable(*script: Exception | None) -> Unreachable:
    bot = Unreachable(settings(), services())
    bot.script, bot.tried_at = list(script), []
    return bot


@pytest.mark.asyncio(loop_factories=["fast-forward"])
async def test_logging_in_goes_on_ever_more_slowly_while_discord_cannot_be_reached(
    caplog: pytest.LogCaptureFixture,
) -> None:
    troubles: list[Exception] = [
        OSError("no route"),
        aiohttp.ClientError(),
        discord.RateLimited(60),
        *[OSError()] * 5,
    ]
    bot = unreachable(*troubles, None)
    with caplog.at_level(logging.WARNING):
        await bot.log_in()
    waited = [later - sooner for sooner, later in zip(bot.tried_at, bot.tried_at[1:], strict=False)]
    assert waited == [*LOGIN_PAUSES, LOGIN_PAUSES[-1], LOGIN_PAUSES[-1]]
    assert len(caplog.records) == len(troubles)


@pytest.mark.asyncio(loop_factories=["fast-forward"])
async def test_a_refused_token_is_not_tried_again() -> None:
    bot = unreachable(OSError(), discord.LoginFailure("Improper token has been passed."))
    with pytest.raises(LoginRefused):
        await bot.log_in()
    assert len(bot.tried_at) == 2


# --- the end --------------------------------------------------------------------------------------


class Leaving(EaselBot):
    """A bot that notes how many jobs were under way when it left Discord."""

    jobs_at_the_end: int | None = None

    async def close(self) -> None:
        self.jobs_at_the_end = len(self.services.jobs)
        await super().close()


@pytest.mark.asyncio(loop_factories=["fast-forward"])
async def test_jobs_under_way_are_finished_before_the_bot_leaves() -> None:
    bot = Leaving(settings(drain=25.0), services())

    async def draw() -> None:
        with bot.services.jobs.job():
            await asyncio.sleep(10)

    drawing = asyncio.create_task(draw())
    await asyncio.sleep(1)
    await bot.stop()
    assert bot.jobs_at_the_end == 0
    assert drawing.done()
    assert elapsed() == 10
    assert bot.services.jobs.closing


async def test_a_bot_that_never_logged_in_can_be_closed() -> None:
    bot = EaselBot(settings(), services())
    await bot.close()
    assert not bot.is_ready()
