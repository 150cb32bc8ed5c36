"""A second ear at the gateway: hears every event the bot hears, and messages besides."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp

from sandbox.discord.gateway.protocol import Intents, Opcode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.server import Sandbox

Event = tuple[str, dict[str, Any]]


@asynccontextmanager
async def listening(sandbox: Sandbox) -> AsyncIterator[list[Event]]:
    """Collect the name and data of every event for as long as the context lasts."""
    heard: list[Event] = []
    address = f"{sandbox.public.gateway}?v=10&encoding=json"
    async with aiohttp.ClientSession() as session, session.ws_connect(address) as websocket:
        identity = {
            "token": sandbox.discord.options.token,
            "intents": int(Intents.GUILDS | Intents.GUILD_MESSAGES),
            "properties": {"os": "linux", "browser": "easel", "device": "easel"},
        }
        await websocket.send_json({"op": Opcode.IDENTIFY, "d": identity})
        tasks = (asyncio.create_task(_hear(websocket, heard)), asyncio.create_task(_stay(websocket)))
        try:
            while not heard:  # READY: from then on it hears everything
                await asyncio.sleep(0.01)
            yield heard
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _hear(websocket: aiohttp.ClientWebSocketResponse, heard: list[Event]) -> None:
    async for message in websocket:
        frame = message.json()
        if frame["op"] == Opcode.DISPATCH:
            heard.append((frame["t"], frame["d"]))


async def _stay(websocket: aiohttp.ClientWebSocketResponse) -> None:
    """Beat often enough for the interval that the sandbox asks for unless told otherwise, 41.25 s."""
    while True:
        await asyncio.sleep(20.0)
        await websocket.send_json({"op": Opcode.HEARTBEAT, "d": None})
