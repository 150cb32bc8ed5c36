"""Whatever becomes of the gateway connection, the picture being drawn arrives and the bot comes back."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from sandbox.discord.client.member import InteractionFailed
from sandbox.discord.options import DiscordOptions
from sandbox.discord.world.ids import MEMBER_ONE
from tests.e2e.alone import alone, becomes, begin, complaints
from tests.e2e.asking import PATIENCE, ask, is_final

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from sandbox.discord.gateway.server import Gateway
    from sandbox.server import Sandbox
    from tests.e2e.bot_process import BotProcess

DRAWING = 1.5
"""Seconds a picture takes: time enough to disturb the gateway meanwhile."""

COMING_BACK = 40.0
"""Seconds until the bot has given up waiting and is back, discord.py's random pauses included."""


async def disturbed(sandbox: Sandbox, bot: BotProcess, disturb: Callable[[Gateway], Awaitable[None]]) -> None:
    """Disturb the gateway while a picture is drawn; it arrives, the bot comes back and draws another."""
    gateway = sandbox.discord.gateway
    invocation = await begin(sandbox)

    await disturb(gateway)
    # Not a passing remark, which a slow machine leaves time for.
    message = await invocation.until(is_final, PATIENCE)
    await gateway.wait_ready(COMING_BACK)
    ending = await ask(sandbox, "the next one")

    assert len(message["attachments"]) == 1
    assert len(ending.pictures) == 1
    assert len(sandbox.azure.requests) == 2
    assert complaints(bot.output) == []


@pytest.mark.parametrize("how", ["drop", "reset", "reconnect"])
async def test_a_lost_connection_is_taken_up_again(tmp_path: Path, how: str) -> None:
    async with alone(tmp_path, latency=DRAWING) as (sandbox, bot):
        (session,) = sandbox.discord.gateway.sessions

        await disturbed(sandbox, bot, lambda gateway: getattr(gateway, how)())

        assert sandbox.discord.gateway.sessions == [session]
        assert session.resumes == 1


@pytest.mark.parametrize("code", [1000, 1001, 4000, 4007, 4009])
async def test_a_closed_connection_is_opened_again(tmp_path: Path, code: int) -> None:
    async with alone(tmp_path, latency=DRAWING) as (sandbox, bot):
        await disturbed(sandbox, bot, lambda gateway: gateway.close_connections(code))

        assert sandbox.discord.gateway.online


@pytest.mark.parametrize("resumable", [True, False], ids=["resumable", "for-good"])
async def test_an_invalid_session_is_replaced(tmp_path: Path, *, resumable: bool) -> None:
    async with alone(tmp_path, latency=DRAWING) as (sandbox, bot):
        await disturbed(sandbox, bot, lambda gateway: gateway.invalidate(resumable))

        assert len(sandbox.discord.gateway.sessions) == 1


async def test_a_gateway_that_refuses_for_a_while_is_asked_until_it_takes_the_bot(tmp_path: Path) -> None:
    async def refuse_for_a_while(gateway: Gateway) -> None:
        gateway.refuse()
        await gateway.drop()
        await asyncio.sleep(3.0)
        gateway.refuse(on=False)

    async with alone(tmp_path, latency=DRAWING) as (sandbox, bot):
        await disturbed(sandbox, bot, refuse_for_a_while)

        assert sandbox.discord.gateway.online


async def test_a_command_typed_into_the_gap_is_drawn_after_the_resume(tmp_path: Path) -> None:
    async with alone(tmp_path) as (sandbox, bot):
        await sandbox.discord.gateway.drop()

        ending = await ask(sandbox)

        assert len(ending.pictures) == 1
        assert len(sandbox.azure.requests) == 1
        assert complaints(bot.output) == []


async def test_a_command_heard_of_after_a_long_gap_is_left_alone(tmp_path: Path) -> None:
    async with alone(tmp_path, discord=DiscordOptions(acknowledge_within=0.5)) as (sandbox, bot):
        gateway = sandbox.discord.gateway
        gateway.refuse()
        await gateway.drop()
        with pytest.raises(InteractionFailed):
            await ask(sandbox)
        gateway.refuse(on=False)
        await gateway.wait_ready(COMING_BACK)

        ending = await ask(sandbox)

        assert len(ending.pictures) == 1
        assert len(sandbox.azure.requests) == 1
        assert complaints(bot.output) == []


async def type_into_the_void(sandbox: Sandbox) -> None:
    """Type a command that the bot cannot hear of in time."""
    invocation = await sandbox.discord.member(MEMBER_ONE).slash("imagine", prompt="into the void")
    await invocation.settled()


@pytest.mark.timeout(180)
async def test_a_zombie_connection_is_replaced(tmp_path: Path) -> None:
    """Takes a minute: the bot waits out its 50 s, which only then can mean a dead connection."""
    async with alone(tmp_path, latency=DRAWING, discord=DiscordOptions(heartbeat_interval=5.0)) as (
        sandbox,
        bot,
    ):
        gateway = sandbox.discord.gateway
        invocation = await begin(sandbox)
        gateway.mute()
        started = time.monotonic()

        message = await invocation.settled()
        with pytest.raises(InteractionFailed):
            await type_into_the_void(sandbox)
        (session,) = gateway.sessions
        await becomes(lambda: session.resumes == 1, timeout=90)
        ending = await ask(sandbox, "the next one")

        assert time.monotonic() - started < 75
        assert len(message["attachments"]) == 1
        assert len(ending.pictures) == 1
        assert len(sandbox.azure.requests) == 2
        assert complaints(bot.output) == []
