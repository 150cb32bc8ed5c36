"""One sandbox and one bot shared by the tests that leave both as they found them."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from sandbox.azure.options import AzureOptions
from sandbox.server import Sandbox, SandboxOptions, open_sandbox
from tests.e2e.alone import complaints
from tests.e2e.bot_process import BotProcess, running_bot
from tests.e2e.ruling import CONFIGURATION, Server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run every test here in the one loop that the shared sandbox lives in.

    In a loop of its own, a long test would leave the shared bot without an answer to its heartbeats.
    """
    for item in items:
        if Path(__file__).parent in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


GENERATION_TIMEOUT = 5
"""Seconds the shared bot gives one generation call, so that a stalled one ends within a test's patience."""


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def shared_sandbox() -> AsyncIterator[Sandbox]:
    async with open_sandbox(SandboxOptions(azure=AzureOptions(latency=0.0))) as sandbox:
        yield sandbox


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def shared_bot(
    shared_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[BotProcess]:
    settings = {"EASEL_GENERATION_TIMEOUT": str(GENERATION_TIMEOUT)}
    async with running_bot(shared_sandbox, tmp_path_factory.mktemp("bot"), settings) as bot:
        yield bot


@pytest_asyncio.fixture(loop_scope="session")
async def own_sandbox() -> AsyncIterator[Sandbox]:
    """A sandbox for one test, for bots of its own."""
    async with open_sandbox(SandboxOptions(azure=AzureOptions(latency=0.0))) as sandbox:
        yield sandbox


@pytest_asyncio.fixture(loop_scope="session")
async def bot(shared_bot: BotProcess) -> BotProcess:
    """The shared bot, alive."""
    assert shared_bot.process.returncode is None, shared_bot.output
    return shared_bot


@pytest_asyncio.fixture(loop_scope="session")
async def quiet_log(bot: BotProcess) -> AsyncIterator[None]:
    """Nothing that the test does may make the bot lose track of anything."""
    before = len(bot.output)
    yield
    assert complaints(bot.output[before:]) == []


@pytest_asyncio.fixture(loop_scope="session")
async def sandbox(shared_sandbox: Sandbox, bot: BotProcess) -> AsyncIterator[Sandbox]:
    """The shared sandbox with the bot online in it; faults and options are put back afterwards."""
    del bot
    azure, discord = shared_sandbox.azure.options, shared_sandbox.discord.options
    shared_sandbox.azure.requests.clear()
    shared_sandbox.discord.requests.clear()
    yield shared_sandbox
    shared_sandbox.azure.faults.clear()
    shared_sandbox.discord.faults.clear()
    shared_sandbox.azure.options = dataclasses.replace(azure)
    shared_sandbox.discord.options = dataclasses.replace(discord)


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def ruled_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """A server that only tests about limits use."""
    directory = tmp_path_factory.mktemp("ruled")
    (directory / "easel.toml").write_text(CONFIGURATION, encoding="utf-8")
    options = SandboxOptions(azure=AzureOptions(latency=0.0))
    async with open_sandbox(options) as sandbox, running_bot(sandbox, directory) as bot:
        yield Server(sandbox, bot)


@pytest_asyncio.fixture(loop_scope="session")
async def server(ruled_server: Server) -> AsyncIterator[Server]:
    """That server without any rules; its roles, options and faults are put back afterwards."""
    sandbox = ruled_server.sandbox
    assert ruled_server.bot.process.returncode is None, ruled_server.bot.output
    azure, roles = sandbox.azure.options, dict(sandbox.discord.world.guild.members)
    ruled_server.wipe()
    sandbox.azure.requests.clear()
    sandbox.discord.requests.clear()
    yield ruled_server
    sandbox.azure.faults.clear()
    sandbox.discord.faults.clear()
    sandbox.azure.options = dataclasses.replace(azure)
    sandbox.discord.world.guild.members = roles
    sandbox.discord.world.commands.clear_overrides()
