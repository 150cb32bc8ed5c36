"""Jobs shown to a member of the simulated Discord, by a bot that knows no more than their addresses."""

from __future__ import annotations

import datetime as dt
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import discord
from discord.http import Route

from bot.generation.models import load_models
from bot.imaging.workers import ImagingPool
from bot.jobs.drawing import Painting, Record
from bot.jobs.job import Address, Job
from bot.model import ImageRequest, Quality, Size
from bot.planning.plan import Plan
from bot.telemetry.metrics import Metrics
from cogs.imagine.presenter import DiscordPresenter
from sandbox.discord.world.ids import APPLICATION, GUILD, MEMBER_ONE, STUDIO
from tests.fakes import image
from tests.integration.discord_site import DiscordSite, open_site, png

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.jobs.notices import Notices
    from sandbox.discord.client.member import Invocation

PLAN = Plan(
    ImageRequest("a cat", "gpt-image-2", 2, Size(8, 6), Quality.MEDIUM), load_models()["gpt-image-2"], 0, None
)
EPHEMERAL = 64


def painted(count: int = 2, data: bytes | None = None) -> Painting:
    pictures = tuple(image(data or png(), Size(8, 6)) for _ in range(count))
    return Painting(Record(deployment="art", seconds=3.0), pictures, pictures)


def job_of(invocation: Invocation, **changes: Any) -> Job:
    """A job as it is kept, its message's id included."""
    message = invocation.message
    address = Address(
        interaction_id=invocation.id,
        application_id=APPLICATION,
        token=invocation.token,
        guild_id=GUILD,
        channel_id=STUDIO,
        member_id=MEMBER_ONE,
        locale="en-US",
        private=invocation.ephemeral,
        spoiler=False,
        file_limit=10 * 2**20,
        message_id=int(message["id"]) if message else None,
    )
    return Job(replace(address, **changes), PLAN, dt.datetime.now(dt.UTC))


@dataclass(frozen=True, slots=True)
class Stage:
    """The simulated Discord, and a bot's presenter there."""

    site: DiscordSite
    client: discord.Client
    presenter: DiscordPresenter
    notes: list[tuple[int, str]] = field(default_factory=list)
    """What was left for members' next commands: the job's id and the text."""

    def restarted(self) -> Stage:
        """The same with a presenter that knows nothing yet."""
        return _stage(self.site, self.client)

    @property
    def calls(self) -> list[str]:
        """What the bot asked of Discord since ``forget``, without ids."""
        return [f"{call.method} {_shape(call.path)}" for call in self.site.discord.requests]

    def forget(self) -> None:
        self.site.discord.requests.clear()

    def expire_tokens(self) -> None:
        discord_site = self.site.discord
        discord_site.options = replace(discord_site.options, token_lifetime=0.0)

    def pictures(self) -> list[int]:
        """How many files each message in the channel has, as the member sees it."""
        return [len(message["attachments"]) for message in self.site.member.messages()]


def _shape(path: str) -> str:
    if path.startswith("/webhooks/"):
        return "@original" if path.endswith("@original") else "follow-up"
    return "message" if path.rpartition("/")[2].isdigit() else "channel"


class _Notices:
    """Remembers what was left for members, and has nothing for them."""

    def __init__(self) -> None:
        self.left: list[tuple[int, str]] = []

    async def leave(self, job: Job, text: str) -> None:
        self.left.append((job.job_id, text))

    async def hand_out(self, guild_id: int, member_id: int, tell: object) -> None:
        pass


def _stage(site: DiscordSite, client: discord.Client) -> Stage:
    notices = _Notices()
    presenter = DiscordPresenter(client, ImagingPool(), Metrics(), cast("Notices", notices))
    return Stage(site, client, presenter, notices.left)


@asynccontextmanager
async def open_stage(**options: Any) -> AsyncIterator[Stage]:
    """A simulated Discord, and a bot that has logged in there."""
    base = Route.BASE
    async with open_site(**options) as site, discord.Client(intents=discord.Intents.none()) as client:
        Route.BASE = f"{site.sandbox.url}/api/v10"
        try:
            await client.login("sandbox-token")
            stage = _stage(site, client)
            stage.forget()
            yield stage
        finally:
            Route.BASE = base
