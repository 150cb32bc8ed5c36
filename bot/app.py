"""The composition root: opens, wires and closes everything, in one place and in order."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import signal
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.archive.store import open_archive
from bot.discord.client import EaselBot, Features
from bot.generation.azure import AzureImages, ignore_stray_variables, open_azure
from bot.generation.credentials import TokenSource, default_credential
from bot.generation.downloads import Downloader
from bot.generation.gauges import show_health
from bot.generation.models import load_models
from bot.generation.prices import load_prices
from bot.generation.router import Router
from bot.generation.service import GenerationService
from bot.imaging.workers import ImagingPool
from bot.jobs.admission import Admission
from bot.jobs.drawing import Painter
from bot.jobs.imagine import Imagine
from bot.jobs.notices import Notices
from bot.jobs.recovery import Recovery
from bot.jobs.rows import JobRows
from bot.jobs.running import RunningJobs
from bot.jobs.sealing import Seal
from bot.jobs.service import JobService
from bot.limits.book import PolicyBook
from bot.limits.budget import BudgetWatch
from bot.limits.closing import Closer
from bot.limits.ledger import Ledger
from bot.limits.moderation import Moderation
from bot.limits.windows import known_zones
from bot.planning.planner import Planner
from bot.planning.suggestions import Suggestions
from bot.queue.scheduler import Scheduler
from bot.queue.updates import QueueUpdates
from bot.runtime.allocator import keep_freed_memory
from bot.runtime.interpreter import hand_over_sooner, spare_from_collection
from bot.runtime.underway import CommandsUnderway
from bot.services import Services, Store, Work
from bot.storage.database import open_database
from bot.storage.presence import ABSENT, present
from bot.storage.upgrade import migrate
from bot.telemetry.clock import now
from bot.telemetry.health import open_health_server
from bot.telemetry.metrics import Metrics
from bot.telemetry.stalls import StallWatch
from cogs import COMMANDS, EXTENSIONS
from cogs.errors import words_for
from cogs.imagine.presenter import DiscordPresenter
from cogs.locales import CommandTranslator

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import AsyncIterator, Callable, Mapping

    from bot.archive.store import Archive
    from bot.config.settings import Settings
    from bot.generation.azure import AzureImages
    from bot.generation.deployments import Resource
    from bot.jobs.presenter import Presenter
    from bot.queue.scheduler import Capacity
    from bot.storage.database import Database
    from bot.storage.presence import Presence

_log = logging.getLogger(__name__)

LONGEST_NAME = 40
"""Most characters of a process's name; a longer list of shards is hashed."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The outside world, as the services see it.

    Attributes:
        database: keeps limits, the ledger and jobs; not queried while the services are wired.
        presence: this process's registration in the database; only a bot that takes requests needs one.
        generation: draws.
        capacity: how many calls the deployments can take.
        archive: keeps originals.
        pool: checks and scales pictures.
        present: makes the presenter of jobs to members, given the keeper of undelivered notices.
        metrics: counts.
        clock: tells the time, aware.
    """

    database: Database
    presence: Presence
    generation: GenerationService
    capacity: Capacity
    archive: Archive
    pool: ImagingPool
    present: Callable[[Notices], Presenter]
    metrics: Metrics
    clock: Callable[[], dt.datetime] = now


@dataclass(frozen=True, slots=True)
class Resources:
    """Everything that has to be opened, and closed again.

    Attributes:
        azure: a client for each resource of the fleet.
        router: chooses among their deployments.
        archive: keeps originals.
        pool: checks and scales pictures.
        metrics: counts.
    """

    azure: Mapping[Resource, AzureImages]
    router: Router
    archive: Archive
    pool: ImagingPool
    metrics: Metrics


@contextlib.asynccontextmanager
async def open_resources(settings: Settings) -> AsyncIterator[Resources]:
    """Open the services' connections to the outside world, except for the database and Discord.

    Raises:
        ArchiveError: the archive cannot be used.
    """
    ignore_stray_variables()
    metrics = Metrics()
    async with AsyncExitStack() as stack:
        archive = await stack.enter_async_context(open_archive(settings.archive_url))
        pool = await stack.enter_async_context(ImagingPool())
        downloader = await stack.enter_async_context(Downloader(allowed_hosts=settings.download_hosts))
        azure = {
            resource: await _open_resource(stack, resource, settings, pool, downloader, metrics)
            for resource in dict.fromkeys(deployment.resource for deployment in settings.fleet.deployments)
        }
        router = Router(settings.fleet, asyncio.get_running_loop().time)
        show_health(router, metrics)
        yield Resources(azure, router, archive, pool, metrics)


def build_services(settings: Settings, ports: Ports) -> Services:
    """Wire everything between the cogs and the outside world; nothing is contacted."""
    database, clock, metrics, operator = ports.database, ports.clock, ports.metrics, settings.limits
    owner = ports.presence.owner
    known, prices = load_models(), load_prices(settings.prices)
    models = [known[name] for name in settings.fleet.models]

    ledger, book = Ledger(database, owner=owner, clock=clock), PolicyBook(database, clock)
    closer = Closer(ledger)
    planner = Planner(models, prices, salt=_salt(settings))
    queue, running, commands = Scheduler(ports.capacity), RunningJobs(), CommandsUnderway()
    rows, seal = JobRows(database, owner=owner), Seal(settings.discord_token, known)
    notices = Notices(database, seal, clock=clock)
    presenter = ports.present(notices)
    workflow = Imagine(
        rows,
        seal,
        Painter(ports.generation, ports.archive, ports.pool),
        queue,
        QueueUpdates(queue.place),
        running,
        presenter,
        ledger,
        closer,
        metrics,
        call_budget=settings.call_budget,
        clock=clock,
    )
    recovery = Recovery(workflow, rows, running, commands, ledger, closer, notices, ports.presence)
    metrics.unended_jobs.set_function(lambda: closer.waiting)
    metrics.jobs.set_function(lambda: len(running))
    metrics.jobs_waiting.set_function(lambda: len(queue))
    return Services(
        admission=Admission(planner, book, operator, queue, ledger, closer, seal, clock=clock),
        suggestions=Suggestions(planner, book, operator),
        jobs=JobService(running, rows, seal, closer),
        moderation=Moderation(book, ledger, models, operator, clock=clock),
        commands=commands,
        work=Work(queue, rows, seal, running, workflow, recovery, presenter, notices),
        metrics=metrics,
        store=Store(
            database, book, ledger, closer, BudgetWatch(ledger, operator.budget, metrics, clock=clock)
        ),
    )


def features() -> Features:
    """Return the commands, and the words for what goes wrong."""
    return Features(EXTENSIONS, COMMANDS, words_for, CommandTranslator())


@contextlib.asynccontextmanager
async def open_bot(
    settings: Settings, database: Database, resources: Resources, presence: Presence = ABSENT
) -> AsyncIterator[EaselBot]:
    """Make the bot, and close it in order when the context is left.

    Args:
        settings: the operator's settings.
        database: keeps limits, the ledger and jobs; not queried yet.
        resources: the bot's connections to the outside world.
        presence: this process's registration in the database; only a bot that takes requests needs one.
    """
    prices = load_prices(settings.prices)

    def services(client: EaselBot) -> Services:
        router, pool, metrics = resources.router, resources.pool, resources.metrics
        ports = Ports(
            database=database,
            presence=presence,
            generation=GenerationService(
                router, resources.azure, prices, metrics, call_budget=settings.call_budget
            ),
            capacity=router,
            archive=resources.archive,
            pool=pool,
            present=lambda notices: DiscordPresenter(client, pool, metrics, notices),
            metrics=metrics,
        )
        built = build_services(settings, ports)
        router.subscribe(built.work.queue.look)
        return built

    bot = EaselBot(settings, features(), services)
    async with bot.services.store.closer:
        try:
            yield bot
        finally:
            await bot.close()


def _salt(settings: Settings) -> bytes:
    """Derive a salt from the bot's token, so that nobody else can tell which hash is which member."""
    return hashlib.sha256(settings.discord_token.encode()).digest()


