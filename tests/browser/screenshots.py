"""``python -m tests.browser.screenshots`` makes the pictures in docs/screenshots anew, from the real demo."""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from playwright.async_api import expect

from sandbox.azure.options import AzureOptions
from sandbox.discord.world.ids import GALLERY, MEMBER_ONE, MEMBER_TWO, MODERATOR
from sandbox.server import Sandbox, SandboxOptions, open_sandbox
from tests.browser.driving import PHONE, Screen, find_chromium, open_browser, open_page, open_profile
from tests.e2e.bot_process import running_bot
from tests.e2e.ruling import CONFIGURATION, Person

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext

    from tests.browser.driving import DemoPage

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"


async def main() -> int:
    """Make all of them; return the exit code for the process."""
    executable = find_chromium()
    if executable is None:
        print("no Chromium or Chrome on this machine", file=sys.stderr)  # noqa: T201 - a command's own words
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="easel-")))
        (folder / "easel.toml").write_text(CONFIGURATION, encoding="utf-8")
        options = SandboxOptions(azure=AzureOptions(latency=0.0))
        sandbox = await stack.enter_async_context(open_sandbox(options))
        await stack.enter_async_context(running_bot(sandbox, folder))
        browser = await stack.enter_async_context(open_browser(executable))
        desktop = await stack.enter_async_context(open_profile(browser, motion=False))
        await picture(desktop, sandbox)
        await picker(desktop, sandbox)
        await refusal(desktop, sandbox)
        screen = Screen(PHONE.width, PHONE.height, touch=True, scale=2)
        handheld = await stack.enter_async_context(open_profile(browser, screen, motion=False))
        await phone(handheld, sandbox)
        await rules(desktop, sandbox)
        await stops(desktop, sandbox)
    return 0


async def picture(profile: BrowserContext, sandbox: Sandbox) -> None:
    """The channel with a finished picture, dark and light."""
    await sandbox.discord.reset()
    await sandbox.discord.member(MEMBER_TWO).say("What shall we hang over the fireplace?")
    async with open_page(profile, sandbox.url) as page:
        await page.send("/imagine a mountain lake at sunrise size:1536x1024")
        await page.see_pictures()
        await take(page, "picture-dark")
        await page.page.emulate_media(color_scheme="light")
        await take(page, "picture-light")


async def picker(profile: BrowserContext, sandbox: Sandbox) -> None:
    """A command being written, with the sizes the model can draw."""
    async with open_page(profile, sandbox.url) as page:
        await page.see_pictures()
        await page.write("/imagine a lighthouse in a storm quality:High size:15")
        await expect(page.by_id("option-suggestion").first).to_be_visible()
        await take(page, "picker")


async def refusal(profile: BrowserContext, sandbox: Sandbox) -> None:
    """A refusal that only its owner sees, and the help that shows how to get one."""
    async with open_page(profile, sandbox.url) as page:
        await page.send("/imagine a cat simulate:prompt_refused private:True")
        await expect(page.by_id("ephemeral")).to_be_visible()
        await expect(page.by_id("thinking")).to_have_count(0)
        await take(page, "refusal")


async def rules(profile: BrowserContext, sandbox: Sandbox) -> None:
    """A moderator sets rules, looks at them, and at what they come down to; a member sees what is left."""
    await sandbox.discord.reset()
    moderator = Person(sandbox, MODERATOR)
    await moderator.slash("limits set", images_per_day=10, max_size="1536x1024")
    await moderator.slash("limits set", channel=GALLERY, max_quality="medium")
    await sandbox.discord.reset()
    async with open_page(profile, sandbox.url, user=MODERATOR) as page:
        await answered(page, "/limits set role:@Artists images_per_day:50 dollars_per_month:5")
        await answered(page, "/limits set channel:#studio images_per_day:0 preview:True")
        await take(page, "limits-set")
        await sandbox.discord.reset()
        await page.page.reload()
        await page.is_loaded()
        await answered(page, "/limits view", "Enter")
        await answered(page, "/limits explain member:Member Two channel:#gallery")
        await take(page, "limits-view")
    await Person(sandbox, MEMBER_ONE).slash("imagine", prompt="a lighthouse", count=3)
    await sandbox.discord.reset()
    async with open_page(profile, sandbox.url) as page:
        await answered(page, "/quota", "Enter")
        await answered(page, "/imagine a lighthouse size:2048x2048")
        await take(page, "quota")


async def stops(profile: BrowserContext, sandbox: Sandbox) -> None:
    """Drawing is paused, and a member is blocked."""
    await sandbox.discord.reset()
    async with open_page(profile, sandbox.url, user=MODERATOR) as page:
        await answered(page, "/studio block member:Member One until:12h reason:The same prompt forty times")
        await answered(page, "/studio pause message:We sort the gallery; back at six")
        await answered(page, "/limits view", "Enter")
        await take(page, "studio")


async def answered(page: DemoPage, line: str, *keys: str) -> None:
    """Send a command, press what it needs beside, and wait for its private answer."""
    answers = page.by_id("ephemeral")
    before = await answers.count()
    await page.send(line)
    await page.press(*keys)
    await expect(answers).to_have_count(before + 1)
    await expect(page.by_id("thinking")).to_have_count(0)


async def phone(profile: BrowserContext, sandbox: Sandbox) -> None:
    """Four pictures at once, on a small screen."""
    await sandbox.discord.reset()
    async with open_page(profile, sandbox.url) as page:
        await page.send("/imagine paper boats on a quiet pond count:4")
        await page.see_pictures(4)
        await take(page, "phone")


async def take(page: DemoPage, name: str) -> None:
    """Take one picture, without the blinking caret."""
    await page.page.screenshot(path=FOLDER / f"{name}.png", caret="hide", animations="disabled")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
