"""One browser for all tests here; a sandbox with the real bot in it, and one without."""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from sandbox.azure.options import AzureOptions
from sandbox.discord.options import DiscordOptions
from sandbox.server import Sandbox, SandboxOptions, open_sandbox
from tests.browser.application import ScriptedApplication, scripted_application
from tests.browser.driving import find_chromium, open_browser, open_page, open_profile
from tests.e2e.bot_process import running_bot

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, BrowserContext

    from tests.browser.driving import DemoPage

ACKNOWLEDGE_WITHIN = 0.6
"""Seconds the scripted application has; short, because some tests wait for it to be too late."""


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    executable = find_chromium()
    if executable is None:
        reason = "no Chromium or Chrome on this machine"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    async with open_browser(executable) as browser:
        yield browser


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def profile(browser: Browser) -> AsyncIterator[BrowserContext]:
    """The profile most tests share: what the page loads is then in its cache."""
    async with open_profile(browser) as profile:
        # Keeps the window open: each test's page is a tab in it, which is far less to start than a window.
        await profile.new_page()
        yield profile


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def studio(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sandbox]:
    """A sandbox with the real bot online in it, for the whole session."""
    del browser  # first, so that nothing is started where there is none
    async with (
        open_sandbox(SandboxOptions(azure=AzureOptions(latency=0.0))) as sandbox,
        running_bot(sandbox, tmp_path_factory.mktemp("bot")),
    ):
        yield sandbox


@pytest_asyncio.fixture(loop_scope="session")
async def sandbox(studio: Sandbox) -> AsyncIterator[Sandbox]:
    """The sandbox with the bot, empty of messages; its options are put back afterwards."""
    azure = studio.azure.options
    studio.azure.requests.clear()
    await studio.discord.reset()
    yield studio
    studio.azure.options = dataclasses.replace(azure)


@pytest_asyncio.fixture(loop_scope="session")
async def page(profile: BrowserContext, sandbox: Sandbox) -> AsyncIterator[DemoPage]:
    """The page as Member One sees it, with the bot online."""
    async with open_page(profile, sandbox.url) as page:
        yield page


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def empty(browser: Browser) -> AsyncIterator[Sandbox]:
    """A sandbox without any bot, for the whole session."""
    del browser
    options = DiscordOptions(acknowledge_within=ACKNOWLEDGE_WITHIN)
    async with open_sandbox(SandboxOptions(discord=options)) as sandbox:
        yield sandbox


@pytest_asyncio.fixture(loop_scope="session")
async def quiet(empty: Sandbox) -> Sandbox:
    """The sandbox without a bot, empty of messages."""
    await empty.discord.reset()
    return empty


@pytest_asyncio.fixture(loop_scope="session")
async def application(quiet: Sandbox) -> AsyncIterator[ScriptedApplication]:
    """An application the test speaks for, hearing what Member One does."""
    async with scripted_application(quiet) as application:
        yield application


@pytest_asyncio.fixture(loop_scope="session")
async def scripted(
    profile: BrowserContext, quiet: Sandbox, application: ScriptedApplication
) -> AsyncIterator[DemoPage]:
    """The page as Member One sees it, with the scripted application behind it."""
    del application
    async with open_page(profile, quiet.url) as page:
        yield page
