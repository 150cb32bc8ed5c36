"""``/imagine``: a member's words become pictures."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import DeliveryFailed, EaselError, ImageUnusable, MemberError, ShuttingDown
from bot.studio import Draft
from cogs.captions import alt_text, caption, waiting_note
from cogs.errors import explain
from cogs.locales import translator_for
from cogs.reply import Reply, Upload, UploadTooLarge

if TYPE_CHECKING:
    from bot.client import EaselBot
    from bot.generation.service import Waiting
    from bot.jobs.underway import JobsUnderway
    from bot.studio import Painting, Plan, Studio
    from bot.telemetry.metrics import Metrics

_log = logging.getLogger(__name__)

MAX_PROMPT = 6000
"""Most characters of a slash-command option (Discord); a model may take fewer."""

MAX_COUNT = 10
"""Most attachments of a message (Discord), and most pictures of a call (Azure)."""

MAX_CHOICES = 25
"""Most autocompletion choices (Discord)."""

REQUEST_LIMIT = 24 * 2**20
"""Bytes of all files of one message: Discord takes requests up to 25 MiB, the rest is for the form."""

UPLOAD_TRIES = 3
"""Uploads tried, each half as large as the one before, when Discord refuses one for its size."""

UPLOADS_AT_ONCE = 64
"""Messages being sent at a time: enough that a slow one holds up nobody, few enough to share one line."""


class Imagine(commands.Cog):
    """Turns prompts into pictures."""

    def __init__(self, studio: Studio, jobs: JobsUnderway, metrics: Metrics) -> None:
        self._studio = studio
        self._jobs = jobs
        self._metrics = metrics
        self._uploads = asyncio.Semaphore(UPLOADS_AT_ONCE)

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.describe(
        prompt="What to draw, in your own words",
        size="Width and height in pixels; square if left out",
        quality="How much work to put in: higher looks better, takes longer and costs more",
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
        plan = self._studio.plan(draft, interaction.user.id)
        with self._jobs.job():
            reply = Reply(interaction, private=private, slots=self._uploads)
            await self._serve(interaction, reply, plan, spoiler=spoiler)

    async def _serve(
        self, interaction: discord.Interaction[EaselBot], reply: Reply, plan: Plan, *, spoiler: bool
    ) -> None:
        """Acknowledge, do the job, and make its end, whatever it is, the answer."""
        _ = translator_for(interaction.locale)
        try:
            with self._metrics.acknowledge_seconds.time():
                ours = await reply.acknowledge()
            if ours:
                await self._draw_and_deliver(interaction, reply, plan, spoiler=spoiler)
        except asyncio.CancelledError:
            # Cancelled only by the drain at shutdown, which waits for these last words.
            await _apologise(reply, explain(ShuttingDown(), _))
            raise
        except EaselError as error:
            level = logging.INFO if isinstance(error, MemberError) else logging.WARNING
            _log.log(level, "job %d failed: %s: %s", interaction.id, type(error).__name__, error)
            await _apologise(reply, explain(error, _))
        except Exception as error:  # noqa: BLE001 - the last line of defence against silence
            _log.exception("job %d failed", interaction.id)
            await _apologise(reply, explain(error, _))

    async def _draw_and_deliver(
        self, interaction: discord.Interaction[EaselBot], reply: Reply, plan: Plan, *, spoiler: bool
    ) -> None:
        _ = translator_for(interaction.locale)

        async def on_wait(waiting: Waiting) -> None:
            await reply.note(waiting_note(time.time() + waiting.seconds, _))

        started = time.monotonic()
        painting = await self._studio.paint(
            plan, interaction.id, interaction.created_at, time_left=reply.time_left, on_wait=on_wait
        )
        seconds = time.monotonic() - started
        _log.info(
            "job %d: drawn by %s in %.1f s, request %s",
            interaction.id,
            painting.deployment,
            seconds,
            painting.request_id or "-",
        )
        with self._metrics.delivery_seconds.time():
            await self._deliver(interaction, reply, painting, seconds, spoiler=spoiler)
        self._metrics.pictures.inc(len(painting.shown))

    async def _deliver(
        self,
        interaction: discord.Interaction[EaselBot],
        reply: Reply,
        painting: Painting,
        seconds: float,
        *,
        spoiler: bool,
    ) -> None:
        """Upload the pictures, in smaller form if Discord will not take them as they are."""
        _ = translator_for(interaction.locale)
        prompt, count = painting.plan.request.prompt, len(painting.shown)
        file_limit, total_limit = interaction.filesize_limit, REQUEST_LIMIT
        for _try in range(UPLOAD_TRIES):
            try:
                attachments = await self._studio.attachments(
                    painting, file_limit=file_limit, total_limit=total_limit
                )
            except ImageUnusable as error:
                raise DeliveryFailed("no form of the pictures fits an upload") from error
            uploads = [
                Upload(
                    data=attachment.data,
                    filename=f"easel-{interaction.id}-{index}.{attachment.format.replace('jpeg', 'jpg')}",
                    description=alt_text(prompt, index, count),
                    spoiler=spoiler,
                )
                for index, attachment in enumerate(attachments, 1)
            ]
            try:
                await reply.deliver(caption(painting, attachments, seconds, _), uploads)
            except UploadTooLarge:
                total_limit = sum(len(upload.data) for upload in uploads) // 2
                _log.warning("job %d: upload refused for its size; trying half", interaction.id)
            else:
                return
        raise DeliveryFailed("Discord refused the upload for its size, however small")

    # --- autocompletion: from memory, so it answers at once ---------------------------------------

    @imagine.autocomplete("size")
    async def _size_choices(
        self, interaction: discord.Interaction[EaselBot], current: str
    ) -> list[app_commands.Choice[str]]:
        sizes = self._studio.suggest_sizes(_chosen_model(interaction), current)
        return [
            app_commands.Choice(name=size.replace("x", " × "), value=size) for size in sizes[:MAX_CHOICES]
        ]

    @imagine.autocomplete("quality")
    async def _quality_choices(
        self, interaction: discord.Interaction[EaselBot], current: str
    ) -> list[app_commands.Choice[str]]:
        qualities = self._studio.suggest_qualities(_chosen_model(interaction), current)
        return [app_commands.Choice(name=quality, value=quality) for quality in qualities[:MAX_CHOICES]]

    @imagine.autocomplete("model")
    async def _model_choices(
        self, interaction: discord.Interaction[EaselBot], current: str
    ) -> list[app_commands.Choice[str]]:
        del interaction
        models = self._studio.suggest_models(current)
        return [app_commands.Choice(name=label[:100], value=name) for label, name in models[:MAX_CHOICES]]


def _chosen_model(interaction: discord.Interaction[EaselBot]) -> str | None:
    """The model already typed into a half-finished command."""
    model = getattr(interaction.namespace, "model", None)
    return model if isinstance(model, str) else None


async def _apologise(reply: Reply, text: str) -> None:
    if await reply.shows_pictures():
        return  # an apology would take them back
    try:
        await reply.say(text)
    except DeliveryFailed as error:
        _log.error("a member could not be told: %s", error)


async def setup(bot: EaselBot) -> None:
    """Add the cog with just the services it needs."""
    services = bot.services
    await bot.add_cog(Imagine(services.studio, services.jobs, services.metrics))