async def _open_resource(
    stack: AsyncExitStack,
    resource: Resource,
    settings: Settings,
    pool: ImagingPool,
    downloader: Downloader,
    metrics: Metrics,
) -> AzureImages:
    """Open one resource's token source, if it needs one, and its client, which is closed first."""
    tokens = None
    if not resource.api_key:
        refreshes = metrics.token_refreshes
        tokens = TokenSource(
            default_credential,
            resource.scope,
            on_refresh=lambda outcome: refreshes.labels(outcome=outcome).inc(),
        )
        await stack.enter_async_context(tokens)
    client = open_azure(
        resource, tokens, load_models(), pool, downloader, timeout=settings.generation_timeout
    )
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
    await asyncio.to_thread(known_zones)  # reads files; the first suggestion should not wait for that
    before, after = await migrate(settings.database_url)
    if before != after:
        _log.info("database: tables brought from version %s to %s", before or "none", after)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(settings.database_url))
        presence = await stack.enter_async_context(present(database, _process_name(settings)))
        resources = await stack.enter_async_context(open_resources(settings))
        bot = await stack.enter_async_context(open_bot(settings, database, resources, presence))
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
    """Name this process, among others of the same bot, by its shards: they are the same after a restart."""
    shards = ",".join(map(str, settings.shard_ids)) or "all"
    return shards if len(shards) <= LONGEST_NAME else hashlib.sha256(shards.encode()).hexdigest()[:16]


async def _open_health(stack: AsyncExitStack, settings: Settings, bot: EaselBot) -> None:
    """Serve health and metrics; a second bot on one machine does without, unless its port was set."""

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
    # Alongside the connection, not before it, so that members wait for neither.
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
