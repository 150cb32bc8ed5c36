"""``/imagine``: a member's words become pictures."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import (
    AlreadyTaken,
    DeliveryFailed,
    EaselError,
    ImageUnusable,
    MemberError,
    ShuttingDown,
    StoreUnavailable,
    UploadTooLarge,
)
from bot.planner import Draft
from cogs.asking import asker_of
from cogs.captions import alt_text, caption, waiting_note
from cogs.choices import MAX_CHOICES
from cogs.errors import explain
from cogs.locales import translator_for
from cogs.reply import Reply, Upload

if TYPE_CHECKING:
    from bot.client import EaselBot
    from bot.commission import Commission
    from bot.jobs.underway import JobsUnderway
    from bot.studio import Painting, Studio
    from bot.telemetry.metrics import Metrics

_log = logging.getLogger(__name__)

MAX_PROMPT = 6000
"""Most characters of a slash-command option (Discord); a model may take fewer."""

MAX_COUNT = 10
"""Most attachments of a message (Discord), and most pictures of a call (Azure)."""

ADMISSION_BOUND = 1.0
"""Seconds the store may take before the command is acknowledged without its answer; Discord waits for 3."""

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
        self._studio.check(draft, asker)
        with self._jobs.job():
            reply = Reply(interaction, private=private, slots=self._uploads)
            # The first response decides between public and private, so a refusal has to come before it.
            admission = asyncio.create_task(self._studio.admit(draft, asker, interaction.id))
            try:
                await asyncio.wait((admission,), timeout=ADMISSION_BOUND)
                if admission.done():
                    commission = await admission
                    if await self._acknowledge(reply):
                        await self._see_through(interaction, reply, commission, spoiler=spoiler)
                else:
                    await self._serve_late(interaction, reply, admission, spoiler=spoiler)
            except AlreadyTaken:
                _log.warning("interaction %d was taken before, perhaps by another process", interaction.id)
            finally:
                await _release(admission)

    async def _serve_late(
        self,
        interaction: discord.Interaction[EaselBot],
        reply: Reply,
        admission: asyncio.Task[Commission],
        *,
        spoiler: bool,
    ) -> None:
        """Acknowledge before it is known whether the member may; the store is slow."""
        if not await self._acknowledge(reply):
            return
        _ = translator_for(interaction.locale)
        try:
            commission = await admission
        except asyncio.CancelledError:
            await _apologise(reply, explain(ShuttingDown(), _))
            raise
        except AlreadyTaken:
            # Another process has the reservation and found the command acknowledged, so it has let go.
            await _withdraw(reply, explain(StoreUnavailable(), _))
            raise
        except Exception as error:  # noqa: BLE001 - the last line of defence against silence
            _log_failure(interaction, error)
            await _withdraw(reply, explain(error, _))
        else:
            await self._see_through(interaction, reply, commission, spoiler=spoiler)

    async def _acknowledge(self, reply: Reply) -> bool:
        ours = await reply.acknowledge()
        self._metrics.acknowledge_seconds.observe(reply.age)
        return ours

    async def _see_through(
        self,
        interaction: discord.Interaction[EaselBot],
        reply: Reply,
        commission: Commission,
        *,
        spoiler: bool,
    ) -> None:
        """Do the job, and make its end, whatever it is, the answer."""
        _ = translator_for(interaction.locale)
        try:
            async with commission:
                await self._draw_and_deliver(interaction, reply, commission, spoiler=spoiler)
        except asyncio.CancelledError:
            # Cancelled only by the drain at shutdown, which waits for these last words.
            await _apologise(reply, explain(ShuttingDown(), _))
            raise
        except Exception as error:  # noqa: BLE001 - the last line of defence against silence
            _log_failure(interaction, error)
            await _apologise(reply, explain(error, _))

    async def _draw_and_deliver(
        self,
        interaction: discord.Interaction[EaselBot],
        reply: Reply,
        commission: Commission,
        *,
        spoiler: bool,
    ) -> None:
        _ = translator_for(interaction.locale)

        async def on_wait(seconds: float) -> None:
            await reply.note(waiting_note(time.time() + seconds, _))

        started = time.monotonic()
        painting = await self._studio.paint(
            commission, interaction.created_at, time_left=reply.time_left, on_wait=on_wait
        )
        seconds = time.monotonic() - started
        _log.info(
            "job %d: drawn by %s in %.1f s, request %s",
            interaction.id,
            painting.deployment,
            seconds,
            painting.request_id or "-",
        )
        landed = False
        try:
            with self._metrics.delivery_seconds.time():
                landed = await self._deliver(interaction, reply, painting, seconds, spoiler=spoiler)
        finally:
            # An upload that failed from here may have taken effect there: who has the pictures pays.
            if landed or await reply.shows_pictures():
                await commission.settle(len(painting.shown), painting.drawn)
                self._metrics.pictures.inc(len(painting.shown))
        if not landed:
            _log.info("job %d: its message was deleted, so nothing was posted", interaction.id)

    async def _deliver(
        self,
        interaction: discord.Interaction[EaselBot],
        reply: Reply,
        painting: Painting,
        seconds: float,
        *,
        spoiler: bool,
    ) -> bool:
        """Upload the pictures, in smaller form if Discord will not take them as they are.

        Returns:
            Whether they are shown; False if the message was deleted meanwhile.

        Raises:
            DeliveryFailed: Discord would not take them.
        """
        _ = translator_for(interaction.locale)
        prompt, count = painting.plan.request.prompt, len(painting.shown)
        file_limit, total_limit = interaction.filesize_limit, REQUEST_LIMIT
        for _try in range(UPLOAD_TRIES):
            try:
                attachments = await self._studio.attachments(
                    painting, file_limit=file_limit, total_limit=total_limit
                )
            except ImageUnusable as error:
                raise UploadTooLarge("no form of the pictures fits an upload") from error
            uploads = [
                Upload(
                    data=attachment.data,
                    filename=f"easel-{interaction.id}-{index}.{attachment.format.replace('jpeg', 'jpg')}",
                    description=alt_text(prompt, index, count, _),
                    spoiler=spoiler,
                )
                for index, attachment in enumerate(attachments, 1)
            ]
            text = caption(painting, attachments, seconds, _, spoiler=spoiler)
            try:
                return await reply.deliver(text, uploads)
            except UploadTooLarge:
                total_limit = sum(len(upload.data) for upload in uploads) // 2
                _log.warning("job %d: upload refused for its size; trying half", interaction.id)
        raise UploadTooLarge("Discord refused the upload for its size, however small")

    # --- autocompletion: from memory, so it answers at once ---------------------------------------

    @imagine.autocomplete("size")
    async def _size_choices(
        self, interaction: discord.Interaction[EaselBot], current: str
    ) -> list[app_commands.Choice[str]]:
        sizes = await self._studio.suggest_sizes(_chosen_model(interaction), current, asker_of(interaction))
        return [
            app_commands.Choice(name=size.replace("x", " × "), value=size) for size in sizes[:MAX_CHOICES]
        ]

    @imagine.autocomplete("quality")
    async def _quality_choices(
        self, interaction: discord.Interaction[EaselBot], current: str
    ) -> list[app_commands.Choice[str]]:
        qualities = await self._studio.suggest_qualities(
            _chosen_model(interaction), current, asker_of(interaction)
        )
        return [app_commands.Choice(name=quality, value=quality) for quality in qualities[:MAX_CHOICES]]

    @imagine.autocomplete("count")
    async def _count_choices(
        self, interaction: discord.Interaction[EaselBot], current: str | int
    ) -> list[app_commands.Choice[int]]:
        counts = await self._studio.suggest_counts(_chosen_model(interaction), asker_of(interaction))
        typed = str(current)
        return [app_commands.Choice(name=str(n), value=n) for n in counts if str(n).startswith(typed)]

    @imagine.autocomplete("model")
    async def _model_choices(
        self, interaction: discord.Interaction[EaselBot], current: str
    ) -> list[app_commands.Choice[str]]:
        models = await self._studio.suggest_models(current, asker_of(interaction))
        return [app_commands.Choice(name=label[:100], value=name) for label, name in models[:MAX_CHOICES]]


def _chosen_model(interaction: discord.Interaction[EaselBot]) -> str | None:
    """The model already typed into a half-finished command."""
    model = getattr(interaction.namespace, "model", None)
    return model if isinstance(model, str) else None


async def _release(admission: asyncio.Task[Commission]) -> None:
    """Leave nothing reserved that nobody works on, also if the store's yes came after we gave up on it."""
    admission.cancel()
    try:
        await asyncio.wait((admission,))
    finally:
        if admission.done() and not admission.cancelled() and admission.exception() is None:
            await admission.result().release()


def _log_failure(interaction: discord.Interaction[EaselBot], error: Exception) -> None:
    if not isinstance(error, EaselError):
        _log.error("job %d failed", interaction.id, exc_info=error)
        return
    level = logging.INFO if isinstance(error, MemberError) else logging.WARNING
    _log.log(level, "job %d failed: %s: %s", interaction.id, type(error).__name__, error)


async def _withdraw(reply: Reply, text: str) -> None:
    try:
        await reply.withdraw(text)
    except DeliveryFailed as error:
        _log.error("a member could not be told: %s", error)


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
