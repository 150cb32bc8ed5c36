from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, cast

import aiohttp
import discord
import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.app import features
from bot.discord.client import LAST_TURNS, LOGIN_PAUSES, EaselBot, _shards
from bot.errors import LoginRefused, QueueTooLong
from bot.jobs.running import Stage
from bot.queue.fair import Ticket
from tests.fakes import elapsed
from tests.house import job_of
from tests.unit.client.bots import served, settings

if TYPE_CHECKING:
    from tests.fake_presenter import FakePresenter

JOB = job_of()

# --- where and as what it connects ----------------------------------------------------------------


def test_the_far_end_is_discord_unless_the_settings_say_otherwise() -> None:
    EaselBot(settings(), features(), served)
    assert Route.BASE == "https://discord.com/api/v10"
    assert str(DiscordWebSocket.DEFAULT_GATEWAY) == "wss://gateway.discord.gg/"
    EaselBot(
        settings(api_url="http://127.0.0.1:1/api/v10", gateway_url="ws://127.0.0.1:1/gateway"),
        features(),
        served,
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
    bot = EaselBot(settings(), features(), served)
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
    bot = Unreachable(settings(), features(), served)
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
    """A bot that notes how much was under way when it left Discord."""

    left: tuple[int, int] | None = None

    async def close(self) -> None:
        self.left = (len(self.services.commands), len(self.services.work.running))
        await super().close()


async def leaving(*, drain: float = 25.0) -> Leaving:
    return Leaving(settings(drain=drain), features(), served)


@pytest.mark.asyncio(loop_factories=["fast-forward"])
async def test_commands_under_way_are_finished_before_the_bot_leaves() -> None:
    bot = await leaving()

    async def let_in() -> None:
        with bot.services.commands.command(1):
            await asyncio.sleep(4)

    command = asyncio.create_task(let_in())
    await asyncio.sleep(1)
    await bot.stop()
    assert bot.left == (0, 0)
    assert command.done()
    assert elapsed() == 4 + LAST_TURNS
    assert bot.services.commands.closing


def begin(bot: EaselBot, stage: Stage, seconds: float) -> asyncio.Task[None]:
    """A job of so many seconds."""

    async def work() -> None:
        with bot.services.work.running.job(JOB) as run:
            run.stage = stage
            await asyncio.sleep(seconds)

    return asyncio.create_task(work())


@pytest.mark.asyncio(loop_factories=["fast-forward"])
@pytest.mark.parametrize("stage", [Stage.DRAWING, Stage.DELIVERING])
async def test_a_job_at_work_is_finished_before_the_bot_leaves(stage: Stage) -> None:
    bot = await leaving()
    job = begin(bot, stage, 20)
    await asyncio.sleep(1)
    await bot.stop()
    assert bot.left == (0, 0)
    assert not job.cancelled()
    assert elapsed() == 20


@pytest.mark.asyncio(loop_factories=["fast-forward"])
@pytest.mark.parametrize(("stage", "seconds"), [(Stage.WAITING, 0), (Stage.DRAWING, 25)])
async def test_what_does_not_finish_in_time_is_left_to_the_next_start(stage: Stage, seconds: float) -> None:
    bot = await leaving()
    job = begin(bot, stage, 1000)
    await asyncio.sleep(1)
    await bot.stop()
    assert bot.left == (0, 0)
    assert job.cancelled()
    assert elapsed() == 1 + LAST_TURNS + seconds
    assert cast("FakePresenter", bot.services.work.presenter).told == [(JOB.job_id, "interrupted")]


@pytest.mark.asyncio(loop_factories=["fast-forward"])
async def test_who_waits_gets_no_turn_while_the_bot_stops() -> None:
    bot = await leaving()
    line = bot.services.work.queue
    await bot.stop()

    async def wait() -> None:
        ticket = Ticket(1, 1, 1, "gpt-image-2", 0)
        with line.turn_now(ticket) or await line.turn(ticket, patience=100):
            raise AssertionError

    with pytest.raises(QueueTooLong):
        await wait()


async def test_a_bot_that_never_logged_in_can_be_closed() -> None:
    bot = EaselBot(settings(), features(), served)
    await bot.close()
    assert not bot.is_ready()
