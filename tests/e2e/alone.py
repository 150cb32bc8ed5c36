"""A bot with a sandbox to itself, for tests that would hurt the shared pair, and what to watch it by."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import re
import time
from typing import TYPE_CHECKING, Any

from sandbox.azure.options import AzureOptions
from sandbox.discord.options import DiscordOptions
from sandbox.discord.world.ids import MEMBER_ONE, MEMBER_TWO
from sandbox.server import Sandbox, SandboxOptions, open_sandbox
from tests.e2e.bot_process import BotProcess, running_bot

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path

    from sandbox.discord.client.member import Invocation

_COMPLAINTS = re.compile("Traceback|Unclosed|was destroyed|never retrieved|never awaited|CRITICAL")
"""What Python, asyncio and aiohttp write when a program loses track of something."""

_RECONNECTING = re.compile(
    r"^\S+ ERROR discord\.shard: Attempting a reconnect.*\n(?:(?!\d{4}-\d\d-\d\dT).*\n)*", re.MULTILINE
)
"""discord.py reports every attempt to reach the gateway again with a traceback, of a piece with the line."""


@contextlib.asynccontextmanager
async def alone(
    directory: Path,
    *,
    latency: float = 0.0,
    discord: DiscordOptions | None = None,
    settings: Mapping[str, str] | None = None,
) -> AsyncIterator[tuple[Sandbox, BotProcess]]:
    """A sandbox whose pictures take ``latency`` seconds, and a bot that is online in it."""
    options = SandboxOptions(discord=discord or DiscordOptions(), azure=AzureOptions(latency=latency))
    async with open_sandbox(options) as sandbox, running_bot(sandbox, directory, settings) as bot:
        yield sandbox, bot


def complaints(output: str) -> list[str]:
    """The lines of a log that no healthy bot writes."""
    return [line for line in _RECONNECTING.sub("", output).splitlines() if _COMPLAINTS.search(line)]


async def begin(sandbox: Sandbox, prompt: str = "a lighthouse at dusk", **options: Any) -> Invocation:
    """Type ``/imagine`` and wait for "thinking…" only."""
    invocation = await sandbox.discord.member(MEMBER_ONE).slash("imagine", prompt=prompt, **options)
    await invocation.acknowledged()
    return invocation


async def becomes(condition: Callable[[], object], timeout: float = 10.0) -> None:
    """Wait until ``condition`` holds."""
    async with asyncio.timeout(timeout):
        while not condition():
            await asyncio.sleep(0.02)


def set_options(sandbox: Sandbox, *, latency: float = 0.0, **discord: Any) -> None:
    """Change a running sandbox: the seconds its pictures take, and whatever ``DiscordOptions`` has."""
    sandbox.azure.options = dataclasses.replace(sandbox.azure.options, latency=latency)
    sandbox.discord.options = dataclasses.replace(sandbox.discord.options, **discord)


async def calm(sandbox: Sandbox, seconds: float = 1.2) -> None:
    """Wait until the bot has asked nothing of Discord for ``seconds``: longer than its first pauses."""
    seen, since = len(sandbox.discord.requests), time.monotonic()
    while time.monotonic() - since < seconds:
        await asyncio.sleep(0.05)
        if len(sandbox.discord.requests) != seen:
            seen, since = len(sandbox.discord.requests), time.monotonic()


def public_messages(sandbox: Sandbox, invocation: Invocation) -> list[dict[str, Any]]:
    """What another member sees in the channel that came after the command."""
    seen = sandbox.discord.member(MEMBER_TWO).messages()
    return [message for message in seen if int(message["id"]) > invocation.id]
