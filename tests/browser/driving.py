"""The demo page as a member uses it: what the tests and the screenshots do in a browser."""

from __future__ import annotations

import shutil
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from playwright.async_api import async_playwright, expect

from sandbox.discord.world.ids import MEMBER_ONE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, BrowserContext, Locator, Page

EXECUTABLES = ("chromium", "chromium-browser", "google-chrome", "chrome")
ARGUMENTS = (
    "--no-sandbox",  # containers run as root; the page is this repository's own
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NETWORK_LINES = ("Failed to load resource", "WebSocket connection to ")
"""How Chromium begins what it says of the network; anything else is the page's own fault."""
PATIENCE = 15_000
"""Milliseconds until something expected in the page is given up."""


@dataclass(frozen=True, slots=True)
class Screen:
    """What the page is looked at with; sizes in CSS pixels, of which each is ``scale`` of the screen's."""

    width: int = 1280
    height: int = 800
    theme: Literal["dark", "light"] = "dark"
    touch: bool = False
    scale: float = 1


DESKTOP = Screen()
DESKTOP_LIGHT = Screen(theme="light")
PHONE = Screen(width=360, height=740, touch=True)


def find_chromium() -> str | None:
    """Return the path of Chromium or Chrome on this machine."""
    return next((path for name in EXECUTABLES if (path := shutil.which(name))), None)


@asynccontextmanager
async def open_browser(executable: str) -> AsyncIterator[Browser]:
    """Run a headless browser for as long as the context lasts."""
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def open_profile(
    browser: Browser, screen: Screen = DESKTOP, *, motion: bool = True
) -> AsyncIterator[BrowserContext]:
    """Open a browser profile: storage and cache of its own, on one kind of screen.

    Args:
        browser: Where.
        screen: What pages are looked at with.
        motion: Whether things may move; off for pictures that are to look the same every time.
    """
    context = await browser.new_context(
        viewport={"width": screen.width, "height": screen.height},
        device_scale_factor=screen.scale,
        color_scheme=screen.theme,
        has_touch=screen.touch,
        is_mobile=screen.touch,
        reduced_motion="no-preference" if motion else "reduce",
        locale="en-US",
    )
    try:
        yield context
    finally:
        await context.close()


@asynccontextmanager
async def open_page(profile: BrowserContext, url: str, *, user: int = MEMBER_ONE) -> AsyncIterator[DemoPage]:
    """Open the sandbox's page as one user.

    Raises:
        AssertionError: At the end, if a script failed or the Content-Security-Policy stopped something.
    """
    page = DemoPage(await profile.new_page())
    try:
        await page.open(f"{url}/?user={user}")
        yield page
        assert page.problems == []
    finally:
        await page.page.close()


class DemoPage:
    """One open page.

    Attributes:
        page: Playwright's own.
        problems: Script errors and policy violations so far.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.problems: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda line: self._heard(line.type, line.text))

    def _heard(self, kind: str, text: str) -> None:
        # Refused requests and lost lines are logged as errors too; those are what some tests are about.
        if kind == "error" and not text.startswith(NETWORK_LINES):
            self.problems.append(text)

    async def open(self, url: str) -> None:
        """Go to the page and wait until it knows where it is."""
        await self.page.goto(url)
        await self.is_loaded()

    async def is_loaded(self) -> None:
        """Wait until the state has come."""
        await expect(self.page.locator("#guild-name")).to_have_text("Easel Studio")

    def by_id(self, testid: str) -> Locator:
        """Return what carries a ``data-testid``."""
        return self.page.get_by_test_id(testid)

    @property
    def composer(self) -> Locator:
        """The text field at the bottom."""
        return self.by_id("composer")

    @property
    def last_message(self) -> Locator:
        """The newest message."""
        return self.by_id("message").last

    def option(self, name: str) -> Locator:
        """Return the field of an option of the command being written."""
        return self.by_id(f"command-option-{name}")

    def component(self, custom_id: str) -> Locator:
        """Return a button, select or field of a modal."""
        return self.page.locator(f'[data-custom-id="{custom_id}"]')

    async def press(self, *keys: str) -> None:
        """Press keys one after another, wherever the keyboard is."""
        for key in keys:
            await self.page.keyboard.press(key)

    async def type(self, text: str) -> None:
        """Type wherever the keyboard is."""
        await self.page.keyboard.type(text)

    async def write(self, line: str) -> None:
        """Type a line into the composer without sending it."""
        await self.composer.click()
        await self.type(line)

    async def send(self, line: str) -> None:
        """Type a line into the composer and send it."""
        await self.write(line)
        await self.press("Enter")

    async def speak_as(self, name: str) -> None:
        """Switch to another member."""
        await self.by_id("user-switch").click()
        await self.by_id(f"user-{name.lower().replace(' ', '-')}").click()
        await expect(self.by_id("user-switch")).to_contain_text(name)

    async def see_pictures(self, count: int = 1) -> Locator:
        """Wait until the newest message shows its pictures, loaded; return them."""
        pictures = self.last_message.get_by_test_id("attachment")
        await expect(pictures).to_have_count(count)
        for image in await pictures.locator("img").all():
            await image.evaluate("image => image.decode()")
        return pictures

    async def width_of(self, locator: Locator) -> float:
        """Return how wide something is, in CSS pixels."""
        box = await locator.bounding_box()
        assert box is not None
        return box["width"]
