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
from bot.client import EaselBot
from bot.generation.azure import AzureImages, ignore_stray_variables, open_azure
from bot.generation.credentials import TokenSource, default_credential
from bot.generation.downloads import Downloader
from bot.generation.gauges import show_health
from bot.generation.models import ModelTable, load_models
from bot.generation.prices import load_prices
from bot.generation.router import Router
from bot.generation.service import GenerationService
from bot.imaging.workers import ImagingPool
from bot.interpreter import hand_over_sooner, spare_from_collection
from bot.jobs.admission import Gate
from bot.jobs.drawing import Painter
from bot.jobs.engine import Engine
from bot.jobs.imagine import Parts
from bot.jobs.notices import Notices
from bot.jobs.recovery import Recovery
from bot.jobs.rows import JobRows
from bot.jobs.running import RunningJobs
from bot.jobs.sealing import Seal
from bot.jobs.service import Studio
from bot.jobs.workflow import ImagineWorkflow
from bot.limits.book import PolicyBook
from bot.limits.budget import BudgetWatch
from bot.limits.closing import Closer
from bot.limits.ledger import Ledger
from bot.limits.windows import known_zones
from bot.moderation import Moderation
from bot.planning.planner import Planner
from bot.queue.scheduler import FairGate
from bot.queue.updates import Notes
from bot.services import Services, Store, Work
from bot.storage.database import open_database
from bot.storage.presence import ABSENT, present
from bot.storage.upgrade import migrate
from bot.telemetry.clock import now
from bot.telemetry.health import open_health_server
from bot.telemetry.metrics import Metrics
from bot.telemetry.stalls import StallWatch
from bot.underway import CommandsUnderway
from cogs.presenter import DiscordPresenter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.config import Settings
    from bot.generation.deployments import Resource
    from bot.storage.database import Database
    from bot.storage.presence import Presence

_log = logging.getLogger(__name__)

LONGEST_NAME = 40
"""Characters of a process's name that are readable; more shards than fit are hashed."""


@contextlib.asynccontextmanager
async def open_bot(
    settings: Settings, database: Database, presence: Presence = ABSENT
) -> AsyncIterator[EaselBot]:
    """Everything the bot needs, opened in order and closed in reverse, whatever happens.

    Args:
        settings: the operator's settings.
        database: where limits, the ledger and jobs are kept; it is not asked anything yet.
        presence: this process on the database; only a bot that takes requests needs one.
    """
    ignore_stray_variables()
    metrics = Metrics()
    known, prices = load_models(), load_prices(settings.prices)
    models = [known[name] for name in settings.fleet.models]
    async with AsyncExitStack() as stack:
        ledger = Ledger(database, owner=presence.owner, clock=now)
        closer = await stack.enter_async_context(Closer(ledger))
        metrics.unended_jobs.set_function(lambda: closer.waiting)
        book = PolicyBook(database, now)
        gate = Gate(book, ledger, settings.limits, clock=now)
        moderation = Moderation(book, ledger, gate, models, prices, settings.limits, clock=now)
        archive = await stack.enter_async_context(open_archive(settings.archive_url))
        resources, pool = await _open_azure_side(stack, settings, known, metrics)
        router = Router(settings.fleet, asyncio.get_running_loop().time)
        show_health(router, metrics)
        generation = GenerationService(router, resources, metrics, call_budget=settings.call_budget)
        painter = Painter(generation, archive, pool, prices)
        line = FairGate(router)
        router.subscribe(line.look)
        rows, seal = JobRows(database, owner=presence.owner), Seal(settings.discord_token, known)
        running, notices = RunningJobs(), Notices(database, seal, clock=now)
        metrics.jobs.set_function(lambda: len(running))
        metrics.jobs_waiting.set_function(lambda: len(line))
        planner = Planner(models, prices, salt=_salt(settings))
        store = Store(database, ledger, BudgetWatch(ledger, settings.limits.budget, metrics, clock=now))

        def services(client: EaselBot) -> Services:
            presenter = DiscordPresenter(client, painter, metrics, notices)
            parts = Parts(
                rows, seal, painter, line, Notes(line.place), running, presenter, ledger, closer, metrics,
                call_budget=settings.call_budget, clock=now,
            )  # fmt: skip
            workflow = ImagineWorkflow(parts)
            engine = Engine(database.url, workflow, owner=presence.owner)
            recovery = Recovery(rows, engine, running, ledger, closer, notices, presence)
            studio = Studio(
                planner, gate, line, closer, rows, seal, running, workflow, engine, recovery, clock=now
            )
            work = Work(line, running, engine, recovery, presenter, notices)
            return Services(studio, moderation, CommandsUnderway(), work, metrics, archive, resources, store)

        bot = EaselBot(settings, services)
        stack.push_async_callback(bot.close)
        yield bot


