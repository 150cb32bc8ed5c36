"""The services as the composition root builds them, on fakes and whatever database a test has."""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.app import Ports, build_services
from bot.config.settings import Settings
from bot.generation.deployments import Deployment, Fleet, Resource
from bot.generation.models import load_models
from bot.generation.prices import load_prices
from bot.generation.router import Router
from bot.imaging.workers import ImagingPool
from bot.jobs.job import Address, Job
from bot.limits.operator import OperatorLimits
from bot.planning.plan import Draft
from bot.planning.planner import Planner
from bot.storage.database import Database, parse_database_url
from bot.storage.engines import AT_WORK
from bot.telemetry.clock import now
from bot.telemetry.metrics import Metrics
from tests.fake_presenter import FakePresenter
from tests.fakes import FakeArchive, FakeGeneration, FakePresence, generation

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from bot.limits.ledger import Ledger
    from bot.model import Generation
    from bot.services import Services, Store, Work

ON_OFFER = ("gpt-image-2", "gpt-image-1-mini", "gpt-image-2.5-flare", "dall-e-2", "gpt-image-9")
RESOURCE = Resource("https://example.openai.azure.com", "v1", "scope")
DRAFT = Draft("a cat")
TOKEN = "made-up-token"
"""The bot's, which jobs are sealed with."""


def unasked_database() -> Database:
    """A database that no test gets as far as asking."""
    return Database(parse_database_url("sqlite:///never.db"), threads=1, patience=AT_WORK)


def settings_of(models: Collection[str] = ON_OFFER, **changes: Any) -> Settings:
    """An operator's settings: one deployment of each model, and these changes."""
    values: dict[str, Any] = {
        "discord_token": TOKEN,
        "fleet": Fleet(tuple(Deployment(model, model, RESOURCE) for model in models)),
        "archive_url": "file:images",
        "database_url": "sqlite:///never.db",
        "limits": OperatorLimits(),
        "prices": {},
        "http_host": "127.0.0.1",
        "http_required": False,
        "http_port": 0,
        "api_url": "https://discord.com/api/v10",
        "gateway_url": "",
        "download_hosts": (),
        "shard_ids": (),
        "shard_count": None,
        "generation_timeout": 180.0,
        "call_budget": 2,
        "drain": 25.0,
        "sync": "auto",
        "log": "text",
    }
    return Settings(**{**values, **changes})


def address(job_id: int = 1, guild_id: int = 1, member_id: int = 1) -> Address:
    """Where the answer to a command goes."""
    return Address(
        interaction_id=job_id,
        application_id=42,
        token=f"secret-of-{job_id}",
        guild_id=guild_id,
        channel_id=5,
        member_id=member_id,
        locale="en-US",
        private=False,
        spoiler=False,
        file_limit=10 * 2**20,
    )


def job_of(
    draft: Draft = DRAFT, job_id: int = 1, *, received_at: dt.datetime | None = None, member_id: int = 1
) -> Job:
    """A job as if it had been let in."""
    return Job(address(job_id, member_id=member_id), _planner().plan(draft, member_id), received_at or now())


@functools.cache
def _planner() -> Planner:
    known = load_models()
    return Planner([known[name] for name in ON_OFFER], load_prices(), salt=b"salt")


@dataclass(slots=True)
class Clock:
    """A clock that stands still until it is moved."""

    time: dt.datetime = dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        """The time it shows."""
        return self.time

    def advance(self, **duration: float) -> None:
        """Move it; the arguments are those of ``timedelta``."""
        self.time += dt.timedelta(**duration)


@dataclass(frozen=True, slots=True)
class House:
    """The services, and the fakes that they are built on."""

    services: Services
    generation: FakeGeneration
    archive: FakeArchive
    presenter: FakePresenter

    @property
    def store(self) -> Store:
        """What is kept about money."""
        return self.services.store

    @property
    def ledger(self) -> Ledger:
        """What is used and held."""
        return self.services.store.ledger

    @property
    def work(self) -> Work:
        """What jobs run on."""
        return self.services.work


def build_house(
    database: Database,
    answer: Generation | Exception | FakeGeneration | None = None,
    *,
    archive: FakeArchive | None = None,
    presenter: FakePresenter | None = None,
    pool: ImagingPool | None = None,
    owner: str = "test/0",
    dead: Collection[str] = (),
    clock: Callable[[], dt.datetime] = now,
    settings: Settings | None = None,
) -> House:
    """Build the services of a process; nothing is contacted.

    Args:
        database: where it keeps everything.
        answer: what comes of each drawing.
        archive: where it keeps originals.
        presenter: what it shows jobs by.
        pool: what it does picture work in.
        owner: its name on the store.
        dead: the owners that are no more.
        clock: its time.
        settings: its operator's.
    """
    settings = settings or settings_of()
    drawing = answer if isinstance(answer, FakeGeneration) else FakeGeneration(answer or generation())
    archive, presenter = archive or FakeArchive(), presenter or FakePresenter()
    ports = Ports(
        database=database,
        presence=FakePresence(owner, dead),
        generation=drawing.as_service(),
        capacity=Router(settings.fleet, lambda: asyncio.get_running_loop().time()),
        archive=archive.as_archive(),
        pool=pool or ImagingPool(),
        present=lambda _notices: presenter,
        metrics=Metrics(),
        clock=clock,
    )
    return House(build_services(settings, ports), drawing, archive, presenter)
