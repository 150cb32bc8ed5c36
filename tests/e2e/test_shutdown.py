"""A stop loses nothing in silence: pictures are finished or their members told, and the log stays clean."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import pytest

from sandbox.discord.client.payloads import interaction_payload
from sandbox.discord.world.ids import MEMBER_ONE, MEMBER_TWO
from sandbox.faults import FOREVER, Fault
from sandbox.server import open_sandbox
from tests.e2e.alone import alone, becomes, begin, complaints
from tests.e2e.bot_process import start_bot
from tests.e2e.locking import locked

if TYPE_CHECKING:
    from pathlib import Path

BOTH_SIGNALS = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
RESTARTING = "The bot is restarting"
GOES_ON = "goes on as soon as the bot is back"
UPLOAD = "PATCH /webhooks/*/messages/@original"
SHORT = {"EASEL_DRAIN": "1"}
"""One second for jobs under way, instead of 25."""


@BOTH_SIGNALS
async def test_an_idle_bot_stops_at_once(tmp_path: Path, number: signal.Signals) -> None:
    async with alone(tmp_path) as (sandbox, bot):
        assert await bot.stop(number) == 0

        assert "stopping:" not in bot.output  # there was nothing to wait for
        await becomes(lambda: not sandbox.discord.gateway.online)
        assert complaints(bot.output) == []


@BOTH_SIGNALS
async def test_a_picture_being_drawn_is_finished(tmp_path: Path, number: signal.Signals) -> None:
    async with alone(tmp_path, latency=2.0) as (sandbox, bot):
        invocation = await begin(sandbox)

        assert await bot.stop(number) == 0

        assert invocation.message is not None
        assert len(invocation.message["attachments"]) == 1
        assert complaints(bot.output) == []


@BOTH_SIGNALS
async def test_a_picture_that_takes_too_long_is_left_to_the_next_start_and_the_member_told(
    tmp_path: Path, number: signal.Signals
) -> None:
    async with alone(tmp_path, latency=30.0, settings=SHORT) as (sandbox, bot):
        first, second = await begin(sandbox), await begin(sandbox, private=True)

        assert await bot.stop(number) == 0

        assert "stopping: 2 jobs not finished in time" in bot.output
        for invocation in (first, second):
            assert invocation.message is not None
            assert GOES_ON in invocation.message["content"]
            assert invocation.state == "answered"
        assert complaints(bot.output) == []


async def test_a_job_that_waits_for_azure_is_told_as_well(tmp_path: Path) -> None:
    async with alone(tmp_path, settings=SHORT) as (sandbox, bot):
        sandbox.azure.faults.add(Fault("rate_limited", times=FOREVER, retry_after=30.0))
        invocation = await begin(sandbox)
        await invocation.until(lambda message: "tried again" in message["content"])

        assert await bot.stop() == 0

        assert invocation.message is not None
        assert GOES_ON in invocation.message["content"]
        assert complaints(bot.output) == []


@BOTH_SIGNALS
async def test_a_command_that_comes_during_the_drain_is_refused_at_once(
    tmp_path: Path, number: signal.Signals
) -> None:
    async with alone(tmp_path, latency=2.5) as (sandbox, bot):
        drawing = await begin(sandbox)
        stopping = asyncio.create_task(bot.stop(number))
        await becomes(lambda: "stopping: 1 jobs" in bot.output)

        late = await sandbox.discord.member(MEMBER_TWO).slash("imagine", prompt="too late")
        message = await late.settled(2.0)

        assert RESTARTING in message["content"]
        assert late.ephemeral
        assert await stopping == 0
        assert drawing.message is not None
        assert len(drawing.message["attachments"]) == 1
        assert len(sandbox.azure.requests) == 1
        assert complaints(bot.output) == []


async def test_a_command_that_is_being_let_in_is_finished_though_its_event_comes_again(
    tmp_path: Path,
) -> None:
    async with alone(tmp_path) as (sandbox, bot):
        with locked(tmp_path):
            invocation = await sandbox.discord.member(MEMBER_ONE).slash("imagine", prompt="an echo")
            stopping = asyncio.create_task(bot.stop())
            await becomes(lambda: "stopping: 1 commands" in bot.output)
            assert invocation.acknowledged_at is None
            again = interaction_payload(sandbox.discord.world, invocation.interaction)
            await sandbox.discord.dispatch("INTERACTION_CREATE", again)
            await invocation.acknowledged()

        assert await stopping == 0

        assert invocation.message is not None
        assert len(invocation.message["attachments"]) == 1
        assert complaints(bot.output) == []


async def test_an_upload_under_way_is_finished(tmp_path: Path) -> None:
    async with alone(tmp_path) as (sandbox, bot):
        slow = sandbox.discord.faults.add(Fault("slow", UPLOAD, delay=2.0))
        invocation = await begin(sandbox)
        await becomes(lambda: slow.hits)

        assert await bot.stop() == 0

        assert invocation.message is not None
        assert len(invocation.message["attachments"]) == 1
        assert complaints(bot.output) == []


async def test_a_picture_that_is_already_shown_is_not_taken_back(tmp_path: Path) -> None:
    async with alone(tmp_path, settings=SHORT) as (sandbox, bot):
        sandbox.discord.faults.add(Fault("effect_slow", UPLOAD, delay=20.0))
        invocation = await begin(sandbox)
        await invocation.settled()

        assert await bot.stop() == 0

        assert invocation.message is not None
        assert len(invocation.message["attachments"]) == 1
        assert RESTARTING not in invocation.message["content"]
        assert complaints(bot.output) == []


async def test_a_second_signal_changes_nothing(tmp_path: Path) -> None:
    async with alone(tmp_path, latency=2.0) as (sandbox, bot):
        invocation = await begin(sandbox)
        stopping = asyncio.create_task(bot.stop(signal.SIGTERM))
        await becomes(lambda: "stopping: 1 jobs" in bot.output)
        bot.process.send_signal(signal.SIGINT)

        assert await stopping == 0

        assert invocation.message is not None
        assert len(invocation.message["attachments"]) == 1
        assert complaints(bot.output) == []


@BOTH_SIGNALS
async def test_a_bot_that_cannot_reach_discord_stops_too(tmp_path: Path, number: signal.Signals) -> None:
    async with open_sandbox() as sandbox:
        sandbox.discord.faults.add(Fault("reset", "GET /users/@me", times=FOREVER))
        bot = await start_bot(tmp_path, sandbox.bot_environment())
        try:
            await becomes(lambda: "cannot log in" in bot.output, timeout=30.0)
        finally:
            code = await bot.stop(number)

        assert code == 0
        assert complaints(bot.output) == []


async def test_a_bot_that_waits_for_the_gateway_stops_too(tmp_path: Path) -> None:
    async with alone(tmp_path) as (sandbox, bot):
        sandbox.discord.gateway.refuse()
        await sandbox.discord.gateway.drop()
        await becomes(lambda: "Attempting a reconnect" in bot.output)

        assert await bot.stop(timeout=10.0) == 0

        assert complaints(bot.output) == []