def _salt(settings: Settings) -> bytes:
    """Made of the bot's token, so that nobody else can tell which hash is which member."""
    return hashlib.sha256(settings.discord_token.encode()).digest()


async def _open_azure_side(
    stack: AsyncExitStack, settings: Settings, models: ModelTable, metrics: Metrics
) -> tuple[dict[Resource, AzureImages], ImagingPool]:
    """Every resource's client, and the pool in which what they bring is looked at."""
    pool = await stack.enter_async_context(ImagingPool())
    downloader = await stack.enter_async_context(Downloader(allowed_hosts=settings.download_hosts))
    resources = {
        resource: await _open_resource(stack, resource, settings, models, pool, downloader, metrics)
        for resource in dict.fromkeys(deployment.resource for deployment in settings.fleet.deployments)
    }
    return resources, pool


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
        StoreUnavailable: the database cannot be used.
    """
    keep_freed_memory()
    stop = asyncio.Event()
    _stop_on_signal(stop)
    _warn_of_retirements(settings)
    await asyncio.to_thread(known_zones)  # reads files, which a first suggestion should not wait for
    before, after = await migrate(settings.database_url)
    if before != after:
        _log.info("database: tables brought from version %s to %s", before or "none", after)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(settings.database_url))
        presence = await stack.enter_async_context(present(database, _process_name(settings)))
        bot = await stack.enter_async_context(open_bot(settings, database, presence))
        await stack.enter_async_context(bot.services.work.engine)
        await bot.services.work.notices.load()
        metrics = bot.services.metrics
        metrics.gateway_latency_seconds.set_function(lambda: bot.latency)
        stack.enter_context(StallWatch(metrics.loop_stall_seconds_max))
        if settings.http_port:
            await _open_health(stack, settings, bot)
        watching = asyncio.create_task(bot.services.store.budget.run(), name="budget")
        stack.callback(watching.cancel)
        spare_from_collection()
        hand_over_sooner()
        await _serve(bot, stop)


def _stop_on_signal(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda _number, _frame: loop.call_soon_threadsafe(stop.set))


def _process_name(settings: Settings) -> str:
    """What tells this process from others of the same bot: its shards, which it has again after a restart."""
    shards = ",".join(map(str, settings.shard_ids)) or "all"
    return shards if len(shards) <= LONGEST_NAME else hashlib.sha256(shards.encode()).hexdigest()[:16]


async def _open_health(stack: AsyncExitStack, settings: Settings, bot: EaselBot) -> None:
    """Serve health and metrics; a second bot on one machine goes without, unless its port was asked for."""

    def ready() -> bool:
        return bot.is_ready() and not bot.services.commands.closing

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
    # Beside the connection, not before it: members need not wait for either.
    beside = (
        asyncio.create_task(bot.look_after_commands(), name="command registration"),
        asyncio.create_task(bot.services.work.recovery.run(), name="recovery"),
    )
    try:
        await bot.stay_connected()
    finally:
        for task in beside:
            task.cancel()


def _warn_of_retirements(settings: Settings) -> None:
    """Name every deployment whose model Azure has retired or is about to."""
    for warning in load_models().retirements(settings.fleet.deployments):
        _log.warning("%s", warning)
