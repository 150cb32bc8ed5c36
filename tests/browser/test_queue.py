"""Waiting for one's turn as a member sees it in the page: the place in the queue, and a way out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from sandbox.azure.options import AzureOptions
from sandbox.discord.world.ids import MEMBER_TWO
from sandbox.server import Sandbox, SandboxOptions, open_sandbox
from tests.browser.driving import open_page
from tests.e2e.alone import becomes
from tests.e2e.bot_process import running_bot
from tests.e2e.deploying import configure

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playwright.async_api import Browser, BrowserContext

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def busy(browser: Browser, tmp_path: Path) -> AsyncIterator[Sandbox]:
    """A sandbox whose only deployment draws one picture at a time, and is at it."""
    del browser  # first, so that nothing is started where there is none
    async with open_sandbox(SandboxOptions(azure=AzureOptions(latency=60.0))) as sandbox:
        settings = configure(tmp_path, sandbox, "art", more="slots = 1") | {"EASEL_DRAIN": "0"}
        async with running_bot(sandbox, tmp_path, settings):
            for _ in range(2):
                await sandbox.discord.member(MEMBER_TWO).slash("imagine", prompt="a quiet pond")
            await becomes(lambda: sandbox.azure.requests)
            yield sandbox


async def test_a_member_sees_their_place_and_cancels(profile: BrowserContext, busy: Sandbox) -> None:
    async with open_page(profile, busy.url) as page:
        await page.send("/imagine a lighthouse in a storm")
        answer = page.last_message
        await expect(answer).to_contain_text("request is before yours")
        await expect(answer).to_contain_text("Member One")
        button = answer.get_by_role("button", name="Cancel", exact=True)
        await button.click()

        await expect(answer).to_contain_text("Cancelled. Nothing was charged.")
        await expect(button).to_have_count(0)
    assert len(busy.azure.requests) == 1
