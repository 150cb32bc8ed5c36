"""``/imagine``: a member's words become pictures."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord.context import asker_of
from bot.discord.reply import Reply
from bot.errors import AlreadyTaken, DeliveryFailed, ShuttingDown, StoreUnavailable
from bot.planning.plan import Draft
from cogs.choices import MAX_CHOICES
from cogs.errors import explain, log_failure
from cogs.imagine.cancel_button import CancelButton
from cogs.locales import translator_for

if TYPE_CHECKING:
    from bot.discord.client import EaselBot
    from bot.jobs.admission import Admission
    from bot.jobs.imagine import Imagine as Workflow
    from bot.jobs.job import Job
    from bot.jobs.service import JobService
    from bot.planning.suggestions import Suggestions
    from bot.telemetry.metrics import Metrics

_log = logging.getLogger(__name__)

MAX_PROMPT = 6000
"""Maximum length of a slash-command option (Discord); a model may take fewer characters."""

MAX_COUNT = 10
"""Maximum number of attachments in a message (Discord) and of pictures in a call (Azure)."""

ADMISSION_BOUND = 1.0
"""Seconds after which a command is acknowledged without waiting for the database; Discord allows 3."""


class Imagine(commands.Cog):
    """Turns prompts into pictures."""

    def __init__(
        self,
        admission: Admission,
        workflow: Workflow,
        jobs: JobService,
        suggestions: Suggestions,
        metrics: Metrics,
    ) -> None:
        self._admission = admission
        self._workflow = workflow
        self._jobs = jobs
        self._suggestions = suggestions
        self._metrics = metrics

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.describe(
        prompt="What to draw, in your own words",
        size="Width and height in pixels, or auto; square if left out",
        quality="How much work to put in: higher looks better, takes longer, costs more; medium if left out",
        count="How many pictures, 1 to 10",
        model="Which model draws",
        private="Show the answer to you alone",
        spoiler="Hide the pictures until clicked",
    )
    async def imagine(
        self,
        interaction: discord.Interaction[EaselBot],
        prompt: app_commands.Range[str, 1, MAX_PROMPT],
        size: str | None = None,
        quality: str | None = None,
        count: app_commands.Range[int, 1, MAX_COUNT] = 1,
        model: str | None = None,
        private: bool = False,
        spoiler: bool = False,
    ) -> None:
        """Draw a picture from a description."""
        draft = Draft(prompt=prompt, size=size, quality=quality, count=count, model=model)
        asker = asker_of(interaction)
        reply = Reply(interaction, private=private, spoiler=spoiler)
        # The first response fixes whether the answer is private, so a refusal should be known before it.
        admission = asyncio.create_task(self._admission.admit(draft, asker, reply.response.address))
        job: Job | None = None
        try:
            await asyncio.wait((admission,), timeout=ADMISSION_BOUND)
            job = await self._let_in(reply, admission)
        except AlreadyTaken:
            _log.warning("interaction %d was taken before, perhaps by another process", interaction.id)
        finally:
            if job is None:
                await self._release(admission)
        if job is not None:
            # From here on, the job reports its outcome itself.
            self._workflow.begin(job, reply.response.message_id)

    async def _let_in(self, reply: Reply, admission: asyncio.Task[Job]) -> Job | None:
        """Acknowledge an admitted command and return its job; None if it was refused late, or is not ours."""
        if not admission.done():
            return await self._let_in_late(reply, admission)
        job = await admission
        return job if await self._acknowledge(reply) else None

    async def _let_in_late(self, reply: Reply, admission: asyncio.Task[Job]) -> Job | None:
        """Acknowledge before admission is decided, because the database is slow."""
        if not await self._acknowledge(reply):
            return None
        address = reply.response.address
        _ = translator_for(address.locale)
        try:
            return await admission
        except asyncio.CancelledError:
            await _apologise(reply, explain(ShuttingDown(), _))
            raise
        except AlreadyTaken:
            # Another process made the reservation, found the command acknowledged, and has released it.
            await _withdraw(reply, explain(StoreUnavailable(), _))
            raise
        except Exception as error:  # noqa: BLE001 - the last line of defence against silence
            log_failure(address.interaction_id, error)
            await _withdraw(reply, explain(error, _))
            return None

    async def _release(self, admission: asyncio.Task[Job]) -> None:
        """Release the reservation of a job that does not start, even one made after we gave up on it."""
        admission.cancel()
        try:
            await asyncio.wait((admission,))
        finally:
            if admission.done() and not admission.cancelled() and admission.exception() is None:
                await self._jobs.release(admission.result())

    async def _acknowledge(self, reply: Reply) -> bool:
        ours = await reply.acknowledge()
        self._metrics.acknowledge_seconds.observe(reply.age)
        return ours

    # --- autocompletion: from memory, so it answers at once ---------------------------------------

    @imagine.autocomplete("size")
    async def _size_choices(
        self, interaction: discord.Interaction[EaselBot], current: str
    ) -> list[app_commands.Choice[str]]:
        sizes = await self._suggestions.sizes(_chosen_model(interaction), current, asker_of(interaction))
        return [
            app_commands.Choice(name=size.replace("x", " × "), value=size) for size in sizes[:MAX_CHOICES]
        ]

    @imagine.autocomplete("quality")
    async def _quality_choices(
        self, interaction: discord.Interaction[EaselBot], current: str
    ) -> list[app_commands.Choice[str]]:
        qualities = await self._suggestions.qualities(
            _chosen_model(interaction), current, asker_of(interaction)
        )
        return [app_commands.Choice(name=quality, value=quality) for quality in qualities[:MAX_CHOICES]]

    @imagine.autocomplete("count")
    async def _count_choices(
        self, interaction: discord.Interaction[EaselBot], current: str | int
    ) -> list[app_commands.Choice[int]]:
        counts = await self._suggestions.counts(_chosen_model(interaction), asker_of(interaction))
        typed = str(current)
        return [app_commands.Choice(name=str(n), value=n) for n in counts if str(n).startswith(typed)]

    @imagine.autocomplete("model")
    async def _model_choices(
        self, interaction: discord.Interaction[EaselBot], current: str
    ) -> list[app_commands.Choice[str]]:
        models = await self._suggestions.models(current, asker_of(interaction))
        return [app_commands.Choice(name=label[:100], value=name) for label, name in models[:MAX_CHOICES]]


def _chosen_model(interaction: discord.Interaction[EaselBot]) -> str | None:
    """Return the model already typed into a half-finished command, if any."""
    model = getattr(interaction.namespace, "model", None)
    return model if isinstance(model, str) else None


async def _withdraw(reply: Reply, text: str) -> None:
    try:
        await reply.response.withdraw(text)
    except DeliveryFailed as error:
        _log.error("a member could not be told: %s", error)


async def _apologise(reply: Reply, text: str) -> None:
    try:
        await reply.response.say(text)
    except DeliveryFailed as error:
        _log.error("a member could not be told: %s", error)


async def setup(bot: EaselBot) -> None:
    """Add the cog with just the services it needs, and register the button on its answers."""
    services = bot.services
    bot.add_dynamic_items(CancelButton)
    await bot.add_cog(
        Imagine(
            services.admission,
            services.work.workflow,
            services.jobs,
            services.suggestions,
            services.metrics,
        )
    )
