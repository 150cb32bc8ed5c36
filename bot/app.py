"""The composition root: opens, wires and closes everything, in one place and in order."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import signal
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from bot.allocator import keep_freed_memory
from bot.archive.store import open_archive
from bot.client import EaselBot, Services
from bot.generation.azure import AzureImages, ignore_stray_variables, open_azure
from bot.generation.credentials import TokenSource, default_credential
from bot.generation.downloads import Downloader
from bot.generation.models import ModelTable, load_models
from bot.generation.service import GenerationService
from bot.imaging.workers import ImagingPool
from bot.jobs.underway import JobsUnderway
from bot.studio import Studio
from bot.telemetry.health import open_health_server
from bot.telemetry.metrics import Metrics
from bot.telemetry.stalls import StallWatch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.config import Settings
    from bot.generation.deployments import Resource

_log = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def open_bot(settings: Settings) -> AsyncIterator[EaselBot]:
    """Everything the bot needs, opened in order and closed in reverse, whatever happens.

    The client is closed first, by ``EaselBot.stop``, because jobs under way need all the rest.
    """
    ignore_stray_variables()
    metrics, models, jobs = Metrics(), load_models(), JobsUnderway()
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(ImagingPool())
        archive = await stack.enter_async_context(open_archive(settings.archive_url))
        downloader = await stack.enter_async_context(Downloader(allowed_hosts=settings.download_hosts))
        resources = {
            resource: await _open_resource(stack, resource, settings, models, pool, downloader, metrics)
            for resource in dict.fromkeys(deployment.resource for deployment in settings.fleet.deployments)
        }
        generation = GenerationService(settings.fleet, resources, metrics, call_budget=settings.call_budget)
        # Salted with the bot's token: nobody else can tell which hash is which member.
        salt = hashlib.sha256(settings.discord_token.encode()).digest()
        studio = Studio(settings.fleet, models, generation, archive, pool, salt=salt)
        bot = EaselBot(settings, Services(studio, jobs, metrics, archive, resources))
        stack.push_async_callback(bot.close)
        yield bot


async def _open_resource(
    stack: AsyncExitStack,
    resource: Resource,
    settings: Settings,
    models: ModelTable,
    pool: ImagingPool,
    downloader: Downloader,
    metrics: Metrics,
) -> AzureImages:
    """One resource's token source, if it needs one, and its client, closed before the credential."""
    tokens = None
    if not resource.api_key:
        refreshes = metrics.token_refreshes
        tokens = TokenSource(
            default_credential,
            resource.scope,
            on_refresh=lambda outcome: refreshes.labels(outcome=outcome).inc(),
        )
        await stack.enter_async_context(tokens)
    client = open_azure(resource, tokens, models, pool, downloader, timeout=settings.generation_timeout)
    return await stack.enter_async_context(client)


async def run(settings: Settings) -> None:
    """Run the bot until SIGTERM or SIGINT, then stop it in order.

    Raises:
        LoginRefused: Discord refuses the token.
        OSError: the health server's port is taken.
    """
    keep_freed_memory()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    _warn_of_retirements(settings)
    async with open_bot(settings) as bot, AsyncExitStack() as stack:
        metrics = bot.services.metrics
        metrics.jobs.set_function(lambda: len(bot.services.jobs))
        metrics.gateway_latency_seconds.set_function(lambda: bot.latency)
        stack.enter_context(StallWatch(metrics.loop_stall_seconds_max))
        if settings.http_port:
            await _open_health(stack, settings, bot)
        await _serve(bot, stop)


async def _open_health(stack: AsyncExitStack, settings: Settings, bot: EaselBot) -> None:
    """Serve health and metrics; a second bot on one machine goes without, unless its port was asked for."""

    def ready() -> bool:
        return bot.is_ready() and not bot.services.jobs.closing

    metrics = bot.services.metrics
    health = open_health_server(settings.http_host, settings.http_port, metrics=metrics, ready=ready)
    try:
        await stack.enter_async_context(health)
    except OSError as error:
        if settings.http_required:
            raise
        _log.error("no health server: %s", error)


async def _serve(bot: EaselBot, stop: asyncio.Event) -> None:
    """Log in and stay connected until ``stop`` is set or the connection fails for good."""
    serving = asyncio.create_task(_connect(bot), name="discord")
    stopping = asyncio.create_task(stop.wait(), name="stop signal")
    try:
        await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
        await bot.stop()
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving
    finally:
        stopping.cancel()


async def _connect(bot: EaselBot) -> None:
    await bot.log_in()
    # Beside the connection, not before it: members need not wait for a look at the registered commands.
    looking = asyncio.create_task(bot.look_after_commands(), name="command registration")
    try:
        await bot.stay_connected()
    finally:
        looking.cancel()


async def register(settings: Settings, guild_id: int | None) -> int:
    """Register the whole command set with Discord and say how many commands it has.

    Args:
        settings: the operator's settings.
        guild_id: register in this server only; None registers everywhere.

    Raises:
        LoginRefused: Discord refuses the token.
    """
    async with open_bot(settings) as bot:
        await bot.log_in()
        return await bot.sync_commands(guild_id)


def _warn_of_retirements(settings: Settings) -> None:
    """Name every deployment whose model Azure has retired or is about to."""
    for warning in load_models().retirements(settings.fleet.deployments):
        _log.warning("%s", warning)
