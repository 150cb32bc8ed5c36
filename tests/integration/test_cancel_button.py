"""The button that cancels a job: whom it obeys, on a message that the bot does not remember."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import pytest
import yarl
from discord.ext import commands

from bot.discord.webhooks import answer_interactions_plainly
from bot.errors import StoreUnavailable
from bot.jobs.running import Cancelling
from bot.telemetry.metrics import Metrics
from cogs.imagine.cancel_button import CancelButton, cancel_view
from cogs.locales import translator_for
from sandbox.discord.world.ids import MEMBER_ONE, MEMBER_TWO, MODERATOR
from sandbox.faults import Fault
from sandbox.server import Sandbox, open_sandbox
from tests.integration.discord_site import DiscordSite

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.discord.client.member import Invocation

JOB = 1234
BUTTON = f"easel:cancel:{JOB}"


class Jobs:
    """Has one job, of Member One, and notes who wants to cancel it."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int, bool]] = []
        self.says: Cancelling | StoreUnavailable = Cancelling.CANCELLED

    async def cancel(self, job_id: int, member_id: int, *, moderator: bool) -> Cancelling:
        """As of the real one."""
        self.asked.append((job_id, member_id, moderator))
        if isinstance(self.says, StoreUnavailable):
            raise self.says
        return self.says if moderator or member_id == MEMBER_ONE else Cancelling.NOT_YOURS


class Bot(commands.AutoShardedBot):
    """A bot that listens to the button, and knows of no message that has it."""

    def __init__(self) -> None:
        super().__init__(commands.when_mentioned, help_command=None, intents=discord.Intents(guilds=True))
        self.jobs = Jobs()
        self.services = SimpleNamespace(jobs=self.jobs, metrics=Metrics())
        self._claimed: set[int] = set()
        answer_interactions_plainly()

    def claim(self, interaction_id: int) -> bool:
        """As of the real one."""
        new = interaction_id not in self._claimed
        self._claimed.add(interaction_id)
        return new

    async def setup_hook(self) -> None:
        """Listen to the button."""
        self.add_dynamic_items(CancelButton)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with open_sandbox() as opened:
        yield opened


@pytest.fixture
async def bot(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bot]:
    settings = sandbox.bot_environment()
    monkeypatch.setattr(discord.http.Route, "BASE", settings["DISCORD_API_URL"])
    gateway = yarl.URL(settings["DISCORD_GATEWAY_URL"])
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", gateway)
    started = Bot()
    task = asyncio.create_task(started.start(settings["DISCORD_TOKEN"]))
    try:
        await sandbox.discord.gateway.wait_ready()
        yield started
    finally:
        await started.close()
        await task


@pytest.fixture
async def shown(sandbox: Sandbox) -> str:
    """The id of a message that has the button, and was not sent by this bot's process."""
    components = cancel_view(JOB, translator_for("en-US")).to_components()
    async with aiohttp.ClientSession() as session:
        site = DiscordSite(sandbox, session)
        sent = await site.messages("POST", body={"content": "You are next.", "components": components})
    assert sent.status == 200
    return str(sent.data["id"])


async def refusal(press: Invocation) -> dict[str, Any]:
    """What a member is told alone."""
    async with asyncio.timeout(5):
        while not press.followups:
            await press.interaction.change()
    (told,) = press.followups
    assert told["flags"] == 64
    return told


async def asked(bot: Bot) -> tuple[int, int, bool]:
    """The one wish that reached the jobs."""
    async with asyncio.timeout(5):
        while not bot.jobs.asked:
            await asyncio.sleep(0.01)
    (wish,) = bot.jobs.asked
    return wish


@pytest.mark.parametrize(("who", "moderator"), [(MEMBER_ONE, False), (MODERATOR, True)])
async def test_its_member_and_moderators_cancel_a_job_in_silence(
    sandbox: Sandbox, bot: Bot, shown: str, who: int, *, moderator: bool
) -> None:
    press = await sandbox.discord.member(who).press(shown, BUTTON)
    await press.acknowledged()
    assert await asked(bot) == (JOB, who, moderator)
    assert press.followups == []
    assert press.message is not None
    assert press.message["content"] == "You are next."


async def test_nobody_else_can_and_is_told_so_alone(sandbox: Sandbox, bot: Bot, shown: str) -> None:
    press = await sandbox.discord.member(MEMBER_TWO).press(shown, BUTTON)
    assert "Only the member who asked" in (await refusal(press))["content"]
    assert await asked(bot) == (JOB, MEMBER_TWO, False)


@pytest.mark.parametrize(
    ("says", "words"),
    [(Cancelling.OVER, "too late"), (StoreUnavailable("locked"), "try again")],
    ids=["over", "store away"],
)
async def test_a_job_that_cannot_be_cancelled_is_told_of(
    sandbox: Sandbox, bot: Bot, shown: str, says: Cancelling | StoreUnavailable, words: str
) -> None:
    bot.jobs.says = says
    press = await sandbox.discord.member(MEMBER_ONE).press(shown, BUTTON)
    assert words in (await refusal(press))["content"]


async def test_the_process_that_has_not_acknowledged_cancels_and_leaves_speaking_to_the_other(
    sandbox: Sandbox, bot: Bot, shown: str
) -> None:
    sandbox.discord.faults.add(Fault("already_acknowledged", "POST /interactions/*"))
    bot.jobs.says = Cancelling.OVER
    press = await sandbox.discord.member(MEMBER_ONE).press(shown, BUTTON)
    assert await asked(bot) == (JOB, MEMBER_ONE, False)
    assert press.followups == []
