"""The studio and what it stands on, wired as the composition root does, on whatever database a test has."""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.generation.deployments import Deployment, Fleet, Resource
from bot.generation.models import load_models
from bot.generation.prices import load_prices
from bot.generation.router import Router
from bot.imaging.workers import ImagingPool
from bot.jobs.admission import Gate
from bot.jobs.drawing import Painter
from bot.jobs.engine import Engine
from bot.jobs.imagine import Parts
from bot.jobs.job import Address, Job
from bot.jobs.notices import Notices
from bot.jobs.recovery import Recovery
from bot.jobs.rows import JobRows
from bot.jobs.running import RunningJobs
from bot.jobs.sealing import Seal
from bot.jobs.service import Studio
from bot.jobs.workflow import ImagineWorkflow
from bot.limits.book import PolicyBook
from bot.limits.closing import Closer
from bot.limits.ledger import Ledger
from bot.limits.operator import OperatorLimits
from bot.moderation import Moderation
from bot.planning.planner import Draft, Planner
from bot.queue.scheduler import FairGate
from bot.queue.updates import Notes
from bot.storage.database import Database, parse_database_url
from bot.storage.engines import AT_WORK
from bot.storage.presence import ABSENT
from bot.telemetry.clock import now
from bot.telemetry.metrics import Metrics
from tests.fake_presenter import FakePresenter
from tests.fakes import FakeArchive, FakeGeneration, generation

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.model import Generation
    from bot.storage.presence import Presence

ON_OFFER = ("gpt-image-2", "gpt-image-1-mini", "gpt-image-2.5-flare", "dall-e-2", "gpt-image-9")
STANDARD = OperatorLimits()
DRAFT = Draft("a cat")
TOKEN = "made-up-token"
"""The bot's, which jobs are sealed with."""


def unasked_database() -> Database:
    """A database that no test gets as far as asking."""
    return Database(parse_database_url("sqlite:///never.db"), threads=1, patience=AT_WORK)


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


async def once(step: Callable[[], Awaitable[str]]) -> str:
    """Run a workflow's step without an engine that writes it down."""
    return await step()


def job_of(
    draft: Draft = DRAFT, job_id: int = 1, *, received_at: dt.datetime | None = None, member_id: int = 1
) -> Job:
    """A job as if it had been let in."""
    return Job(address(job_id, member_id=member_id), _planner().plan(draft, member_id), received_at or now())


@functools.cache
def _planner() -> Planner:
    known = load_models()
    return Planner([known[name] for name in ON_OFFER], load_prices(), salt=b"salt")


@dataclass(frozen=True, slots=True)
class House:
    """The parts a test may want to look into. The engine is not open."""

    studio: Studio
    moderation: Moderation
    ledger: Ledger
    closer: Closer
    gate: Gate
    book: PolicyBook
    generation: FakeGeneration
    archive: FakeArchive
    painter: Painter
    presenter: FakePresenter
    line: FairGate
    rows: JobRows
    seal: Seal
    running: RunningJobs
    notices: Notices
    workflow: ImagineWorkflow
    engine: Engine
    recovery: Recovery
    metrics: Metrics


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


def build_house(
    database: Database,
    answer: Generation | Exception | FakeGeneration | None = None,
    archive: FakeArchive | None = None,
    *,
    presenter: FakePresenter | None = None,
    pool: ImagingPool | None = None,
    models: tuple[str, ...] = ON_OFFER,
    operator: OperatorLimits = STANDARD,
    owner: str = "test/0",
    presence: Presence = ABSENT,
    token: str = TOKEN,
    call_budget: int = 2,
    clock: Callable[[], dt.datetime] = now,
) -> House:
    """Wire a house; nothing is contacted."""
    known, prices, metrics = load_models(), load_prices(), Metrics()
    on_offer = [known[name] for name in models]
    archive, presenter = archive or FakeArchive(), presenter or FakePresenter()
    drawing = answer if isinstance(answer, FakeGeneration) else FakeGeneration(answer or generation())
    ledger = Ledger(database, owner=owner, clock=clock)
    closer = Closer(ledger)
    book = PolicyBook(database, clock)
    gate = Gate(book, ledger, operator, clock=clock)
    painter = Painter(drawing.as_service(), archive.as_archive(), pool or ImagingPool(), prices)
    line = FairGate(_router(models))
    rows, seal, running = JobRows(database, owner=owner), Seal(token, known), RunningJobs()
    parts = Parts(
        rows=rows,
        seal=seal,
        painter=painter,
        gate=line,
        notes=Notes(line.place),
        running=running,
        presenter=presenter,
        ledger=ledger,
        closer=closer,
        metrics=metrics,
        call_budget=call_budget,
        clock=clock,
    )
    workflow = ImagineWorkflow(parts)
    engine = Engine(database.url, workflow, owner=owner)
    notices = Notices(database, seal, clock=clock)
    recovery = Recovery(rows, engine, running, ledger, closer, notices, presence)
    planner = Planner(on_offer, prices, salt=b"salt")
    return House(
        studio=Studio(
            planner, gate, line, closer, rows, seal, running, workflow, engine, recovery, clock=clock
        ),
        moderation=Moderation(book, ledger, gate, on_offer, prices, operator, clock=clock),
        ledger=ledger,
        closer=closer,
        gate=gate,
        book=book,
        generation=drawing,
        archive=archive,
        painter=painter,
        presenter=presenter,
        line=line,
        rows=rows,
        seal=seal,
        running=running,
        notices=notices,
        workflow=workflow,
        engine=engine,
        recovery=recovery,
        metrics=metrics,
    )


def _router(models: tuple[str, ...]) -> Router:
    """One healthy deployment of each model."""
    resource = Resource("https://example.openai.azure.com", "v1", "scope")
    fleet = Fleet(tuple(Deployment(model, model, resource) for model in models))
    return Router(fleet, lambda: asyncio.get_running_loop().time())
